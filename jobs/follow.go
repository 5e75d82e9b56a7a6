package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// How continuous pipelines are kept going.
const (
	sessionLength = time.Hour // of one run in the history; limits and fuses count by run
	restShort     = time.Second
	restLong      = 10 * time.Minute // between tries of a part that keeps failing
	joinTries     = 10               // to be given a share, while the group is moving things around
	handOver      = time.Minute      // how long the owner before may take to give up a part
)

// Follow (持续管道) reads a pipeline's parts as its member of the group is given them,
// until ctx ends. A fault of one part leaves the others going: the part is tried again,
// at growing intervals. What it reports is the end of each run. Its error is why it could
// not go on at all.
func (r *Runner) Follow(ctx context.Context, plan *CollectPlan, progress func(pipelines.Counts), ended func(Report)) error {
	if _, err := r.begun(ctx, plan); err != nil {
		return err
	}
	member, err := plan.Parts.Join(ctx)
	if err != nil {
		return err
	}
	defer member.Close()
	rests := &rests{of: map[int]time.Duration{}}
	for tries := 0; ; {
		share, err := member.Next(ctx)
		if ctx.Err() != nil {
			if err == nil {
				share.Return()
			}
			return nil
		}
		if tries++; fault.Is(err, fault.Transient) && tries < joinTries {
			wait(ctx, restShort)
			continue
		}
		if err != nil {
			return err
		}
		tries = 0
		r.readShare(ctx, plan, share, rests, progress, ended)
		share.Return()
	}
}

// readShare reads until the share is over, in runs of sessionLength.
func (r *Runner) readShare(ctx context.Context, plan *CollectPlan, share pipelines.Share, rests *rests, progress func(pipelines.Counts), ended func(Report)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan struct{})
	defer func() { <-over }()
	defer stop()
	go func() {
		defer close(over)
		select {
		case <-share.Done():
			stop()
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		if len(share.Parts()) == 0 {
			<-ctx.Done()
			return
		}
		f := &following{session: session{runner: r, plan: plan, progress: progress, show: share.Show}, share: share, rests: rests}
		ended(f.run(ctx))
	}
}

// following is one run of a share.
type following struct {
	session
	share pipelines.Share
	rests *rests
}

func (f *following) run(ctx context.Context) Report {
	if err := f.begin(ctx, func() error { return nil }); err != nil {
		wait(ctx, restShort)
		return f.end(ctx, err)
	}
	ctx, stop := context.WithTimeout(ctx, sessionLength)
	defer stop()
	var wg sync.WaitGroup
	for _, part := range f.share.Parts() {
		wg.Go(func() { f.keep(ctx, part) })
	}
	wg.Wait()
	f.mu.Lock()
	err := f.failed
	f.mu.Unlock()
	return f.end(ctx, err)
}

// keep reads one part until ctx ends, resting after faults.
func (f *following) keep(ctx context.Context, part int) {
	for ctx.Err() == nil {
		began := time.Now()
		err := f.part(ctx, part, true, handOver)
		if ctx.Err() != nil {
			return
		}
		if err == nil || time.Since(began) > restLong {
			f.rests.well(part)
		}
		if err != nil {
			f.trouble(ctx, part, err)
		}
		pause := f.rests.next(part, err)
		f.runner.Log.Log(ctx, levelOf(err), "part rests after a fault", "pipeline", f.plan.Spec.Pipeline, "part", part, "pause", pause, "error", err)
		wait(ctx, pause)
	}
}

// levelOf is how loud a part's rest is told: that another process reads it is no trouble.
func levelOf(err error) slog.Level {
	if readElsewhere(err) {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

func readElsewhere(err error) bool {
	var taken *ledger.Taken
	return errors.As(err, &taken) && !taken.Here
}

// trouble shows what a part ended with at once, though the run goes on: only what passes by
// itself need not be seen.
func (f *following) trouble(ctx context.Context, part int, err error) {
	if readElsewhere(err) || (fault.Is(err, fault.Transient) || fault.Is(err, fault.Blocked)) && f.rests.last(part) < time.Minute {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = err
	run := f.rep.Run
	run.State, run.Error, run.Counts = "failed", packed(err), f.rep.Counts
	if end := f.runner.Store.EndRun(context.WithoutCancel(ctx), run); end != nil {
		f.runner.Log.Error("run not closed", "run", run.ID, "error", end)
	}
}

// rests is how long parts rest after a fault.
type rests struct {
	mu sync.Mutex
	of map[int]time.Duration
}

// last is how long the part rested before.
func (r *rests) last(part int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[part]
}

func (r *rests) well(part int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, part)
}

// next is how long to rest now: what a person must mend is tried seldom.
func (r *rests) next(part int, err error) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	pause := max(restShort, 2*r.of[part], fault.AfterOf(err))
	if !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Blocked) {
		pause = max(pause, time.Minute)
	}
	r.of[part] = min(pause, restLong)
	return r.of[part]
}

// sayIn is an error in a language; a stop on request has no words of its own.
func sayIn(err error, lang text.Lang) string {
	if errors.Is(err, context.Canceled) {
		return context.Canceled.Error()
	}
	return fault.Say(err, lang)
}
