package jobs_test

import (
	"context"
	"strings"
	"testing"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
)

// A receiver that takes a result once has it, whatever became of it since: its files go.
func TestAResultFileGoesThoughALaterVersionOfTheResultDoesNot(t *testing.T) {
	for update, want := range map[ledger.OnUpdate]string{
		ledger.Skip:   "not_applicable update_skipped result A, result_file A",
		ledger.Cannot: "diverged update_not_taken result A, result_file A",
	} {
		t.Run(string(update), func(t *testing.T) {
			w := newWorld(t, fastDir(t))
			defer w.close()
			caller := memory.NewCaller(nil)
			deliver := func() string {
				plan, before := w.platformPlan(caller, nil), len(caller.Effects())
				plan.Subjects[3].Order.OnUpdate = update
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
					t.Fatal(err)
				}
				return strings.Join(w.standing(caller, before), ", ")
			}
			w.say(subjectAccept, "A", "x")
			w.say(subjectResult, "A", "result_code=granted")
			deliver()
			w.say(subjectResult, "A", "result_code=granted fee=3")
			deliver()
			w.say(subjectFile, "A", "x")
			if got := deliver(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
