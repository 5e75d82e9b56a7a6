package jobs_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger"
)

// purgeAge is from what age on the receiver of these tests cleans up.
const purgeAge = 7 * 24 * time.Hour

func (w *world) deliverPurged(target *memory.Target) error {
	plan := w.deliverPlan(target)
	plan.Purge = purgeAge
	return w.runner.Deliver(context.Background(), plan, jobs.NewCollecting())
}

// unreceipted delivers the acceptances of two cases as one batch, in an attempt that ends with
// the batch open and its outcome not known.
func (w *world) unreceipted(target *memory.Target, how memory.Fault) {
	w.Helper()
	view := memory.NewView(sourceSchema)
	view.Append(memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), "x", nil})
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
	target.Next(how)
	down := memory.Transient(1000)
	target.NextAsk(down)
	if err := w.deliverPurged(target); err == nil || w.openRecords() != 2 {
		w.Fatalf("%v, %d open", err, w.openRecords())
	}
	target.NoFaults()
}

// Of a batch whose outcome is not known, and which the receiver may have cleaned up since,
// nobody can tell by counting whether it arrived: it neither goes again nor counts as arrived
// until a person says so. Everything else goes on.
func TestABatchThatMayHaveBeenCleanedUpIsAPersonsMatter(t *testing.T) {
	for _, c := range []struct {
		as       ledger.OutcomeState
		applied  bool
		versions string
	}{
		{ledger.OutcomeArrived, true, "1 2"},
		{ledger.OutcomeAgain, false, "1 2"},
		{ledger.OutcomeGivenUp, true, "1 2"},
		{ledger.OutcomeGivenUp, false, "2"},
	} {
		t.Run(fmt.Sprintf("%s, it had arrived: %t", c.as, c.applied), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fastDir(t))
				defer w.close()
				how := memory.UnknownBefore()
				if c.applied {
					how = memory.UnknownAfter()
				}
				target := memory.NewTarget()
				w.unreceipted(target, how)
				time.Sleep(purgeAge)
				target.CleanUp(0)
				w.put(subjectAccept, "A", "y")
				w.put(subjectStep, "A", "s")
				w.put(subjectAccept, "C", "x")
				for range 2 {
					w.reopen()
					if err := w.deliverPurged(target); err != nil {
						t.Fatal(err)
					}
				}
				open := w.outcomes(false)
				if len(open) != 2 || open[0].State != ledger.OutcomeUnknown || open[0].Tries != 1 || w.openRecords() != 2 {
					t.Fatalf("%d open records, outcomes %+v", w.openRecords(), open)
				}
				if got := acceptsOf(target, "C"); got != "1" {
					t.Errorf("C arrived in versions %q", got)
				}
				for i := range open {
					if err := w.runner.Decide(context.Background(), receiver, ledger.OutcomeDecision{ID: open[i].ID, As: c.as, Who: "王工", Said: "按 cd_batch 查过"}); err != nil {
						t.Fatal(err)
					}
				}
				for range 2 {
					if err := w.deliverPurged(target); err != nil {
						t.Fatal(err)
					}
				}
				if got := acceptsOf(target, "A"); got != c.versions {
					t.Errorf("A arrived in versions %q, want %q", got, c.versions)
				}
				if n := len(w.outcomes(false)); n != 0 || w.openRecords() != 0 {
					t.Errorf("%d outcomes, %d records are open", n, w.openRecords())
				}
			})
		})
	}
}

// acceptsOf is the versions in which an acceptance took effect, in order.
func acceptsOf(target *memory.Target, local string) (list string) {
	for _, e := range target.Effects() {
		if e.Table == "up_"+subjectAccept && e.Values["local_no"] == local {
			if list != "" {
				list += " "
			}
			list += e.Values["_version"]
		}
	}
	return list
}

// A batch cleaned up in part: what is there has arrived, what is not is no refusal.
func TestABatchCleanedUpInPartIsNotTakenForRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		target := memory.NewTarget()
		w.unreceipted(target, memory.UnknownAfter())
		time.Sleep(purgeAge)
		target.CleanUp(1)
		for range 2 {
			w.reopen()
			if err := w.deliverPurged(target); err != nil {
				t.Fatal(err)
			}
		}
		if open := w.outcomes(false); len(open) != 1 || w.openRecords() != 1 || len(w.rejects("open")) != 0 {
			t.Fatalf("%d open, %d refused, outcomes %+v", w.openRecords(), len(w.rejects("open")), open)
		}
		w.decide(ledger.OutcomeAgain)
		target.Next(memory.UnknownBefore())
		for range 2 {
			if err := w.deliverPurged(target); err != nil && !fault.Is(err, fault.Transient) {
				t.Fatal(err)
			}
			time.Sleep(w.state().Break.Left(time.Now()))
		}
		if a, b := acceptsOf(target, "A"), acceptsOf(target, "B"); a != "1 1" || b != "1" || w.openRecords() != 0 { // as the person wanted it
			t.Errorf("A arrived in versions %q, B in %q; %d open", a, b, w.openRecords())
		}
	})
}

