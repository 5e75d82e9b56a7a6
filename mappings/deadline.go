package mappings

import (
	"slices"
	"time"

	"banjian/schemas"
)

// deadlineProg is a deadlinePlan bound to columns.
type deadlineProg struct {
	*deadlinePlan
	start, limit, unit *column
	stops              [][2]*column
	extends            []*column

	spans []span
	parts []int64
}

// span is a suspended interval, instants in seconds.
type span struct{ from, to int64 }

func (d *deadlinePlan) bind(src, canonical *binder) *deadlineProg {
	p := &deadlineProg{deadlinePlan: d, start: canonical.column(d.start)}
	if d.limit != "" {
		p.limit = canonical.column(d.limit)
	}
	if d.unit != "" {
		p.unit = canonical.column(d.unit)
	}
	for _, s := range d.stops {
		p.stops = append(p.stops, [2]*column{src.column(s[0]), src.column(s[1])})
	}
	for _, name := range d.extends {
		p.extends = append(p.extends, src.column(name))
	}
	return p
}

// Why no deadline could be computed: a warning, or the reason of the reject where the
// record must have one.
const (
	noCalendar   = "no_calendar"
	deadlineOpen = "deadline_open"
)

// dueVerdict is the rule of a failure or of a warning, or neither.
type dueVerdict struct {
	fail string
	warn string
	args []string
}

// due is the deadline of row i, an instant; no when there is none to compute.
func (d *deadlineProg) due(i int) (at int64, ok bool, v dueVerdict) {
	start, ok := d.start.num(i)
	if !ok {
		return 0, false, v
	}
	limit, unit := d.days, d.fixed
	if d.limit != nil {
		if limit, ok = d.limit.num(i); !ok || limit < 0 {
			return 0, false, v
		}
	}
	if d.unit != nil {
		if unit, ok = d.unit.text(i); !ok {
			return 0, false, v
		}
	}
	for _, c := range d.extends {
		more, ok, bad := wholeNumber(c, i)
		if bad {
			return 0, false, dueVerdict{fail: "bad_int"}
		}
		if ok {
			limit += more
		}
	}
	if limit > 36500 && unit != "minute" && unit != "hour" || limit > 1<<40 {
		return 0, false, dueVerdict{fail: "bad_int"}
	}
	open, rule := d.suspensions(i)
	switch {
	case rule != "":
		return 0, false, dueVerdict{fail: rule}
	case open:
		return 0, false, dueVerdict{warn: deadlineOpen}
	}
	at, ok = d.count(start, limit, unit)
	if !ok {
		first, last := d.calendar.Years()
		return 0, false, dueVerdict{warn: noCalendar, args: []string{itoa(first), itoa(last)}}
	}
	return at, true, dueVerdict{warn: "deadline_computed"}
}

func wholeNumber(c *column, i int) (n int64, ok, bad bool) {
	if c.kind == physInt || c.kind == physFloat {
		n, ok = c.num(i)
		return n, ok, false
	}
	v, ok := c.text(i)
	if !ok {
		return 0, false, false
	}
	n, ok = parseInt(v)
	return n, ok, !ok
}

