package mappingtest

import (
	"banjian/mappings"
	"banjian/schemas"
)

// Cover is which places of a mapping its tests reached, as the traced rows showed. A
// field counts when a case gave it a value or a finding and says which.
type Cover struct {
	Places  []mappings.Place // every one, in the order of the file
	reached map[mappings.Point]bool
}

// CoverKinds is the kinds of places in the order they are told.
var CoverKinds = []mappings.PointKind{mappings.FieldPoint, mappings.EntryPoint, mappings.ElsePoint, mappings.CheckPoint, mappings.RulePoint}

func newCover(m *mappings.Mapping) *Cover {
	return &Cover{Places: m.Points(), reached: map[mappings.Point]bool{}}
}

// Of is how many places of a kind were reached, and how many there are.
func (c *Cover) Of(kind mappings.PointKind) (reached, total int) {
	for _, p := range c.Places {
		if p.Kind != kind {
			continue
		}
		total++
		if c.reached[p.Point] {
			reached++
		}
	}
	return reached, total
}

// Missing is the places nothing reached, in the order of the file.
func (c *Cover) Missing() []mappings.Place {
	var out []mappings.Place
	for _, p := range c.Places {
		if !c.reached[p.Point] {
			out = append(out, p)
		}
	}
	return out
}

// add notes what the row of one case reached.
func (c *Cover) add(f *File, tc *testCase, o *outcome, m *mappings.Mapping) {
	named := namedFields(tc, m)
	for _, s := range o.steps {
		p, ok := s.Point()
		if ok && (p.Kind != mappings.FieldPoint || named[subjectField{s.Subject, s.Field}]) {
			c.reached[p] = true
		}
		if s.Issue != nil && s.Field != "" && named[subjectField{"", s.Field}] {
			c.reached[mappings.Point{Kind: mappings.FieldPoint, Block: s.Block, Field: s.Field}] = true
		}
	}
}

// subjectField is a field a case speaks of; subject empty: in a finding.
type subjectField struct{ subject, field string }

func namedFields(c *testCase, m *mappings.Mapping) map[subjectField]bool {
	out := map[subjectField]bool{}
	list, _ := wantedRecords(c, m)
	for _, w := range list {
		for _, k := range w.fields.keys {
			out[subjectField{w.subject, k.text}] = true
		}
	}
	for _, s := range []schemas.Severity{schemas.Reject, schemas.Blank, schemas.Warn, unverified, schemas.Hold, schemas.NotApplicable} {
		for _, w := range c.found[s] {
			if w.field != "" {
				out[subjectField{"", w.field}] = true
			}
		}
	}
	return out
}
