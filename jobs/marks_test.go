package jobs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// marking is a plan over a view whose column more says that a row is deleted.
func (w *world) marking(mode string, rows ...memory.Row) *jobs.CollectPlan {
	plan := w.collectPlan(subjectAccept, memory.NewView(sourceSchema, rows...), memory.Options{}, again)
	plan.Spec.From.Mode, plan.Deletes = mode, loose
	plan.Spec.From.Deleted = &pipelines.SoftDelete{Column: "more", Values: []string{"1", "Y"}}
	stage := plan.Stage
	plan.Stage = pipelines.StageFunc(func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
		res, err := stage.Apply(ctx, in)
		if err == nil {
			res.Outputs[1].Record.Release()
			res.Outputs = res.Outputs[:1]
		}
		return res, err
	})
	plan.Keys = map[string][]string{subjectAccept: {"local_no", "n"}}
	return plan
}

func TestARowMarkedAsDeletedDeletesItsRecord(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	row := func(local, what, mark string) memory.Row { return memory.Row{local, int64(1), what, mark} }
	run := func(want pipelines.Counts, rows ...memory.Row) {
		t.Helper()
		rep := w.runner.Collect(context.Background(), w.marking("incremental", rows...), nil)
		if rep.Err != nil {
			t.Fatal(rep.Err)
		}
		c := rep.Counts
		c.BytesRead = 0
		if c != want || c.Check() != nil {
			t.Errorf("counts %+v, want %+v", c, want)
		}
	}
	run(pipelines.Counts{Read: 4, Collected: 3, Filtered: 1, Records: 3}, row("A", "x", "0"), row("B", "x", "0"), row("C", "x", "0"), row("D", "x", "Y"))
	run(pipelines.Counts{Read: 2, Collected: 1, Unchanged: 1, Records: 1, Deleted: 1}, row("A", "x", "0"), row("B", "x", "1"))
	if got := w.alive(subjectAccept); got != "A=x@1 C=x@1" {
		t.Errorf("alive: %s", got)
	}
	run(pipelines.Counts{Read: 1, Unchanged: 1}, row("B", "x", "1"))
	run(pipelines.Counts{Read: 1, Unchanged: 1}, row("B", "z", "1"))
	run(pipelines.Counts{Read: 1, Collected: 1, Records: 1}, row("B", "z", "0"))
	if got := w.alive(subjectAccept); got != "A=x@1 C=x@1 B=z@3" {
		t.Errorf("alive: %s", got)
	}
}

func TestAMassOfMarksStopsTheRun(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	row := func(local, mark string) memory.Row { return memory.Row{local, int64(1), "x", mark} }
	if rep := w.runner.Collect(context.Background(), w.marking("full", row("A", ""), row("B", ""), row("C", "")), nil); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.marking("full", row("A", "1"), row("B", "1"), row("C", ""))
	plan.Deletes = collect.DeleteFuse{Max: 1, Ratio: 1}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if !fault.Is(rep.Err, fault.Config) || !strings.Contains(fault.HintOf(rep.Err).EN, "--approve-deletes") || w.alive(subjectAccept) != "A=x@1 B=x@1 C=x@1" {
		t.Fatalf("%v; %s", rep.Err, w.alive(subjectAccept))
	}
	plan.Approve = &jobs.Approval{Who: "张三"}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || w.alive(subjectAccept) != "C=x@1" {
		t.Errorf("%v; %s", rep.Err, w.alive(subjectAccept))
	}
}
