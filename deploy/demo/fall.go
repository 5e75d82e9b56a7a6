package demo

import "math/rand/v2"

// fall is one dirt on its way through one case.
type fall struct {
	c        *theCase
	dirt     *dirt
	r        *rand.Rand
	orphaned bool // the case has no acceptance to wait for
}

func (f *fall) is(name string) bool { return f.dirt != nil && f.dirt.name == name }

// row lets the dirt fall if this is its row: the row as the department has it, and
// its line. Any other row stays as it is, with a line that tells nothing.
func (f *fall) row(table, i int, key []string, row []any) ([]any, Line) {
	l := Line{Key: key}
	d := f.dirt
	if d == nil || d.table != table || d.row() != i {
		return row, l
	}
	if d.spoil != nil {
		d.spoil(f.c, f.r, func(column string, value any) { tables[table].set(row, column, value) })
	}
	l.Dirt, l.Outcome, l.Rule, l.Field = d.name, d.outcome, d.rule, d.field
	if d.far {
		l.Receiver = Receiver
	}
	return row, l
}

// child is a child's line once it is known whether its case has an acceptance.
func (f *fall) child(l Line) Line {
	if !f.orphaned {
		return l
	}
	l.Outcome, l.Rule, l.Receiver = Held, "waits_parent", Receiver
	if f.is(missingParent) {
		l.Dirt = missingParent
	}
	return l
}
