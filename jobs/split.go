package jobs

import (
	"context"

	"golang.org/x/sync/errgroup"

	"banjian/ledger"
	"banjian/pipelines"
)

// collectSplit reads the ranges of a first load that are left, several at a time, each under
// a lease and with a position of its own (pipelines.Slot), as parts of one run. What a range
// has committed before it was interrupted is known when it is read again. ctx is the run's.
func (r *Runner) collectSplit(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report, split *pipelines.Split, progress func(pipelines.Counts)) error {
	left, err := r.rangesLeft(ctx, plan, lease, split)
	if err != nil {
		return err
	}
	limits, err := plan.limits()
	if err != nil {
		return err
	}
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s := &session{runner: r, plan: plan, counts: map[int]pipelines.Counts{}, rep: Report{Run: rep.Run}}
	s.progress = func(sum pipelines.Counts) {
		if err := limits.Check(sum); err != nil {
			stop(err)
		}
		if progress != nil {
			progress(sum)
		}
	}
	g, gctx := errgroup.WithContext(work)
	g.SetLimit(plan.atOnce(split))
	for part, at := range left {
		g.Go(func() error { return s.ranged(gctx, part, at, split.Count) })
	}
	err = g.Wait()
	rep.Counts.Add(s.rep.Counts)
	if cause := context.Cause(work); cause != nil && ctx.Err() == nil {
		err = cause
	}
	if err != nil || plan.Dry {
		return err
	}
	_, err = r.Store.Commit(ctx, &ledger.Change{Lease: lease, Run: rep.Run.Num, Pipeline: plan.Spec.Pipeline, Mapping: plan.Mapping, Position: split.End})
	return err
}

// atOnce is how many ranges are read side by side: each needs a stage of its own.
func (p *CollectPlan) atOnce(split *pipelines.Split) int {
	if p.Fresh == nil {
		return 1
	}
	return max(1, min(split.AtOnce, split.Count))
}

// rangesLeft stores ranges that were just made, and gives those that are not committed, by
// number. The pipeline's own position is moved when all of them are stored: a run that ends
// before makes them anew.
func (r *Runner) rangesLeft(ctx context.Context, plan *CollectPlan, lease ledger.Lease, split *pipelines.Split) (map[int]pipelines.Position, error) {
	left, name := map[int]pipelines.Position{}, plan.Spec.Pipeline
	for part, at := range split.Ranges {
		left[part] = at
		if plan.Dry {
			continue
		}
		if err := r.Place(ctx, name, part, at); err != nil {
			return nil, err
		}
	}
	if len(split.Ranges) > 0 {
		if plan.Dry {
			return left, nil
		}
		_, err := r.Store.Commit(ctx, &ledger.Change{Lease: lease, Pipeline: name, Mapping: plan.Mapping, Position: split.Begun})
		return left, err
	}
	slots, err := r.Store.Slots(ctx, name)
	for _, s := range slots {
		if s.Part < split.Count && s.Position != "" {
			left[s.Part] = s.Position
		}
	}
	return left, err
}

// ranged reads one range.
func (s *session) ranged(ctx context.Context, part int, at pipelines.Position, of int) error {
	name := s.plan.Spec.Pipeline
	return s.runner.underLease(ctx, PartLease(name, part), 0, func(ctx context.Context, h *hold) error {
		plan := *s.plan
		plan.slot, plan.ranged = pipelines.Slot(name, part), true
		plan.Spec.Rejects = pipelines.LimitsSpec{} // those of the run
		plan.Fuse.Max = (plan.Fuse.Max + int64(of) - 1) / int64(of)
		if plan.Fresh != nil {
			var err error
			if plan.Stage, plan.KeyOf, err = plan.Fresh(); err != nil {
				return err
			}
		}
		open := plan.Open
		plan.Open = func(ctx context.Context, _ pipelines.Position) (pipelines.Source, error) { return open(ctx, at) }
		rep := Report{Run: s.rep.Run}
		err := s.runner.collect(ctx, &plan, h.Lease, &rep, func(c pipelines.Counts) { s.book(part, c, false) })
		s.book(part, rep.Counts, true)
		return err
	})
}

// splitOf is the ranges of a source that is to be read in some; nil: it is not.
func splitOf(plan *CollectPlan, source pipelines.Source) *pipelines.Split {
	s, can := source.(pipelines.Splitter)
	if !can || plan.Remap || plan.ranged {
		return nil
	}
	return s.Split()
}
