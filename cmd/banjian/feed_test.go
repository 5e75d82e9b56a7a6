package main

import (
	"errors"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// A receiver that another process feeds is tried again: what was collected meanwhile
// would wait for the next job.
func TestAReceiverFedElsewhereIsTriedAgain(t *testing.T) {
	w := newTroubled(t, embedded(t))
	store := w.openLedger()
	defer store.Close()
	if _, err := store.Acquire(t.Context(), ledger.DeliverLease("national"), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err := store.Acquire(t.Context(), ledger.DeliverLease("national"), time.Minute)
	if !fault.Is(err, fault.Blocked) || !mayPass(err) {
		t.Errorf("%v is not tried again", err)
	}
	if mayPass(fault.New(fault.Blocked, "call", "platform", text.T("密钥停用", "the key is switched off"), text.Text{})) {
		t.Error("a refused key would be tried again and again")
	}
}

// A receiver that is left alone has its line: what was collected waits for it.
func TestRecordsOfAPausedReceiverArePending(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.must(exitDone, "receivers", "pause", "national")
	code, sums, errOut := w.run("--fail-on", "none")
	if code != exitDone {
		t.Fatalf("exited %d\n%s", code, errOut)
	}
	for name, s := range sums {
		if c, told := s.Receivers["national"]; !told || c.Pending != s.Records || s.State != "done" {
			t.Errorf("%s: %+v of %d records, %s", name, c, s.Records, s.State)
		}
	}
}

func TestAReceiverThatAsksForALongPauseGetsItFromServe(t *testing.T) {
	err := fault.New(fault.Transient, "call", "platform", text.T("稍后再来", "come back later"), text.Text{})
	if got := againAfter(errors.Join(err, nil), time.Minute); got != time.Minute {
		t.Errorf("waits %s", got)
	}
	err.After = time.Hour
	if got := againAfter(errors.Join(err, nil), time.Minute); got != time.Hour {
		t.Errorf("waits %s of the hour it was asked for", got)
	}
}
