package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"banjian/internal/fault"
	"banjian/jobs"
)

var shanghai = time.FixedZone("UTC+8", 8*3600)

func parsed(t *testing.T, s jobs.Spec) jobs.Job {
	t.Helper()
	j, err := jobs.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestAScheduleThatCannotBeKeptIsRefused(t *testing.T) {
	for _, c := range []struct{ name, schedule, zone, says string }{
		{"nothing", "", "", "lacks schedule"},
		{"four fields", "0 2 * *", "", "not understood"},
		{"six fields", "0 0 2 * * *", "", "not understood"},
		{"no such hour", "0 25 * * *", "", "not understood"},
		{"step of zero", "*/0 * * * *", "", "not understood"},
		{"30 February", "0 2 30 2 *", "", "never comes due"},
		{"31 April", "0 2 31 4 *", "", "never comes due"},
		{"a zone in the schedule", "TZ=Asia/Shanghai 0 2 * * *", "", "zone cannot stand"},
		{"what makes the parser panic", "TZ=0", "", "zone cannot stand"},
		{"the other spelling of it", "CRON_TZ=UTC 0 2 * * *", "", "zone cannot stand"},
		{"no such zone", "0 2 * * *", "Asia/Nowhere", "not known"},
	} {
		_, err := jobs.Parse(jobs.Spec{Job: "nightly", Schedule: c.schedule, Zone: c.zone, File: "jobs/a.yaml"})
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "jobs/a.yaml") {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if _, err := jobs.Parse(jobs.Spec{Schedule: "0 2 * * *"}); !fault.Is(err, fault.Config) {
		t.Errorf("without a name: got %v", err)
	}
}

func TestAJobIsDueInItsZone(t *testing.T) {
	from := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ schedule, zone, want string }{
		{"0 2 * * *", "", "2026-11-03T02:00:00+08:00"},
		{"0 2 * * *", "UTC", "2026-11-03T02:00:00Z"},
		{"0 22 * * *", "Asia/Shanghai", "2026-11-02T22:00:00+08:00"},
		{"30 2 29 2 *", "", "2028-02-29T02:30:00+08:00"},
		{"@daily", "", "2026-11-03T00:00:00+08:00"},
	} {
		j := parsed(t, jobs.Spec{Job: "a", Schedule: c.schedule, Zone: c.zone})
		want, err := time.Parse(time.RFC3339, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := j.Next(from); !got.Equal(want) {
			t.Errorf("%s in %q: %s, want %s", c.schedule, c.zone, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0 2 * * *", "@every 1h", "*/5 1-3,7 * JAN MON", "TZ=0", "@", "* * * * * *", "0 2 30 2 *"} {
		f.Add(s, "Asia/Shanghai")
	}
	f.Fuzz(func(t *testing.T, schedule, zone string) {
		if j, err := jobs.Parse(jobs.Spec{Job: "a", Schedule: schedule, Zone: zone}); err == nil {
			now := time.Now()
			if next := j.Next(now); !next.IsZero() && !next.After(now) {
				t.Errorf("%q is due at %s, which is not after %s", schedule, next, now)
			}
		}
	})
}

func TestJobsAreReadFromTheSite(t *testing.T) {
	if list, err := jobs.Load(nil); len(list) != 0 || err != nil {
		t.Errorf("no folder: %v, %v", list, err)
	}
	good := "job: nightly\nschedule: 0 2 * * *\npipelines: [a, b]\n"
	list, err := jobs.Load(fstest.MapFS{"a.yaml": {Data: []byte(good)}, "notes.txt": {Data: []byte("x")}})
	if err != nil || len(list) != 1 || list[0].Job != "nightly" || list[0].Zone != "Asia/Shanghai" || len(list[0].Pipelines) != 2 {
		t.Errorf("got %+v, %v", list, err)
	}
	for name, c := range map[string]struct{ data, says string }{
		"an unknown key": {good + "shedule: x\n", "jobs/a.yaml:4:1"},
		"a wrong type":   {"job: nightly\nschedule: 0 2 * * *\npipelines: {a: b}\n", "jobs/a.yaml:3:"},
	} {
		if _, err := jobs.Load(fstest.MapFS{"a.yaml": {Data: []byte(c.data)}}); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Two jobs of one name would share the time they ran last.
func TestTwoJobsOfOneNameAreTold(t *testing.T) {
	one := "job: nightly\nschedule: 0 2 * * *\n"
	_, err := jobs.Load(fstest.MapFS{"a.yaml": {Data: []byte(one)}, "b.yaml": {Data: []byte("title: again\n" + one)}})
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "jobs/b.yaml:2:6") || !strings.Contains(err.Error(), "jobs/a.yaml") {
		t.Errorf("got %v", err)
	}
}

// dues is a store of times in memory.
type dues struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (d *dues) Due(_ context.Context, job string) (time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at[job], nil
}

func (d *dues) SetDue(_ context.Context, job string, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at[job] = at
	return nil
}

// served runs jobs for a while in a bubble and returns when each ran.
func served(t *testing.T, d *dues, list []jobs.Job, during time.Duration, run func(*jobs.Job) error, now func() time.Time) []string {
	t.Helper()
	var ran []string
	s := &jobs.Scheduler{Jobs: list, Store: d, Log: slog.New(slog.DiscardHandler), Now: now, Run: func(_ context.Context, j *jobs.Job) error {
		ran = append(ran, j.Job+" "+time.Now().In(shanghai).Format("02 15:04"))
		if run == nil {
			return nil
		}
		return run(j)
	}}
	ctx, cancel := context.WithTimeout(context.Background(), during)
	defer cancel()
	if err := s.Serve(ctx); err != nil {
		t.Errorf("serve: %v", err)
	}
	return ran
}

func wantRan(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("ran %v, want %v", got, want)
	}
}

// A bubble begins at 2000-01-01 08:00 in Shanghai.
func TestJobsRunWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "nightly", Schedule: "0 2 * * *"}), parsed(t, jobs.Spec{Job: "noon", Schedule: "0 12 * * *"})}
		got := served(t, &dues{at: map[string]time.Time{}}, list, 48*time.Hour, nil, time.Now)
		wantRan(t, got, "noon 01 12:00", "nightly 02 02:00", "noon 02 12:00", "nightly 03 02:00")
	})
}

