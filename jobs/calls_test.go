package jobs_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// callPlan feeds a receiver that takes one record a call.
func (w *world) callPlan(c pipelines.Caller) *jobs.DeliverPlan {
	plan := w.deliverPlan(nil)
	plan.Target, plan.Caller = nil, c
	for i := range plan.Subjects {
		plan.Subjects[i].Calls = 4
	}
	return plan
}

func (w *world) call(c pipelines.Caller) error {
	return w.runner.Deliver(context.Background(), w.callPlan(c), jobs.NewCollecting())
}

func whatOf(d *pipelines.Delivery, row int) string {
	return d.Record.Column(2).(*array.String).Value(row)
}

func localOf(d *pipelines.Delivery, row int) string {
	return d.Record.Column(0).(*array.String).Value(row)
}

// Cases and steps change between calls that fail in every way, on our side and on the
// receiver's. In the end every record has the effect of its newest version, none twice,
// in order, and no step before its case (invariants 4 and 5).
func TestCallingHasOneEffectPerVersionInOrderWhateverFails(t *testing.T) {
	throughFaults(t, callThroughFaults)
}

func callThroughFaults(t *rapid.T, w *world, accepts, steps *history) {
	var script faults
	caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
		if whatOf(d, row) == isRefused {
			return memory.Refused()
		}
		return script.next()
	})
	var way pipelines.Caller = caller
	asked := rapid.Bool().Draw(t, "can be asked")
	if asked {
		way = &memory.AskedCaller{Caller: caller, CanAsk: true, Twice: rapid.Bool().Draw(t, "the same counts twice")}
	}
	for range rapid.IntRange(1, 4).Draw(t, "rounds") {
		w.collectSome(t, subjectAccept, accepts)
		w.collectSome(t, subjectStep, steps)
		script = drawFaults(t)
		w.store.crashAt(rapid.IntRange(0, 6).Draw(t, "crash at write"), rapid.Bool().Draw(t, "crash after it"))
		if err := w.call(way); err != nil {
			w.reopen()
		}
		w.store.crashAt(0, false)
	}
	w.untilDone(t, func() error { return w.call(way) })
	e := effectsOf(t, caller.Effects())
	e.checkNewest(t, accepts, subjectAccept, func(string) bool { return true })
	e.checkNewest(t, steps, subjectStep, func(key string) bool { return e.first[subjectAccept][caseOf(key)] > 0 })
	w.checkSettled(t)
	if _, repeats := caller.Calls(); asked && repeats > 0 {
		t.Fatalf("%d calls told what the receiver would have said it has", repeats)
	}
}

// collectCases collects n accept records.
func (w *world) collectCases(n int) {
	w.Helper()
	view := memory.NewView(sourceSchema)
	for i := range n {
		view.Append(memory.Row{fmt.Sprintf("C%05d", i), int64(1), "x", nil})
	}
	if rep := w.collect(subjectAccept, view, memory.Options{Batches: []int{100}}, again); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
}

// One record that never gets an answer is left open; the others go, and it comes first
// the next time.
func TestARecordWithoutAnAnswerDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(250)
		silent := true
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if silent && localOf(d, row) == "C00042" {
				return memory.UnknownBefore()
			}
			time.Sleep(time.Second) // a receiver that is slow, so that others are answered while it is tried
			return memory.Fault{}
		})
		if err := w.call(caller); !fault.Is(err, fault.Unknown) {
			t.Fatalf("got %v", err)
		}
		sums := w.runner.Tally.Counts("collect-"+subjectAccept, receiver, 250)
		if sums.Delivered != 249 || sums.Pending != 1 || len(caller.Effects()) != 249 {
			t.Errorf("%+v, %d effects", sums, len(caller.Effects()))
		}
		open, err := w.store.Unsettled(context.Background(), receiver)
		if err != nil || len(open) != 1 || len(open[0].Members) != 1 {
			t.Fatalf("open: %+v, %v", open, err)
		}
		silent = false
		if err := w.call(caller); err != nil || len(caller.Effects()) != 250 {
			t.Errorf("%v, %d effects", err, len(caller.Effects()))
		}
	})
}

// A newer version waits while the outcome of the older one is open, and goes after it.
func TestANewerVersionWaitsForTheOutcomeOfTheOlder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		view := memory.NewView(sourceSchema)
		collect := func(what string) {
			view.Set(memory.Row{"A", int64(1), what, nil}, memory.Row{"B", int64(1), what, nil})
			if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
				t.Fatal(rep.Err)
			}
		}
		silent := true
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if silent && localOf(d, row) == "A" {
				return memory.UnknownAfter()
			}
			time.Sleep(time.Second)
			return memory.Fault{}
		})
		collect("x")
		_ = w.call(caller)
		collect("y")
		_ = w.call(caller)
		list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.Held})
		if err != nil || len(list) != 1 || list[0].Rule != "waits_outcome" || list[0].Version != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		silent = false
		if err := w.call(caller); err != nil {
			t.Fatal(err)
		}
		var versions []string
		for _, e := range caller.Effects() {
			if e.Values["local_no"] == "A" {
				versions = append(versions, e.Values["_version"])
			}
		}
		if fmt.Sprint(versions) != "[1 2]" {
			t.Errorf("A took effect in versions %v", versions)
		}
	})
}

func TestAReceiverThatAsksForAPauseGetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(1)
		var at []time.Time
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			if at = append(at, time.Now()); len(at) == 1 {
				return memory.Overloaded(50 * time.Second)
			}
			return memory.Fault{}
		})
		if err := w.call(caller); err != nil || len(at) != 2 || at[1].Sub(at[0]) < 50*time.Second {
			t.Errorf("%v, calls at %v", err, at)
		}
	})
}

// A stopped run makes no further call, keeps the receipts of those that were answered,
// and the next run makes each of the others once.
func TestAStopBetweenCallsLosesNoReceipt(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.collectCases(500)
	ctx, stop := context.WithCancel(context.Background())
	calls := 0
	caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
		if calls++; calls == 150 {
			stop()
		}
		return memory.Fault{}
	})
	if err := w.runner.Deliver(ctx, w.callPlan(caller), jobs.NewCollecting()); err == nil {
		t.Fatal("not stopped")
	}
	if n, _ := caller.Calls(); n < 150 || n >= 500 {
		t.Errorf("%d calls", n)
	}
	if err := w.call(caller); err != nil {
		t.Fatal(err)
	}
	if n, repeats := caller.Calls(); n != 500 || repeats != 0 || len(caller.Effects()) != 500 {
		t.Errorf("%d calls, %d of them again, %d effects", n, repeats, len(caller.Effects()))
	}
}

// What a profile says of changes after delivery: sent again, left as it is, or a
// person's matter.
func TestAChangeAfterDeliveryDoesWhatTheProfileSays(t *testing.T) {
	for _, c := range []struct {
		on      ledger.OnUpdate
		effects int
		state   ledger.State
	}{{ledger.Resend, 2, ""}, {ledger.Skip, 1, ledger.NotApplicable}, {ledger.Cannot, 1, ledger.Diverged}} {
		t.Run(string(c.on), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			defer w.close()
			caller := memory.NewCaller(nil)
			view := memory.NewView(sourceSchema)
			for i := range 2 {
				view.Set(memory.Row{"A", int64(1), "v" + strconv.Itoa(i), nil})
				if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
					t.Fatal(rep.Err)
				}
				plan := w.callPlan(caller)
				plan.Subjects[0].Order.OnUpdate = c.on
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
					t.Fatal(err)
				}
			}
			list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
			if err != nil || len(caller.Effects()) != c.effects || (c.state == "") != (len(list) == 0) || len(list) == 1 && list[0].State != c.state {
				t.Errorf("%d effects, exceptions %+v, %v", len(caller.Effects()), list, err)
			}
		})
	}
}

// A refused key stops the receiver: nothing is quarantined, every record stays pending.
func TestARefusalOfTheReceiverLeavesEveryRecordPending(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.collectCases(1000)
	caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault { return memory.Blocked() })
	if err := w.call(caller); !fault.Is(err, fault.Blocked) {
		t.Fatalf("got %v", err)
	}
	sums := w.runner.Tally.Counts("collect-"+subjectAccept, receiver, 1000)
	if sums.Pending != 1000 {
		t.Errorf("%+v", sums)
	}
	caller = memory.NewCaller(nil)
	if err := w.call(caller); err != nil || len(caller.Effects()) != 1000 {
		t.Errorf("%v, %d effects", err, len(caller.Effects()))
	}
}

// Deliveries to one receiver never wait for another: one that hangs delays nobody.
func TestAHangingReceiverDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(300)
		release := make(chan struct{})
		hanging := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault { <-release; return memory.Fault{} })
		slow, fast := w.callPlan(hanging), w.deliverPlan(memory.NewTarget())
		fast.Receiver = "other"
		for i := range fast.Subjects {
			fast.Subjects[i].Order.Receiver = "other"
		}
		var wg sync.WaitGroup
		wg.Go(func() { _ = w.runner.Deliver(context.Background(), slow, jobs.NewCollecting()) })
		if err := w.runner.Deliver(context.Background(), fast, jobs.NewCollecting()); err != nil {
			t.Error(err)
		}
		if n := len(fast.Target.(*memory.Target).Effects()); n != 300 {
			t.Errorf("%d effects", n)
		}
		close(release)
		wg.Wait()
	})
}
