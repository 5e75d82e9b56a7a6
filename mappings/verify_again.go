package mappings

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/schemas"
)

// Recheck asks again about records that were collected: of each row of rec, which has
// columns of the subject, the verify: of the field named. One finding a row; no rule: it
// is right, or the mapping asks no more. A finding's severity is the policy's.
func (m *Mapping) Recheck(ctx context.Context, subject string, rec arrow.Record, fields []string, v Verifier) ([]schemas.Issue, error) {
	var a asking
	plans, cols := make([]*verifyPlan, len(fields)), []*column(nil)
	for row, name := range fields {
		p, b := m.verifyOf(subject, name)
		if p == nil {
			continue
		}
		if cols == nil {
			cols = subjectColumns(b.subject, rec)
		}
		plans[row] = p.verify
		a.add(asked{row: row, plan: p}, cols)
	}
	found := make([]schemas.Issue, len(fields))
	if len(a.asked) == 0 {
		return found, nil
	}
	answers, err := a.answers(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, at := range a.asked {
		is := plans[at.row].judge(answers[at.question], cols, at.row)
		is.Row, is.Field = int32(at.row), fields[at.row]
		found[at.row] = is
	}
	return found, nil
}

// verifyOf is the first plan of a field of a subject that has a verify:.
func (m *Mapping) verifyOf(subject, field string) (*plan, *blockPlan) {
	for _, b := range m.blocks {
		if b.subject.Name != subject {
			continue
		}
		if p := b.plan(field); p != nil && p.verify != nil {
			return p, b
		}
	}
	return nil, nil
}

// subjectColumns is the columns of rec in the order of the subject's fields; one that rec
// lacks has no value.
func subjectColumns(s *schemas.Subject, rec arrow.Record) []*column {
	cols := make([]*column, len(s.Fields))
	for i := range s.Fields {
		cols[i] = &column{}
		if at := rec.Schema().FieldIndices(s.Fields[i].Name); len(at) > 0 {
			cols[i].load(rec.Column(at[0]))
		}
	}
	return cols
}
