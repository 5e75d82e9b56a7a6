package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
)

// How long a lease lasts without being renewed, and how often it is.
const (
	leaseTTL   = 30 * time.Second
	leaseRenew = 10 * time.Second
)

// Runner runs collects and deliveries on one ledger. Its methods may be called
// concurrently for different pipelines and receivers.
type Runner struct {
	Store ledger.Store
	Tally *ledger.Tally
	Log   *slog.Logger
	Alloc memory.Allocator
}

// NewRunner makes a runner with a tally of its own.
func NewRunner(store ledger.Store, log *slog.Logger) *Runner {
	return &Runner{Store: store, Tally: ledger.NewTally(), Log: log, Alloc: memory.DefaultAllocator}
}

// underLease runs fn while holding a lease and renews it. If the lease is lost, fn's
// context ends; whatever it still writes is refused by the epoch.
func (r *Runner) underLease(ctx context.Context, name string, fn func(context.Context, ledger.Lease) error) error {
	lease, err := r.Store.Acquire(ctx, name, leaseTTL)
	if err != nil {
		return err
	}
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		r.keepLease(work, lease, stop)
	}()
	err = fn(work, lease)
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

func (r *Runner) keepLease(ctx context.Context, lease ledger.Lease, lost context.CancelCauseFunc) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Store.Renew(ctx, lease, leaseTTL); err != nil && ctx.Err() == nil {
				lost(err)
				return
			}
		}
	}
}