// suspensions collects the intervals of row i, merged and in order; open says that one
// has not ended.
func (d *deadlineProg) suspensions(i int) (open bool, rule string) {
	d.spans = d.spans[:0]
	for _, s := range d.stops {
		var from, to int
		d.parts = d.parts[:0]
		if from, rule = d.times(s[0], i); rule != "" {
			return false, rule
		}
		if to, rule = d.times(s[1], i); rule != "" {
			return false, rule
		}
		if to > from {
			return false, "explode_uneven"
		}
		open = open || to < from
		for k := range to {
			begin, end := d.parts[k], d.parts[from+k]
			if end < begin {
				return false, "too_early"
			}
			d.spans = append(d.spans, span{begin, end})
		}
	}
	slices.SortFunc(d.spans, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	n := 0
	for _, s := range d.spans {
		if n > 0 && s.from <= d.spans[n-1].to {
			d.spans[n-1].to = max(d.spans[n-1].to, s.to)
			continue
		}
		d.spans[n] = s
		n++
	}
	d.spans = d.spans[:n]
	return open, ""
}

// times appends the instants of one cell to d.parts and says how many there are.
func (d *deadlineProg) times(c *column, i int) (n int, rule string) {
	if c.kind == physTime || c.kind == physDate {
		at, ok := c.num(i)
		if !ok {
			return 0, ""
		}
		d.parts = append(d.parts, at)
		return 1, ""
	}
	v, ok := c.text(i)
	if !ok {
		return 0, ""
	}
	var k clock
	add := func(part string) {
		at, bad := parseTime(d.layouts, &k, part)
		if bad != "" {
			rule = bad
		}
		d.parts = append(d.parts, at)
	}
	if d.split == "" {
		add(v)
		return 1, rule
	}
	n = splitInto(v, d.split, add)
	return n, rule
}

func chinaDay(at int64) int64 { return floorDiv(at+chinaOffset, 86400) }

// count is the instant limit units after start, suspended intervals left out; no
// when the calendar does not reach that far.
func (d *deadlineProg) count(start, limit int64, unit string) (int64, bool) {
	day := chinaDay(start)
	switch unit {
	case "workday":
		return d.workdays(day, limit)
	case "month":
		w := time.Unix(day*86400, 0).UTC()
		m := int(w.Month()) - 1 + int(limit)
		y, mo := w.Year()+m/12, m%12+1
		end := epochDay(y, mo, min(w.Day(), monthDays(y, mo)))
		return d.lastDay(d.push(day, end)), true
	case "day":
		return d.lastDay(d.push(day, day+limit)), true
	case "hour":
		limit *= 60
	}
	end := start + limit*60
	for _, s := range d.spans {
		if s.from >= end {
			break
		}
		end += max(s.to-max(s.from, start), 0)
	}
	return end, true
}

// push moves the last day on by the days suspended between start and it.
func (d *deadlineProg) push(start, end int64) int64 {
	last := start
	for _, s := range d.spans {
		from, to := max(chinaDay(s.from), last), chinaDay(s.to)
		if from >= end {
			break
		}
		if to > from {
			end += to - from
			last = to
		}
	}
	return end
}

// workdays counts working days from the day after start.
func (d *deadlineProg) workdays(start, limit int64) (int64, bool) {
	if !d.calendar.Covers(start) {
		return 0, false
	}
	nth := d.calendar.Count(start) + int(limit)
	last := start
	for _, s := range d.spans {
		from, to := max(chinaDay(s.from), last), chinaDay(s.to)
		if to <= from {
			continue
		}
		if end, ok := d.end(start, nth); ok && from >= end {
			break
		}
		if !d.calendar.Covers(to) {
			return 0, false
		}
		nth += d.calendar.Count(to) - d.calendar.Count(from)
		last = to
	}
	end, ok := d.end(start, nth)
	return d.lastDay(end), ok
}

// end is the nth working day, or the first day itself when nothing is left to count.
func (d *deadlineProg) end(start int64, nth int) (int64, bool) {
	if nth == d.calendar.Count(start) {
		return start, true
	}
	return d.calendar.Nth(nth)
}

// lastDay is the instant a deadline that falls on day ends at.
func (d *deadlineProg) lastDay(day int64) int64 { return day*86400 - chinaOffset + d.clock }

// deadline fills a NULL at the end of a field.
func (r *run) deadline(f *fieldProg, i int) (int64, outcome) {
	at, ok, v := f.due.due(i)
	s := &r.p.scratch
	switch {
	case v.fail != "":
		s.fail(v.fail)
		s.trace.due(f, 0, false, v)
		if r.settle(f, i) {
			return f.els.num, valued
		}
		return 0, empty
	case v.warn != "":
		r.issue(i, f.target.Name, v.warn, v.args, schemas.Warn)
	}
	if ok && f.target.Type == schemas.Date {
		at = chinaDay(at)
	}
	s.trace.due(f, at, ok, v)
	if !ok {
		return 0, empty
	}
	return at, valued
}
