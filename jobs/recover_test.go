package jobs_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// broken is a store of which single writes fail.
type broken struct {
	ledger.Store
	settle, commit error // of the next one
}

func (b *broken) Settle(ctx context.Context, s *ledger.Settlement) (int64, error) {
	if err := b.settle; err != nil {
		b.settle = nil
		return 0, err
	}
	return b.Store.Settle(ctx, s)
}

func (b *broken) Commit(ctx context.Context, c *ledger.Change) (int64, error) {
	if err := b.commit; err != nil {
		b.commit = nil
		return 0, err
	}
	return b.Store.Commit(ctx, c)
}

// put collects one record of a subject.
func (w *world) put(subject, local, what string) {
	w.Helper()
	view := memory.NewView(sourceSchema)
	view.Append(memory.Row{local, int64(1), what, nil})
	if rep := w.collect(subject, view, memory.Options{}, again); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
}

// open is how many records the receiver was sent without an outcome.
func (w *world) openRecords() (n int) {
	w.Helper()
	list, err := w.store.Unsettled(context.Background(), receiver)
	if err != nil {
		w.Fatalf("list open batches: %v", err)
	}
	for _, b := range list {
		n += len(b.Members)
	}
	return n
}

// silentOn never answers about one subject.
func silentOn(subject *string) *memory.Caller {
	return memory.NewCaller(func(d *pipelines.Delivery, _ int) memory.Fault {
		if d.Table == "up_"+*subject {
			return memory.UnknownAfter()
		}
		return memory.Fault{}
	})
}

// What was sent before a later record of its case goes again as it was, whatever is
// open or missing of the case now.
func TestAnOpenRecordIsRepeatedWhateverBecameOfItsCase(t *testing.T) {
	for name, happens := range map[string]func(w *world, silent *string){
		"a newer accept record is open": func(w *world, silent *string) {
			w.put(subjectAccept, "A", "y")
			*silent = subjectAccept
		},
		"a later round was not taken": func(w *world, silent *string) {
			view := memory.NewView(sourceSchema)
			view.Append(memory.Row{"A", int64(2), isRefused, nil})
			if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
				w.Fatalf("collect: %v", rep.Err)
			}
			*silent = ""
		},
		"the receiver lost the accept record": func(w *world, silent *string) {
			if _, err := w.store.Rewind(context.Background(), ledger.RewindQuery{Receiver: receiver, Subject: subjectAccept}); err != nil {
				w.Fatalf("rewind: %v", err)
			}
			*silent = subjectAccept
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				silent := subjectStep
				caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
					switch {
					case d.Table == "up_"+silent:
						return memory.UnknownAfter()
					case whatOf(d, row) == isRefused:
						return memory.Refused()
					}
					return memory.Fault{}
				})
				w.put(subjectAccept, "A", "x")
				w.put(subjectStep, "A", "s")
				if err := w.call(caller); !fault.Is(err, fault.Unknown) || w.openRecords() != 1 {
					t.Fatalf("%v, %d open", err, w.openRecords())
				}
				happens(w, &silent)
				err := w.call(caller)
				if fault.Is(err, fault.Config) {
					t.Fatalf("the mapping did not change: %v", err)
				}
				list, _ := w.store.Unsettled(context.Background(), receiver)
				for _, b := range list {
					if b.Stream.Subject == subjectStep {
						t.Errorf("the step is still open: %+v", b)
					}
				}
			})
		})
	}
}

// The receipt of what was open cannot be stored for a moment: no newer version overtakes
// it.
func TestALedgerThatFailsInRecoverLetsNoNewerVersionOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		silent := subjectAccept
		caller := silentOn(&silent)
		w.put(subjectAccept, "A", "x")
		_ = w.call(caller)
		silent = ""
		w.put(subjectAccept, "A", "y")
		w.runner.Store = &broken{Store: w.store, settle: fault.New(fault.Transient, "settle delivery", "ledger", textOf("busy"), textOf(""))}
		if err := w.call(caller); err == nil {
			t.Fatal("the failure was not told")
		}
		w.runner.Store = w.store
		if err := w.call(caller); err != nil {
			t.Fatal(err)
		}
		var versions []string
		for _, e := range caller.Effects() {
			versions = append(versions, e.Values["_version"])
		}
		if fmt.Sprint(versions) != "[1 2]" {
			t.Errorf("took effect in versions %v", versions)
		}
	})
}

