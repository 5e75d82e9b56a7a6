package jobs

import (
	"context"
	"time"

	"banjian/ledger"
	"banjian/ledger/collect"
)

// ModeVerify is the mode of a run that only verifies again what could not be verified when
// it was collected. It is no collect: the history of those goes without it.
const ModeVerify = "verify"

// SettleDoubts (补核验) verifies again, in a run of its own if there is anything due, what
// could not be verified when it was collected, or was found not to be so. Nothing is read
// from the department's view. Blocked: the pipeline is being collected, which does the same.
func (r *Runner) SettleDoubts(ctx context.Context, plan *CollectPlan) Report {
	return r.settleAlone(ctx, plan, r.doubts(plan))
}

func (r *Runner) doubts(plan *CollectPlan) debt {
	d := debt{mode: ModeVerify}
	if plan.Recheck == nil {
		return d
	}
	d.due = func(ctx context.Context, now time.Time) (bool, error) {
		list, err := r.Store.DueDoubts(ctx, plan.Spec.Pipeline, now, nil, ledger.DoubtOf{}, 1)
		return len(list) > 0, err
	}
	d.settle = func(ctx context.Context, c *collect.Collector, rep *Report) error {
		released, counts, err := c.SettleDoubts(ctx, r.Store, plan.Recheck, plan.AllFiles)
		rep.Verified += released
		rep.Counts.Add(counts)
		return err
	}
	return d
}
