package jobs_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// withoutAccepts is a plan of a profile that acceptances were taken out of.
func withoutAccepts(plan *jobs.DeliverPlan) *jobs.DeliverPlan {
	plan.Subjects = slices.DeleteFunc(plan.Subjects, func(sp jobs.SubjectPlan) bool { return sp.Order.Subject == subjectAccept })
	for i := range plan.Subjects {
		plan.Subjects[i].Order.Parent = false
	}
	return plan
}

// A batch that is open when its subject leaves the receiver's profile is closed by what the
// receiver has; what was never there goes when the subject comes back.
func TestAnOpenBatchOfASubjectThatLeftTheProfileIsClosed(t *testing.T) {
	for name, how := range map[string]memory.Fault{"it had arrived": memory.UnknownAfter(), "it had not": memory.UnknownBefore()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fastDir(t))
				defer w.close()
				target := memory.NewTarget()
				w.unreceipted(target, how)
				for range 2 {
					w.reopen()
					if err := w.runner.Deliver(context.Background(), withoutAccepts(w.deliverPlan(target)), jobs.NewCollecting()); err != nil {
						t.Fatal(err)
					}
				}
				if w.openRecords() != 0 || len(w.outcomes(false)) != 0 {
					t.Fatalf("%d open, outcomes %+v", w.openRecords(), w.outcomes(false))
				}
				left, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.NotApplicable})
				if went := len(target.Effects()) > 0; err != nil || went != (len(left) == 0) {
					t.Errorf("left out %+v, %v", left, err)
				}
				if err := w.deliver(target); err != nil || acceptsOf(target, "A") != "1" || acceptsOf(target, "B") != "1" {
					t.Errorf("%v, A arrived in versions %q, B in %q", err, acceptsOf(target, "A"), acceptsOf(target, "B"))
				}
			})
		})
	}
}

// A receiver that is called cannot be asked: the records are a person's matter, whose word
// closes the batch; nothing else of the receiver waits for it.
func TestAnOpenCallOfASubjectThatLeftTheProfileIsAPersonsMatter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		lose := true
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			if lose {
				return memory.UnknownAfter()
			}
			return memory.Fault{}
		})
		w.put(subjectAccept, "A", "x")
		if err := w.call(caller); err == nil || w.openRecords() != 1 {
			t.Fatalf("%v, %d open", err, w.openRecords())
		}
		lose = false
		w.put(subjectStep, "B", "s")
		for range 2 {
			plan := withoutAccepts(w.callPlan(caller))
			if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
				t.Fatal(err)
			}
		}
		if open := w.outcomes(false); len(open) != 1 || open[0].State != ledger.OutcomeUnknown || versionsOf(caller, "B") != "1" {
			t.Fatalf("outcomes %+v, B arrived in versions %q", open, versionsOf(caller, "B"))
		}
		w.decide(ledger.OutcomeArrived)
		if w.openRecords() != 0 {
			t.Errorf("%d open", w.openRecords())
		}
	})
}

// What was taken over from an earlier program was not sent by us: a first version goes though
// it lies in what was sent before a backlog.
func TestARecordTakenOverGoesThoughItLiesBehindABacklog(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	ctx, target, stream := context.Background(), memory.NewTarget(), ledger.Stream{Source: sourceID, Subject: subjectAccept}
	w.put(subjectAccept, "A", "x")
	w.put(subjectAccept, "B", "x")
	w.put(subjectAccept, "C", "x")
	key := ledger.EncodeKey("B", "1")
	known, err := w.store.Lookup(ctx, stream, [][]byte{key})
	if err != nil {
		t.Fatal(err)
	}
	taken := ledger.Adopting{Receiver: receiver, List: []ledger.Adoption{{Stream: stream, Key: key, Rec: known[0].Rec, GUID: [16]byte{7}}}}
	if err := w.store.Adopt(ctx, &taken); err != nil || taken.List[0].Refused != "" {
		t.Fatalf("%+v, %v", taken.List, err)
	}
	// C went before the backlog, which begins with A; B is behind the mark, too.
	if err := w.store.SetAhead(ctx, ledger.Lease{}, receiver, stream, ledger.Ahead{From: 1, To: 3}); err != nil {
		t.Fatal(err)
	}
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range target.Effects() {
		told = append(told, e.Values["local_no"]+" "+string(rune(e.Op)))
	}
	if slices.Sort(told); !slices.Equal(told, []string{"A I", "B U", "C I"}) {
		t.Errorf("the receiver was told %q", told)
	}
}
