package jobs_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

func TestALostLeaseStopsTheCollectAndNothingMoreIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), "x", nil})
		ctx := context.Background()
		o := memory.Options{Batches: []int{1}, Script: []memory.Step{
			memory.Change(1, func(*memory.View) { stealLease(t, w, "collect:collect-"+subjectAccept) }),
			memory.Hold(1, make(chan struct{})), // until the lease is found lost
		}}
		start := time.Now()
		rep := w.collect(subjectAccept, view, o, onward)
		if !fault.Is(rep.Err, fault.Blocked) {
			t.Errorf("got %v", rep.Err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %s to notice", took)
		}
		if n := len(w.log(subjectAccept)); n > 1 {
			t.Errorf("%d records written", n)
		}
		// The new owner still has it.
		if _, err := w.store.Acquire(ctx, "collect:collect-"+subjectAccept, time.Hour); !fault.Is(err, fault.Blocked) {
			t.Errorf("the lease of the new owner was given back: %v", err)
		}
	})
}

// stealLease takes a lease as another process does when its time is up.
func stealLease(t *testing.T, w *world, name string) {
	l := ledger.Lease{Name: name, Epoch: 1}
	if err := w.store.Release(context.Background(), l); err != nil {
		t.Error(err)
	}
	if _, err := w.store.Acquire(context.Background(), name, 24*time.Hour); err != nil {
		t.Error(err)
	}
}

func TestALeaseIsKeptHoweverLongTheCollectTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), "x", nil})
		o := memory.Options{Batches: []int{1}, Script: []memory.Step{memory.Change(1, func(*memory.View) {
			time.Sleep(10 * time.Minute)
			if _, err := w.store.Acquire(context.Background(), "collect:collect-"+subjectAccept, time.Hour); !fault.Is(err, fault.Blocked) {
				t.Errorf("somebody else got it: %v", err)
			}
		})}}
		if rep := w.collect(subjectAccept, view, o, onward); rep.Err != nil || rep.Counts.Collected != 2 || rep.Run.State != "done" {
			t.Errorf("%+v", rep)
		}
		if _, err := w.store.Acquire(context.Background(), "collect:collect-"+subjectAccept, time.Hour); err != nil {
			t.Errorf("it was not given back: %v", err)
		}
	})
}

func TestASecondCollectOfThePipelineIsBlocked(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil})
	var second error
	o := memory.Options{Script: []memory.Step{memory.Change(0, func(*memory.View) {
		second = w.collect(subjectAccept, memory.NewView(sourceSchema), memory.Options{}, onward).Err
	})}}
	if rep := w.collect(subjectAccept, view, o, onward); rep.Err != nil {
		t.Error(rep.Err)
	}
	if !fault.Is(second, fault.Blocked) {
		t.Errorf("got %v", second)
	}
}

func TestTheReportSaysHowARunEnded(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  []memory.Row
		step  memory.Step
		state string
		kind  fault.Kind
	}{
		{"to the end", []memory.Row{{"A", int64(1), "x", nil}}, memory.EndBatch(9), "done", 0},
		{"a source that fails", []memory.Row{{"A", int64(1), "x", nil}}, memory.FailBatch(1, fault.New(fault.Transient, "read", "gjj", textOf("gone"), textOf(""))), "failed", fault.Transient},
		{"a key that is missing", []memory.Row{{nil, int64(1), "x", nil}}, memory.EndBatch(9), "done", 0},
	} {
		w := newWorld(t, t.TempDir())
		rep := w.collect(subjectAccept, memory.NewView(sourceSchema, c.rows...), memory.Options{Batches: []int{1}, Script: []memory.Step{c.step}}, onward)
		if rep.Run.State != c.state || (rep.Err == nil) != (c.state == "done") || rep.Err != nil && !fault.Is(rep.Err, c.kind) {
			t.Errorf("%s: %s, %v", c.name, rep.Run.State, rep.Err)
		}
		list, err := w.store.LastRuns(context.Background())
		if err != nil || len(list) != 1 || list[0].State != c.state || list[0].Counts.Read != 1 || (list[0].Error == "") != (rep.Err == nil) {
			t.Errorf("%s: stored %+v, %v", c.name, list, err)
		}
		w.close()
	}
}

func TestAStopLeavesAPartThatTheNextRunCompletes(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := memory.NewView(sourceSchema)
	for _, local := range []string{"A", "B", "C", "D"} {
		view.Append(memory.Row{local, int64(1), "x", nil})
	}
	ctx, cancel := context.WithCancel(context.Background())
	hold := memory.Options{Batches: []int{1}, Script: []memory.Step{memory.Change(2, func(*memory.View) { cancel() })}}
	rep := w.collectUnder(ctx, subjectAccept, view, hold, onward)
	if !errors.Is(rep.Err, context.Canceled) || rep.Run.State != "partial" || rep.Counts.Read > 2 {
		t.Errorf("%+v", rep)
	}
	if rep := w.collect(subjectAccept, view, memory.Options{}, onward); rep.Err != nil {
		t.Error(rep.Err)
	}
	w.check(subjectAccept, map[string][]string{"A/1": {"x"}, "B/1": {"x"}, "C/1": {"x"}, "D/1": {"x"}})
}

func TestADryRunCountsAndStoresNothing(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), isBad, nil})
	plan := w.collectPlan(subjectAccept, view, memory.Options{}, onward)
	plan.Dry = true
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Counts.Collected != 1 || rep.Counts.Rejected != 1 {
		t.Errorf("%+v", rep)
	}
	runs, err := w.store.LastRuns(context.Background())
	if err != nil || len(runs) != 0 || len(w.log(subjectAccept)) != 0 {
		t.Errorf("runs %+v, %v", runs, err)
	}
	if p, _ := w.store.Position(context.Background(), "collect-"+subjectAccept); p != pipelines.Position("") {
		t.Errorf("stands at %q", p)
	}
}

// With the clock set forward a lease is taken while its owner still counts on it: what that one
// was about to commit does not go beside what the new owner sends.
func TestABatchIsNotCommittedUnderALeaseThatTheClockGaveAway(t *testing.T) {
	var ahead atomic.Int64
	w := newWorldAt(t, fastDir(t), func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	defer w.close()
	target, open := memory.NewTarget(), make(chan struct{})
	w.put(subjectAccept, "A", "x")
	target.Next(memory.Fault{Until: open})
	first := make(chan error)
	go func() { first <- w.deliver(target) }()
	for target.Calls() == 0 {
		runtime.Gosched()
	}
	ahead.Store(int64(time.Hour))
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	close(open)
	if err := <-first; !fault.Is(err, fault.Blocked) {
		t.Errorf("the first owner: %v", err)
	}
	if e := target.Effects(); len(e) != 1 || w.openRecords() != 0 {
		t.Errorf("%d effects, %d open", len(e), w.openRecords())
	}
}
