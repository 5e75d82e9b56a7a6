package mappings

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"banjian/schemas"
)

// countedDay is a deadline found by looking at one day after the other.
func countedDay(cal *schemas.Calendar, start int64, limit int, spans []span, workdays bool) (int64, bool) {
	day := start
	for limit > 0 {
		if day++; workdays && !cal.Covers(day) {
			return 0, false
		}
		stopped := slices.ContainsFunc(spans, func(s span) bool { return day > chinaDay(s.from) && day <= chinaDay(s.to) })
		if !stopped && (!workdays || cal.WorkingDay(day)) {
			limit--
		}
	}
	return day, true
}

func TestDeadlinesAgreeWithCountingDayByDay(t *testing.T) {
	cal, ok := catalog(t).Calendar(schemas.NationalCalendar)
	if !ok {
		t.Fatal("no calendar")
	}
	first, _ := cal.Nth(1)
	rapid.Check(t, func(rt *rapid.T) {
		d := &deadlineProg{deadlinePlan: &deadlinePlan{calendar: cal}}
		day := first + rapid.Int64Range(10, 2900).Draw(rt, "start")
		for range rapid.IntRange(0, 4).Draw(rt, "spans") {
			from := (day+rapid.Int64Range(-20, 60).Draw(rt, "from"))*86400 + rapid.Int64Range(0, 86399).Draw(rt, "second")
			d.spans = append(d.spans, span{from, from + rapid.Int64Range(0, 30*86400).Draw(rt, "length")})
		}
		slices.SortFunc(d.spans, func(a, b span) int { return int(a.from - b.from) })
		merged := d.spans[:0:0]
		for _, s := range d.spans {
			if n := len(merged); n > 0 && s.from <= merged[n-1].to {
				merged[n-1].to = max(merged[n-1].to, s.to)
				continue
			}
			merged = append(merged, s)
		}
		d.spans = merged
		limit := rapid.IntRange(1, 90).Draw(rt, "limit")
		workdays := rapid.Bool().Draw(rt, "workdays")
		unit := "day"
		if workdays {
			unit = "workday"
		}
		got, ok := d.count(day*86400-chinaOffset, int64(limit), unit)
		want, known := countedDay(cal, day, limit, d.spans, workdays)
		if ok != known || ok && chinaDay(got) != want {
			rt.Fatalf("from day %d, %d %ss, %v: day %d %v, counted %d %v", day, limit, unit, d.spans, chinaDay(got), ok, want, known)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"$.a[*].b", "$['x'][0]", "/f/a[1]/b", "/f/@x"} {
		f.Add(p, `{"a":[{"b":"\u4e00"}],"x":[1]}`)
		f.Add(p, `<f x="1"><a><b>1</b></a><a><b>2</b></a></f>`)
	}
	f.Fuzz(func(t *testing.T, path, doc string) {
		p, ok := parsePath(path)
		if !ok {
			return
		}
		n := 0
		var w docWalker
		w.walk(p, doc, func(v string) {
			if n += len(v); n > 64*len(doc)+64 {
				t.Fatal("more came out than went in")
			}
		})
	})
}
