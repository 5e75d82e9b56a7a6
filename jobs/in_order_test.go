package jobs_test

import (
	"context"
	"strings"
	"testing"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/pipelines"
)

// Steps of a case reach a receiver that wants them so in the order they began, whatever the
// order in which they were collected.
func TestStepsGoInTheOrderTheyBegan(t *testing.T) {
	type line struct{ n, what, then string }
	for name, story := range map[string][]line{
		"as they come":       {{"1", "began=10", "step began=10"}, {"2", "began=11", "step began=11"}},
		"several are sorted": {{"3", "began=12", ""}, {"1", "began=10", ""}, {"2", "began=11", "step began=10, step began=11, step began=12"}},
		"one waits behind a step that is pending, and goes with its end": {
			{"1", "pending began=10", "held marked step"},
			{"2", "began=11", "held marked step, held waits_earlier step"},
			{"1", "done began=10", "step done began=10, step began=11"}},
		"pending and done together": {
			{"1", "pending began=10", ""}, {"2", "began=11", ""}, {"3", "began=09", "held marked step, held waits_earlier step, step began=09"},
			{"1", "done began=10", "step done began=10, step began=11"}},
		"a refused one is not waited for": {
			{"1", "bad began=10", "rejected marked step"},
			{"2", "began=11", "rejected marked step, step began=11"}},
		"one that went is corrected whenever it changes": {
			{"1", "began=10", "step began=10"}, {"2", "began=11", "step began=11"}, {"1", "corrected began=10", "step corrected began=10"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fastDir(t))
			defer w.close()
			caller := memory.NewCaller(nil)
			plan := func() *jobs.DeliverPlan {
				plan := w.platformPlan(caller, map[string]pipelines.Severity{"pending began=10": pipelines.Hold, "bad began=10": pipelines.Reject})
				plan.Subjects[2].Order.Subject, plan.Subjects[2].Table, plan.Subjects[2].Order.InOrder, plan.Subjects[2].Calls = subjectStep, subjectStep, "began", 4
				return plan
			}
			w.say(subjectAccept, "A", "x")
			w.say(subjectAccept, "B", "x")
			for i, l := range story {
				w.sayStep("A", l.n, l.what)
				w.sayStep("B", "1", "began=10") // another case is of no concern
				if l.then == "" {
					continue
				}
				before := len(caller.Effects())
				for range 2 {
					if err := w.runner.Deliver(context.Background(), plan(), jobs.NewCollecting()); err != nil {
						t.Fatal(err)
					}
				}
				var got []string
				for _, line := range w.standing(caller, len(caller.Effects())) {
					got = append(got, strings.TrimSuffix(line, " A"))
				}
				for _, e := range caller.Effects()[before:] {
					if e.Table == subjectStep && e.Values["local_no"] == "A" {
						got = append(got, "step "+e.Values["what"])
					}
				}
				if said := strings.Join(got, ", "); said != l.then {
					t.Errorf("line %d: got %q, want %q", i+1, said, l.then)
				}
			}
		})
	}
}
