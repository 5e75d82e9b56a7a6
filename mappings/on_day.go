package mappings

import (
	"math"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// noDay stands where a row has no day: codes are taken whatever the day.
const noDay = math.MinInt32

// onField is the canonical field whose day codes are judged by.
type onField struct {
	name string
	at   *node
}

// buildOn is on: FIELD of codes.
func (c *fieldCompiler) buildOn(v *node) error {
	if v == nil {
		return nil
	}
	if v.kind != scalarNode || v.text == "" {
		return c.failHint(v, text.T("例如 on: accepted_at", "for example on: accepted_at"), "on: 要写一个时间字段", "on: needs a field that is a time")
	}
	if v.text == c.plan.target.Name {
		return c.fail(v, "on 不能是字段自己", "on cannot be the field itself")
	}
	c.plan.on = &onField{v.text, v}
	return nil
}

// dayField refuses an on that is no time of the canonical record.
func (c *compiler) dayField(p *plan, sc *scope) {
	if p.on == nil {
		return
	}
	switch t, ok := sc.fields[p.on.name]; {
	case !ok:
		c.found.Add(c.file.failHint(p.on.at, nearest.Hint(p.on.name, sc.names()), "没有字段 %s", "there is no field %s", p.on.name))
	case t != schemas.Time && t != schemas.Date:
		c.found.Add(c.file.fail(p.on.at, "字段 %s 不是时间", "field %s is no time", p.on.name))
	case c.from != nil:
		c.read(p.on.name)
	}
}

// dayOf is the day of row i in UTC+8, counted from 1970-01-01; noDay when NULL.
func (c *column) dayOf(i int) int32 {
	if c.arr.IsNull(i) {
		return noDay
	}
	if c.kind == physDate {
		return int32(c.days.Value(i))
	}
	return int32(floorDiv(c.seconds(i)+chinaOffset, 86400))
}

// holds narrows the days for which what the chain found stands.
func (s *scratch) holds(from, to int32) {
	s.from, s.to = max(s.from, from), min(s.to, to)
}

// failOn is a code that is listed, but not for the day of the row.
func (s *scratch) failOn(set *schemas.CodeSet, code string, personal bool) (string, outcome) {
	next := ""
	if v, ok := set.Value(code); ok {
		next = strings.Join(v.Successors, ", ")
	}
	if next == "" {
		return s.fail("code_not_in_force", set.Name, shownCode(code, personal))
	}
	return s.fail("code_replaced", set.Name, shownCode(code, personal), next)
}

// memberOnStep refuses values outside set as it was on the day of the row.
func memberOnStep(set *schemas.CodeSet, personal bool) step {
	st := memberStep(set, personal)
	always := st.run
	st.run = func(s *scratch, v string) (string, outcome) {
		if s.day == noDay || !set.Has(v) {
			return always(s, v)
		}
		s.holds(set.Holds(v, s.day))
		if set.HasOn(v, s.day) {
			return v, valued
		}
		return s.failOn(set, v, personal)
	}
	return st
}
