package ledger

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// AliasConflict (别名冲突) is one flow number that stands for several local numbers of one
// system and one item, although the cases are no joint case.
type AliasConflict struct {
	Source   string
	FlowNo   string
	ItemCode string
	Locals   []string // ascending
}

// AliasSuspect is acceptances with one flow number and one item code, of more than one
// local number.
type AliasSuspect struct {
	Source, FlowNo, ItemCode string
	Entries                  []Entry
}

// Aliases finds numbers that stand for more than one case.
type Aliases interface {
	// AliasSuspects reads the acceptances of every source: no index is kept for it, each
	// acceptance would pay for that.
	AliasSuspects(ctx context.Context) ([]AliasSuspect, error)
	// FlowMates finds the acceptances of a source that have one of the flow numbers. Where
	// there is no index for that (IndexFlows) it looks for nothing and says so.
	FlowMates(ctx context.Context, source string, flowNos []string) (mates []Case, indexed bool, err error)
}

// AliasStore is what finding conflicts needs of a store.
type AliasStore interface {
	Log
	Aliases
}

// ruleAliasConflict refuses a case whose flow number is that of an older one.
const ruleAliasConflict = "alias_conflict"

// dropAliases refuses acceptances whose flow number and item are those of an older case of
// the same source, at a receiver that knows cases by these; under a group number several
// cases may have them. Without an index of flow numbers nothing is looked for, a person
// finds them by reading (AliasConflicts).
func (s *DeliverStage) dropAliases(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if !s.OneFlow || len(pass) == 0 {
		return nil, pass, nil
	}
	flows, items, groups, recs, locals := flowsOf(in), stringColumn(in, "item_code"), stringColumn(in, "group_no"), recsOf(in), localsOf(in)
	mates, indexed, err := s.Store.FlowMates(ctx, SharedOf(in).Source, flows)
	if err != nil || !indexed {
		return nil, pass, err
	}
	byFlow := map[string][]Case{}
	for _, m := range mates {
		byFlow[m.FlowNo] = append(byFlow[m.FlowNo], m)
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		item := valueAt(items, int(i))
		older := slices.IndexFunc(byFlow[flows[i]], func(m Case) bool { return m.LocalNo != locals[i] && m.Rec < recs[i] && m.ItemCode == item })
		if older >= 0 && item != "" && valueAt(groups, int(i)) == "" {
			issues = append(issues, pipelines.Issue{Row: i, Field: "flow_no", Rule: ruleAliasConflict, Args: []string{byFlow[flows[i]][older].LocalNo}})
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// AliasConflicts are the suspects less the joint cases: those whose records have a group
// number.
func AliasConflicts(ctx context.Context, store AliasStore) ([]AliasConflict, error) {
	suspects, err := store.AliasSuspects(ctx)
	if err != nil {
		return nil, err
	}
	var list []AliasConflict
	for _, s := range suspects {
		groups, err := Values(ctx, store, s.Entries, []string{"group_no"}, memory.DefaultAllocator)
		if err != nil {
			return nil, err
		}
		c := AliasConflict{Source: s.Source, FlowNo: s.FlowNo, ItemCode: s.ItemCode}
		for i := range s.Entries {
			if groups[i][0] == "" {
				c.Locals = append(c.Locals, FirstOfKey(s.Entries[i].Key))
			}
		}
		slices.Sort(c.Locals)
		if c.Locals = slices.Compact(c.Locals); len(c.Locals) > 1 {
			list = append(list, c)
		}
	}
	return list, nil
}
