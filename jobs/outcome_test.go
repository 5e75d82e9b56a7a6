package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// outcomes is what is open at the receiver, or what was decided.
func (w *world) outcomes(decided bool) []ledger.Outcome {
	w.Helper()
	list, err := w.store.Outcomes(context.Background(), ledger.OutcomeQuery{Receiver: receiver, Decided: decided})
	if err != nil {
		w.Fatalf("list outcomes: %v", err)
	}
	return list
}

func (w *world) callAsked(c *memory.AskedCaller) error {
	plan := w.callPlan(c)
	return w.runner.Deliver(context.Background(), plan, jobs.NewCollecting())
}

// decide settles the only outcome that is open.
func (w *world) decide(as ledger.OutcomeState) {
	w.Helper()
	open := w.outcomes(false)
	if len(open) != 1 {
		w.Fatalf("%d outcomes are open", len(open))
	}
	if err := w.runner.Decide(context.Background(), receiver, ledger.OutcomeDecision{ID: open[0].ID, As: as, Who: "王工", Said: "电话核对"}); err != nil {
		w.Fatalf("decide: %v", err)
	}
}

// versionsOf is the versions in which a record took effect, in order.
func versionsOf(c *memory.Caller, local string) string {
	var list []string
	for _, e := range c.Effects() {
		if e.Values["local_no"] == local {
			list = append(list, e.Values["_version"])
		}
	}
	return strings.Join(list, " ")
}

// Of a receiver that can be asked no message is sent twice that it has, though every third
// answer is lost, half of them after the message took effect.
func TestAReceiverThatCanBeAskedIsAskedInsteadOfToldTwice(t *testing.T) {
	for _, twice := range []bool{false, true} {
		t.Run(fmt.Sprint("the same counts twice: ", twice), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				w.collectCases(300)
				n := 0
				caller := &memory.AskedCaller{CanAsk: true, Twice: twice, Caller: memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
					switch n++; n % 6 {
					case 0:
						return memory.UnknownAfter()
					case 3:
						return memory.UnknownBefore()
					}
					return memory.Fault{}
				})}
				if err := w.callAsked(caller); err != nil {
					t.Fatal(err)
				}
				calls, repeats := caller.Calls()
				lost := calls - 300 // those that had no effect were made again
				if repeats != 0 || len(caller.Effects()) != 300 || lost <= 0 || caller.Asked() < 2*lost-1 || caller.Asked() > 2*lost+2 {
					t.Errorf("%d calls, %d of them again, %d effects, %d questions", calls, repeats, len(caller.Effects()), caller.Asked())
				}
				if open := w.outcomes(false); len(open) != 0 || w.openRecords() != 0 {
					t.Errorf("open: %+v", open)
				}
			})
		})
	}
}

