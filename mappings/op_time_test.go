package mappings

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimesAreReadAsTheLayoutSays(t *testing.T) {
	runOps(t, []opCase{
		{"database form", `at: v`, "2024-02-29 08:00:01", "2024-02-29T00:00:01Z"},
		{"fraction is dropped", `at: v`, "2024-02-29 08:00:01.999999", "2024-02-29T00:00:01Z"},
		{"with T", `at: v`, "2024-02-29T08:00:01", "2024-02-29T00:00:01Z"},
		{"day only", `at: v`, "2024-02-29", "2024-02-28T16:00:00Z"},
		{"compact", `at: {from: v, time: ["20060102150405", "20060102"]}`, "20240229", "2024-02-28T16:00:00Z"},
		{"Chinese", `at: {from: v, time: 2006年01月02日}`, "2024年02月29日", "2024-02-28T16:00:00Z"},
		{"single digits", `at: {from: v, time: "2006/1/2 15:04"}`, "2024/2/9 08:05", "2024-02-09T00:05:00Z"},
		{"own offset", `at: {from: v, time: "2006-01-02T15:04:05Z07:00"}`, "2024-02-29T08:00:00+09:00", "2024-02-28T23:00:00Z"},
		{"Unix seconds", `at: {from: v, time: unix}`, "1709164800", "2024-02-29T00:00:00Z"},
		{"Unix milliseconds", `at: {from: v, time: unix_ms}`, "1709164800999", "2024-02-29T00:00:00Z"},
		{"zeros", `at: v`, "0000-00-00 00:00:00", "reject bad_time"},
		{"zeros blanked", `at: {from: v, blank: "0000-00-00 00:00:00"}`, "0000-00-00 00:00:00", "NULL"},
		{"else blank", `at: {from: v, else: blank}`, "soon", "NULL + blank bad_time"},
		{"no such day", `at: v`, "2023-02-29", "reject bad_time"},
		{"no such hour", `at: v`, "2023-02-28 24:00:00", "reject bad_time"},
		{"rubbish after", `at: v`, "2023-02-28 23:00:00 x", "reject bad_time"},
		{"full-width digits", `at: v`, "２023-02-28", "reject bad_time"},
		{"full-width digits folded", `at: {from: v, fold: width}`, "２０２３－０２－２８", "2023-02-27T16:00:00Z"},
		{"a day", `day: v`, "2024-02-29 23:59:59", "2024-02-29"},
		{"order of the schema check", `at: v`, "2024-01-01", "2023-12-31T16:00:00Z"},
	})
}

// China moved its clocks in the summers of 1986 to 1991.
func TestShanghaiSummerTimeIsHonoured(t *testing.T) {
	const field = `at: {from: v, zone: Asia/Shanghai}`
	runOps(t, []opCase{
		{"winter", field, "1990-01-01 12:00:00", "1990-01-01T04:00:00Z"},
		{"summer", field, "1990-07-01 12:00:00", "1990-07-01T03:00:00Z"},
		{"an hour that was skipped", field, "1990-04-15 02:30:00", "reject time_gap"},
		{"just before", field, "1990-04-15 01:59:59", "1990-04-14T17:59:59Z"},
		{"just after", field, "1990-04-15 03:00:00", "1990-04-14T18:00:00Z"},
		{"an hour that came twice is the first", field, "1990-09-16 01:30:00", "1990-09-15T16:30:00Z"},
		{"today", field, "2024-07-01 12:00:00", "2024-07-01T04:00:00Z"},
		{"without zone the offset is fixed", `at: v`, "1990-07-01 12:00:00", "1990-07-01T04:00:00Z"},
		{"without zone nothing is skipped", `at: v`, "1990-04-15 02:30:00", "1990-04-14T18:30:00Z"},
	})
}

// Every summer of the six: the hour that was skipped is a reject, the last second before
// and the first after are an instant apart.
func TestNoneOfTheSixSummersHasTheSkippedHour(t *testing.T) {
	const field = `at: {from: v, zone: Asia/Shanghai}`
	var cases []opCase
	for _, day := range []string{"1986-05-04", "1987-04-12", "1988-04-17", "1989-04-16", "1990-04-15", "1991-04-14"} {
		before, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		before = before.Add(-6 * time.Hour) // 02:00 of that day, in UTC
		cases = append(cases,
			opCase{day + " just before", field, day + " 01:59:59", before.Add(-time.Second).Format("2006-01-02T15:04:05Z")},
			opCase{day + " first skipped", field, day + " 02:00:00", "reject time_gap"},
			opCase{day + " last skipped", field, day + " 02:59:59", "reject time_gap"},
			opCase{day + " just after", field, day + " 03:00:00", before.Format("2006-01-02T15:04:05Z")},
			opCase{day + " skipped, else blank", `at: {from: v, zone: Asia/Shanghai, else: blank}`, day + " 02:30:00", "NULL + blank time_gap"})
	}
	for _, day := range []string{"1986-09-14", "1987-09-13", "1988-09-11", "1989-09-17", "1990-09-16", "1991-09-15"} {
		cases = append(cases, opCase{day + " came twice", field, day + " 01:30:00", dayBefore(t, day) + "T16:30:00Z"}, opCase{day + " over", field, day + " 02:00:00", dayBefore(t, day) + "T18:00:00Z"})
	}
	runOps(t, cases)
}

