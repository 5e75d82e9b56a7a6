package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/ledger"
)

// How long a lease lasts without being renewed, and how often it is.
const (
	leaseTTL   = 30 * time.Second
	leaseRenew = 10 * time.Second
	leaseRetry = 200 * time.Millisecond
)

// Runner runs collects and deliveries on one ledger. Its methods may be called
// concurrently for different pipelines and receivers.
type Runner struct {
	Store ledger.Store
	Tally *ledger.Tally
	Log   *slog.Logger
	Alloc memory.Allocator
	Now   func() time.Time // what deliveries are stamped with, see outbox.Stamps; nil = time.Now

	// Leases hears how each try for a lease ended: taken is nil, or who has it. nil: nobody does.
	// It may be called from several goroutines.
	Leases func(lease string, taken *ledger.Taken)

	behind sync.Map // receivers with stamps ahead of the clock, of which people were told
}

// NewRunner makes a runner with a tally of its own.
func NewRunner(store ledger.Store, log *slog.Logger) *Runner {
	return &Runner{Store: store, Tally: ledger.NewTally(), Log: log, Alloc: memory.DefaultAllocator}
}

// underLease runs fn while holding a lease and renews it. patience is how long it
// waits for somebody else to give it back. If the lease is lost, fn's
// context ends; whatever it still writes is refused by the epoch.
func (r *Runner) underLease(ctx context.Context, name string, patience time.Duration, fn func(context.Context, *hold) error) error {
	lease, err := r.acquire(ctx, name, patience)
	var taken *ledger.Taken
	if is := errors.As(err, &taken); r.Leases != nil && (is || err == nil) {
		r.Leases(name, taken)
	}
	if err != nil {
		return err
	}
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	h := newHold(lease)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		r.keepLease(work, h, stop)
	}()
	err = fn(work, h)
	if cause := context.Cause(work); cause != nil && ctx.Err() == nil {
		err = cause
	}
	stop(nil)
	<-renewed
	if rel := r.Store.Release(context.WithoutCancel(ctx), lease); rel != nil && err == nil {
		err = rel
	}
	return err
}

// acquire takes the lease; while somebody else has it, it is tried again for as long
// as patience lasts.
func (r *Runner) acquire(ctx context.Context, name string, patience time.Duration) (ledger.Lease, error) {
	for end := time.Now().Add(patience); ; {
		lease, err := r.Store.Acquire(ctx, name, leaseTTL)
		if err == nil || !fault.Is(err, fault.Blocked) || time.Now().After(end) {
			return lease, err
		}
		if !wait(ctx, leaseRetry) {
			return lease, ctx.Err()
		}
	}
}

// Prune drops what the ledger need not keep: source columns older than keep, and
// payloads that every receiver has and that newer versions replaced.
func (r *Runner) Prune(ctx context.Context, keep time.Duration) error {
	n, err := r.Store.Prune(ctx, time.Now().Add(-keep))
	if n > 0 {
		r.Log.Info("ledger pruned", "batches", n)
	}
	return err
}

// keepLease renews the lease until ctx ends. It is lost when somebody else has it, or
// when it ran out because no renewal went through.
func (r *Runner) keepLease(ctx context.Context, h *hold, lost context.CancelCauseFunc) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		err := r.Store.Renew(ctx, h.Lease, leaseTTL)
		switch {
		case err == nil:
			h.renewed(asked)
		case ctx.Err() != nil:
			return
		case fault.Is(err, fault.Blocked) || h.left() < leaseRenew:
			lost(err)
			return
		}
	}
}
