package precedence

import (
	"slices"
	"time"

	"banjian/internal/scope"
)

// Version tells tables with different content apart; 0: there is none.
func (t *Table) Version() uint64 {
	if t == nil {
		return 0
	}
	return t.version
}

// Named says whether any rule speaks of a system.
func (t *Table) Named(source string) bool {
	return t != nil && slices.ContainsFunc(t.Cases, func(r Rule) bool { return slices.Contains(r.Systems(), source) })
}

// Fields are the canonical fields by which rules know a case again.
func (t *Table) Fields() []string {
	if t == nil {
		return nil
	}
	var list []string
	for i := range t.Cases {
		for _, set := range t.Cases[i].Match {
			list = append(list, set...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Systems are those a rule speaks of, the one that counts first.
func (r *Rule) Systems() []string { return append([]string{r.From}, r.Compare...) }

// SilentAfter is how long a case may be known to a compared system alone.
func (r *Rule) SilentAfter() time.Duration { return r.silent }

// Sets are the fields, or sets of fields, by which a case is known again.
func (r *Rule) Sets() [][]string {
	sets := make([][]string, len(r.Match))
	for i := range r.Match {
		sets[i] = r.Match[i]
	}
	return sets
}

// RuleOf is the rule for a case of a system, by the codes of its item and its region; nil
// where no rule speaks of it.
func (t *Table) RuleOf(source string, items []string, region string) *Rule {
	if t == nil {
		return nil
	}
	var best *Rule
	bestItem, bestRegion := -1, -1
	for i := range t.Cases {
		r := &t.Cases[i]
		if !slices.Contains(r.Systems(), source) {
			continue
		}
		item := scope.Fit(r.Items, items...)
		at := scope.Fit(scope.Regions(r.Regions), region)
		if item >= 0 && at >= 0 && (item > bestItem || item == bestItem && at > bestRegion) {
			best, bestItem, bestRegion = r, item, at
		}
	}
	return best
}
