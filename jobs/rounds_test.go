package jobs_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/outbox"
	"banjian/pipelines"
)

// A case that was refused and accepted after all, both before anybody was told: a receiver
// that knows a case by one identity hears of the rounds in their order, whatever is lost
// on the way, and of an earlier round nothing more after a later one.
func TestRoundsOfACaseGoInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		const cases = 20
		lost := map[string]bool{}
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			what := localOf(d, row) + " " + whatOf(d, row)
			switch {
			case whatOf(d, row) == isRefused:
				return memory.Refused()
			case !lost[what]:
				lost[what] = true
				return memory.UnknownAfter()
			}
			return memory.Fault{}
		})
		view := memory.NewView(sourceSchema)
		for i := range cases {
			first := "no"
			if i%5 == 4 {
				first = isRefused // is not waited for
			}
			view.Append(memory.Row{fmt.Sprint("A", i), int64(1), first, nil}, memory.Row{fmt.Sprint("A", i), int64(2), "yes", nil})
		}
		goes := func(view *memory.View) {
			t.Helper()
			if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
				t.Fatal(rep.Err)
			}
			for range 3 {
				plan := w.callPlan(caller)
				for i := range plan.Subjects {
					plan.Subjects[i].Calls, plan.Subjects[i].Order.Rounds = 8, plan.Subjects[i].Order.Subject == subjectAccept
				}
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
					t.Fatal(err)
				}
			}
		}
		goes(view)
		told := map[string][]string{}
		for _, e := range caller.Effects() {
			told[e.Values["local_no"]] = append(told[e.Values["local_no"]], e.Values["what"])
		}
		for i := range cases {
			want := []string{"no", "yes"}
			if i%5 == 4 {
				want = want[1:]
			}
			if got := told[fmt.Sprint("A", i)]; !slices.Equal(got, want) {
				t.Errorf("A%d: %v, want %v", i, got, want)
			}
		}
		before := len(caller.Effects())
		mended := memory.NewView(sourceSchema)
		mended.Append(memory.Row{"A0", int64(1), "no, otherwise", nil}, memory.Row{"A4", int64(1), "not refused any more", nil})
		goes(mended)
		left, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.NotApplicable})
		if err != nil || len(left) != 2 || len(caller.Effects()) != before {
			t.Errorf("%d effects after %d, left out %+v, %v", len(caller.Effects()), before, left, err)
		}
	})
}

// A later round that was deleted does not speak for its case: the earlier one, which the
// receiver has, does.
func TestARoundThatWasDeletedDoesNotSpeakForItsCase(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	target := memory.NewTarget()
	for _, row := range []memory.Row{{"A", int64(1), "x", "0"}, {"A", int64(2), "by mistake", "0"}, {"A", int64(2), "by mistake", "Y"}} {
		rows := []memory.Row{row, {"B", int64(1), "x", "0"}, {"C", int64(1), "x", "0"}, {"D", int64(1), "x", "0"}}
		if rep := w.runner.Collect(context.Background(), w.marking("incremental", rows...), nil); rep.Err != nil {
			t.Fatal(rep.Err)
		}
	}
	w.put(subjectStep, "A", "s")
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range target.Effects() {
		if e.Values["local_no"] == "A" {
			told = append(told, e.Table+" "+e.Values["what"])
		}
	}
	if !slices.Equal(told, []string{"up_case/accept x", "up_case/step s"}) {
		t.Errorf("the receiver was told %q", told)
	}
}

// The number of a case that a receiver has seen stays, whatever a later round brings.
func TestALaterRoundGoesUnderTheNumberOfItsCase(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	caller, numbers := memory.NewCaller(nil), map[string]string{}
	deliver := func() {
		plan := w.platformPlan(caller, nil)
		for i := range plan.Subjects {
			plan.Subjects[i].Stage = pipelines.StageFunc(func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
				for row, at := 0, in.Schema().FieldIndices("case_no")[0]; row < int(in.NumRows()); row++ {
					numbers[fmt.Sprint(plan.Subjects[i].Order.Subject, " ", in.Column(1).ValueStr(row))] = in.Column(at).ValueStr(row)
				}
				return w.mapDelivery(ctx, in)
			})
		}
		w.ends(plan)
	}
	w.tellNth(sourceID, subjectAccept, "A", 1, "case_no=N1")
	deliver()
	w.tellNth(sourceID, subjectAccept, "A", 2, "case_no=N2")
	deliver()
	w.say(subjectResult, "A", "result_code=granted case_no=N2")
	deliver()
	if want := map[string]string{"case/accept 1": "N1", "case/accept 2": "N1", "case/result 1": "N1"}; !maps.Equal(numbers, want) {
		t.Errorf("they went under %v", numbers)
	}
}

