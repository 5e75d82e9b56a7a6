package mappings

import (
	"slices"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// deadlinePlan is a compiled deadline.
type deadlinePlan struct {
	start, limit, unit string // canonical fields; limit and unit may be empty
	days               int64  // the limit where no field gives it
	fixed              string // the unit where no field gives it
	calendar           *schemas.Calendar
	stops              [][2]string // source columns of suspensions, from and to
	split              string      // separates several in one cell, empty = one
	extends            []string    // source columns, in the same unit
	layouts            []layout
	clock              int64 // seconds into its last day
}

var (
	deadlineKeys = []string{"start", "limit", "unit", "calendar", "suspended", "split", "extend", "time", "at"}
	limitUnits   = []string{"workday", "day", "month", "hour", "minute"}
)

// buildDeadline is deadline: {start: accepted_at, limit: promise_limit, unit:
// promise_unit}: where the field is NULL at the end, it is computed from canonical fields:
// so many working days (of the calendar), days, months, hours or minutes after start, the
// first being the day after. Intervals of suspended, source columns, are taken out, those
// that overlap once: like the limit they count from the day after they begin to the day
// they end. extend adds. Working days need a calendar that reaches that far. A computed
// value is counted by a deadline_computed warning; where none can be had, no_calendar or
// deadline_open says why and the field stays NULL.
func buildDeadline(c *fieldCompiler, k, v *node) error {
	t := c.plan.target
	if t.Type != schemas.Time && t.Type != schemas.Date {
		return c.fail(k, "字段 %s 不是时间，不能用 deadline", "field %s is no time: deadline does not apply", t.Name)
	}
	if c.f.get("required") != nil || c.f.get("default") != nil {
		return c.fail(k, "deadline 已经填补空值，不能再有 required 或 default", "deadline fills what is NULL: required and default do not go with it")
	}
	if v.kind != mapNode {
		return c.failHint(orNode(v, k), text.T("例如 deadline: {start: accepted_at, limit: promise_limit, unit: promise_unit}", "for example deadline: {start: accepted_at, limit: promise_limit, unit: promise_unit}"),
			"deadline: 要写 {start, limit, unit}", "deadline: needs {start, limit, unit}")
	}
	if err := c.file.known(v, deadlineKeys); err != nil {
		return err
	}
	d := &deadlinePlan{layouts: defaultLayouts, clock: 86399}
	for _, step := range []func(*node, *deadlinePlan) error{c.deadlineTerm, c.deadlineCalendar, c.deadlineStops, c.deadlineForms} {
		if err := step(v, d); err != nil {
			return err
		}
	}
	c.plan.deadline = d
	unit := d.unit + d.fixed
	defer c.sayStops(d)
	c.plan.say(text.F("为空时由 %s 起按时限（%s）推算，日历 %s", "when NULL: computed from %s and the limit (%s), calendar %s", d.start, unit, d.calendar.Name))
	return nil
}

// sayStops tells what is taken out and added.
func (c *fieldCompiler) sayStops(d *deadlinePlan) {
	for _, s := range d.stops {
		c.plan.say(text.F("扣除中止 %s 至 %s", "without %s to %s", s[0], s[1]))
	}
	if len(d.extends) > 0 {
		c.plan.say(text.F("延长 %s", "extended by %s", sayColumns(d.extends)))
	}
}

// deadlineTerm reads start, limit and unit.
func (c *fieldCompiler) deadlineTerm(v *node, d *deadlinePlan) error {
	start, err := c.file.scalar(v, "start", true)
	if err != nil {
		return err
	}
	limit, err := c.file.scalar(v, "limit", true)
	if err != nil {
		return err
	}
	unit, err := c.file.scalar(v, "unit", true)
	if err != nil {
		return err
	}
	d.start = start.text
	if n, ok := parseInt(limit.text); ok {
		if d.days = n; n < 0 {
			return c.fail(limit, "时限不能是负数", "a limit is not negative")
		}
	} else {
		d.limit = limit.text
	}
	if slices.Contains(limitUnits, unit.text) {
		d.fixed = unit.text
	} else {
		d.unit = unit.text
	}
	if err := c.asksField(start, d.start, schemas.Time, schemas.Date); err != nil {
		return err
	}
	if err := c.asksField(limit, d.limit, schemas.Int); err != nil {
		return err
	}
	return c.asksField(unit, d.unit, schemas.Code)
}

// asksField refuses a canonical field that is not of one of these types.
func (c *fieldCompiler) asksField(n *node, name string, types ...schemas.Type) error {
	if name == "" {
		return nil
	}
	s := c.subject
	if c.from != nil {
		s = c.from
	}
	f := s.Field(name)
	switch {
	case f == nil:
		return c.failHint(n, nearest.Hint(name, fieldNames(s)), "%s 没有字段 %s", "%s has no field %s", s.Name, name)
	case !slices.Contains(types, f.Type) || f.Type == schemas.Code && f.CodeSet != "time_unit":
		return c.fail(n, "字段 %s 的类型是 %s，这里不行", "field %s is %s, which does not do here", name, f.Type)
	}
	if c.from == nil {
		c.plan.asks = append(c.plan.asks, ask{name, n})
	} else {
		c.read(name)
	}
	return nil
}

func (c *fieldCompiler) deadlineCalendar(v *node, d *deadlinePlan) error {
	name := schemas.NationalCalendar
	n, err := c.file.scalar(v, "calendar", false)
	if err != nil {
		return err
	}
	if n != nil {
		name = n.text
	}
	cal, ok := c.cat.Calendar(name)
	if !ok {
		return c.failHint(orNode(n, v), nearest.Hint(name, c.cat.CalendarNames()), "没有日历 %s", "there is no calendar %s", name)
	}
	d.calendar = cal
	c.uses.calendars[name] = cal
	return nil
}

// deadlineStops reads suspended, extend and split.
func (c *fieldCompiler) deadlineStops(v *node, d *deadlinePlan) error {
	stops := v.get("suspended")
	if stops != nil && stops.kind == mapNode {
		stops = &node{kind: listNode, vals: []*node{stops}}
	}
	if stops != nil && stops.kind != listNode {
		return c.fail(stops, "suspended: 要写 {from: 开始列, to: 结束列}", "suspended: needs {from: column, to: column}")
	}
	for i := 0; stops != nil && i < len(stops.vals); i++ {
		n := stops.vals[i]
		if err := c.file.known(n, []string{"from", "to"}); err != nil {
			return err
		}
		var pair [2]string
		for j, key := range []string{"from", "to"} {
			x, err := c.file.scalar(n, key, true)
			if err != nil {
				return err
			}
			if pair[j], err = c.textColumn(x, x); err != nil {
				return err
			}
			c.read(pair[j])
		}
		d.stops = append(d.stops, pair)
	}
	if n := v.get("extend"); n != nil {
		if n.kind == scalarNode {
			n = &node{kind: listNode, vals: []*node{n}, line: n.line, col: n.col}
		}
		var err error
		if d.extends, err = c.textColumns(n, n); err != nil {
			return err
		}
		c.read(d.extends...)
	}
	n, err := c.file.scalar(v, "split", false)
	if n != nil {
		d.split = n.text
	}
	return err
}

// deadlineForms reads time, the layouts of suspended, and at, the hour of the last day.
func (c *fieldCompiler) deadlineForms(v *node, d *deadlinePlan) error {
	if n := v.get("time"); n != nil {
		list, err := c.words(n, n)
		if err != nil {
			return err
		}
		d.layouts = nil
		for _, s := range list {
			l, ok := newLayout(s)
			if !ok {
				return c.fail(n, "时间格式 %q 没有写全年月日", "time layout %q shows no full date", s)
			}
			d.layouts = append(d.layouts, l)
		}
	}
	n, err := c.file.scalar(v, "at", false)
	if err != nil || n == nil {
		return err
	}
	l := mustLayout("2006-01-02 15:04")
	at, _, ok := l.parse("1970-01-01 " + n.text)
	if !ok {
		return c.fail(n, `at: 要写成 "17:30"`, `at: is written as "17:30"`)
	}
	d.clock = int64(at)
	return nil
}
