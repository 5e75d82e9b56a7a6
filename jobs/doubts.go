package jobs

import (
	"context"
	"errors"
	"time"

	"banjian/ledger"
)

// ModeVerify is the mode of a run that only verifies again what could not be verified when
// it was collected. It is no collect: the history of those goes without it.
const ModeVerify = "verify"

// settleDoubts verifies once more what waits for it, within a run.
func (r *Runner) settleDoubts(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report) error {
	if due, err := r.doubtsDue(ctx, plan); err != nil || !due {
		return err
	}
	c, err := r.collector(ctx, plan, lease, rep.Run)
	if err != nil {
		return err
	}
	released, counts, err := c.SettleDoubts(ctx, r.Store, plan.Recheck, plan.AllFiles)
	rep.Verified += released
	rep.Counts.Add(counts)
	return err
}

func (r *Runner) doubtsDue(ctx context.Context, plan *CollectPlan) (bool, error) {
	if plan.Recheck == nil {
		return false, nil
	}
	due := plan.now()
	if plan.AllFiles {
		due = due.Add(ledger.EveryFile)
	}
	list, err := r.Store.DueDoubts(ctx, plan.Spec.Pipeline, due, nil, ledger.DoubtOf{}, 1)
	return len(list) > 0, err
}

// SettleDoubts (补核验) verifies again, in a run of its own if there is anything due, what
// could not be verified when it was collected, or was found not to be so. Nothing is read
// from the department's view. Blocked: the pipeline is being collected, which does the same.
func (r *Runner) SettleDoubts(ctx context.Context, plan *CollectPlan) Report {
	start := time.Now()
	rep := Report{Run: ledger.Run{Pipeline: plan.Spec.Pipeline, Mode: ModeVerify, State: "failed"}}
	if due, err := r.doubtsDue(ctx, plan); err != nil || !due {
		rep.Err = err
		return rep
	}
	rep.Err = r.underLease(ctx, startLease(plan.Spec.Pipeline), 0, func(ctx context.Context, lease *hold) error {
		run, err := r.Store.StartRun(ctx, plan.Spec.Pipeline, ModeVerify, plan.Mapping)
		if err != nil {
			return err
		}
		r.Tally.Current(run.Num)
		rep.Run = run
		err = r.settleDoubts(ctx, plan, lease.Lease, &rep)
		rep.Run.State, rep.Run.Counts, rep.Run.Error = stateOf(err, rep.Counts), rep.Counts, packed(err)
		return errors.Join(err, r.Store.EndRun(context.WithoutCancel(ctx), rep.Run))
	})
	rep.Elapsed = time.Since(start)
	return rep
}
