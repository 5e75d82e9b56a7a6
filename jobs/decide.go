package jobs

import (
	"context"

	"banjian/ledger"
)

// Decide stores a person's word on an outcome, see ledger.Outcomes. A delivery to the
// receiver that is under way is waited for.
func (r *Runner) Decide(ctx context.Context, receiver string, d ledger.OutcomeDecision) error {
	return r.underLease(ctx, ledger.DeliverLease(receiver), leaseTTL, func(ctx context.Context, h *hold) error {
		return r.Store.DecideOutcome(ctx, h.Lease, d)
	})
}
