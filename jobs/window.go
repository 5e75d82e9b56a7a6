package jobs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// Windows are the maintenance windows (维护窗口) of one receiver: inside one it is left
// alone, and nobody is alarmed. The zero value has none.
type Windows struct {
	weekly []weekly
	dated  []span
	zone   *time.Location
}

// weekly is a part of a day of the week, in minutes since its midnight; an end beyond
// 24 hours lies on the next day.
type weekly struct {
	day        time.Weekday
	start, end int
	why        string
}

// span is from start up to, but not including, end.
type span struct {
	start, end time.Time
	why        string
}

// ParseWindows reads what stands under maintenance in a site's file. Times are in zone.
func ParseWindows(file string, list []site.Maintenance, zone *time.Location) (*Windows, error) {
	w := &Windows{zone: zone}
	for _, m := range list {
		if err := w.add(m); err != nil {
			var f *fault.Error = err
			f.Where = file
			if m.Place != "" {
				f.Where += ":" + m.Place
			}
			return nil, f
		}
	}
	return w, nil
}

func (w *Windows) add(m site.Maintenance) *fault.Error {
	switch {
	case m.Weekly != "" && m.From == "" && m.To == "":
		return w.addWeekly(m)
	case m.Weekly == "" && m.From != "" && m.To != "":
		return w.addDated(m)
	}
	return badWindow(text.T("维护窗口写 weekly，或写 from 和 to", "a maintenance window has weekly, or from and to"), text.Text{})
}

func badWindow(what, hint text.Text) *fault.Error {
	if hint.IsZero() {
		hint = text.T("例如 {weekly: \"Sat 22:00-02:00\"} 或 {from: \"2026-12-01 20:00\", to: \"2026-12-02 06:00\"}",
			"for instance {weekly: \"Sat 22:00-02:00\"} or {from: \"2026-12-01 20:00\", to: \"2026-12-02 06:00\"}")
	}
	return fault.New(fault.Config, "read maintenance", "", what, hint)
}

var weeklyForm = regexp.MustCompile(`^(\S+)\s+(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)$`)

func (w *Windows) addWeekly(m site.Maintenance) *fault.Error {
	p := weeklyForm.FindStringSubmatch(strings.TrimSpace(m.Weekly))
	if p == nil {
		return badWindow(text.F("维护窗口 %q 的写法不对", "maintenance window %q is not well formed", m.Weekly), text.Text{})
	}
	days, ok := daysOf(p[1])
	if !ok {
		return badWindow(text.F("维护窗口 %q 里的 %q 不是星期几", "maintenance window %[1]q: %[2]q names no day of the week", m.Weekly, p[1]),
			text.T("写 Mon … Sun 或 周一 … 周日，几天写 Mon-Fri 或 Sat,Sun，每天写 daily", "write Mon … Sun, several as Mon-Fri or Sat,Sun, all as daily"))
	}
	start, end := minutes(p[2], p[3]), minutes(p[4], p[5])
	if start >= day || end > day || start == end {
		return badWindow(text.F("维护窗口 %q 的起止时刻不对", "maintenance window %q: start or end is wrong", m.Weekly),
			text.T("从 00:00 到 24:00；终点不晚于起点时算到次日", "00:00 to 24:00; an end not after the start lies on the next day"))
	}
	if end < start {
		end += day
	}
	for _, d := range days {
		w.weekly = append(w.weekly, weekly{d, start, end, m.Why})
	}
	return nil
}

const day = 24 * 60 // minutes

func minutes(h, m string) int {
	hours, _ := strconv.Atoi(h)
	rest, _ := strconv.Atoi(m)
	return hours*60 + rest
}

// dayNames begin on Sunday, as time.Weekday does.
var dayNames = [...][]string{{"sun", "周日", "周天"}, {"mon", "周一"}, {"tue", "周二"}, {"wed", "周三"}, {"thu", "周四"}, {"fri", "周五"}, {"sat", "周六"}}

// daysOf reads "Sat", "Mon-Fri", "Fri-Mon", "Sat,Sun", "daily" and the same in Chinese.
func daysOf(s string) ([]time.Weekday, bool) {
	if strings.EqualFold(s, "daily") || s == "每天" {
		s = "Sun-Sat"
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		first, last, several := strings.Cut(part, "-")
		from := dayOf(first)
		to := from
		if several {
			to = dayOf(last)
		}
		if from < 0 || to < 0 {
			return nil, false
		}
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, time.Weekday(d))
			if d == to {
				break
			}
		}
	}
	return days, true
}

func dayOf(name string) int {
	return slices.IndexFunc(dayNames[:], func(names []string) bool { return slices.Contains(names, strings.ToLower(name)) })
}

func (w *Windows) addDated(m site.Maintenance) *fault.Error {
	var s span
	for _, one := range []struct {
		written string
		to      *time.Time
	}{{m.From, &s.start}, {m.To, &s.end}} {
		t, err := ParseTime(one.written, w.zone)
		if err != nil {
			return badWindow(text.F("维护窗口的时间 %q 不认识", "maintenance window: time %q is not understood", one.written), text.T("例如 2026-12-01 20:00", "for instance 2026-12-01 20:00"))
		}
		*one.to = t
	}
	if !s.end.After(s.start) {
		return badWindow(text.F("维护窗口的 to（%s）不晚于 from（%s）", "maintenance window: to (%s) is not after from (%s)", m.To, m.From), text.T("写对起止时间", "mend from or to"))
	}
	s.why = m.Why
	w.dated = append(w.dated, s)
	return nil
}

// timeForms are the ways a person writes a time.
var timeForms = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"}

// ParseTime reads a time as a person writes it; one without a zone is in zone.
func ParseTime(s string, zone *time.Location) (time.Time, error) {
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, strings.TrimSpace(s), zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time", s)
}

// reach is how far around a moment weekly windows are laid out.
const reach = 8 // days

// around is every window near now, by start.
func (w *Windows) around(now time.Time) []span {
	spans := slices.Clone(w.dated)
	if len(w.weekly) > 0 {
		here := now.In(w.zone)
		for d := -reach; d <= reach; d++ {
			midnight := time.Date(here.Year(), here.Month(), here.Day()+d, 0, 0, 0, 0, w.zone)
			for _, one := range w.weekly {
				if one.day == midnight.Weekday() {
					at := func(m int) time.Time {
						return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, m, 0, 0, w.zone)
					}
					spans = append(spans, span{at(one.start), at(one.end), one.why})
				}
			}
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.start.Compare(b.start) })
	return spans
}

// Open says whether now lies in a window, until when, and why. Windows that meet count
// as one; where they never end, until is some days away.
func (w *Windows) Open(now time.Time) (until time.Time, why string, in bool) {
	if w == nil {
		return time.Time{}, "", false
	}
	for _, s := range w.around(now) {
		switch {
		case !s.start.After(now) && s.end.After(now):
			if why == "" {
				why = s.why
			}
			if in = true; s.end.After(until) {
				until = s.end
			}
		case in && !s.start.After(until) && s.end.After(until):
			until = s.end
		}
	}
	return until, why, in
}

// catchUpFor is how long a receiver is fed gently after a window.
const catchUpFor = time.Hour

// CatchingUp says that a window ended less than an hour ago and none is open.
func (w *Windows) CatchingUp(now time.Time) bool {
	if w == nil {
		return false
	}
	if _, _, in := w.Open(now); in {
		return false
	}
	return slices.ContainsFunc(w.around(now), func(s span) bool { return !s.end.After(now) && now.Sub(s.end) < catchUpFor })
}
