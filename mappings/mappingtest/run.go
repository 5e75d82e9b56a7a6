package mappingtest

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// Report is what the tests of one mapping came to.
type Report struct {
	Cases []CaseResult
	Cover *Cover
}

// CaseResult is one case; it passed when nothing differs.
type CaseResult struct {
	Name        string
	At          string // file:line:column
	Differences []Difference
}

// Difference is one thing that is not as the case says.
type Difference struct {
	At    string // file:line:column of what was expected, or of the case
	Field string // empty when it is about the whole row
	What  text.Text
}

// Failed is how many cases differ.
func (r *Report) Failed() int {
	n := 0
	for _, c := range r.Cases {
		if len(c.Differences) > 0 {
			n++
		}
	}
	return n
}

// outcome is what the mapping made of one row.
type outcome struct {
	kind    outcomeKind
	records map[string][]record // by subject
	found   map[schemas.Severity][]finding
	steps   []mappings.Step
}

// record is the values of one record by field; a field that is NULL has none.
type record map[string][]string

type finding struct{ field, rule string }

type outcomeKind uint8

const (
	madeRecord outcomeKind = iota
	wasRejected
	wasHeld
	wasNotApplicable
	wasFiltered
)

// refusals are the severities that refuse a row, by what the row is then.
var refusals = map[schemas.Severity]outcomeKind{
	schemas.Reject: wasRejected, schemas.Hold: wasHeld, schemas.NotApplicable: wasNotApplicable,
}

// Run maps every case and compares. A case that differs is no error; a fault.Config is a
// file that does not fit the mapping: an unknown column, field or rule.
func (f *File) Run(m *mappings.Mapping, alloc memory.Allocator) (*Report, error) {
	outcomes, err := f.outcomes(m, alloc)
	if err != nil {
		return nil, err
	}
	r := &Report{Cover: newCover(m)}
	for i, c := range f.cases {
		r.Cases = append(r.Cases, CaseResult{Name: c.name, At: f.at(c.node), Differences: f.compare(c, outcomes[i], m)})
		r.Cover.add(f, c, outcomes[i], m)
	}
	return r, nil
}

// outcomes maps the row of every case.
func (f *File) outcomes(m *mappings.Mapping, alloc memory.Allocator) ([]*outcome, error) {
	if m.Name() != f.Mapping {
		return nil, fault.New(fault.Bug, "run mapping test", f.Path, text.F("给的映射是 %s", "the mapping given is %s", m.Name()), text.Text{})
	}
	if err := f.fits(m); err != nil {
		return nil, err
	}
	if err := f.answersFit(m); err != nil {
		return nil, err
	}
	rec, err := f.rows(m, alloc)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		return nil, err
	}
	var out []*outcome
	for i, c := range f.cases {
		steps, res, err := p.TraceVerified(context.Background(), alloc, rec, i, f.answerer(c))
		if err != nil {
			return nil, err
		}
		o := outcomeOf(res)
		o.steps = steps
		out = append(out, o)
		res.Release()
	}
	return out, nil
}

func outcomeOf(res *mappings.Result) *outcome {
	o := &outcome{records: map[string][]record{}, found: map[schemas.Severity][]finding{}}
	for _, is := range res.Issues {
		o.found[is.Severity] = append(o.found[is.Severity], finding{is.Field, is.Rule})
		if k, ok := refusals[is.Severity]; ok {
			o.kind = k
		}
	}
	for _, u := range res.Unsure {
		o.found[unverified] = append(o.found[unverified], finding{u.Field, u.Rule})
	}
	if res.Filtered > 0 {
		o.kind = wasFiltered
	}
	for _, out := range res.Outputs {
		for row := range int(out.Record.NumRows()) {
			rec := record{}
			for k, col := range out.Record.Columns() {
				if v := mappings.Texts(col, row); len(v) > 0 {
					rec[out.Record.ColumnName(k)] = v
				}
			}
			o.records[out.Subject] = append(o.records[out.Subject], rec)
		}
	}
	return o
}
