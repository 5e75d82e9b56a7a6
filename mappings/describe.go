package mappings

import (
	"banjian/internal/text"
	"banjian/schemas"
)

// Description is one subject a mapping fills, said in words for people who sign it.
type Description struct {
	Subject *schemas.Subject
	Where   []string           // expressions over source columns that all must hold, empty without one
	Fields  []FieldDescription // in the order of the file
	Rules   []RuleDescription
}

// FieldDescription is where one field comes from and what becomes of its value.
type FieldDescription struct {
	Field   *schemas.Field
	Columns []string    // source columns it is made from
	Const   *string     // the value, where it has no source
	Expr    string      // CEL over source columns, empty without one
	Steps   []text.Text // the operations in the order they run, and what else: says
	When    string      // CEL over canonical fields: checks run only where it holds
	Codes   []Pair      // of map:, in the order of the file
}

// Pair is a value of the source and the code it stands for, empty for none.
type Pair struct{ From, To string }

// RuleDescription is a rule over the whole record.
type RuleDescription struct {
	ID   string
	Then schemas.Severity
	When string
	Say  text.Text
}

// Describe says what the mapping does, one entry a subject it fills. Subjects and fields
// belong to the catalog.
func (m *Mapping) Describe() []Description {
	var out []Description
	for _, b := range m.blocks {
		d := Description{Subject: b.subject}
		for _, where := range []*expr{m.where, b.where} {
			if where != nil {
				d.Where = append(d.Where, where.src)
			}
		}
		for _, p := range b.written {
			d.Fields = append(d.Fields, p.describe())
		}
		for _, r := range b.rules {
			d.Rules = append(d.Rules, RuleDescription{r.id, r.then, r.when.src, r.say})
		}
		out = append(out, d)
	}
	return out
}

func (p *plan) describe() FieldDescription {
	d := FieldDescription{Field: p.target, Columns: p.reads(), Const: p.cons, Codes: p.codes}
	for _, s := range p.says {
		if !s.IsZero() {
			d.Steps = append(d.Steps, s)
		}
	}
	if p.expr != nil {
		d.Expr = p.expr.src
	}
	if p.when != nil {
		d.When = p.when.src
	}
	return d
}
