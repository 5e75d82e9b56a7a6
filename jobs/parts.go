package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Parts is a source that comes in parts (分区), read side by side: each has a position and
// a lease of its own in the ledger, under pipelines.Slot.
type Parts struct {
	// Starts is where each part is begun when none of the pipeline ever was.
	Starts func(context.Context) (map[int]pipelines.Position, error)
	// Plan is the collect of one part; follow says that it waits for more instead of ending
	// at what is there. Its stage serves this part alone.
	Plan func(part int, follow bool) (*CollectPlan, error)
	// Join takes part in sharing the parts out among those who read.
	Join func(context.Context) (pipelines.Member, error)
}

// partsAtOnce is how many parts one process reads side by side.
const partsAtOnce = 4

// CollectLease is the lease under which a pipeline is read, and its parts are begun.
func CollectLease(pipeline string) string { return "collect:" + pipeline }

// PartLease is the lease under which one part of a pipeline is read.
func PartLease(pipeline string, part int) string {
	return CollectLease(pipelines.Slot(pipeline, part))
}

// collectParts reads every part up to what is there now, as one run.
func (r *Runner) collectParts(ctx context.Context, plan *CollectPlan, progress func(pipelines.Counts)) Report {
	s := &session{runner: r, plan: plan, progress: progress}
	var list []int
	err := s.begin(ctx, func() (err error) { list, err = r.begun(ctx, plan); return err })
	if err == nil {
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(plan.abreast())
		for _, part := range list {
			g.Go(func() error { return s.part(gctx, part, false, 0) })
		}
		err = g.Wait()
	}
	return s.end(ctx, err)
}

// begun stores where parts are begun, if none of the pipeline ever was, and lists them. A
// part that comes later is read from its first message.
func (r *Runner) begun(ctx context.Context, plan *CollectPlan) ([]int, error) {
	starts, err := plan.Parts.Starts(ctx)
	if err != nil {
		return nil, err
	}
	var list []int
	for part := range starts {
		list = append(list, part)
	}
	slices.Sort(list)
	if plan.Dry {
		return list, nil
	}
	name := plan.Spec.Pipeline
	return list, r.underLease(ctx, CollectLease(name), leaseTTL, func(ctx context.Context, _ *hold) error {
		slots, err := r.Store.Slots(ctx, name)
		if err != nil || len(slots) > 0 {
			return err
		}
		for _, part := range list {
			if err := r.Place(ctx, name, part, starts[part]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Place stores where a part is to be gone on from. Blocked: it is being read.
func (r *Runner) Place(ctx context.Context, pipeline string, part int, at pipelines.Position) error {
	return r.underLease(ctx, PartLease(pipeline, part), 0, func(ctx context.Context, h *hold) error {
		_, err := r.Store.Commit(ctx, &ledger.Change{Lease: h.Lease, Pipeline: pipeline, Slot: pipelines.Slot(pipeline, part), Position: at})
		return err
	})
}

// session is one run over parts.
type session struct {
	runner   *Runner
	plan     *CollectPlan
	progress func(pipelines.Counts)
	show     func(part int, at pipelines.Position) // told of what is durable; nil = nobody is
	start    time.Time

	mu     sync.Mutex
	rep    Report
	counts map[int]pipelines.Counts // by part, of collects under way
	failed error                    // what a part ended with, while others go on
}

func (s *session) begin(ctx context.Context, prepare func() error) error {
	spec := &s.plan.Spec
	s.start, s.counts = time.Now(), map[int]pipelines.Counts{}
	s.rep = Report{Run: ledger.Run{Pipeline: spec.Pipeline, Mode: spec.From.Mode, State: "failed", Mapping: s.plan.Mapping, Started: s.start}}
	if !s.plan.Dry {
		run, err := s.runner.Store.StartRun(ctx, spec.Pipeline, spec.From.Mode, s.plan.Mapping)
		if err != nil {
			return err
		}
		s.rep.Run = run
		s.runner.Tally.Current(run.Num)
	}
	return prepare()
}

// part collects one part, and books what it came to.
func (s *session) part(ctx context.Context, part int, follow bool, patience time.Duration) error {
	return s.runner.underLease(ctx, PartLease(s.plan.Spec.Pipeline, part), patience, func(ctx context.Context, h *hold) error {
		plan, err := s.plan.Parts.Plan(part, follow)
		if err != nil || s.out(plan) {
			return err
		}
		plan.slot, plan.Dry, plan.Beside = pipelines.Slot(s.plan.Spec.Pipeline, part), s.plan.Dry, s.plan.Beside
		if open := plan.Open; s.show != nil {
			plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
				src, err := open(ctx, at)
				if err != nil {
					return nil, err
				}
				return &shownSource{src, func(at pipelines.Position) { s.show(part, at) }}, nil
			}
		}
		rep := Report{Run: s.rep.Run}
		err = s.runner.collect(ctx, plan, h.Lease, &rep, func(c pipelines.Counts) { s.book(part, c, false) })
		s.book(part, rep.Counts, true)
		s.mu.Lock()
		s.rep.Cut, s.rep.Moved = s.rep.Cut || rep.Cut, s.rep.Moved || rep.Moved
		for _, d := range rep.Drift { // every part sees it
			if !slices.ContainsFunc(s.rep.Drift, func(x pipelines.Drift) bool { return x.What == d.What }) {
				s.rep.Drift = append(s.rep.Drift, d)
			}
		}
		s.mu.Unlock()
		return err
	})
}

// shownSource tells others how far it was read.
type shownSource struct {
	pipelines.Source
	show func(pipelines.Position)
}

// Commit passes the hint on.
func (s *shownSource) Commit(ctx context.Context, at pipelines.Position) error {
	s.show(at)
	return s.Source.Commit(ctx, at)
}

// Drifted passes on what the source saw.
func (s *shownSource) Drifted() []pipelines.Drift {
	if d, ok := s.Source.(pipelines.Drifter); ok {
		return d.Drifted()
	}
	return nil
}

// book adds what a part came to: so far, or in the end.
func (s *session) book(part int, c pipelines.Counts, ended bool) {
	s.mu.Lock()
	s.counts[part] = c
	if ended {
		s.rep.Counts.Add(c)
		delete(s.counts, part)
	}
	sum := s.rep.Counts
	for _, one := range s.counts {
		sum.Add(one)
	}
	s.mu.Unlock()
	if s.progress != nil {
		s.progress(sum)
	}
}

// end closes the run.
func (s *session) end(ctx context.Context, err error) Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	rep := &s.rep
	rep.Run.State, rep.Run.Counts = stateOf(err, *rep), rep.Counts
	rep.Run.Error = packed(err)
	if !s.plan.Dry && rep.Run.Num != 0 {
		err = errors.Join(err, s.runner.Store.EndRun(context.WithoutCancel(ctx), rep.Run))
	}
	rep.Err, rep.Elapsed = err, time.Since(s.start)
	return *rep
}

func packed(err error) string {
	if err == nil {
		return ""
	}
	return text.T(sayIn(err, text.ZH), sayIn(err, text.EN)).Packed()
}
