package jobs_test

import (
	"context"
	"strings"
	"testing"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// ends delivers, and fails where the same is looked at again and again.
func (w *world) ends(plan *jobs.DeliverPlan) {
	w.Helper()
	n := 0
	plan.Again = func(_ context.Context, moved bool) bool { n++; return moved && n < 30 }
	if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
		w.Fatalf("deliver: %v", err)
	}
	if n >= 30 {
		w.Fatalf("the delivery never ends")
	}
}

// collectFrom collects one row by a pipeline of that name.
func (w *world) collectFrom(pipeline, what string) {
	w.Helper()
	plan := w.collectPlan(subjectAccept, memory.NewView(sourceSchema, memory.Row{"A", int64(1), what, nil}), memory.Options{}, again)
	plan.Spec.Pipeline = pipeline
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
}

// Two pipelines feed one record: what is put aside of it is the newest version's, and so is
// the pipeline that this version came by.
func TestWhatIsPutAsideBelongsToThePipelineOfTheNewestVersion(t *testing.T) {
	type line struct{ pipeline, what, then string }
	for name, story := range map[string][]line{
		"the second does not deliver to the receiver": {
			{"here", "pending", "held marked accept A"},
			{"elsewhere", "x", "not_applicable not_delivered accept A"},
			{"here", "y", "accept A"}},
		"what the second was refused for is closed by what it brings next": {
			{"here", "pending", "held marked accept A"},
			{"there", "wrong", "rejected marked accept A"},
			{"there", "x", "accept A"}},
		"what the first was refused for is closed by what the second brings": {
			{"here", "wrong", "rejected marked accept A"},
			{"there", "pending", "held marked accept A"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fastDir(t))
			defer w.close()
			caller := memory.NewCaller(nil)
			for i, l := range story {
				w.collectFrom(l.pipeline, l.what)
				before := len(caller.Effects())
				for range 2 {
					plan := w.platformPlan(caller, map[string]pipelines.Severity{"pending": pipelines.Hold, "wrong": pipelines.Reject})
					plan.From, plan.Fed = func(name string) bool { return name != "elsewhere" }, ledger.NewFed([]string{"elsewhere"})
					w.ends(plan)
				}
				if got := strings.Join(w.standing(caller, before), ", "); got != l.then {
					t.Errorf("line %d: got %q, want %q", i+1, got, l.then)
				}
			}
			if open := w.rejects("open"); len(open) != 0 {
				t.Errorf("still open: %+v", open)
			}
		})
	}
}

// What a pipeline brought that does not deliver to the receiver goes once it does.
func TestWhatAPipelineBroughtGoesOnceItDelivers(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	caller := memory.NewCaller(nil)
	w.collectFrom("elsewhere", "x")
	deliver := func(without ...string) string {
		t.Helper()
		before := len(caller.Effects())
		plan := w.platformPlan(caller, nil)
		plan.From, plan.Fed = func(name string) bool { return len(without) == 0 }, ledger.NewFed(without)
		w.ends(plan)
		return strings.Join(w.standing(caller, before), ", ")
	}
	for range 3 {
		if got := deliver("elsewhere"); got != "not_applicable not_delivered accept A" {
			t.Fatalf("left out: %q", got)
		}
	}
	if got := deliver(); got != "accept A" {
		t.Errorf("now it delivers: %q", got)
	}
}

// withMark collects rows of which A's says whether it is deleted; three others keep the fuse
// quiet.
func (w *world) withMark(what, mark string) {
	w.Helper()
	rows := []memory.Row{{"A", int64(1), what, mark}}
	for _, local := range []string{"B", "C", "D"} {
		rows = append(rows, memory.Row{local, int64(1), "x", "0"})
	}
	if rep := w.runner.Collect(context.Background(), w.marking("incremental", rows...), nil); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
}

// operations is what the receiver was told of A.
func operations(target *memory.Target) (ops string) {
	for _, e := range target.Effects() {
		if e.Values["local_no"] == "A" {
			ops += string(e.Op)
		}
	}
	return ops
}

// An approval is of certain deletes: one that waits for its own stays where it is.
func TestADeleteThatNobodyApprovedWaitsWhileOthersAreCarriedOut(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	target := memory.NewTarget()
	plan := func(a *ledger.Approved) *jobs.DeliverPlan {
		plan := w.deliverPlan(target)
		plan.Subjects[0].Order.AskDeletes, plan.Subjects[0].Order.Approved = true, a
		return plan
	}
	held := func() []ledger.Exception {
		t.Helper()
		list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.Held})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	w.withMark("x", "0")
	w.ends(plan(nil))
	w.withMark("x", "Y")
	w.ends(plan(nil))
	w.ends(plan(ledger.Approve(&ledger.DeleteList{Members: []ledger.Doomed{{Rec: 1 << 40, Version: 1}}}).Deletes(nil)))
	if list := held(); len(list) != 1 || list[0].Rule != "waits_delete" || operations(target) != "I" {
		t.Fatalf("held %+v, told %q", list, operations(target))
	}
	w.ends(plan(ledger.Approve().Deletes(held())))
	if list := held(); len(list) != 0 || operations(target) != "ID" {
		t.Errorf("held %+v, told %q", list, operations(target))
	}
}

// What a receiver refused it does not have: such a record is neither taken back there nor
// does it diverge.
func TestWhatAReceiverRefusedIsNeitherTakenBackNorDiverges(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	target := refusesMarked()
	w.withMark(isRefused, "0")
	w.ends(w.deliverPlan(target))
	w.withMark("x", "Y")
	w.ends(w.deliverPlan(target))
	list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
	if err != nil || len(list) != 1 || list[0].State != ledger.NotApplicable || list[0].Rule != "deleted_before_delivery" || operations(target) != "" {
		t.Errorf("%+v, %v, told %q", list, err, operations(target))
	}
	w.withMark("y", "0")
	w.ends(w.deliverPlan(target))
	if operations(target) != "U" {
		t.Errorf("told %q", operations(target))
	}

	caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
		if whatOf(d, row) == isRefused {
			return memory.Refused()
		}
		return memory.Fault{}
	})
	other := newWorld(t, fastDir(t))
	defer other.close()
	for _, line := range [][2]string{{isRefused, "rejected receiver_refused accept A"}, {"offline", "not_applicable marked accept A"}, {"offline still", "not_applicable marked accept A"}, {"x", "accept A"}, {"offline", "diverged marked accept A, accept A"}} {
		other.say(subjectAccept, "A", line[0])
		other.ends(other.platformPlan(caller, map[string]pipelines.Severity{"offline": pipelines.NotApplicable, "offline still": pipelines.NotApplicable}))
		if got := strings.Join(other.standing(caller, 0), ", "); got != line[1] {
			t.Errorf("%s: got %q, want %q", line[0], got, line[1])
		}
	}
}
