package jobs

import (
	"context"
	"sync"
	"time"
)

// yieldAtMost is how long a collect lets deliveries beside it have the machine after each
// batch, until they have taken it in hand: what they have not done when it ends they do
// alone, with the machine half idle. It never waits for a receiver that is away or fed
// record by record, nor longer than this for one that is slow.
const yieldAtMost = 60 * time.Millisecond

// Collecting tells deliveries what is still being collected in this process, and
// collects how far deliveries have come.
type Collecting struct {
	mu     sync.Mutex
	active map[string]int // collects by subject
	tails  map[string]int // deliveries that read a subject's log as it grows
	ahead  map[string]int // batches that were collected and not yet taken in hand by them
	moved  chan struct{}  // closed when that changes
}

// NewCollecting starts with the subjects of the collects that will run.
func NewCollecting(subjects ...string) *Collecting {
	c := &Collecting{active: map[string]int{}, tails: map[string]int{}, ahead: map[string]int{}, moved: make(chan struct{})}
	for _, s := range subjects {
		c.active[s]++
	}
	return c
}

// Done says that one collect of these subjects has ended.
func (c *Collecting) Done(subjects ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range subjects {
		if c.active[s]--; c.active[s] <= 0 {
			delete(c.active, s)
		}
	}
}

// Any says whether anything is still collected; with a subject, whether that is.
func (c *Collecting) Any(subjects ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(subjects) == 0 {
		return len(c.active) > 0
	}
	for _, s := range subjects {
		if c.active[s] > 0 {
			return true
		}
	}
	return false
}

// Wrote says that a batch of a subject was collected, and gives way to deliveries that
// have fallen behind.
func (c *Collecting) Wrote(ctx context.Context, subject string) {
	c.mu.Lock()
	c.ahead[subject]++
	c.mu.Unlock()
	enough := time.NewTimer(yieldAtMost)
	defer enough.Stop()
	for {
		c.mu.Lock()
		behind, moved := c.tails[subject] > 0 && c.ahead[subject] > 0, c.moved
		c.mu.Unlock()
		if !behind {
			return
		}
		select {
		case <-moved:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// tail says that a delivery takes the batches of a subject as they are collected; end
// that it takes no more.
func (c *Collecting) tail(subject string) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tails[subject]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tails[subject]--
		c.wake()
	}
}

// took says that a delivery has taken a batch in hand.
func (c *Collecting) took(subject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead[subject] > 0 {
		c.ahead[subject]--
	}
	c.wake()
}

// wake has collects that wait look again; c.mu is held.
func (c *Collecting) wake() {
	close(c.moved)
	c.moved = make(chan struct{})
}
