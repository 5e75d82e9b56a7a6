package jobs_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/pipelines"
)

// A result does not go before a notice of correction of its case: not when both were collected
// behind the notices' turn, nor while nobody knows what became of the notice, nor while its
// newer version is on its way. The platform takes none after the result.
func TestAResultDoesNotOvertakeANotice(t *testing.T) {
	for name, c := range map[string]struct {
		before   bool   // a version of the notice went before
		lost     bool   // its calls have no answer, in the first delivery
		first    string // what took effect in the first delivery, of case A
		together string // and in the end
	}{
		"collected behind the notices' turn": {first: "correction result", together: "correction result"},
		"and without an outcome":             {lost: true, together: "correction result"},
		"a newer version":                    {before: true, first: "correction correction result", together: "correction correction result"},
		"a newer version without an outcome": {before: true, lost: true, first: "correction", together: "correction correction result"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				told, lost := false, false
				caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
					switch {
					case d.Table == subjectSpecial && !told:
						told, lost = true, c.lost
						w.say(subjectCorrection, "A", "flow_no=F1 item_code=I1 again")
						w.say(subjectResult, "A", "result_code=granted")
					case d.Table == subjectCorrection && lost:
						return memory.UnknownBefore()
					}
					return memory.Fault{}
				})
				deliver := func() string {
					plan := w.platformPlan(caller, nil)
					plan.Subjects[3].Order.After = []string{subjectCorrection}
					_ = w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()) // an open outcome is told as an error
					var got []string
					for _, e := range caller.Effects() {
						if e.Values["local_no"] == "A" && slices.Contains([]string{subjectCorrection, subjectResult}, e.Table) {
							got = append(got, strings.TrimPrefix(e.Table, "case/"))
						}
					}
					return strings.Join(got, " ")
				}
				w.say(subjectAccept, "A", "flow_no=F1 item_code=I1")
				w.say(subjectAccept, "B", "x")
				w.say(subjectSpecial, "B", "x")
				if c.before {
					w.say(subjectCorrection, "A", "flow_no=F1 item_code=I1")
				}
				if got := deliver(); got != c.first {
					t.Errorf("first: %q, want %q", got, c.first)
				}
				lost = false
				if got := deliver(); got != c.together {
					t.Errorf("in the end: %q, want %q", got, c.together)
				}
				if list := w.standing(caller, len(caller.Effects())); len(list) > 0 {
					t.Errorf("put aside: %q", list)
				}
			})
		})
	}
}
