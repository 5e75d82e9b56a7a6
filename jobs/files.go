package jobs

import (
	"context"
	"errors"
	"time"

	"banjian/ledger"
)

// ModeFiles is the mode of a run that asks only for files that records wait for. It is no
// collect: the history of those goes without it.
const ModeFiles = "files"

// settleFiles asks once more for files that the pipeline's records wait for, within a run.
func (r *Runner) settleFiles(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report) error {
	if plan.Files == nil {
		return nil
	}
	due, err := r.filesDue(ctx, plan)
	if err != nil || !due {
		return err
	}
	c, err := r.collector(ctx, plan, lease, rep.Run)
	if err != nil {
		return err
	}
	counts, err := c.SettleFiles(ctx, r.Store, plan.Files, plan.AllFiles)
	rep.Counts.Add(counts)
	return err
}

func (r *Runner) filesDue(ctx context.Context, plan *CollectPlan) (bool, error) {
	due := plan.now()
	if plan.AllFiles {
		due = due.Add(ledger.EveryFile)
	}
	list, err := r.Store.OwedFiles(ctx, plan.Spec.Pipeline, due, 0, 1)
	return len(list) > 0, err
}

// SettleFiles (补取附件) asks for files that a pipeline's records wait for, in a run of its
// own if there are any. Nothing is read from the department's view. Blocked: the pipeline is
// being collected, which does the same.
func (r *Runner) SettleFiles(ctx context.Context, plan *CollectPlan) Report {
	start := time.Now()
	rep := Report{Run: ledger.Run{Pipeline: plan.Spec.Pipeline, Mode: ModeFiles, State: "failed"}}
	if plan.Files == nil {
		return rep
	}
	if due, err := r.filesDue(ctx, plan); err != nil || !due {
		rep.Err = err
		return rep
	}
	rep.Err = r.underLease(ctx, startLease(plan.Spec.Pipeline), 0, func(ctx context.Context, lease *hold) error {
		run, err := r.Store.StartRun(ctx, plan.Spec.Pipeline, ModeFiles, plan.Mapping)
		if err != nil {
			return err
		}
		r.Tally.Current(run.Num)
		rep.Run = run
		err = r.settleFiles(ctx, plan, lease.Lease, &rep)
		rep.Run.State, rep.Run.Counts, rep.Run.Error = stateOf(err, rep.Counts), rep.Counts, packed(err)
		return errors.Join(err, r.Store.EndRun(context.WithoutCancel(ctx), rep.Run))
	})
	rep.Elapsed = time.Since(start)
	return rep
}

// Quiet runs fn while it holds every lease under which pipelines collect, so that nothing
// new refers to a file that is kept. Blocked: one of them is being collected.
func (r *Runner) Quiet(ctx context.Context, pipelines []string, fn func(context.Context) error) error {
	var names []string
	for _, p := range pipelines {
		names = append(names, startLease(p))
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
