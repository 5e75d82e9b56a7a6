package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"banjian/deploy/demo"
	"banjian/internal/failpoint"
)

// killed runs banjian as a process of its own that must be killed at a step.
func (w *doubtful) killed(step string, args ...string) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), asProduct+"=1", failpoint.Variable+"="+step)
	said, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.t.Errorf("nobody was killed at %s: %v\n%s", step, err, said)
	}
}

func (w *doubtful) killedRunning(step string) {
	w.t.Helper()
	w.killed(step, "run", "--all", "--fail-on", "none", "--site", w.dir)
}

// knowsBetter settles what is open as a person would who asked the platform.
func (w *doubtful) knowsBetter() (settled int) {
	w.t.Helper()
	for _, o := range w.outcomes() {
		if o.State != "unknown" {
			w.t.Errorf("left to itself: %+v", o)
			continue
		}
		as := "--again"
		if n, _ := w.has(o.Key[0], ""); n > 0 {
			as = "--arrived"
		}
		w.settle(as, o.ID)
		settled++
	}
	return settled
}

// What is done about a receiver in trouble may be broken off anywhere. Each message still has
// one effect, and of what cannot be known a person is told.
func TestKilledInTroubleNothingIsLostAndNothingIsForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: kills many processes")
	}
	calm := newDoubtful(t, "")
	calm.mustRun()
	t.Run("calls", func(t *testing.T) { killedCalling(t, calm) })
	t.Run("new before old", func(t *testing.T) { killedAhead(t, calm) })
}

func killedCalling(t *testing.T, calm *doubtful) {
	w := newDoubtful(t, ", breaker: {failures: 3, wait: 100ms}, backlog: {over: 5}")
	passed := map[failpoint.Name]bool{}
	at := func(step failpoint.Name, nth string, before func()) {
		t.Helper()
		passed[step] = true
		if before != nil {
			before()
		}
		w.killedRunning(string(step) + nth)
	}
	at(failpoint.InIntent, "", nil)
	at(failpoint.InIntent, ":4", nil)
	at(failpoint.AfterIntent, ":2", nil) // it was not made
	at(failpoint.InGiveUp, "", func() { w.happens(acceptPath, answerLost) })
	at(failpoint.AfterBreak, "", func() { w.always(&callLost) })
	at(failpoint.AfterBreak, "", func() { w.always(nil) })
	w.decideKilled()
	w.knowsBetter()
	at(failpoint.AfterInquiry, "", func() { w.happens(coursePath, goesWell, answerLost) })
	at(failpoint.AfterInquiry, "", func() { w.happens(coursePath, callLost) })
	passed[failpoint.InDecide], passed[failpoint.AfterAhead] = true, true // here, and below
	for _, name := range failpoint.TroubleNames {
		if !passed[name] {
			t.Errorf("nobody was killed at %s", name)
		}
	}
	w.mustRun()
	w.knowsBetter()
	w.mustRun()
	w.wantSame(calm)
}

// killedAhead: what is new was frozen before a backlog, and nobody was told.
func killedAhead(t *testing.T, calm *doubtful) {
	w := newDoubtful(t, ", backlog: {over: 5}")
	w.edit(demo.PipelinesFile, "batch_rows: 3", "batch_rows: 1") // many batches, between which it is looked
	flow := ""
	for _, e := range calm.platform.Effects() {
		if e.Interface == "finish" {
			flow = e.Key[0]
		}
	}
	local := w.sourceText("SELECT slbh FROM gjj_ywsl WHERE sblsh=?", flow)
	tables := []string{"gjj_ywsl", "gjj_bljl", "gjj_bjjg"}
	for _, table := range tables {
		w.sourceExec("CREATE TABLE later_"+table+" AS SELECT * FROM "+table+" WHERE slbh=?", local)
		w.sourceExec("DELETE FROM "+table+" WHERE slbh=?", local)
	}
	w.mustRun("--collect-only")
	w.killed(string(failpoint.BeforeCall), "run", "--all", "--deliver-only", "--site", w.dir)
	for _, table := range tables {
		w.sourceExec("UPDATE later_" + table + " SET gxsj=" + w.settled)
		w.sourceExec("INSERT INTO " + table + " SELECT * FROM later_" + table)
	}
	w.mustRun("--collect-only")
	w.happens(acceptPath, fate{taken: true, told: true, late: 1100 * time.Millisecond})
	w.killed(string(failpoint.AfterAhead), "run", "--all", "--deliver-only", "--site", w.dir)
	if n := w.platform.Count("accept").Effects; n == 0 || n >= calm.platform.Count("accept").Effects-1 {
		t.Errorf("%d acceptances went before it was killed", n)
	}
	w.mustRun("--deliver-only")
	if n := w.knowsBetter(); n > 1 { // the call it was killed in
		t.Errorf("%d were left to a person", n)
	}
	w.mustRun()
	w.wantSame(calm)
}

func (w *doubtful) decideKilled() {
	w.t.Helper()
	w.mustRun()
	open := w.outcomes()
	without := 0
	for _, o := range open {
		if n, _ := w.has(o.Key[0], ""); n == 0 {
			without++
		}
	}
	if lost := w.lostCalls(acceptPath); lost < 3 || without != lost+1 || len(open) < without+2 { // one was begun and not made, two took effect unheard
		w.t.Fatalf("%d outcomes are open, %d of them without an effect, after %d calls that were lost: %+v", len(open), without, lost, open)
	}
	for _, as := range []string{"--arrived", "--again", "--give-up"} {
		w.killed(string(failpoint.InDecide), w.settling(as, open[0].ID)...)
		if now := w.outcomes(); len(now) != len(open) || now[0].State != "unknown" {
			w.t.Errorf("killed at %s: %+v", as, now)
		}
		if said := w.outcomes("--decided"); len(said) != 0 {
			w.t.Errorf("killed at %s: %+v", as, said)
		}
	}
}

// wantSame says that the platform has what it has where nothing went wrong, each once.
func (w *doubtful) wantSame(calm *doubtful) {
	w.t.Helper()
	got, want := w.messages(), calm.messages()
	if len(want) < 50 || len(got) != len(want) {
		w.t.Errorf("the platform has %d messages, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			w.t.Errorf("the platform has\n%s\nwant\n%s", got[i], want[i])
			break
		}
	}
	w.wantNothingTwice()
	if left := w.outcomes(); len(left) != 0 {
		w.t.Errorf("open: %+v", left)
	}
}
