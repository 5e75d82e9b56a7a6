package jobs

import (
	"context"

	"banjian/ledger/collect"
	"banjian/pipelines"
)

// portions collects portion after portion, a run for each. The report tells of the last run
// and counts all of them.
func (r *Runner) portions(ctx context.Context, plan *CollectPlan, progress func(pipelines.Counts)) Report {
	var all Report
	for {
		before := all.Counts
		rep := r.collectOnce(ctx, plan, func(c pipelines.Counts) {
			if progress != nil {
				c.Add(before)
				progress(c)
			}
		})
		all.after(rep)
		if rep.Err != nil || !rep.more || plan.Dry {
			return all
		}
		if plan.used(rep.Counts.Read) {
			all.Cut, all.Run.State = true, stateOf(nil, Report{Cut: true})
			return all
		}
	}
}

// after makes rep what happened after it and next.
func (rep *Report) after(next Report) {
	next.Counts.Add(rep.Counts)
	next.Elapsed += rep.Elapsed
	next.Drift = append(rep.Drift, next.Drift...)
	if next.Absence == nil {
		next.Absence = rep.Absence
	}
	if !rep.Run.Started.IsZero() {
		next.Run.Started = rep.Run.Started
	}
	*rep = next
}

// acknowledge tells a source that everything it gave is durable.
func (r *Runner) acknowledge(ctx context.Context, plan *CollectPlan, source pipelines.Source) {
	a, can := source.(pipelines.Acknowledger)
	if !can || plan.Dry {
		return
	}
	if err := a.Acknowledge(ctx); err != nil && r.Log != nil {
		r.Log.Warn("what was taken could not be marked; it is read again", "pipeline", plan.Spec.Pipeline, "error", err)
	}
}

// putAway has a source that gives portions file away what the ledger has taken.
func (r *Runner) putAway(ctx context.Context, plan *CollectPlan, c *collect.Collector, source pipelines.Source) {
	portions, given := source.(pipelines.Portioned)
	if !given || plan.Dry {
		return
	}
	ctx = context.WithoutCancel(ctx)
	at, err := c.Load(ctx)
	if err == nil {
		err = portions.PutAway(ctx, at)
	}
	if err != nil && r.Log != nil {
		r.Log.Warn("what was taken could not be put away; the next run tries again", "pipeline", plan.Spec.Pipeline, "error", err)
	}
}
