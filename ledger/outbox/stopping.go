package outbox

import (
	"context"
	"time"
)

// stopPatience is how long batches under way may take to come to their end once the run is
// being stopped. Then they are abandoned, which leaves nothing of them at the receiver, or an
// outcome that is asked for next time.
const stopPatience = 20 * time.Second

// stopping gives two contexts for a batch: waits ends when the run is being stopped, since
// nothing is under way between two tries; work a while after it (invariant 7). stop ends both.
func (o *Outbox) stopping(ctx context.Context) (waits, work context.Context, stop func()) {
	work, stopWork := context.WithCancel(ctx)
	waits, stopWaits := context.WithCancel(work)
	go func() {
		select {
		case <-o.Done:
		case <-waits.Done():
			return
		}
		stopWaits()
		patience := time.NewTimer(time.Until(o.stopBy()))
		defer patience.Stop()
		select {
		case <-patience.C:
			stopWork()
		case <-work.Done():
		}
	}()
	return waits, work, func() { stopWaits(); stopWork() }
}

// stopBy is when nothing may be under way any more.
func (o *Outbox) stopBy() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over.IsZero() {
		o.over = time.Now().Add(stopPatience)
	}
	return o.over
}
