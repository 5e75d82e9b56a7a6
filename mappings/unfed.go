package mappings

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// acceptance is the subject that is the case itself: its records inherit nothing.
const acceptance = "case/accept"

// Unfed is, of a mapping from a canonical subject, the fields without which a record is
// refused and which get no value when these canonical fields alone are filled. What a
// record inherits from its case counts as filled.
func (m *Mapping) Unfed(filled []string, alloc memory.Allocator) ([]FieldDescription, error) {
	if m.from == nil {
		return nil, nil
	}
	refused, err := m.refusesNothingness(alloc)
	if err != nil {
		return nil, err
	}
	fed := func(column string) bool {
		_, fromCase := inherited[column]
		return m.from.Field(column) == nil || slices.Contains(filled, column) || fromCase && m.from.Name != acceptance
	}
	var out []FieldDescription
	for _, d := range m.Describe() {
		for _, f := range d.Fields {
			if refused[f.Field.Name] && len(f.Columns) > 0 && !slices.ContainsFunc(f.Columns, fed) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// refusesNothingness is the fields for want of which a row without any value is refused:
// those with a default, or required under a condition, are not among them.
func (m *Mapping) refusesNothingness(alloc memory.Allocator) (map[string]bool, error) {
	types := m.Sources()
	fields := make([]arrow.Field, len(m.columns))
	for i, name := range m.columns {
		f := schemas.Field{Type: types[name]}
		fields[i] = arrow.Field{Name: name, Type: f.ArrowType(), Nullable: true}
	}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, column := range b.Fields() {
		column.AppendNull()
	}
	rec := b.NewRecord()
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		return nil, err
	}
	p.takeAll()
	res, err := p.Apply(alloc, rec)
	if err != nil {
		return nil, err
	}
	defer res.Release()
	refused := map[string]bool{}
	for _, is := range res.Issues {
		if is.Severity == schemas.Reject && is.Rule == "required" {
			refused[is.Field] = true
		}
	}
	return refused, nil
}

// takeAll lets no row be left out, held or not applicable: a case without a flow number is
// nothing to a platform, and one with it must have all else.
func (p *Program) takeAll() {
	p.where, p.filters = nil, nil
	for _, b := range p.blocks {
		b.where = nil
		for k, rule := range b.plan.rules {
			if strength(rule.then) > strength(schemas.Reject) {
				b.rules[k] = func(int) tri { return no }
			}
		}
	}
}