// A later round that the receiver refused takes nobody's place: what changes of the earlier
// one goes.
func TestARefusedLaterRoundDoesNotKeepTheEarlierBack(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
		if whatOf(d, row) == isRefused {
			return memory.Refused()
		}
		return memory.Fault{}
	})
	for i, row := range []memory.Row{{"A", int64(1), "no", nil}, {"A", int64(2), isRefused, nil}, {"A", int64(1), "no, otherwise", nil}, {"A", int64(2), "yes", nil}, {"A", int64(1), "no, too late", nil}} {
		if rep := w.collect(subjectAccept, memory.NewView(sourceSchema, row), memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		plan := w.callPlan(caller)
		plan.Subjects[0].Order.Rounds = true
		w.ends(plan)
		if got, want := len(caller.Effects()), []int{1, 1, 2, 3, 3}[i]; got != want {
			t.Errorf("after line %d: %d effects, want %d", i+1, got, want)
		}
	}
}

// An earlier round that comes to light when the receiver has a later one is left out, though
// it is new.
func TestAnEarlierRoundThatComesLateIsLeftOut(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	caller := memory.NewCaller(nil)
	for _, round := range []int64{2, 1} {
		if rep := w.collect(subjectAccept, memory.NewView(sourceSchema, memory.Row{"A", round, fmt.Sprint("round ", round), nil}), memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		plan := w.callPlan(caller)
		plan.Subjects[0].Order.Rounds = true
		w.ends(plan)
	}
	if e := caller.Effects(); len(e) != 1 || e[0].Values["what"] != "round 2" {
		t.Errorf("the receiver was told %+v", e)
	}
}

// A round is judged while the batch with a later one is still being frozen: it does not go
// behind that one.
func TestRoundsThatAreJudgedTogetherDoNotCross(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	ctx, caller := context.Background(), memory.NewCaller(nil)
	goes := func() {
		plan := w.callPlan(caller)
		plan.Subjects[0].Order.Rounds = true
		w.ends(plan)
	}
	put := func(round int64, what string) {
		t.Helper()
		if rep := w.collect(subjectAccept, memory.NewView(sourceSchema, memory.Row{"A", round, what, nil}, memory.Row{"B", round, what, nil}), memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
	}
	put(1, "no")
	goes()
	lease, err := w.store.Acquire(ctx, ledger.DeliverLease(receiver), 0)
	if err != nil {
		t.Fatal(err)
	}
	stage := &ledger.DeliverStage{Order: ledger.Order{Receiver: receiver, Subject: subjectAccept, Rounds: true}, Store: w.store, Mapping: pipelines.StageFunc(w.mapDelivery), Alloc: w.alloc}
	out := outbox.New(w.store, outbox.Config{Receiver: receiver, Subject: subjectAccept, Table: "up_" + subjectAccept, Caller: caller, Lease: lease, Tally: ledger.NewTally()})
	put(2, "yes")
	later := w.judged(stage, 1)
	put(1, "no, otherwise")
	for _, b := range []*pipelines.Write{later, w.judged(stage, 2)} {
		if _, err := out.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
		b.Input.Release()
		b.Result.Release()
	}
	if err := out.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Release(ctx, lease); err != nil {
		t.Fatal(err)
	}
	goes()
	var told []string
	for _, e := range caller.Effects() {
		if e.Values["local_no"] == "A" {
			told = append(told, e.Values["what"])
		}
	}
	if !slices.Equal(told, []string{"no", "yes"}) {
		t.Errorf("the receiver was told %q", told)
	}
	left, err := w.store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver})
	if err != nil || len(left) != 2 || left[0].State != ledger.NotApplicable {
		t.Errorf("put aside: %+v, %v", left, err)
	}
}
