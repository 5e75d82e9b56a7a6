package jobs_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/pipelines"
)

// deliverUntil delivers and is stopped after a while; it says how long the stop took.
func (w *world) deliverUntil(target *memory.Target, stop time.Duration) (took time.Duration, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var stopped time.Time
	time.AfterFunc(stop, func() { stopped = time.Now(); cancel() })
	err = w.runner.Deliver(ctx, w.deliverPlan(target), jobs.NewCollecting())
	if stopped.IsZero() {
		w.Fatalf("it ended by itself: %v", err)
	}
	return time.Since(stopped), err
}

// A receiver's database that does not answer any more keeps nobody from stopping: what was not
// committed is abandoned, whole, and goes with the next run.
func TestABatchThatHangsIsAbandonedAWhileAfterAStop(t *testing.T) {
	for name, frozenBefore := range map[string]bool{"first attempt": false, "recovered": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				w.put(subjectAccept, "A", "x")
				w.put(subjectStep, "A", "x")
				target := memory.NewTarget()
				if frozenBefore {
					target.Next(memory.Blocked())
					if err := w.deliver(target); err == nil {
						t.Fatal("it was not blocked")
					}
				}
				never := make(chan struct{})
				target.Next(memory.Fault{Until: never})
				took, err := w.deliverUntil(target, 10*time.Second)
				if took > time.Minute || !errors.Is(err, context.Canceled) {
					t.Errorf("stopped after %s: %v", took, err)
				}
				if n := len(target.Effects()); n != 0 || w.openRecords() != 1 {
					t.Errorf("%d effects, %d records open", n, w.openRecords())
				}
				if err := w.deliver(target); err != nil || len(target.Effects()) != 2 || w.openRecords() != 0 {
					t.Errorf("the next run: %v, %d effects, %d open", err, len(target.Effects()), w.openRecords())
				}
			})
		})
	}
}

// What is being written when the stop comes is finished and has its receipt.
func TestABatchUnderWayIsFinishedAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.put(subjectAccept, "A", "x")
		open := make(chan struct{})
		target := memory.NewTarget(memory.Fault{Until: open})
		time.AfterFunc(15*time.Second, func() { close(open) })
		took, err := w.deliverUntil(target, 10*time.Second)
		if took != 5*time.Second || !errors.Is(err, context.Canceled) {
			t.Errorf("stopped after %s: %v", took, err)
		}
		if n := len(target.Effects()); n != 1 || w.openRecords() != 0 {
			t.Errorf("%d effects, %d records open", n, w.openRecords())
		}
	})
}

// Between two tries of a batch nothing is under way, so nothing is waited for.
func TestAStopDoesNotWaitForTheNextTry(t *testing.T) {
	for name, faults := range map[string]memory.Fault{"down": memory.Transient(1000), "in doubt": memory.UnknownBefore()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				w.put(subjectAccept, "A", "x")
				target := memory.NewTarget(faults)
				if fault.Is(faults.Err, fault.Unknown) {
					target.NextAsk(memory.Transient(1000))
				}
				took, err := w.deliverUntil(target, 10*time.Second+time.Millisecond)
				if took > 0 || !errors.Is(err, context.Canceled) {
					t.Errorf("stopped after %s: %v", took, err)
				}
				target.NoFaults()
				if err := w.deliver(target); err != nil || len(target.Effects()) != 1 || w.openRecords() != 0 {
					t.Errorf("the next run: %v, %d effects, %d open", err, len(target.Effects()), w.openRecords())
				}
			})
		})
	}
}

// A batch of an earlier run that arrives as the stop comes has its receipt all the same.
func TestARecoveredBatchThatArrivesHasItsReceiptDespiteAStop(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	w.put(subjectAccept, "A", "x")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	atDelivery := func() {}
	target := memory.NewTarget(memory.Blocked())
	target.RefuseRow = func(*pipelines.Delivery, int) bool { atDelivery(); return false }
	if err := w.deliver(target); err == nil || w.openRecords() != 1 {
		t.Fatalf("%v, %d open", err, w.openRecords())
	}
	atDelivery = cancel
	if err := w.runner.Deliver(ctx, w.deliverPlan(target), jobs.NewCollecting()); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if n := len(target.Effects()); n != 1 || w.openRecords() != 0 {
		t.Errorf("%d effects, %d open", n, w.openRecords())
	}
}
