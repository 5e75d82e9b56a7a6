package ledger

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
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
}

// AliasStore is what finding conflicts needs of a store.
type AliasStore interface {
	Log
	Aliases
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
		groups, err := valuesOf(ctx, store, s.Entries, []string{"group_no"}, memory.DefaultAllocator)
		if err != nil {
			return nil, err
		}
		c := AliasConflict{Source: s.Source, FlowNo: s.FlowNo, ItemCode: s.ItemCode}
		for i := range s.Entries {
			if groups[i][0] == "" {
				c.Locals = append(c.Locals, DecodeKey(s.Entries[i].Key)[0])
			}
		}
		slices.Sort(c.Locals)
		if c.Locals = slices.Compact(c.Locals); len(c.Locals) > 1 {
			list = append(list, c)
		}
	}
	return list, nil
}