// What certainly was not written goes again by itself, however long that took: after an outage
// longer than a receiver keeps rows nobody is asked.
func TestWhatWasNeverWrittenGoesAfterALongOutage(t *testing.T) {
	for name, how := range map[string]memory.Fault{"it cannot be reached": memory.Transient(1000), "it refuses the login": memory.Blocked()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fastDir(t))
				defer w.close()
				target := memory.NewTarget()
				w.put(subjectAccept, "A", "x")
				target.Next(how)
				if err := w.deliverPurged(target); err == nil || w.openRecords() != 1 {
					t.Fatalf("%v, %d open", err, w.openRecords())
				}
				time.Sleep(2 * purgeAge)
				target.NoFaults()
				w.reopen()
				if err := w.deliverPurged(target); err != nil || acceptsOf(target, "A") != "1" || len(w.outcomes(false)) != 0 {
					t.Errorf("%v, arrived %q, %+v", err, acceptsOf(target, "A"), w.outcomes(false))
				}
			})
		})
	}
}

// A batch that is younger than what the receiver cleans up is counted, as ever.
func TestAYoungBatchThatIsNotThereGoesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		target := memory.NewTarget()
		w.unreceipted(target, memory.UnknownBefore())
		time.Sleep(purgeAge - 2*time.Hour)
		target.Next(memory.UnknownBefore())
		for range 3 {
			w.reopen()
			time.Sleep(w.state().Break.Left(time.Now()))
			if err := w.deliverPurged(target); err != nil && !fault.Is(err, fault.Transient) {
				t.Fatal(err)
			}
		}
		if acceptsOf(target, "A") != "1" || len(w.outcomes(false)) != 0 || w.openRecords() != 0 {
			t.Errorf("arrived %q, %+v", acceptsOf(target, "A"), w.outcomes(false))
		}
	})
}

// With the clock set back what is written to a receiver does not go back; when it has caught
// up it goes on.
func TestTheTimeOfDeliveriesDoesNotGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		target := memory.NewTarget()
		w.put(subjectAccept, "A", "x")
		if err := w.deliver(target); err != nil {
			t.Fatal(err)
		}
		states, err := w.store.ReceiverStates(context.Background())
		if err != nil || states[0].Stamped.UnixMilli() != target.Effects()[0].Time.UnixMilli() {
			t.Fatalf("%+v, %v", states, err)
		}
		w.reopen()
		w.runner.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		w.put(subjectAccept, "A", "y")
		if err := w.deliver(target); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		w.put(subjectAccept, "A", "z")
		if err := w.deliver(target); err != nil {
			t.Fatal(err)
		}
		e := target.Effects()
		if len(e) != 3 || e[1].Time.UnixMilli() != e[0].Time.UnixMilli() || e[2].Time.Sub(e[1].Time) < 59*time.Minute {
			t.Errorf("%v", e)
		}
	})
}

// A receiver that sent a row of a batch back had the batch: what is not there any more does not
// go again by itself, however young it is.
func TestABatchOfWhichARowCameBackIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		ctx, target := context.Background(), memory.NewTarget()
		w.unreceipted(target, memory.UnknownAfter())
		open, err := w.store.Unsettled(ctx, receiver)
		if err != nil {
			t.Fatal(err)
		}
		b := open[0]
		back := ledger.Return{Receiver: receiver, From: "dn_audit_abnormal", Row: "1", Table: b.Table, Batch: b.ID, Kind: "x", State: ledger.Returned, Stream: b.Stream,
			Key: ledger.EncodeKey("A", "1"), Rec: b.Members[0].Rec, Version: 1, Place: b.Members[0].At, Source: "collect-" + subjectAccept}
		if n, err := w.store.TakeReturns(ctx, &ledger.Take{Name: "returns", Receiver: receiver, Rows: []ledger.Return{back}}); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		target.CleanUp(0)
		time.Sleep(w.state().Break.Left(time.Now()))
		if err := w.deliverPurged(target); err != nil || len(w.outcomes(false)) != 2 {
			t.Fatalf("%v, %+v", err, w.outcomes(false))
		}
		for _, o := range w.outcomes(false) {
			if err := w.runner.Decide(ctx, receiver, ledger.OutcomeDecision{ID: o.ID, As: ledger.OutcomeArrived, Who: "王工", Said: "查过"}); err != nil {
				t.Fatal(err)
			}
		}
		refused, err := w.store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver, State: ledger.Rejected})
		if err != nil || len(refused) != 1 || refused[0].Rule != ledger.RuleReturned || len(target.Effects()) != 2 || w.openRecords() != 0 {
			t.Errorf("refused %+v, %v; %d effects, %d open", refused, err, len(target.Effects()), w.openRecords())
		}
	})
}