func dayBefore(t *testing.T, day string) string {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return d.AddDate(0, 0, -1).Format(time.DateOnly)
}

// What databases hold and print that is no time, or one at the edge.
func TestTimesAtTheEdge(t *testing.T) {
	runOps(t, []opCase{
		{"zero month", `at: v`, "2026-00-10 00:00:00", "reject bad_time"},
		{"zero day", `at: v`, "2026-01-00 00:00:00", "reject bad_time"},
		{"year 0", `at: v`, "0000-01-01 00:00:00", "reject bad_time"},
		{"year 10000", `at: v`, "10000-01-01 00:00:00", "reject bad_time"},
		{"year 9999", `at: v`, "9999-12-31 23:59:59", "9999-12-31T15:59:59Z"},
		{"before Christ", `at: v`, "-0001-01-01 00:00:00", "reject bad_time"},
		{"the days the calendar of 1582 left out are counted on", `at: v`, "1582-10-10 00:00:00", "1582-10-09T16:00:00Z"},
		{"the second 60", `at: v`, "2016-12-31 23:59:60", "reject bad_time"},
		{"the hour 24", `at: v`, "2026-01-02 24:00:00", "reject bad_time"},
		{"the minute 60", `at: v`, "2026-01-02 10:60:00", "reject bad_time"},
		{"millisecond", `at: v`, "2026-01-02 10:00:00.9", "2026-01-02T02:00:00Z"},
		{"nine digits", `at: v`, "2026-01-02 10:00:00.999999999", "2026-01-02T02:00:00Z"},
		{"a point and nothing", `at: v`, "2026-01-02 10:00:00.", "reject bad_time"},
		{"two fractions", `at: v`, "2026-01-02 10:00:00.5.5", "reject bad_time"},
		{"a fraction in words", `at: v`, "2026-01-02 10:00:00.5x", "reject bad_time"},
		{"a day of year 10000", `day: v`, "10000-01-01", "reject bad_time"},
		{"no leap year", `day: v`, "1900-02-29", "reject bad_time"},
		{"a leap year", `day: v`, "2000-02-29", "2000-02-29"},
		{"far too many seconds", `at: {from: v, time: unix}`, "99999999999999999999", "reject bad_time"},
	})
}

func TestFastParserAgreesWithTimeParse(t *testing.T) {
	layouts := []string{"2006-01-02 15:04:05", "20060102150405", "2006-01-02", "20060102", "2006/01/02 15:04", "2006年01月02日 15时04分05秒", "02.01.2006"}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.SampledFrom(layouts).Draw(rt, "layout")
		l := mustLayout(text)
		if l.parts == nil {
			rt.Fatalf("%q is not fast", text)
		}
		v := time.Unix(rapid.Int64Range(-2e9, 5e9).Draw(rt, "at"), 0).UTC().Format(text)
		if rapid.Bool().Draw(rt, "spoil") {
			b := []byte(v)
			b[rapid.IntRange(0, len(b)-1).Draw(rt, "where")] = rapid.SampledFrom([]byte("0123456789 -:x")).Draw(rt, "by")
			v = string(b)
			if strings.Contains(v, "  ") {
				return // time.Parse takes two blanks for one, and a short hour after them; a layout is exact
			}
		}
		got, _, ok := l.parse(v)
		want, err := time.Parse(text, v)
		if ok != (err == nil && want.Year() > 0) || ok && int64(got) != want.Unix() {
			rt.Fatalf("%q as %q: %d %v, time.Parse says %v %v", v, text, got, ok, want, err)
		}
	})
}

func TestClockAgreesWithTheZoneOnEveryInstant(t *testing.T) {
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	k := clock{loc: loc}
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Unix(rapid.Int64Range(-2e9, 3e9).Draw(rt, "at"), 0).In(loc)
		got, ok := k.instant(wall(at))
		if !ok {
			rt.Fatalf("%s was said not to exist", at)
		}
		if back := time.Unix(got, 0).In(loc); wall(back) != wall(at) || got > at.Unix() {
			rt.Fatalf("%s became %s", at, back)
		}
	})
}
