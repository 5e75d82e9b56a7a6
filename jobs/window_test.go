package jobs_test

import (
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/jobs"
)

var china = time.FixedZone("+08:00", 8*3600)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := jobs.ParseTime(s, china)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func windows(t *testing.T, list ...site.Maintenance) *jobs.Windows {
	t.Helper()
	w, err := jobs.ParseWindows("banjian.yaml", list, china)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// 2026-11-21 is a Saturday.
func TestAReceiverIsLeftAloneInsideItsWindowsOnly(t *testing.T) {
	night := []site.Maintenance{{Weekly: "Sat 22:00-02:00", Why: "备份"}}
	upgrade := []site.Maintenance{{From: "2026-12-01 20:00", To: "2026-12-02 06:00", Why: "升级"}}
	for _, c := range []struct {
		name    string
		windows []site.Maintenance
		now     string
		until   string // empty: open to us
		why     string
	}{
		{"before it begins", night, "2026-11-21 21:59:59", "", ""},
		{"its first moment", night, "2026-11-21 22:00", "2026-11-22 02:00", "备份"},
		{"over midnight", night, "2026-11-22 01:59:59", "2026-11-22 02:00", "备份"},
		{"its last moment is not in it", night, "2026-11-22 02:00", "", ""},
		{"the same hour of another day", night, "2026-11-20 23:00", "", ""},
		{"the night before", night, "2026-11-21 01:00", "", ""},
		{"told in another zone", night, "2026-11-21T14:30:00Z", "2026-11-22 02:00", "备份"},
		{"over the end of the week", []site.Maintenance{{Weekly: "Sun 23:00-01:00"}}, "2026-11-23 00:30", "2026-11-23 01:00", ""},
		{"over the end of the year", []site.Maintenance{{Weekly: "Thu 23:00-01:00"}}, "2027-01-01 00:30", "2027-01-01 01:00", ""},
		{"until midnight", []site.Maintenance{{Weekly: "周六 22:00-24:00"}}, "2026-11-21 23:59", "2026-11-22 00:00", ""},
		{"until midnight, and not longer", []site.Maintenance{{Weekly: "周六 22:00-24:00"}}, "2026-11-22 00:00", "", ""},
		{"an end at 00:00 is midnight", []site.Maintenance{{Weekly: "sat 22:00-00:00"}}, "2026-11-21 23:59", "2026-11-22 00:00", ""},
		{"workdays", []site.Maintenance{{Weekly: "Mon-Fri 12:00-13:00"}}, "2026-11-25 12:30", "2026-11-25 13:00", ""},
		{"no workday", []site.Maintenance{{Weekly: "Mon-Fri 12:00-13:00"}}, "2026-11-22 12:30", "", ""},
		{"a range over the week's end", []site.Maintenance{{Weekly: "Fri-Mon 2:00-3:00"}}, "2026-11-23 02:30", "2026-11-23 03:00", ""},
		{"a list", []site.Maintenance{{Weekly: "周三,周日 2:00-3:00"}}, "2026-11-22 02:30", "2026-11-22 03:00", ""},
		{"every day", []site.Maintenance{{Weekly: "每天 23:30-00:30"}}, "2026-11-24 00:15", "2026-11-24 00:30", ""},
		{"windows that meet are one", []site.Maintenance{{Weekly: "Sat 22:00-24:00"}, {Weekly: "Sun 00:00-03:00"}}, "2026-11-21 23:00", "2026-11-22 03:00", ""},
		{"windows that overlap are one", []site.Maintenance{{Weekly: "Sat 20:00-21:00"}, {From: "2026-11-21 20:30", To: "2026-11-21 23:00", Why: "升级"}}, "2026-11-21 20:45", "2026-11-21 23:00", "升级"},
		{"once", upgrade, "2026-12-02 05:59", "2026-12-02 06:00", "升级"},
		{"once, and over", upgrade, "2026-12-02 06:00", "", ""},
		{"once, not a week later", upgrade, "2026-12-08 21:00", "", ""},
		{"by date", []site.Maintenance{{From: "2026-10-01", To: "2026-10-08"}}, "2026-10-07 23:59:59", "2026-10-08 00:00", ""},
		{"none", nil, "2026-12-01 21:00", "", ""},
	} {
		until, why, in := windows(t, c.windows...).Open(at(t, c.now))
		if in != (c.until != "") || why != c.why || in && !until.Equal(at(t, c.until)) {
			t.Errorf("%s: in %t until %s (%s), want %s (%s)", c.name, in, until, why, c.until, c.why)
		}
	}
	var none *jobs.Windows
	if _, _, in := none.Open(time.Now()); in || none.CatchingUp(time.Now()) {
		t.Error("no windows at all")
	}
}

func TestAWindowThatNeverEndsIsStillOpen(t *testing.T) {
	now := at(t, "2026-11-22 12:00")
	until, _, in := windows(t, site.Maintenance{Weekly: "daily 00:00-24:00"}).Open(now)
	if !in || until.Sub(now) < 7*24*time.Hour {
		t.Errorf("in %t until %s", in, until)
	}
}

func TestTheHourAfterAWindowIsForCatchingUp(t *testing.T) {
	w := windows(t, site.Maintenance{Weekly: "Sat 22:00-02:00"}, site.Maintenance{Weekly: "Sun 02:30-03:00"})
	for now, want := range map[string]bool{"2026-11-21 21:00": false, "2026-11-22 01:59": false, "2026-11-22 02:00": true, "2026-11-22 02:29": true,
		"2026-11-22 02:45": false, "2026-11-22 03:59": true, "2026-11-22 04:00": false} {
		if got := w.CatchingUp(at(t, now)); got != want {
			t.Errorf("%s: %t, want %t", now, got, want)
		}
	}
}

func TestWrongWindowsAreToldWithTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		m    site.Maintenance
		want string
	}{
		{"nothing", site.Maintenance{Why: "x"}, "has weekly, or from and to"},
		{"both", site.Maintenance{Weekly: "Sat 22:00-02:00", From: "2026-12-01", To: "2026-12-02"}, "has weekly, or from and to"},
		{"half", site.Maintenance{From: "2026-12-01"}, "has weekly, or from and to"},
		{"no day", site.Maintenance{Weekly: "22:00-02:00"}, "not well formed"},
		{"a wrong day", site.Maintenance{Weekly: "Satur 22:00-02:00"}, "names no day"},
		{"a wrong range", site.Maintenance{Weekly: "Sat-Funday 22:00-02:00"}, "names no day"},
		{"a wrong minute", site.Maintenance{Weekly: "Sat 22:60-02:00"}, "not well formed"},
		{"a wrong hour", site.Maintenance{Weekly: "Sat 24:00-02:00"}, "start or end is wrong"},
		{"an end too late", site.Maintenance{Weekly: "Sat 22:00-25:00"}, "start or end is wrong"},
		{"no length", site.Maintenance{Weekly: "Sat 22:00-22:00"}, "start or end is wrong"},
		{"a wrong time", site.Maintenance{From: "tomorrow", To: "2026-12-02"}, "\"tomorrow\" is not understood"},
		{"a day that does not exist", site.Maintenance{From: "2026-02-30", To: "2026-12-02"}, "is not understood"},
		{"backwards", site.Maintenance{From: "2026-12-02", To: "2026-12-01"}, "is not after from"},
	} {
		c.m.Place = "7:20"
		_, err := jobs.ParseWindows("banjian.yaml", []site.Maintenance{c.m}, china)
		if !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "banjian.yaml:7:20: ") || !strings.Contains(err.Error(), c.want) || fault.HintOf(err).IsZero() {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