func TestTimesMissedWhileNothingRanAreMadeUpForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dues{at: map[string]time.Time{"nightly": time.Now().Add(-5 * 24 * time.Hour), "noon": time.Now().Add(-time.Hour)}}
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "nightly", Schedule: "0 2 * * *"}), parsed(t, jobs.Spec{Job: "noon", Schedule: "0 12 * * *"})}
		got := served(t, d, list, 24*time.Hour, nil, time.Now)
		wantRan(t, got, "nightly 01 08:00", "noon 01 12:00", "nightly 02 02:00")
	})
}

func TestAJobThatTakesLongerThanItsIntervalSkipsWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "hourly", Schedule: "0 * * * *"})}
		slow := func(*jobs.Job) error { time.Sleep(150 * time.Minute); return nil }
		got := served(t, &dues{at: map[string]time.Time{}}, list, 8*time.Hour, slow, time.Now)
		wantRan(t, got, "hourly 01 09:00", "hourly 01 12:00", "hourly 01 15:00")
	})
}

func TestAFailedJobRunsAgainNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "hourly", Schedule: "0 * * * *"})}
		got := served(t, &dues{at: map[string]time.Time{}}, list, 150*time.Minute, func(*jobs.Job) error { return errors.New("broken") }, time.Now)
		wantRan(t, got, "hourly 01 09:00", "hourly 01 10:00")
	})
}

