package jobs

import (
	"context"
	"sync"
	"time"

	"banjian/pipelines"
)

// A collect that is ahead of the deliveries beside it by more than so many batches lets
// them have the machine for a moment after each batch, so that they do not have to do
// half of their work alone at the end. It never waits for a receiver that is slow, away
// or fed record by record.
const (
	aheadAtMost = 3
	yieldAtMost = 25 * time.Millisecond
)

// Collecting tells deliveries what is still being collected in this process, and
// collects how far deliveries have come.
type Collecting struct {
	mu     sync.Mutex
	active map[string]int // collects by subject
	tails  map[string]int // deliveries that read a subject's log as it grows
	ahead  map[string]int // batches that were collected and not yet read by them
	read   chan struct{}  // closed at the next reading
}

// NewCollecting starts with the subjects of the collects that will run.
func NewCollecting(subjects ...string) *Collecting {
	c := &Collecting{active: map[string]int{}, tails: map[string]int{}, ahead: map[string]int{}, read: make(chan struct{})}
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
		behind, read := c.tails[subject] > 0 && c.ahead[subject] > aheadAtMost, c.read
		c.mu.Unlock()
		if !behind {
			return
		}
		select {
		case <-read:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// tailed is a source that counts what a delivery reads of a growing log.
type tailed struct {
	pipelines.Source
	of      *Collecting
	subject string
}

func (c *Collecting) tail(subject string, s pipelines.Source) *tailed {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tails[subject]++
	return &tailed{s, c, subject}
}

func (t *tailed) Read(ctx context.Context) (pipelines.Batch, error) {
	b, err := t.Source.Read(ctx)
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	if err == nil && t.of.ahead[t.subject] > 0 {
		t.of.ahead[t.subject]--
	}
	close(t.of.read)
	t.of.read = make(chan struct{})
	return b, err
}

// end says that the delivery reads no more.
func (t *tailed) end() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	t.of.tails[t.subject]--
	close(t.of.read)
	t.of.read = make(chan struct{})
}