// What cannot be asked, and would count twice, is a person's matter: it is not called again
// by any run, everything else goes, newer versions of it wait; and a person's word settles it.
func TestWhatIsNeitherAskedNorRepeatedIsSettledByAPerson(t *testing.T) {
	for _, c := range []struct {
		as       ledger.OutcomeState
		applied  bool
		versions string // of A, in the end
		calls    int    // for A
	}{
		{ledger.OutcomeArrived, true, "1 2", 2},
		{ledger.OutcomeArrived, false, "2", 2},
		{ledger.OutcomeAgain, false, "1 2", 3},
		{ledger.OutcomeGivenUp, false, "2", 2},
	} {
		t.Run(fmt.Sprintf("%s, applied: %t", c.as, c.applied), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				lose, calls := true, 0
				caller := &memory.AskedCaller{Twice: true, Caller: memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
					if localOf(d, row) != "A" {
						return memory.Fault{}
					}
					calls++
					switch {
					case lose && c.applied:
						return memory.UnknownAfter()
					case lose:
						return memory.UnknownBefore()
					}
					return memory.Fault{}
				})}
				w.put(subjectAccept, "A", "x")
				w.put(subjectAccept, "B", "x")
				for range 3 {
					if err := w.callAsked(caller); err != nil {
						t.Fatal(err)
					}
				}
				open := w.outcomes(false)
				if calls != 1 || len(open) != 1 || open[0].State != ledger.OutcomeUnknown || open[0].Why.What.In(text.ZH) == "" || open[0].Tries != 1 {
					t.Fatalf("%d calls, open: %+v", calls, open)
				}
				if !w.runner.Tally.News(receiver) {
					t.Error("nobody is told that a person is needed")
				}
				w.put(subjectAccept, "A", "y")
				w.put(subjectStep, "A", "s")
				w.put(subjectAccept, "C", "x")
				if err := w.callAsked(caller); err != nil || calls != 1 || versionsOf(caller.Caller, "C") != "1" {
					t.Fatalf("%v, %d calls", err, calls)
				}
				lose = false
				w.decide(c.as)
				w.reopen()
				for range 2 {
					if err := w.callAsked(caller); err != nil {
						t.Fatal(err)
					}
				}
				var accepts []string
				for _, e := range caller.Effects() {
					if e.Values["local_no"] == "A" && e.Table == "up_"+subjectAccept {
						accepts = append(accepts, e.Values["_version"])
					}
				}
				if got := strings.Join(accepts, " "); got != c.versions || calls != c.calls+1 { // and the step
					t.Errorf("A took effect in versions %q after %d calls", got, calls)
				}
				decided := w.outcomes(true)
				if len(decided) != 1 || decided[0].State != c.as || decided[0].Who != "王工" || decided[0].Said != "电话核对" || decided[0].Decided.IsZero() {
					t.Errorf("decided: %+v", decided)
				}
				if n := w.openRecords(); n != 0 || len(w.outcomes(false)) != 0 {
					t.Errorf("%d open", n)
				}
				refused, waived := w.rejects("open"), w.rejects(ledger.Waived)
				if given := c.as == ledger.OutcomeGivenUp; len(refused) != 0 || given != (len(waived) == 1) {
					t.Errorf("rejects: open %+v, waived %+v", refused, waived)
				}
			})
		})
	}
}

func (w *world) rejects(state string) []ledger.Reject {
	w.Helper()
	list, err := w.store.Rejects(context.Background(), ledger.RejectQuery{Receiver: receiver, State: state})
	if err != nil {
		w.Fatalf("list rejects: %v", err)
	}
	return list
}

// A crash between calls of which none may be made twice: what was begun is a person's
// matter, what was not goes.
func TestAfterACrashOnlyCallsThatHadBegunAreInDoubt(t *testing.T) {
	for _, crash := range []int{2, 3, 5, 9} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("at write %d, after it: %t", crash, after), func(t *testing.T) {
				w := newWorld(t, fastDir(t))
				defer w.close()
				w.collectCases(40)
				caller := &memory.AskedCaller{Twice: true, Caller: memory.NewCaller(nil)}
				plan := w.callPlan(caller)
				plan.Subjects[0].Calls = 1
				w.store.crashAt(crash, after)
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err == nil {
					t.Fatal("no crash")
				}
				w.reopen()
				for range 2 {
					if err := w.callAsked(caller); err != nil {
						t.Fatal(err)
					}
				}
				effects := map[string]int{}
				for _, e := range caller.Effects() {
					effects[e.Values["local_no"]]++
				}
				for local, n := range effects {
					if n != 1 {
						t.Errorf("%s took effect %d times", local, n)
					}
				}
				open := w.outcomes(false)
				if len(effects)+len(open) < 40 || len(open) > crash {
					t.Errorf("%d took effect, %d are for a person", len(effects), len(open))
				}
				for _, o := range open {
					if o.State != ledger.OutcomeUnknown {
						t.Errorf("%+v", o)
					}
				}
			})
		}
	}
}