// A nightly job that a restart stops half-way goes on after it, and not the next night.
func TestAJobThatWasStoppedHalfWayRunsAgainAtTheNextStart(t *testing.T) {
	for name, never := range map[string]bool{"ran before": false, "first time": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &dues{at: map[string]time.Time{"nightly": time.Now().Add(-6 * time.Hour)}}
				if never {
					clear(d.at)
				}
				list := []jobs.Job{parsed(t, jobs.Spec{Job: "nightly", Schedule: "0 2 * * *"})}
				slow := func(during time.Duration, err error) func(*jobs.Job) error {
					return func(*jobs.Job) error { time.Sleep(during); return err }
				}
				wantRan(t, served(t, d, list, 19*time.Hour, slow(2*time.Hour, context.Canceled), time.Now), "nightly 02 02:00")
				wantRan(t, served(t, d, list, time.Hour, slow(2*time.Hour, nil), time.Now), "nightly 02 04:00") // stopped when it was done
				wantRan(t, served(t, d, list, 24*time.Hour, nil, time.Now), "nightly 03 02:00")
			})
		})
	}
}

// A wall clock that was set back a little while the timer ran must not start the same
// time twice.
func TestAClockSetBackDoesNotStartAJobTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		slow := func() time.Time { return begin.Add(time.Since(begin) * 999 / 1000).Round(0) }
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "hourly", Schedule: "0 * * * *"})}
		got := served(t, &dues{at: map[string]time.Time{}}, list, 90*time.Minute, nil, slow)
		wantRan(t, got, "hourly 01 09:00")
	})
}

func TestWithoutJobsServingWaitsForTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		wantRan(t, served(t, &dues{}, nil, time.Hour, nil, time.Now))
		if time.Since(start) != time.Hour {
			t.Errorf("it ended after %s", time.Since(start))
		}
	})
}

func TestAJobMayReadInAModeOfItsOwn(t *testing.T) {
	for mode, ok := range map[string]bool{"": true, "incremental": true, "full": true, "compare": true, "some": false} {
		if _, err := jobs.Parse(jobs.Spec{Job: "nightly", Schedule: "30 1 * * *", Mode: mode}); (err == nil) != ok {
			t.Errorf("%q: %v", mode, err)
		}
	}
}

// A clock that is set forward while a job waits, or a machine that slept, does not make it late.
func TestAClockSetForwardStartsAJobInItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		set := func() time.Time {
			if time.Since(begin) > 10*time.Minute {
				return time.Now().Add(45 * time.Minute)
			}
			return time.Now()
		}
		list := []jobs.Job{parsed(t, jobs.Spec{Job: "hourly", Schedule: "0 * * * *"})}
		got := served(t, &dues{at: map[string]time.Time{}}, list, 30*time.Minute, nil, set)
		wantRan(t, got, "hourly 01 08:15") // which is 09:00 by the clock
	})
}

// full is a store that cannot be written for a while.
type full struct {
	dues
	until time.Time
}

func (f *full) SetDue(ctx context.Context, job string, at time.Time) error {
	if time.Now().Before(f.until) {
		return errors.New("disk full")
	}
	return f.dues.SetDue(ctx, job, at)
}

func TestALedgerThatCannotBeWrittenDelaysAJobAndEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran []string
		d := &full{dues: dues{at: map[string]time.Time{}}, until: time.Now().Add(65 * time.Minute)}
		s := &jobs.Scheduler{Jobs: []jobs.Job{parsed(t, jobs.Spec{Job: "hourly", Schedule: "0 * * * *"})}, Store: d, Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Run: func(context.Context, *jobs.Job) error {
				ran = append(ran, time.Now().In(shanghai).Format("15:04"))
				return nil
			}}
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Minute)
		defer cancel()
		if err := s.Serve(ctx); err != nil {
			t.Errorf("serve: %v", err)
		}
		wantRan(t, ran, "09:05", "10:00")
	})
}
