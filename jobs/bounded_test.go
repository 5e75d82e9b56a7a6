package jobs_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/pipelines"
)

// limited gives one batch and leaves the rest.
type limited struct {
	pipelines.Source
	given bool
}

func (l *limited) Read(ctx context.Context) (pipelines.Batch, error) {
	if l.given {
		return pipelines.Batch{}, io.EOF
	}
	l.given = true
	return l.Source.Read(ctx)
}

func (l *limited) Cut() bool { return true }

func (w *world) limited(plan *jobs.CollectPlan) jobs.Report {
	w.Helper()
	open := plan.Open
	plan.Limit = 2
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		src, err := open(ctx, at)
		return &limited{Source: src}, err
	}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if err := errors.Join(rep.Err, rep.Counts.Check()); err != nil {
		w.Fatalf("%v", err)
	}
	return rep
}

func TestAReadingThatWasCutDeletesNothingAndIsNoComparison(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	first, err := w.store.LastCompared(context.Background(), "collect-"+subjectAccept)
	if err != nil {
		t.Fatal(err)
	}
	rep := w.limited(w.comparing(w.rowsOf("A=x", "C=y", "D=x"), memory.Options{Batches: []int{2}}))
	if c := rep.Counts; !rep.Cut || c.Read != 2 || c.Deleted != 0 || rep.Absence != nil || rep.Run.Whole || rep.Run.Compared || rep.Run.State != "partial" || rep.Run.Error != "" {
		t.Errorf("%+v", rep)
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1 C=y@2" {
		t.Errorf("alive: %s", got)
	}
	if last, err := w.store.LastCompared(context.Background(), "collect-"+subjectAccept); err != nil || last.ID != first.ID {
		t.Errorf("compared last in %s, %v", last.ID, err)
	}
	if rep := w.compares(w.rowsOf("A=x", "C=y", "D=x")); rep.Counts.Deleted != 1 || !rep.Run.Whole { // the next whole one does
		t.Errorf("%+v", rep.Counts)
	}
}

func TestARunThatWasCutSaysWhetherTheNextGoesOnBehindIt(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A=x", "B=x", "C=x", "D=x")
	if rep := w.limited(w.collectPlan(subjectAccept, view, memory.Options{Batches: []int{2}}, onward)); !rep.Cut || !rep.Moved {
		t.Errorf("%+v", rep)
	}
	dry := w.collectPlan(subjectAccept, view, memory.Options{Batches: []int{2}}, onward)
	dry.Dry = true
	if rep := w.limited(dry); !rep.Cut || rep.Moved {
		t.Errorf("%+v", rep)
	}
	if rep := w.collect(subjectAccept, view, memory.Options{}, onward); rep.Err != nil || rep.Counts.Read != 2 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
}

// capped gives one row at a time, up to its plan's limit.
type capped struct {
	pipelines.Source
	plan *jobs.CollectPlan
	read int64
}

func (c *capped) Read(ctx context.Context) (pipelines.Batch, error) {
	if c.Cut() {
		return pipelines.Batch{}, io.EOF
	}
	c.read++
	return c.Source.Read(ctx)
}

func (c *capped) Cut() bool { return c.plan.Limit > 0 && c.read >= c.plan.Limit }

func TestALimitHoldsForAllPartsTogether(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	views := []*memory.View{w.rowsOf("A=x", "B=x", "C=x"), w.rowsOf("D=x", "E=x", "F=x")}
	for i, c := range []struct {
		limit, read int64
		state       string
	}{{4, 4, "partial"}, {4, 2, "done"}, {0, 0, "done"}} {
		plan := w.collectPlan(subjectAccept, views[0], memory.Options{}, onward)
		plan.Limit = c.limit
		plan.Parts = &jobs.Parts{
			Starts: func(context.Context) (map[int]pipelines.Position, error) {
				return map[int]pipelines.Position{0: "", 1: ""}, nil
			},
			Plan: func(part int, _ bool) (*jobs.CollectPlan, error) {
				one := w.collectPlan(subjectAccept, views[part], memory.Options{Batches: []int{1}}, onward)
				open := one.Open
				one.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
					src, err := open(ctx, at)
					return &capped{Source: src, plan: one}, err
				}
				return one, nil
			},
		}
		rep := w.runner.Collect(context.Background(), plan, nil)
		if rep.Err != nil || rep.Counts.Read != c.read || rep.Run.State != c.state || rep.Cut != (c.state == "partial") {
			t.Errorf("run %d: %+v, %v", i, rep, rep.Err)
		}
	}
}

// portion is one of several, as of files.
type portion struct{ pipelines.Source }

func (portion) Whole() bool                                       { return true }
func (portion) More() bool                                        { return true }
func (portion) PutAway(context.Context, pipelines.Position) error { return nil }

func TestALimitHoldsForAllPortionsTogether(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	var limits []int64
	plan := w.comparing(w.rowsOf("A=x", "B=x"), memory.Options{})
	plan.Limit = 3
	open := plan.Open
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		limits = append(limits, plan.Limit)
		src, err := open(ctx, at)
		return portion{src}, err
	}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Counts.Read != 4 || !rep.Cut || rep.Run.State != "partial" || len(limits) != 2 || limits[1] != 1 {
		t.Errorf("%+v, %v, limits %v", rep, rep.Err, limits)
	}
}
