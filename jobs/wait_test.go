package jobs_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

const (
	subjectApplication = "case/application"
	subjectCorrection  = "case/correction"
	subjectSpecial     = "case/special"
	subjectResult      = "case/result"
	subjectFile        = "case/result_file"
)

// fielded is the layout of records that say more than one thing: what holds FIELD=VALUE
// parts, which also stand in columns of their own.
var fielded = []string{"flow_no", "item_code", "case_no", "ended_at", "result_code", "item_region", "group_no"}

// say collects one record of a case; local is its flow number where it is an application.
func (w *world) say(subject, local, what string) {
	w.Helper()
	source := sourceID
	if subject == subjectApplication {
		source = "platform-test"
	}
	w.tell(source, subject, local, what)
}

// sayStep collects one step of a case by its number.
func (w *world) sayStep(local, n, what string) {
	w.Helper()
	number, _ := strconv.ParseInt(n, 10, 64)
	w.tellNth(sourceID, subjectStep, local, number, what)
}

// tell collects one record of a case from a system.
func (w *world) tell(source, subject, local, what string) {
	w.Helper()
	w.tellNth(source, subject, local, 1, what)
}

func (w *world) tellNth(source, subject, local string, n int64, what string) {
	w.Helper()
	view := memory.NewView(sourceSchema)
	view.Append(memory.Row{local, n, what, nil})
	plan := w.collectPlan(subject, view, memory.Options{}, again)
	plan.Spec.From.SourceID, plan.Spec.Pipeline = source, "collect-"+subject+source
	plan.Stage = pipelines.StageFunc(func(_ context.Context, in arrow.Record) (pipelines.Result, error) {
		res := w.mapSource(in, subject)
		res.Outputs[1].Record.Release()
		res.Outputs = res.Outputs[:1]
		rec := res.Outputs[0].Record
		defer rec.Release()
		fields, cols := rec.Schema().Fields(), rec.Columns()
		for _, name := range fielded {
			b := array.NewStringBuilder(w.alloc)
			for row := range int(rec.NumRows()) {
				value := ""
				for part := range strings.SplitSeq(rec.Column(2).(*array.String).Value(row), " ") {
					if v, ok := strings.CutPrefix(part, name+"="); ok {
						value = v
					}
				}
				if value == "" {
					b.AppendNull()
				} else {
					b.Append(value)
				}
			}
			col := b.NewArray()
			b.Release()
			defer col.Release()
			fields, cols = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}), append(cols, col)
		}
		if subject == subjectAccept {
			fields, cols = append(fields, arrow.Field{Name: "round", Type: arrow.PrimitiveTypes.Int64}), append(cols, rec.Column(1))
		}
		began := array.NewInt64Builder(w.alloc)
		defer began.Release()
		for row := range int(rec.NumRows()) {
			_, said, _ := strings.Cut(rec.Column(2).(*array.String).Value(row), "began=")
			at, _ := strconv.ParseInt(said, 10, 64)
			began.Append(at)
		}
		at := began.NewArray()
		defer at.Release()
		fields, cols = append(fields, arrow.Field{Name: "began", Type: arrow.PrimitiveTypes.Int64}), append(cols, at)
		res.Outputs[0].Record = array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
		return res, nil
	})
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil {
		w.Fatalf("collect %s: %v", subject, rep.Err)
	}
}

// platformPlan feeds the subjects of a platform in the order of its profile.
func (w *world) platformPlan(c pipelines.Caller, marks map[string]pipelines.Severity) *jobs.DeliverPlan {
	plan := &jobs.DeliverPlan{Receiver: receiver, Caller: c}
	for _, o := range []ledger.Order{
		{Subject: subjectAccept},
		{Subject: subjectCorrection, Needs: []string{"flow_no", "item_code"}},
		{Subject: subjectSpecial, Parent: true},
		{Subject: subjectResult, Parent: true, Unless: ledger.Unless{Field: "result_code", In: []string{"not_accepted", "lapsed"}}, Needs: []string{"flow_no", "item_code"},
			All: ledger.WaitAll{Subject: subjectSpecial, Having: "ended_at"}},
		{Subject: subjectFile, One: ledger.WaitOne{Subject: subjectResult, Field: "result_code", In: []string{"issued", "granted"}}},
	} {
		o.Receiver = receiver
		plan.Subjects = append(plan.Subjects, jobs.SubjectPlan{Order: o, Table: o.Subject, Calls: 1, Stage: marking(w, marks)})
	}
	return plan
}

// A step of a story collects a record or only delivers; then says what the receiver got
// by it and what is put aside.
type storyStep struct {
	subject, local, what string
	then                 string
}

