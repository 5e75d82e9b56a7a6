package main

import (
	"context"
	"strings"
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
		{"in time", nil, run("done", "2026-11-22 02:00"), run("done", "2026-11-22 02:00"), "", pipelineWell, ""},
		{"by hand before its time", nil, run("done", "2026-11-22 01:00"), run("done", "2026-11-22 01:00"), "", pipelineLate, "2026-11-22 02:00"},
		{"two nights ago", nil, run("done", "2026-11-20 02:00"), run("done", "2026-11-20 02:00"), "", pipelineLate, "2026-11-21 02:00"},
		{"of another pipeline's job", []string{"other"}, run("done", "2026-11-20 02:00"), run("done", "2026-11-20 02:00"), "", pipelineWell, ""},
		{"running since it was due", nil, run("running", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", pipelineRunning, ""},
		{"running since before", nil, run("running", "2026-11-21 02:00"), run("done", "2026-11-20 02:00"), "", pipelineLate, "2026-11-22 02:00"},
		{"failed", nil, run("failed", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", pipelineFailed, ""},
		{"stopped by its limit", nil, run("partial", "2026-11-22 02:00"), run("done", "2026-11-21 02:00"), "", pipelineFailed, ""},
		{"never run, never due", nil, ledger.Run{}, ledger.Run{}, "", pipelineNever, ""},
		{"never run though it was due", nil, ledger.Run{}, ledger.Run{}, "2026-11-22 02:00", pipelineLate, "2026-11-22 02:00"},
		{"never run, due a moment ago", nil, ledger.Run{}, ledger.Run{}, "2026-11-22 08:59", pipelineNever, ""},
	} {
		j, err := jobs.Parse(jobs.Spec{Job: "nightly", Schedule: "0 2 * * *", Pipelines: c.pipelines})
		if err != nil {
			t.Fatal(err)
		}
		store := dues{}
		if c.due != "" {
			store["nightly"] = day(c.due)
		}
		p := &pipelineStand{Pipeline: "p"}
		p.judge(c.last, c.good)
		if err := p.due(t.Context(), store, &j, c.last, c.good, now); err != nil {
			t.Fatal(err)
		}
		if p.State != c.want || c.late != "" && !p.late.Equal(day(c.late)) || (p.State == pipelineLate) != (p.Job == "nightly") {
			t.Errorf("%s: %s since %s, want %s since %s", c.name, p.State, p.late, c.want, c.late)
		}
	}
}

func TestStatusOfARunThatWasStoppedOnRequestIsNoFailure(t *testing.T) {
	p := &pipelineStand{}
	p.judge(ledger.Run{Num: 1, State: "partial", Error: "read: context canceled"}, ledger.Run{})
	if p.State != pipelineWell {
		t.Errorf("got %s", p.State)
	}
}

func TestStatusOfARunThatWasKilledIsNotRunning(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun()
	store := w.openLedger()
	const name = "provident-fund-accept"
	lease, err := store.Acquire(t.Context(), jobs.CollectLease(name), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.StartRun(t.Context(), name, "incremental", "m"); err != nil {
		t.Fatal(err)
	}
	state := func() pipelineStand {
		for _, p := range w.report(exitNews).Pipelines {
			if p.Pipeline == name {
				return *p
			}
		}
		return pipelineStand{}
	}
	if p := state(); p.State != pipelineRunning {
		t.Errorf("under way: %+v", p)
	}
	if err := store.Release(t.Context(), lease); err != nil { // as the death of its process does
		t.Fatal(err)
	}
	store.Close()
	if p := state(); p.State != pipelineFailed || !strings.Contains(p.Error, "broke off") {
		t.Errorf("killed: %+v", p)
	}
	w.mustRun()
	if p := state(); p.State != pipelineWell {
		t.Errorf("run again: %+v", p)
	}
}

func (w *troubled) report(want int, flags ...string) statusReport {
	w.t.Helper()
	out, _ := w.must(want, append([]string{"status", "--json", "--lang", "en"}, flags...)...)
	var s statusReport
	decode(w.t, out, &s)
	return s
}

func TestStatusFitsAScreenAndExitsThreeOnlyForAPerson(t *testing.T) {
	w := newTroubled(t, embedded(t))
	if s := w.report(exitDone); s.NeedsPerson || s.Totals.Pipelines == 0 || s.Pipelines[0].State != pipelineNever {
		t.Errorf("before anything ran: %+v", s)
	}
	w.mustRun()
	s := w.report(exitNews)
	if !s.NeedsPerson || s.Totals.OpenRejects != int64(len(w.lines())) || s.Totals.Held == 0 || s.Totals.Late+s.Totals.Failed+s.Totals.Blocked != 0 || len(s.Trouble) == 0 {
		t.Errorf("after a run: %+v", s.Totals)
	}
	for i := 1; i < len(s.Trouble); i++ {
		if s.Trouble[i].Since < s.Trouble[i-1].Since {
			t.Errorf("not oldest first: %v", s.Trouble)
		}
	}
	out, _ := w.must(exitNews, "status", "--lang", "zh")
	wantText(t, out, "要人处理（最久的在前）", "未决问题数据", "个管道正常", "national：就绪 · 最近成功 ")
	if n := strings.Count(out, "\n"); n > 40 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	w.must(exitDone, "rejects", "waive", "--department", "gjj-core", "--why", "x")
	if s := w.report(exitDone); s.NeedsPerson || s.Totals.OpenRejects != 0 {
		t.Errorf("after all were waived: %+v", s)
	}
	w.edit("banjian.yaml", "profile: national-2020", "profile: national-2020, alert_held_after: 1m")
	store := w.openLedger()
	h, later := w.house(), time.Now().Add(2*time.Minute)
	long, err := h.look(t.Context(), store, statusFilter{receiver: "national"}, later)
	store.Close()
	if err != nil || long.Totals.HeldLong == 0 || long.Totals.HeldLong != long.Totals.Held || len(long.Pipelines) != 0 || len(long.Receivers) != 1 {
		t.Errorf("held long: %+v, %v", long, err)
	}
	for _, flags := range []string{"--receiver nobody", "--department nobody"} {
		w.must(exitUsage, append([]string{"status"}, strings.Fields(flags)...)...)
	}
	if s := w.report(exitDone, "--department", "gjj-core"); s.Totals.Pipelines == 0 || s.Totals.Held == 0 {
		t.Errorf("one department: %+v", s.Totals)
	}
}

func TestStatusNamesAPipelineThatFailed(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.sourceExec("DROP VIEW v_gjj_accept")
	w.run()
	s := w.report(exitNews)
	if s.Totals.Failed == 0 {
		t.Fatalf("got %+v", s)
	}
	out, _ := w.must(exitNews, "status", "--lang", "en")
	wantText(t, out, "failed: ", "last good –")
}
