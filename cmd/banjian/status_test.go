package main

import (
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/status"
	"banjian/jobs"
)

func TestStatusOfARunThatWasKilledIsNotRunning(t *testing.T) {
	w := newRan(t)
	store := w.openLedger()
	const name = "provident-fund-accept"
	lease, err := store.Acquire(t.Context(), jobs.CollectLease(name), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.StartRun(t.Context(), name, "incremental", "m"); err != nil {
		t.Fatal(err)
	}
	state := func() status.Pipeline {
		for _, p := range w.report(exitNews).Pipelines {
			if p.Pipeline == name {
				return *p
			}
		}
		return status.Pipeline{}
	}
	if p := state(); p.State != status.Running {
		t.Errorf("under way: %+v", p)
	}
	if err := store.Release(t.Context(), lease); err != nil { // as the death of its process does
		t.Fatal(err)
	}
	store.Close()
	if p := state(); p.State != status.Failed || !strings.Contains(p.Error.EN, "broke off") {
		t.Errorf("killed: %+v", p)
	}
	w.mustRun()
	if p := state(); p.State != status.Well {
		t.Errorf("run again: %+v", p)
	}
}

func (w *troubled) report(want int, flags ...string) status.Report {
	w.t.Helper()
	out, _ := w.must(want, append([]string{"status", "--json", "--lang", "en"}, flags...)...)
	var s status.Report
	decode(w.t, out, &s)
	return s
}

func TestStatusFitsAScreenAndExitsThreeOnlyForAPerson(t *testing.T) {
	w := newTroubled(t, embedded(t))
	if s := w.report(exitDone); s.NeedsPerson || s.Totals.Pipelines == 0 || s.Pipelines[0].State != status.Never {
		t.Errorf("before anything ran: %+v", s)
	}
	w.mustRun()
	s := w.report(exitNews)
	if !s.NeedsPerson || s.Totals.OpenRejects != int64(len(w.lines())) || s.Totals.Held == 0 || s.Totals.Late+s.Totals.Failed+s.Totals.Blocked != 0 || len(s.Trouble) == 0 {
		t.Errorf("after a run: %+v", s.Totals)
	}
	for i := 1; i < len(s.Trouble); i++ {
		if s.Trouble[i].Since.Before(s.Trouble[i-1].Since.Time) {
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
	later := &status.Site{House: w.house(), Store: store, Now: time.Now().Add(2 * time.Minute)}
	long, err := later.Report(t.Context(), status.Scope{Receiver: "national"})
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

// What a person has said to know stays on the page and wakes nobody, until there is more of
// it or it is something else.
func TestStatusExitsThreeForWhatIsNewSinceItWasAcknowledged(t *testing.T) {
	w := newRan(t)
	before := w.report(exitNews)
	if before.New != len(before.Trouble) || !before.Trouble[0].New {
		t.Fatalf("nothing was acknowledged, and %d of %d are new", before.New, len(before.Trouble))
	}
	for flag, code := range map[string]int{"any": exitNews, "none": exitDone, "new": exitNews} {
		w.report(code, "--fail-on", flag)
	}
	for _, flags := range []string{"--fail-on sometimes", "--ack --department gjj-core", "--ack --receiver national"} {
		w.must(exitUsage, append([]string{"status"}, strings.Fields(flags)...)...)
	}
	w.report(exitDone, "--ack")
	s := w.report(exitDone)
	if s.New != 0 || !s.NeedsPerson || len(s.Trouble) != len(before.Trouble) || s.Trouble[0].Acknowledged.Who != whoami() || s.Trouble[0].Acknowledged.At.IsZero() {
		t.Errorf("acknowledged: %+v", s)
	}
	w.report(exitDone, "--receiver", "national")
	w.report(exitNews, "--fail-on", "any")
	out, _ := w.must(exitDone, "status", "--lang", "zh")
	wantText(t, out, "要人处理（最久的在前），带 * 的 0 项是新的，其余已有人知道", "未决问题数据")

	no := w.sourceText("SELECT slbh FROM gjj_ywsl WHERE sqrlx='个人' ORDER BY slbh LIMIT 1")
	w.sourceExec("UPDATE gjj_ywsl SET sqrlx='外星', gxsj="+w.settled+" WHERE slbh=?", no)
	w.mustRun()
	s = w.report(exitNews)
	if s.New != 1 || len(w.rejects("provident-fund-accept", no, "open")) == 0 {
		t.Errorf("one more reject: %d new", s.New)
	}
	for _, c := range s.Trouble {
		if is := c.Where.EN == "gjj-core / provident-fund-accept"; c.New != is {
			t.Errorf("%s: new is %v", c.Where.EN, c.New)
		}
	}
	out, _ = w.must(exitNews, "status", "--lang", "en")
	wantText(t, out, "for a person, oldest first; new, with an asterisk: 1, the rest is known", "\n* ")
	w.report(exitDone, "--ack")

	w.exchangeExec("ALTER TABLE up_pro_result RENAME TO away")
	w.sourceExec("UPDATE gjj_ywsl SET gxsj=" + w.settled)
	w.run()
	if s := w.report(exitNews); s.New == 0 || s.New == len(s.Trouble) {
		t.Errorf("a receiver that is blocked: %d of %d are new", s.New, len(s.Trouble))
	}
	w.report(exitDone, "--ack")
	w.run()
	w.report(exitDone) // is blocked as before
	w.exchangeExec("ALTER TABLE away RENAME TO up_pro_result")
	w.run()
	w.exchangeExec("ALTER TABLE up_pro_result RENAME TO away")
	w.run()
	w.report(exitNews) // was well in between
}
