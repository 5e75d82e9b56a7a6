package mappings

import "testing"

const (
	startOf  = "at: a\n"
	limitOf  = "at: a\ncount: n\n"
	workdays = `until: {deadline: {start: at, limit: count, unit: workday}}`
)

func TestDeadlinesCountWorkingDaysFromTheDayAfter(t *testing.T) {
	runRows(t, []rowCase{
		{"over a weekend", limitOf + workdays, values{"a": "2024-03-01 09:30:00", "n": "5"}, "2024-03-08T15:59:59Z + warn deadline_computed"},
		{"accepted on a Saturday", limitOf + workdays, values{"a": "2024-03-02 09:30:00", "n": "1"}, "2024-03-04T15:59:59Z + warn deadline_computed"},
		{"over the spring festival and a working Sunday", limitOf + workdays, values{"a": "2024-02-09 17:00:00", "n": "2"}, "2024-02-19T15:59:59Z + warn deadline_computed"},
		{"no days", limitOf + workdays, values{"a": "2024-03-02 09:30:00", "n": "0"}, "2024-03-02T15:59:59Z + warn deadline_computed"},
		{"no limit", limitOf + workdays, values{"a": "2024-03-02 09:30:00"}, "NULL"},
		{"no acceptance", limitOf + workdays, values{"n": "5"}, "NULL"},
		{"an hour of the day", startOf + `until: {deadline: {start: at, limit: 5, unit: workday, at: "17:30"}}`, values{"a": "2024-03-01"}, "2024-03-08T09:30:00Z + warn deadline_computed"},
		{"as a day", startOf + `day: {deadline: {start: at, limit: 5, unit: workday}}`, values{"a": "2024-03-01"}, "2024-03-08 + warn deadline_computed"},
		{"a local holiday", startOf + `day: {deadline: {start: at, limit: 1, unit: workday, calendar: local}}`, values{"a": "2024-04-10"}, "2024-04-15 + warn deadline_computed"},
		{"what the department states stands", limitOf + `until: {from: u, deadline: {start: at, limit: count, unit: workday}}`, values{"a": "2024-03-01", "n": "5", "u": "2024-03-05"}, "2024-03-04T16:00:00Z"},
		{"where it states nothing", limitOf + `until: {from: u, deadline: {start: at, limit: count, unit: workday}}`, values{"a": "2024-03-01", "n": "5"}, "2024-03-08T15:59:59Z + warn deadline_computed"},
		{"days", startOf + `day: {deadline: {start: at, limit: 10, unit: day}}`, values{"a": "2024-02-25"}, "2024-03-06 + warn deadline_computed"},
		{"months end where the month does", startOf + `day: {deadline: {start: at, limit: 1, unit: month}}`, values{"a": "2024-01-31"}, "2024-02-29 + warn deadline_computed"},
		{"hours", startOf + `until: {deadline: {start: at, limit: 2, unit: hour}}`, values{"a": "2024-03-01 09:30:00"}, "2024-03-01T03:30:00Z + warn deadline_computed"},
	})
}

func TestDeadlinesNeverGuessBeyondTheCalendar(t *testing.T) {
	runRows(t, []rowCase{
		{"beyond the last year", limitOf + workdays, values{"a": "2026-12-25", "n": "20"}, "NULL + warn no_calendar [2018 2026]"},
		{"before the first year", limitOf + workdays, values{"a": "2017-06-01", "n": "5"}, "NULL + warn no_calendar [2018 2026]"},
		{"the last day is known", startOf + `day: {deadline: {start: at, limit: 1, unit: workday}}`, values{"a": "2026-12-30"}, "2026-12-31 + warn deadline_computed"},
		{"days need no calendar", startOf + `day: {deadline: {start: at, limit: 20, unit: day}}`, values{"a": "2026-12-25"}, "2027-01-14 + warn deadline_computed"},
		{"a limit of a hundred years", limitOf + workdays, values{"a": "2024-03-01", "n": "99999"}, "reject bad_int"},
	})
}

func TestSuspensionsAreTakenOutOnceAndExtensionsAdded(t *testing.T) {
	const f = startOf + `day: {deadline: {start: at, limit: 5, unit: workday, suspended: [{from: s, to: e}, {from: s2, to: e2}], extend: x}}`
	const several = startOf + `day: {deadline: {start: at, limit: 5, unit: workday, suspended: {from: s, to: e}, split: ";"}}`
	runRows(t, []rowCase{
		{"none", f, values{"a": "2024-03-01"}, "2024-03-08 + warn deadline_computed"},
		{"one", f, values{"a": "2024-03-01", "s": "2024-03-04", "e": "2024-03-06"}, "2024-03-12 + warn deadline_computed"},
		{"two that overlap", f, values{"a": "2024-03-01", "s": "2024-03-04", "e": "2024-03-06", "s2": "2024-03-05", "e2": "2024-03-07"}, "2024-03-13 + warn deadline_computed"},
		{"two that touch", f, values{"a": "2024-03-01", "s": "2024-03-04", "e": "2024-03-05", "s2": "2024-03-05", "e2": "2024-03-06"}, "2024-03-12 + warn deadline_computed"},
		{"before acceptance", f, values{"a": "2024-03-01", "s": "2024-02-01", "e": "2024-02-20"}, "2024-03-08 + warn deadline_computed"},
		{"across acceptance", f, values{"a": "2024-03-01", "s": "2024-02-01", "e": "2024-03-05"}, "2024-03-12 + warn deadline_computed"},
		{"after the limit ran out", f, values{"a": "2024-03-01", "s": "2024-03-11", "e": "2024-03-20"}, "2024-03-08 + warn deadline_computed"},
		{"moved into a later one", f, values{"a": "2024-03-01", "s": "2024-03-04", "e": "2024-03-06", "s2": "2024-03-11", "e2": "2024-03-13"}, "2024-03-14 + warn deadline_computed"},
		{"not ended", f, values{"a": "2024-03-01", "s": "2024-03-04"}, "NULL + warn deadline_open"},
		{"ends before it begins", f, values{"a": "2024-03-01", "s": "2024-03-04", "e": "2024-03-01"}, "reject too_early"},
		{"no time", f, values{"a": "2024-03-01", "s": "soon", "e": "2024-03-01"}, "reject bad_time"},
		{"extended", f, values{"a": "2024-03-01", "x": "10"}, "2024-03-22 + warn deadline_computed"},
		{"several in a cell", several, values{"a": "2024-03-01", "s": "2024-03-04;2024-03-07", "e": "2024-03-05;2024-03-08"}, "2024-03-12 + warn deadline_computed"},
		{"hours", startOf + `until: {deadline: {start: at, limit: 4, unit: hour, suspended: {from: s, to: e}}}`, values{"a": "2024-03-01 09:00:00", "s": "2024-03-01 10:00:00", "e": "2024-03-01 12:00:00"}, "2024-03-01T07:00:00Z + warn deadline_computed"},
		{"days", startOf + `day: {deadline: {start: at, limit: 5, unit: day, suspended: {from: s, to: e}}}`, values{"a": "2024-03-01", "s": "2024-03-02", "e": "2024-03-12"}, "2024-03-16 + warn deadline_computed"},
	})
}
