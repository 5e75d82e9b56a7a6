package pace

import (
	"sync"
	"time"
)

// Turns spaces what may begin so many times a second evenly. It has no clock: it is told
// the time and says how long to wait. It may be used concurrently; nil never waits.
type Turns struct {
	mu    sync.Mutex
	every time.Duration
	next  time.Time
}

// NewTurns are turns of so many a second, nil where there is no limit.
func NewTurns(perSecond float64) *Turns {
	if perSecond <= 0 {
		return nil
	}
	return &Turns{every: time.Duration(float64(time.Second) / perSecond)}
}

// Take takes the next turn and says how long it is until it comes.
func (t *Turns) Take(now time.Time) time.Duration {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next.Before(now) {
		t.next = now
	}
	wait := t.next.Sub(now)
	t.next = t.next.Add(t.every)
	return wait
}
