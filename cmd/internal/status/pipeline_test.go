package status

import (
	"context"
	"testing"
	"time"

	"banjian/jobs"
	"banjian/ledger"
)

// dues is when jobs were last due.
type dues map[string]time.Time

func (d dues) Due(_ context.Context, job string) (time.Time, error)     { return d[job], nil }
func (d dues) SetDue(_ context.Context, job string, at time.Time) error { d[job] = at; return nil }

func TestStatusOfAPipelineIsLateOnceItsJobCameDueAndItHasNotSucceededSince(t *testing.T) {
	day := func(s string) time.Time {
		at, err := jobs.ParseTime(s, time.FixedZone("", 8*3600))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	run := func(state, started string) ledger.Run {
		return ledger.Run{Num: 1, State: state, Started: day(started), Ended: day(started).Add(time.Minute), Error: map[string]string{"failed": "no connection", "partial": "too many rejects"}[state]}
	}
	now := day("2026-11-22 09:00")
	for _, c := range []struct {
		name       string
		pipelines  []string
		last, good ledger.Run
		due        string
		want       string
		late       string
	}{
		{"in time", nil, run("done", "2026-11-22 02:00"), run("done", "2026-11-22 02:00"), "", Well, ""},
		{"by hand before its time", nil, run("done", "2026-11-22 01:00"), run("done", "2026-11-22 01:00"), "", Late, "2026-11-22 02:00"},
		{"two nights ago", nil, run("done", "2026-11-20 02:00"), run("done", "2026-11-20 02:00"), "", Late, "2026-11-21 02:00"},
		{"of another pipeline's job", []string{"other"}, run("done", "2026-11-20 02:00"), run("done", "2026-11-20 02:00"), "", Well, ""},
		{"running since it was due", nil, run("running", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", Running, ""},
		{"running since before", nil, run("running", "2026-11-21 02:00"), run("done", "2026-11-20 02:00"), "", Late, "2026-11-22 02:00"},
		{"failed", nil, run("failed", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", Failed, ""},
		{"stopped by its limit", nil, run("partial", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", Failed, ""},
		{"never run, never due", nil, ledger.Run{}, ledger.Run{}, "", Never, ""},
		{"never run though it was due", nil, ledger.Run{}, ledger.Run{}, "2026-11-22 02:00", Late, "2026-11-22 02:00"},
		{"never run, due a moment ago", nil, ledger.Run{}, ledger.Run{}, "2026-11-22 08:59", Never, ""},
	} {
		j, err := jobs.Parse(jobs.Spec{Job: "nightly", Schedule: "0 2 * * *", Pipelines: c.pipelines})
		if err != nil {
			t.Fatal(err)
		}
		store := dues{}
		if c.due != "" {
			store["nightly"] = day(c.due)
		}
		p := &Pipeline{Pipeline: "p"}
		p.judge(c.last, c.good)
		if err := p.due(t.Context(), store, &j, c.last, c.good, now); err != nil {
			t.Fatal(err)
		}
		if p.State != c.want || c.late != "" && !p.LateSince.Equal(day(c.late)) || (p.State == Late) != (p.Job == "nightly") {
			t.Errorf("%s: %s since %s, want %s since %s", c.name, p.State, p.LateSince, c.want, c.late)
		}
	}
}

func TestStatusOfARunThatWasStoppedOnRequestIsNoFailure(t *testing.T) {
	p := &Pipeline{}
	p.judge(ledger.Run{Num: 1, State: "partial", Error: "read: context canceled"}, ledger.Run{})
	if p.State != Well {
		t.Errorf("got %s", p.State)
	}
}