// marking lets a mapping decide by what a record says.
func marking(w *world, by map[string]pipelines.Severity) pipelines.StageFunc {
	return func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
		res, err := w.mapDelivery(ctx, in)
		if err != nil || in.NumRows() != 1 {
			return res, err
		}
		what := in.Column(in.Schema().FieldIndices("what")[0]).ValueStr(0)
		if severity, marked := by[what]; marked {
			res.Release()
			return pipelines.Result{Issues: []pipelines.Issue{{Rule: "marked", Severity: severity}}}, nil
		}
		return res, nil
	}
}

// A finding is closed by the version that passes, whatever became of those in between.
func TestAFindingIsClosedByAVersionThatPassesLater(t *testing.T) {
	for _, way := range [][]string{{isRefused, "x"}, {isRefused, "wait", "x"}, {"bad1", "wait", "x"}, {isRefused, "not ours"}, {"bad1", "not ours", "x"}} {
		t.Run(fmt.Sprint(way), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			defer w.close()
			caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
				if whatOf(d, row) == isRefused {
					return memory.Refused()
				}
				return memory.Fault{}
			})
			for i, what := range way {
				w.put(subjectAccept, "A", what)
				plan := w.callPlan(caller)
				plan.Subjects[0].Stage = marking(w, map[string]pipelines.Severity{"wait": pipelines.Hold, "not ours": pipelines.NotApplicable, "bad1": pipelines.Reject})
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
					t.Fatal(err)
				}
				open, err := w.store.Rejects(context.Background(), ledger.RejectQuery{Receiver: receiver, State: "open"})
				if err != nil || i == 0 && len(open) != 1 || i == len(way)-1 && len(open) != 0 {
					t.Errorf("after %s: %+v, %v", what, open, err)
				}
			}
		})
	}
}

// A record that need not wait for its accept record and was left out for what the case
// was then is looked at again when the case changed.
func TestALeftOutRecordIsLookedAtAgainWhenItsCaseChanged(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	caller := memory.NewCaller(nil)
	deliver := func(marks map[string]pipelines.Severity) {
		t.Helper()
		plan := w.callPlan(caller)
		for i := range plan.Subjects {
			plan.Subjects[i].Stage = marking(w, marks)
		}
		plan.Subjects[1].Order.Unless = ledger.Unless{Field: "what", In: []string{"lapsed"}}
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
	}
	w.put(subjectAccept, "A", "no number")
	w.put(subjectStep, "A", "lapsed")
	deliver(map[string]pipelines.Severity{"no number": pipelines.NotApplicable, "lapsed": pipelines.NotApplicable})
	w.put(subjectAccept, "A", "numbered")
	deliver(nil)
	if n := len(caller.Effects()); n != 2 {
		left, _ := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
		t.Errorf("%d effects, left out %+v", n, left)
	}
}