func TestRecordsWaitForOthersOfTheirCase(t *testing.T) {
	for name, story := range map[string][]storyStep{
		"a correction goes before the acceptance, with the item of its application": {
			{subjectApplication, "F1", "item_code=I1", ""},
			{subjectCorrection, "A", "flow_no=F1", "correction A"}},
		"a correction that brings its item needs nothing else": {
			{subjectCorrection, "A", "flow_no=F1 item_code=I1", "correction A"}},
		"a correction waits for the application and is released by it": {
			{subjectCorrection, "A", "flow_no=F1", "held waits_application correction A"},
			{subjectApplication, "F2", "item_code=I2", "held waits_application correction A"},
			{subjectApplication, "F1", "item_code=I1", "correction A"}},
		"a correction without a number is released by the acceptance": {
			{subjectCorrection, "A", "x", "held waits_application correction A"},
			{subjectAccept, "A", "flow_no=F1 item_code=I1", "accept A, correction A"}},
		"a correction of a case that is not for the receiver is not either": {
			{subjectAccept, "A", "offline", "not_applicable marked accept A"},
			{subjectCorrection, "A", "x", "not_applicable marked accept A, not_applicable parent_not_applicable correction A"}},
		"a special procedure waits for the acceptance": {
			{subjectSpecial, "A", "x", "held waits_parent special A"},
			{subjectAccept, "A", "x", "accept A, special A"}},
		"a result waits while a special procedure is open, and until its end has arrived": {
			{subjectAccept, "A", "x", "accept A"},
			{subjectSpecial, "A", "asked", "special A"},
			{subjectResult, "A", "result_code=granted", "held waits_all result A"},
			{subjectSpecial, "A", "bad ended_at=2", "held waits_all result A, rejected marked special A"},
			{subjectSpecial, "A", "ended_at=3", "special A, result A"}},
		"another case's special procedure holds nobody": {
			{subjectAccept, "A", "x", "accept A"}, {subjectAccept, "B", "x", "accept B"},
			{subjectSpecial, "B", "asked", "special B"},
			{subjectResult, "A", "result_code=granted", "result A"}},
		"a special procedure that is not for the receiver holds nobody": {
			{subjectAccept, "A", "x", "accept A"},
			{subjectSpecial, "A", "offline", "not_applicable marked special A"},
			{subjectResult, "A", "result_code=granted", "not_applicable marked special A, result A"}},
		"a case that lapsed needs no acceptance": {
			{subjectApplication, "F1", "item_code=I1", ""},
			{subjectResult, "A", "result_code=lapsed flow_no=F1", "result A"}},
		"a case that lapsed waits for its application": {
			{subjectResult, "A", "result_code=lapsed flow_no=F1", "held waits_application result A"},
			{subjectApplication, "F1", "item_code=I1", "result A"}},
		"a case that lapsed and has no number to find its application by waits for the acceptance": {
			{subjectResult, "A", "result_code=lapsed", "held waits_application result A"},
			{subjectAccept, "A", "flow_no=F1 item_code=I1", "accept A, result A"}},
		"a case that was refused at acceptance and never accepted needs no acceptance": {
			{subjectApplication, "F1", "item_code=I1", ""},
			{subjectResult, "A", "result_code=not_accepted flow_no=F1", "result A"}},
		"such a case without a number waits until the view shows one": {
			{subjectApplication, "F1", "item_code=I1", ""},
			{subjectResult, "A", "result_code=not_accepted", "held waits_application result A"},
			{subjectResult, "A", "result_code=not_accepted flow_no=F1", "result A"}},
		"a case that lapsed goes once its acceptance is collected, refused or not": {
			{subjectResult, "A", "result_code=lapsed", "held waits_application result A"},
			{subjectAccept, "A", "bad flow_no=F1", "rejected marked accept A, result A"}},
		"any other result waits for the acceptance": {
			{subjectResult, "A", "result_code=granted flow_no=F1 item_code=I1", "held waits_parent result A"}},
		"a result file follows a result that was issued or granted": {
			{subjectAccept, "A", "x", "accept A"},
			{subjectFile, "A", "x", "held waits_one result_file A"},
			{subjectResult, "A", "result_code=issued", "result A, result_file A"}},
		"a result file of another result is not for the receiver, until the result changes": {
			{subjectAccept, "A", "x", "accept A"},
			{subjectResult, "A", "result_code=refused", "result A"},
			{subjectFile, "A", "x", "not_applicable not_due result_file A"},
			{subjectResult, "A", "result_code=granted", "result A, result_file A"}},
		"a result file waits for a result that is refused there": {
			{subjectAccept, "A", "x", "accept A"},
			{subjectResult, "A", "bad result_code=issued", "rejected marked result A"},
			{subjectFile, "A", "x", "held waits_one result_file A, rejected marked result A"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fastDir(t))
			defer w.close()
			caller := memory.NewCaller(nil)
			marks := map[string]pipelines.Severity{"offline": pipelines.NotApplicable, "bad ended_at=2": pipelines.Reject, "bad flow_no=F1": pipelines.Reject, "bad result_code=issued": pipelines.Reject}
			for i, step := range story {
				w.say(step.subject, step.local, step.what)
				before := len(caller.Effects())
				for range 2 { // a second delivery changes nothing
					if err := w.runner.Deliver(context.Background(), w.platformPlan(caller, marks), jobs.NewCollecting()); err != nil {
						t.Fatal(err)
					}
				}
				got := w.standing(caller, before)
				if said := strings.Join(got, ", "); said != step.then {
					t.Errorf("step %d, %s %s: got %q, want %q", i+1, step.subject, step.what, said, step.then)
				}
			}
		})
	}
}