// A record that nobody ever answers for holds its newer versions only until a person gives
// it up.
func TestAPoisonedRecordCanBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if whatOf(d, row) == "poison" {
				return memory.UnknownBefore()
			}
			return memory.Fault{}
		})
		w.put(subjectAccept, "A", "poison")
		if err := w.call(caller); !fault.Is(err, fault.Unknown) {
			t.Fatal(err)
		}
		w.put(subjectAccept, "A", "mended")
		_ = w.call(caller)
		open := w.outcomes(false)
		if len(open) != 1 || open[0].State != ledger.OutcomeOpen || open[0].Version != 1 || open[0].Tries != 2 || len(caller.Effects()) != 0 {
			t.Fatalf("%+v", open)
		}
		w.decide(ledger.OutcomeGivenUp)
		if err := w.call(caller); err != nil || versionsOf(caller, "A") != "2" {
			t.Errorf("%v, A took effect in versions %s", err, versionsOf(caller, "A"))
		}
		if err := w.runner.Decide(context.Background(), receiver, ledger.OutcomeDecision{ID: open[0].ID, As: ledger.OutcomeArrived}); !fault.Is(err, fault.Gone) {
			t.Errorf("settled twice: %v", err)
		}
	})
}

// Where the receiver cannot be asked just now, what is in doubt is not sent meanwhile.
func TestNothingInDoubtIsSentWhileTheReceiverCannotBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		n := 0
		down := fault.New(fault.Transient, "ask", "memory", textOf("down"), textOf(""))
		caller := &memory.AskedCaller{CanAsk: true, Twice: true, Caller: memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			if n++; n == 1 {
				return memory.UnknownAfter()
			}
			return memory.Fault{}
		})}
		caller.Down = func() error { return down }
		w.put(subjectAccept, "A", "x")
		if err := w.callAsked(caller); !fault.Is(err, fault.Transient) || n != 1 || len(w.outcomes(false)) != 1 {
			t.Fatalf("%v, %d calls, %+v", err, n, w.outcomes(false))
		}
		caller.Down = nil
		time.Sleep(w.state().Break.Left(time.Now()))
		if err := w.callAsked(caller); err != nil || n != 1 || len(caller.Effects()) != 1 || len(w.outcomes(false)) != 0 {
			t.Errorf("%v, %d calls, %d effects, %+v", err, n, len(caller.Effects()), w.outcomes(false))
		}
	})
}

// What a person gave up may have arrived: neither a change of its case nor a redrive of all
// that was refused sends it again, but only one of what was given up.
func TestWhatWasGivenUpIsSentAgainOnlyByThatName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		ctx, lose, steps := context.Background(), true, 0
		caller := &memory.AskedCaller{Twice: true, Caller: memory.NewCaller(func(d *pipelines.Delivery, _ int) memory.Fault {
			if d.Table == "up_"+subjectStep {
				if steps++; lose {
					return memory.UnknownAfter()
				}
			}
			return memory.Fault{}
		})}
		deliver := func() {
			t.Helper()
			if err := w.callAsked(caller); err != nil {
				t.Fatal(err)
			}
		}
		w.put(subjectAccept, "A", "x")
		w.put(subjectStep, "A", "s")
		deliver()
		lose = false
		w.decide(ledger.OutcomeGivenUp)
		w.put(subjectAccept, "A", "y")
		deliver()
		deliver()
		if n, err := w.store.Redrive(ctx, receiver, ""); err != nil || n != 0 {
			t.Errorf("%d marked, %v", n, err)
		}
		deliver()
		if steps != 1 {
			t.Errorf("it was sent %d times", steps)
		}
		if n, err := w.store.Redrive(ctx, receiver, ledger.RuleGivenUp); err != nil || n != 1 {
			t.Errorf("%d marked, %v", n, err)
		}
		if deliver(); steps != 2 {
			t.Errorf("it was sent %d times", steps)
		}
	})
}
