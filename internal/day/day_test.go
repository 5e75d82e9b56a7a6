package day_test

import (
	"testing"
	"time"

	"banjian/internal/day"
)

func TestDaysAreReadAsPeopleAndDatabasesWriteThem(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-31": "2026-01-31", "20260131": "2026-01-31", "2026/1/31": "2026-01-31", "2026-01-31 23:59:59": "2026-01-31",
		"2026-01-31T08:00:00+08:00": "2026-01-31", "2026/1/31 9:30:00": "2026-01-31", "1969-12-31": "1969-12-31", "2024-02-29": "2024-02-29",
		"2026-02-29": "", "2026-13-01": "", "2026-1-31": "", "202601": "", "": "", "2026-00-10": "", "二〇二六年": "", "2026/1": "", "9999-99-99": "",
	} {
		got, ok := day.Parse(in)
		if ok != (want != "") || ok && day.String(got) != want {
			t.Errorf("%q is %s, %v", in, day.String(got), ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-01-31", "20260131", "2026/1/31", "2026-01-31 00:00:00", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := day.Parse(s); ok {
			if again, ok := day.Parse(day.String(d)); !ok || again != d {
				t.Fatalf("%q is %s, which is read as %s", s, day.String(d), day.String(again))
			}
		}
	})
}

func TestMidnightIsABareDay(t *testing.T) {
	at := func(s string) int64 {
		m, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return m.Unix()
	}
	for s, want := range map[string]bool{"2026-11-22T00:00:00+08:00": true, "2026-11-21T16:00:00Z": true, "2026-11-22T00:00:00Z": false, "2026-11-22T00:00:01+08:00": false, "1969-12-31T00:00:00+08:00": true} {
		if day.Bare(at(s)) != want {
			t.Error(s)
		}
	}
	bare := at("2026-11-22T00:00:00+08:00")
	for s, want := range map[string]bool{"2026-11-21T23:59:59+08:00": false, "2026-11-22T00:00:00+08:00": true, "2026-11-22T23:59:59+08:00": true, "2026-11-23T00:00:00+08:00": false} {
		if day.Within(at(s), bare) != want || day.Within(at(s), bare+1) {
			t.Error(s)
		}
	}
}

func TestTimesAreWrittenAsTheLibraryWritesThem(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	for _, unix := range []int64{0, 1, -1, 951782399, 951782400, 4102444799, 1793494805, -62135596801, 253402271999, 253402272000, 1 << 40, -1 << 40} {
		at := time.Unix(unix, 0).In(zone)
		if got, want := string(day.AppendTime(nil, at)), at.Format(time.DateTime); got != want {
			t.Errorf("%d: %s, want %s", unix, got, want)
		}
	}
}
