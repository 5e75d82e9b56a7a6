package main

import (
	"context"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// How soon a continuous pipeline that could not go on is tried again, and how often one
// that is paused is looked at.
const (
	streamAgain   = 2 * time.Second
	streamAtLeast = 5 * time.Minute // apart, once it has failed for long
	streamLook    = 2 * time.Second
	streamQuiet   = 10 * time.Second // what passes sooner is nobody's trouble
)

// streams keep the continuous pipelines of a site going while serve runs.
type streams struct {
	app   *app
	house *house
	store ledger.Store
	feed  *feeders

	wg sync.WaitGroup
}

// start begins every one of them; how many there are.
func (s *streams) start(ctx context.Context) (int, error) {
	specs, err := s.house.Pipelines(nil)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, spec := range specs {
		if !spec.Continuous() {
			continue
		}
		n++
		plan, err := s.house.CollectPlan(spec)
		if err != nil {
			return n, err
		}
		s.wg.Go(func() { s.keep(ctx, plan) })
	}
	return n, nil
}

func (s *streams) wait() { s.wg.Wait() }

// keep reads one pipeline whenever it is not paused, and begins again after faults.
func (s *streams) keep(ctx context.Context, plan *jobs.CollectPlan) {
	name, pause := plan.Spec.Pipeline, streamAgain
	for ctx.Err() == nil {
		since, err := ledger.PausedSince(ctx, s.store, name)
		if err == nil && !since.IsZero() {
			sleep(ctx, streamLook)
			continue
		}
		began := time.Now()
		if err == nil {
			err = s.follow(ctx, plan)
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil || time.Since(began) > streamAtLeast {
			pause = streamAgain
		}
		if err != nil {
			if !fault.Is(err, fault.Transient) || pause > streamQuiet {
				s.app.report(err)
			}
			s.app.log().Info("stream begins again", "pipeline", name, "pause", pause, "error", err)
			sleep(ctx, max(pause, fault.AfterOf(err)))
			pause = min(2*pause, streamAtLeast)
		}
	}
}

// follow reads until ctx ends or somebody pauses the pipeline.
func (s *streams) follow(ctx context.Context, plan *jobs.CollectPlan) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var watch sync.WaitGroup
	defer watch.Wait()
	defer stop()
	watch.Go(func() {
		for sleep(ctx, streamLook) {
			if since, err := ledger.PausedSince(ctx, s.store, plan.Spec.Pipeline); err == nil && !since.IsZero() {
				stop()
			}
		}
	})
	runner := s.app.runner(s.store)
	w := &waker{ask: func() {
		for _, r := range plan.Spec.Deliver {
			s.feed.ask(r)
		}
	}}
	return runner.Follow(ctx, plan, w.wrote, func(rep jobs.Report) { s.ended(ctx, runner, plan, rep) })
}

// ended tells of a run, and drops what the ledger need not keep.
func (s *streams) ended(ctx context.Context, runner *jobs.Runner, plan *jobs.CollectPlan, rep jobs.Report) {
	if rep.Err != nil {
		s.app.report(rep.Err)
	}
	s.app.noteDrift(rep)
	if c := rep.Counts; c.Collected > 0 || c.Rejected > 0 {
		s.app.note(text.F("%s 持续管道 %s：读取 %d，归集 %d，问题 %d", "%s stream %s: read %d, collected %d, rejected %d",
			time.Now().In(s.house.Zone()).Format(time.DateTime), plan.Spec.Pipeline, c.Read, c.Collected, c.Rejected))
	}
	if rep.Elapsed > time.Minute && ctx.Err() == nil {
		if err := runner.Prune(ctx, time.Duration(s.house.Site().Ledger.Keep)*24*time.Hour); err != nil {
			s.app.log().Warn("ledger not pruned", "error", err)
		}
	}
}

// waker has receivers fed as soon as something new was written to the ledger.
type waker struct {
	ask func()

	mu        sync.Mutex
	collected int64
}

func (w *waker) wrote(c pipelines.Counts) {
	w.mu.Lock()
	fresh := c.Collected != w.collected
	w.collected = c.Collected
	w.mu.Unlock()
	if fresh && c.Collected > 0 {
		w.ask()
	}
}

// sleep waits; it says whether ctx has not ended.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
