package jobs

import (
	"context"
	"sync/atomic"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// hold is a lease that this process has, and for how long it may count on it.
type hold struct {
	ledger.Lease
	start time.Time
	until atomic.Int64 // after start, on the monotonic clock, which goes on while the process is stopped
}

func newHold(l ledger.Lease) *hold {
	h := &hold{Lease: l, start: time.Now()}
	h.until.Store(int64(leaseTTL))
	return h
}

// renewed says that the lease was renewed by a call that began at asked.
func (h *hold) renewed(asked time.Time) { h.until.Store(int64(asked.Sub(h.start) + leaseTTL)) }

func (h *hold) left() time.Duration { return time.Duration(h.until.Load()) - time.Since(h.start) }

// fence refuses once the lease has run out: another process may have it. A process
// that was stopped and goes on again learns it here, right before it would commit.
func (h *hold) fence() error {
	if h.left() > 0 {
		return nil
	}
	return ledger.TakenMeanwhile(h.Name, "deliver under lease",
		text.T("租约已过期，本批不提交", "the lease ran out; the batch is not committed"),
		text.T("再运行一次", "run again"))
}

// fence is what a delivery asks right before its effect. Before a batch is committed the ledger
// is asked, too: with the clock set forward a lease may be taken that by our own clock, which
// goes on evenly, has not run out. A call is not worth that: the same again has no second effect,
// or its intent was stored under the lease.
func (r *Runner) fence(plan *DeliverPlan, h *hold) func() error {
	if plan.Caller != nil {
		return h.fence
	}
	return func() error {
		if err := h.fence(); err != nil {
			return err
		}
		return r.Store.Owned(context.Background(), h.Lease)
	}
}
