package jobs_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/pipelines/precedence"
)

// Two systems that report the same cases.
const (
	coreSystem     = "gjj-core"
	verticalSystem = "gjj-vertical"
)

// preceding is a plan under a table of precedence; empty: there is none.
func (w *world) preceding(c pipelines.Caller, table string) *jobs.DeliverPlan {
	w.Helper()
	var t *precedence.Table
	if table != "" {
		var err error
		if t, err = precedence.Parse("precedence.yaml", []byte(table), []string{coreSystem, verticalSystem}, nil); err != nil {
			w.Fatalf("%v", err)
		}
	}
	plan := w.platformPlan(c, nil)
	plan.Precedence = &ledger.Precedence{Version: t.Version(), Fields: t.Fields(), Named: t.Named, Sends: func(string) bool { return true },
		Of: func(of ledger.Told) ledger.Rank {
			r := t.RuleOf(of.Source, of.Items, of.Region)
			if r == nil {
				return ledger.Rank{}
			}
			return ledger.Rank{First: r.From, Others: r.Compare, Match: r.Sets()}
		}}
	for i := range plan.Subjects {
		plan.Subjects[i].Order.Precedence = plan.Precedence
	}
	return plan
}

const (
	coreCounts     = "cases: [{item: GJJ-*, from: gjj-core, compare: gjj-vertical, match: [case_no, flow_no]}]"
	verticalCounts = "cases: [{item: GJJ-*, from: gjj-vertical, compare: gjj-core, match: [case_no, flow_no]}]"
	half           = "cases: [{item: GJJ-1*, from: gjj-core, compare: gjj-vertical, match: [case_no, flow_no]}]"
)

// told is one record of a system; table, from then on; then, what the receiver got and what
// is put aside.
type told struct {
	table                        string
	source, subject, local, what string
	then                         string
}

