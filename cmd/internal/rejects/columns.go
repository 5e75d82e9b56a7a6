package rejects

import (
	"slices"
	"strings"

	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Origin is what the refused fields of a reject are made from.
type Origin struct {
	Columns  []string // of the department's view
	Unmapped []string // canonical fields that the pipeline's mapping does not fill: no department can mend these
}

// say is the origin behind the name of the field.
func (o *Origin) say() text.Text {
	var t text.Text
	if len(o.Columns) > 0 {
		t = text.F("（列：%s）", " (columns: %s)", strings.Join(o.Columns, ", "))
	}
	if len(o.Unmapped) > 0 {
		t = text.T(t.ZH+"（映射没有填 "+strings.Join(o.Unmapped, "、")+"）", t.EN+" (not filled by the mapping: "+strings.Join(o.Unmapped, ", ")+")")
	}
	return t
}

// Columns tells which columns of departments' views refused fields are made from. Not for
// concurrent use.
type Columns struct {
	house *wiring.House
	told  map[string]Origin
}

// NewColumns asks the mappings of a house.
func NewColumns(h *wiring.House) *Columns { return &Columns{house: h, told: map[string]Origin{}} }

// Of is what the refused fields are made from; nothing where the row was refused or the
// field is a constant.
func (c *Columns) Of(r *ledger.Reject) Origin {
	about := strings.Join(append([]string{r.Pipeline, r.Receiver, r.Subject, r.Field}, r.Also...), "\x00")
	out, told := c.told[about]
	if !told && r.Field != "" {
		out = c.ask(r)
		c.told[about] = out
	}
	return out
}

// canonical says that f is a field a department's mapping can fill.
func (c *Columns) canonical(subject, f string) bool {
	s, known := c.house.Schemas().Subject(subject)
	return known && s.Field(f) != nil
}

func (c *Columns) ask(r *ledger.Reject) (o Origin) {
	specs := c.house.Specs()
	at := slices.IndexFunc(specs, func(s pipelines.Spec) bool { return s.Pipeline == r.Pipeline })
	if at < 0 {
		return o
	}
	m, err := c.house.Mapping(specs[at].Mapping, nil)
	if err != nil {
		return o
	}
	for _, refused := range append([]string{r.Field}, r.Also...) {
		fields := []string{refused}
		if canonical := c.house.CanonicalFields(r.Receiver, r.Subject, refused); len(canonical) > 0 {
			fields = canonical
		}
		for _, f := range fields {
			columns, err := m.KeyColumns(r.Subject, []string{f})
			if err != nil && c.canonical(r.Subject, f) {
				o.Unmapped = append(o.Unmapped, f)
			}
			for _, one := range columns {
				if !slices.Contains(o.Columns, one) {
					o.Columns = append(o.Columns, one)
				}
			}
		}
	}
	return o
}
