package jobs_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/pipelines"
)

// Receipts that could not be stored for a moment are not lost when later ones of the same
// batch are stored.
func TestALaterReceiptDoesNotCloseABatchWithoutTheEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(2)
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			time.Sleep(3 * time.Second) // each receipt is stored by itself
			return memory.Fault{}
		})
		w.runner.Store = &broken{Store: w.store, settle: fault.New(fault.Transient, "settle delivery", "ledger", textOf("busy"), textOf(""))}
		if err := w.runner.Deliver(context.Background(), w.callPlan(caller), jobs.NewCollecting()); err == nil {
			t.Fatal("the failure was not told")
		}
		if n := w.openRecords(); n != 1 {
			t.Fatalf("%d records are open, want the one whose receipt was not stored", n)
		}
		w.runner.Store = w.store
		if err := w.call(caller); err != nil || w.openRecords() != 0 || len(caller.Effects()) != 2 {
			t.Errorf("%v, %d open, %d effects", err, w.openRecords(), len(caller.Effects()))
		}
	})
}
