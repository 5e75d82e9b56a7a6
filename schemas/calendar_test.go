package schemas

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func dayNo(t *testing.T, s string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Unix() / 86400
}

func calendarOf(t *testing.T, name string, overlay fstest.MapFS) *Calendar {
	t.Helper()
	cat, err := Load(overlay)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := cat.Calendar(name)
	if !ok {
		t.Fatal(name)
	}
	return c
}

func TestTheNationalCalendarKnowsHolidaysAndWorkingWeekends(t *testing.T) {
	c := calendarOf(t, NationalCalendar, fstest.MapFS{})
	for d, want := range map[string]bool{
		"2018-01-01": false, "2018-01-02": true, "2018-12-29": true, "2018-12-31": false,
		"2019-05-02": false, "2019-05-05": true, "2020-02-01": false, "2020-02-03": true,
		"2023-06-25": true, "2024-02-09": true, "2024-02-18": true, "2025-10-08": false,
		"2026-02-14": true, "2026-02-23": false, "2026-10-10": true, "2026-12-31": true,
	} {
		if got := c.WorkingDay(dayNo(t, d)); got != want {
			t.Errorf("%s: working %v, want %v", d, got, want)
		}
	}
	if first, last := c.Years(); first != 2018 || last != 2026 {
		t.Errorf("years %d to %d", first, last)
	}
	if c.Covers(dayNo(t, "2017-12-31")) || c.Covers(dayNo(t, "2027-01-01")) {
		t.Error("a day outside the loaded years is covered")
	}
}

// 365 days with 52 weekends and 11 or, from 2025 on, 13 days of holiday.
func TestEveryYearHasAsManyWorkingDaysAsTheLawLeaves(t *testing.T) {
	c := calendarOf(t, NationalCalendar, fstest.MapFS{})
	for year, want := range map[int]int{2018: 250, 2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		n := 0
		for d := dayOf(year, time.January, 1); d <= dayOf(year, time.December, 31); d++ {
			if c.WorkingDay(d) {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
}

func TestALocalHolidayLiesOverTheNationalCalendar(t *testing.T) {
	c := calendarOf(t, "guangxi", fstest.MapFS{
		"calendars/guangxi/2024.tsv":  {Data: []byte("from\tto\tkind\tname\n2024-04-11\t2024-04-12\toff\t三月三\n")},
		"calendars/national/2027.tsv": {Data: []byte("2027-01-01\t2027-01-01\toff\t元旦\n")},
	})
	if c.WorkingDay(dayNo(t, "2024-04-11")) || !c.WorkingDay(dayNo(t, "2024-04-10")) || c.WorkingDay(dayNo(t, "2024-05-01")) {
		t.Error("the local calendar is not the national one with its own holidays")
	}
	if !c.Covers(dayNo(t, "2027-06-01")) {
		t.Error("the year a site added is not loaded")
	}
}

func TestAMistakeInACalendarHasItsLine(t *testing.T) {
	for _, line := range []string{"2027-01-01\t2027-01-01\tfree\t元旦", "2026-10-01\t2026-10-07\toff\t国庆节", "2027-13-01\t2027-01-01\toff\t元旦"} {
		_, err := Load(fstest.MapFS{"calendars/national/2027.tsv": {Data: []byte("# x\n" + line + "\n")}})
		if err == nil || !strings.Contains(fault.Say(err, text.EN), "schemas/calendars/national/2027.tsv:2:1") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestALookupTableIsASitesOwn(t *testing.T) {
	cat, err := Load(fstest.MapFS{"lookups/windows.tsv": {Data: []byte("ck\tname\n01\t一号窗口\n")}})
	if err != nil {
		t.Fatal(err)
	}
	x, ok := cat.Lookup("windows")
	if row, found := x.Lookup("01"); !ok || !found || row[0] != "一号窗口" {
		t.Errorf("%v %v", ok, row)
	}
	if _, ok := cat.Lookup("nothing"); ok {
		t.Error("found nothing")
	}
	if _, err := Load(fstest.MapFS{"lookups/broken.tsv": {Data: []byte("ck\tname\n01\n")}}); err == nil || !strings.Contains(fault.Say(err, text.EN), "lookups/broken.tsv:2") {
		t.Errorf("a broken table: %v", err)
	}
}
