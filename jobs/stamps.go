package jobs

import (
	"context"
	"time"

	"banjian/ledger/outbox"
)

// stamps is the clock of a receiver, going on from what the ledger knows.
func (r *Runner) stamps(ctx context.Context, receiver string) (*outbox.Stamps, error) {
	states, err := r.Store.ReceiverStates(ctx)
	var last time.Time
	for i := range states {
		if states[i].Name == receiver {
			last = states[i].Stamped
		}
	}
	now := r.Now
	if now == nil {
		now = time.Now
	}
	stamps := outbox.NewStamps(last, now)
	if behind := stamps.Behind(); behind > 0 {
		if _, told := r.behind.LoadOrStore(receiver, true); !told {
			r.Log.Warn("the clock is behind the last delivery, whose time is used until it has caught up", "receiver", receiver, "behind", behind.Round(time.Second))
		}
	} else {
		r.behind.Delete(receiver)
	}
	return stamps, err
}
