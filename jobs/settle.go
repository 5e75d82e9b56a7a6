package jobs

import (
	"context"
	"errors"
	"time"

	"banjian/ledger"
	"banjian/ledger/collect"
)

// debt is one kind of what records of a pipeline wait for that is no row of their
// department.
type debt struct {
	mode   string                                                 // of a run of its own
	due    func(ctx context.Context, now time.Time) (bool, error) // nil: the pipeline has none of the kind
	settle func(ctx context.Context, c *collect.Collector, rep *Report) error
}

// isDue looks whether anything of the kind is to be asked for.
func (d *debt) isDue(ctx context.Context, plan *CollectPlan) (bool, error) {
	if d.due == nil {
		return false, nil
	}
	now := plan.now()
	if plan.AllFiles {
		now = now.Add(ledger.EveryFile)
	}
	return d.due(ctx, now)
}

// settle asks once more for what waits, within a run.
func (r *Runner) settle(ctx context.Context, plan *CollectPlan, d debt, lease ledger.Lease, rep *Report) error {
	if due, err := d.isDue(ctx, plan); err != nil || !due {
		return err
	}
	c, err := r.collector(ctx, plan, lease, rep.Run)
	if err != nil {
		return err
	}
	return d.settle(ctx, c, rep)
}

// settleAlone does it in a run of its own, if anything is due.
func (r *Runner) settleAlone(ctx context.Context, plan *CollectPlan, d debt) Report {
	start := time.Now()
	rep := Report{Run: ledger.Run{Pipeline: plan.Spec.Pipeline, Mode: d.mode, State: "failed"}}
	if due, err := d.isDue(ctx, plan); err != nil || !due {
		rep.Err = err
		return rep
	}
	rep.Err = r.underLease(ctx, CollectLease(plan.Spec.Pipeline), 0, func(ctx context.Context, lease *hold) error {
		run, err := r.Store.StartRun(ctx, plan.Spec.Pipeline, d.mode, plan.Mapping)
		if err != nil {
			return err
		}
		r.Tally.Current(run.Num)
		rep.Run = run
		err = r.settle(ctx, plan, d, lease.Lease, &rep)
		rep.Run.State, rep.Run.Counts, rep.Run.Error = stateOf(err, rep), rep.Counts, packed(err)
		return errors.Join(err, r.Store.EndRun(context.WithoutCancel(ctx), rep.Run))
	})
	rep.Elapsed = time.Since(start)
	return rep
}
