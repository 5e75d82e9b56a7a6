package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
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