// An open record that the mapping refuses by now stays open and is told; it stops nobody
// else, and goes when the mapping is as it was.
func TestAnOpenRecordThatIsNoLongerMappedDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		view := memory.NewView(sourceSchema)
		view.Append(memory.Row{"A", int64(1), "poison", nil})
		view.Append(memory.Row{"B", int64(1), "x", nil})
		if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		silent := subjectAccept
		caller := silentOn(&silent)
		if err := w.call(caller); !fault.Is(err, fault.Unknown) || w.openRecords() != 2 {
			t.Fatalf("%v, %d open", err, w.openRecords())
		}
		silent = ""
		w.put(subjectAccept, "C", "x")
		w.put(subjectAccept, "A", "newer")
		mended := w.callPlan(caller)
		mended.Subjects[0].Stage = pipelines.StageFunc(func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
			res, err := w.mapDelivery(ctx, in)
			at := in.Schema().FieldIndices("what")[0]
			for row := range int(in.NumRows()) {
				if err == nil && in.Column(at).ValueStr(row) == "poison" {
					rest := res.Outputs[0].Record.NewSlice(1, in.NumRows())
					res.Outputs[0].Record.Release()
					res.Outputs[0].Record, res.Outputs[0].Rows = rest, res.Outputs[0].Rows[1:]
					res.Issues = append(res.Issues, pipelines.Issue{Row: 0, Rule: "marked"})
				}
			}
			return res, err
		})
		if err := w.runner.Deliver(context.Background(), mended, jobs.NewCollecting()); !fault.Is(err, fault.Config) {
			t.Fatalf("it was not told: %v", err)
		}
		if n := w.openRecords(); n != 1 || len(caller.Effects()) != 3 {
			t.Errorf("%d open, %d effects", n, len(caller.Effects()))
		}
		if err := w.call(caller); err != nil || w.openRecords() != 0 {
			t.Fatalf("%v, %d open", err, w.openRecords())
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

// However many records nobody answers for stand before them, the others that were left
// open get their turn.
func TestUnansweredRecordsDoNotStandBeforeTheOthersForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		outage := true
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if outage || whatOf(d, row) == "poison" {
				return memory.UnknownBefore()
			}
			return memory.Fault{}
		})
		for i := range 6 {
			w.put(subjectAccept, fmt.Sprint("P", i), "poison")
			_ = w.call(caller)
		}
		w.put(subjectAccept, "H", "x")
		_ = w.call(caller)
		if n := w.openRecords(); n != 7 {
			t.Fatalf("%d open", n)
		}
		outage = false
		for tries := 0; len(caller.Effects()) == 0; tries++ {
			if tries == 30 {
				t.Fatal("it never had its turn")
			}
			time.Sleep(fault.AfterOf(w.call(caller)))
		}
	})
}

// A change that comes while the version before it is under way does what the profile
// says, too.
func TestAChangeDuringDeliveryDoesWhatTheProfileSays(t *testing.T) {
	for on, state := range map[ledger.OnUpdate]ledger.State{ledger.Skip: ledger.NotApplicable, ledger.Cannot: ledger.Diverged} {
		t.Run(string(on), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fastDir(t))
				defer w.close()
				w.put(subjectAccept, "A", "x")
				collecting := jobs.NewCollecting(subjectAccept)
				changed := false
				caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
					if !changed {
						changed = true
						w.put(subjectAccept, "A", "y")
						time.Sleep(time.Second) // it is read and mapped meanwhile
						collecting.Done(subjectAccept)
					}
					return memory.Fault{}
				})
				plan := w.callPlan(caller)
				plan.Subjects[0].Order.OnUpdate = on
				if err := w.runner.Deliver(context.Background(), plan, collecting); err != nil {
					t.Fatal(err)
				}
				list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
				if err != nil || len(caller.Effects()) != 1 || len(list) != 1 || list[0].State != state {
					t.Errorf("%d effects, %+v, %v", len(caller.Effects()), list, err)
				}
			})
		})
	}
}

// What comes while an open call is made again goes in the same delivery, though its subject
// was offered before.
func TestWhatComesWhileACallIsMadeAgainGoesInTheSameDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.put(subjectAccept, "A", "x")
		silent := true
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			switch {
			case d.Table != "up_"+subjectStep:
			case silent:
				return memory.Blocked()
			default:
				w.put(subjectAccept, "B", "x")
			}
			return memory.Fault{}
		})
		w.put(subjectStep, "A", "x")
		if err := w.call(caller); err == nil || w.openRecords() != 1 {
			t.Fatalf("%v, %d open", err, w.openRecords())
		}
		silent = false
		w.reopen()
		if err := w.call(caller); err != nil || len(caller.Effects()) != 3 {
			t.Errorf("%v, effects %v", err, caller.Effects())
		}
	})
}
