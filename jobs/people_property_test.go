package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// Between deliveries that fail and stop in every way, and with and without a backlog, people
// restore the receiver from nothing, or have what it refused offered again. In the end it has
// every record in its newest version, and nothing is left open. No step goes before its case, but
// for one without an outcome when the receiver was restored: that goes again as it was.
func TestWhateverPeopleDoBetweenDeliveriesNothingIsLost(t *testing.T) {
	throughFaults(t, deliverAmongPeople)
}

func deliverAmongPeople(t *rapid.T, w *world, accepts, steps *history) {
	var script faults
	var calls atomic.Int64 // it is looked at while they go on
	most := 0
	restored := func() *memory.Caller {
		return memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			time.Sleep(700 * time.Millisecond)
			calls.Add(1)
			if whatOf(d, row) == isRefused {
				return memory.Refused()
			}
			return script.next()
		})
	}
	caller, repeated := restored(), map[string]bool{}
	deliver := func(backlog bool) error {
		plan := w.callPlan(caller)
		if backlog {
			plan = w.backlogPlan(caller, 1)
		}
		plan.Leave = func(context.Context) bool { return most > 0 && calls.Load() >= int64(most) }
		return w.runner.Deliver(context.Background(), plan, jobs.NewCollecting())
	}
	ctx := context.Background()
	for range rapid.IntRange(2, 9).Draw(t, "steps") {
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0, 1:
			w.collectSome(t, subjectAccept, accepts)
			w.collectSome(t, subjectStep, steps)
		case 2, 3:
			script, most = drawFaults(t), rapid.IntRange(0, 4).Draw(t, "left after calls")
			calls.Store(0)
			w.store.crashAt(rapid.IntRange(0, 8).Draw(t, "crash at write"), rapid.Bool().Draw(t, "crash after it"))
			if err := deliver(rapid.Bool().Draw(t, "backlog")); err != nil {
				w.reopen()
			}
			w.store.crashAt(0, false)
		case 4:
			if _, err := w.store.Rewind(ctx, ledger.RewindQuery{Receiver: receiver}); err != nil {
				t.Fatalf("%v", err)
			}
			caller, repeated = restored(), w.openSteps(steps)
		case 5:
			if _, err := w.store.Redrive(ctx, receiver, ""); err != nil {
				t.Fatalf("%v", err)
			}
		}
	}
	script, most = nil, 0
	w.untilDone(t, func() error { return deliver(rapid.Bool().Draw(t, "backlog in the end")) })
	checkHas(t, caller.Effects(), accepts, steps, repeated)
	w.checkSettled(t)
}

// openSteps are those without an outcome.
func (w *world) openSteps(h *history) map[string]bool {
	w.Helper()
	open := map[int64]bool{}
	list, err := w.store.Unsettled(context.Background(), receiver)
	for _, b := range list {
		for i := range b.Members {
			open[b.Members[i].Rec] = true
		}
	}
	found := map[string]bool{}
	for key := range h.last {
		local, n, _ := strings.Cut(key, "/")
		entries, lookup := w.store.Lookup(context.Background(), ledger.Stream{Source: sourceID, Subject: subjectStep}, [][]byte{ledger.EncodeKey(local, n)})
		if err = errors.Join(err, lookup); lookup == nil {
			found[key] = open[entries[0].Rec]
		}
	}
	if err != nil {
		w.Fatalf("%v", err)
	}
	return found
}

// checkHas checks what the receiver has in the end.
func checkHas(t *rapid.T, effects []memory.Effect, accepts, steps *history, repeated map[string]bool) {
	last, version := map[string]memory.Effect{}, map[[16]byte]int{}
	for _, e := range effects {
		key := e.Values["local_no"] + "/" + e.Values["n"]
		if _, there := last[subjectAccept+caseOf(key)]; e.Table == "up_"+subjectStep && !there && !repeated[key] {
			t.Fatalf("step %s took effect before its case", key)
		}
		v, err := strconv.Atoi(e.Values["_version"])
		if err != nil || v <= version[e.GUID] {
			t.Fatalf("%s %s: version %d took effect after %d, %v", e.Table, key, v, version[e.GUID], err)
		}
		version[e.GUID] = v
		last[e.Table[len("up_"):]+key] = e
	}
	for subject, h := range map[string]*history{subjectAccept: accepts, subjectStep: steps} {
		for key, what := range h.last {
			if _, there := last[subjectAccept+caseOf(key)]; what == isRefused || subject == subjectStep && !there {
				continue
			}
			if e := last[subject+key]; e.Values["what"] != what || e.Values["_version"] != fmt.Sprint(h.n[key]) {
				t.Fatalf("%s %s: the receiver has %v, want version %d %q", subject, key, e.Values, h.n[key], what)
			}
		}
	}
}
