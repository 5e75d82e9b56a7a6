package jobs

import (
	"context"
	"time"

	"banjian/ledger/collect"
)

// ModeFiles is the mode of a run that asks only for files that records wait for. It is no
// collect: the history of those goes without it.
const ModeFiles = "files"

// SettleFiles (补取附件) asks for files that a pipeline's records wait for, in a run of its
// own if there are any. Nothing is read from the department's view. Blocked: the pipeline is
// being collected, which does the same.
func (r *Runner) SettleFiles(ctx context.Context, plan *CollectPlan) Report {
	return r.settleAlone(ctx, plan, r.files(plan))
}

func (r *Runner) files(plan *CollectPlan) debt {
	d := debt{mode: ModeFiles}
	if plan.Files == nil {
		return d
	}
	d.due = func(ctx context.Context, now time.Time) (bool, error) {
		list, err := r.Store.OwedFiles(ctx, plan.Spec.Pipeline, now, 0, 1)
		return len(list) > 0, err
	}
	d.settle = func(ctx context.Context, c *collect.Collector, rep *Report) error {
		counts, err := c.SettleFiles(ctx, r.Store, plan.Files, plan.AllFiles)
		rep.Counts.Add(counts)
		return err
	}
	return d
}

// Quiet runs fn while it holds every lease under which pipelines collect, so that nothing
// new refers to a file that is kept. Blocked: one of them is being collected.
func (r *Runner) Quiet(ctx context.Context, pipelines []string, fn func(context.Context) error) error {
	var names []string
	for _, p := range pipelines {
		names = append(names, CollectLease(p))
		slots, err := r.Store.Slots(ctx, p)
		if err != nil {
			return err
		}
		for _, s := range slots {
			names = append(names, PartLease(p, s.Part))
		}
	}
	return r.underLeases(ctx, names, fn)
}

func (r *Runner) underLeases(ctx context.Context, names []string, fn func(context.Context) error) error {
	if len(names) == 0 {
		return fn(ctx)
	}
	return r.underLease(ctx, names[0], 0, func(ctx context.Context, _ *hold) error { return r.underLeases(ctx, names[1:], fn) })
}