func TestACaseThatTwoSystemsReportIsDeliveredOnce(t *testing.T) {
	for name, story := range map[string][]told{
		"the other system's records are compared, whichever comes first": {
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V"},
			{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V, accept A"},
			{coreCounts, coreSystem, subjectResult, "A", "result_code=granted", "not_applicable compared accept V, result A"},
			{coreCounts, verticalSystem, subjectResult, "V", "result_code=granted", "not_applicable compared accept V, not_applicable compared result V"},
			{coreCounts, verticalSystem, subjectFile, "V", "x", "not_applicable compared accept V, not_applicable compared result V, not_applicable compared result_file V"}},
		"a record that comes before its acceptance waits for it, or goes by its own item": {
			{coreCounts, verticalSystem, subjectCorrection, "V", "flow_no=F1", "held waits_parent correction V"},
			{coreCounts, verticalSystem, subjectCorrection, "W", "flow_no=F2 item_code=GJJ-1", "held waits_parent correction V, not_applicable compared correction W"},
			{coreCounts, verticalSystem, subjectCorrection, "X", "flow_no=F3 item_code=SB-1", "held waits_parent correction V, not_applicable compared correction W, correction X"},
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=SB-1 flow_no=F1", "not_applicable compared correction W, accept V, correction V"}},
		"an item no rule speaks of goes from both": {
			{half, coreSystem, subjectAccept, "A", "item_code=GJJ-2", "accept A"},
			{half, verticalSystem, subjectAccept, "V", "item_code=GJJ-2", "accept V"}},
		"a silent system is not replaced by the other one": {
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V"},
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1 again", "not_applicable compared accept V"}},
		"after the table changed a case stays with the system that told of it": {
			{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1", "accept A"},
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V"},
			{verticalCounts, verticalSystem, subjectResult, "V", "result_code=granted", "not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V"},
			{verticalCounts, coreSystem, subjectResult, "A", "result_code=granted", "not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V, result A"},
			{verticalCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1 later", "not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V, accept A"},
			{verticalCounts, coreSystem, subjectAccept, "B", "item_code=GJJ-1 flow_no=F2", "not_applicable compared accept B, not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V"},
			{verticalCounts, verticalSystem, subjectAccept, "W", "item_code=GJJ-1 flow_no=F2", "not_applicable compared accept B, not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V, accept W"},
			{coreCounts, coreSystem, subjectResult, "B", "result_code=granted", "not_applicable compared accept V, not_applicable compared result V, not_applicable told_elsewhere accept B, not_applicable told_elsewhere result B"}},
		"a case that was only compared goes once its system counts": {
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V"},
			{coreCounts, verticalSystem, subjectResult, "V", "result_code=granted", "not_applicable compared accept V, not_applicable compared result V"},
			{verticalCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept A, accept V, result V"}},
		"a table that comes later finds what the receiver has": {
			{"", verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "accept V"},
			{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1", "not_applicable told_elsewhere accept A"},
			{coreCounts, verticalSystem, subjectResult, "V", "result_code=granted", "not_applicable told_elsewhere accept A, result V"}},
		"a table that leaves out what another system told of is refused, too": {
			{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-2 flow_no=F1", "accept A"},
			{verticalCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-2 flow_no=F1", "not_applicable told_elsewhere accept V"},
			{"", coreSystem, subjectResult, "A", "result_code=granted", "refused, not_applicable told_elsewhere accept V"}},
		"a case begun without an acceptance stays, too": {
			{coreCounts, coreSystem, subjectResult, "A", "result_code=lapsed flow_no=F1 item_code=GJJ-1", "result A"},
			{coreCounts, verticalSystem, subjectResult, "V", "result_code=lapsed flow_no=F1 item_code=GJJ-1", "not_applicable compared result V"},
			{verticalCounts, verticalSystem, subjectAccept, "W", "flow_no=F2 item_code=GJJ-1", "not_applicable told_elsewhere result V, accept W"},
			{verticalCounts, coreSystem, subjectAccept, "A", "flow_no=F1 item_code=GJJ-1", "not_applicable told_elsewhere result V, accept A"},
			{verticalCounts, verticalSystem, subjectAccept, "V", "flow_no=F1 item_code=GJJ-1", "not_applicable told_elsewhere accept V, not_applicable told_elsewhere result V"}},
		"a table that leaves compared cases out is refused": {
			{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-2 flow_no=F1", "accept A"},
			{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-2 flow_no=F1", "not_applicable compared accept V"},
			{half, coreSystem, subjectResult, "A", "result_code=granted", "refused, not_applicable compared accept V"},
			{"", coreSystem, subjectFile, "A", "x", "refused, not_applicable compared accept V"},
			{coreCounts, coreSystem, subjectFile, "A", "y", "not_applicable compared accept V, result A, result_file A"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fastDir(t))
			defer w.close()
			caller := memory.NewCaller(nil)
			for i, step := range story {
				w.tell(step.source, step.subject, step.local, step.what)
				before := len(caller.Effects())
				var said []string
				for range 2 { // a second delivery changes nothing
					err := w.runner.Deliver(context.Background(), w.preceding(caller, step.table), jobs.NewCollecting())
					if fault.Is(err, fault.Config) && said == nil {
						said = append(said, "refused")
						if fault.Say(err, text.ZH) == fault.Say(err, text.EN) || fault.HintOf(err).IsZero() {
							t.Errorf("it says %v", err)
						}
					} else if err != nil && said == nil {
						t.Fatal(err)
					}
				}
				if got := strings.Join(append(said, w.standing(caller, before)...), ", "); got != step.then {
					t.Errorf("step %d, %s %s %s: got %q, want %q", i+1, step.source, step.subject, step.what, got, step.then)
				}
			}
		})
	}
}

// What a receiver refused it was not given: as long as the table stands nobody else speaks for
// the system that is to mend it, and when another one counts its word goes.
func TestACaseThatWasRefusedIsNotBegun(t *testing.T) {
	w := newWorld(t, fastDir(t))
	defer w.close()
	caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
		if localOf(d, row) == "A" {
			return memory.Refused()
		}
		return memory.Fault{}
	})
	for i, step := range []told{
		{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1", "rejected receiver_refused accept A"},
		{coreCounts, verticalSystem, subjectAccept, "V", "item_code=GJJ-1 flow_no=F1", "not_applicable compared accept V, rejected receiver_refused accept A"},
		{verticalCounts, verticalSystem, subjectResult, "V", "result_code=granted", "rejected receiver_refused accept A, accept V, result V"},
		{verticalCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1 mended", "not_applicable compared accept A"},
		{coreCounts, coreSystem, subjectAccept, "A", "item_code=GJJ-1 flow_no=F1 again", "not_applicable told_elsewhere accept A"},
	} {
		w.tell(step.source, step.subject, step.local, step.what)
		before := len(caller.Effects())
		for range 2 {
			if err := w.runner.Deliver(context.Background(), w.preceding(caller, step.table), jobs.NewCollecting()); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(w.standing(caller, before), ", "); got != step.then {
			t.Errorf("step %d: got %q, want %q", i+1, got, step.then)
		}
	}
}

// standing is what is put aside, and what the receiver was given beyond its first effects.
func (w *world) standing(caller *memory.Caller, before int) []string {
	w.Helper()
	list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
	if err != nil {
		w.Fatalf("%v", err)
	}
	var got []string
	for _, e := range list {
		got = append(got, strings.Join([]string{string(e.State), e.Rule, strings.TrimPrefix(e.Stream.Subject, "case/"), ledger.FirstOfKey(e.Key)}, " "))
	}
	slices.Sort(got)
	for _, e := range caller.Effects()[before:] {
		got = append(got, strings.TrimPrefix(e.Table, "case/")+" "+e.Values["local_no"])
	}
	return got
}
