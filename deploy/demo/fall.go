package demo

import "math/rand/v2"

// fall is one dirt on its way through one case.
type fall struct {
	c        *theCase
	dirt     *dirt
	r        *rand.Rand
	orphaned bool // the case has no acceptance to wait for
	shut     bool // the platform did not take its acceptance
}

func (f *fall) is(name string) bool { return f.dirt != nil && f.dirt.name == name }

// row lets the dirt fall if this is its row: the row as the department has it, and
// what becomes of it. Any other row stays as it is, and nothing is told of it.
func (f *fall) row(table, i int, key []string, row []any) ([]any, *record) {
	x := &record{table: table, key: key, at: map[string]verdict{}}
	d := f.dirt
	if d == nil || d.table != table || d.row() != i {
		return row, x
	}
	if d.spoil != nil {
		d.spoil(f.c, f.r, func(column string, value any) { tables[table].set(row, column, value) })
	}
	x.dirty = true
	if d.outcome != "" {
		x.here = verdict{dirt: d.name, outcome: d.outcome, rule: d.rule, field: d.field}
	}
	for _, v := range d.far {
		x.at[v.receiver] = verdict{dirt: d.name, outcome: v.outcome, rule: v.rule, field: v.field}
	}
	return row, x
}

// accept settles an acceptance, and by it what its children will wait for.
func (f *fall) accept(x *record) {
	if !f.c.accepted {
		x.at[National] = verdict{outcome: NotApplicable, rule: "not_accepted"}
	}
	if f.c.flowNo == "" {
		x.at[Platform] = verdict{outcome: NotApplicable, rule: "no_flow_no"}
	}
	f.orphaned = x.here.outcome == Rejected
	f.shut = x.at[Platform].outcome == Rejected
}

// child settles a child of the case: where its acceptance has not arrived nothing else
// of it is looked at.
func (f *fall) child(x *record, rule string) {
	for _, receiver := range receivers {
		if v := f.waits(receiver, rule); v.outcome != "" {
			x.at[receiver] = v
		}
	}
	x.dirty = x.dirty || f.is(missingParent)
}

// waits is why a child may not go to a receiver, by the rule it waits for its case under: the
// zero verdict lets it go.
func (f *fall) waits(receiver, rule string) verdict {
	switch {
	case f.is(missingParent):
		return verdict{dirt: missingParent, outcome: Held, rule: rule}
	case f.orphaned || receiver == Platform && f.shut:
		return verdict{outcome: Held, rule: rule}
	case receiver == Platform && f.c.flowNo == "":
		return verdict{outcome: NotApplicable, rule: "parent_not_applicable"}
	}
	return verdict{}
}
