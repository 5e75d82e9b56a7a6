package outbox

import (
	"sync"
	"time"
)

// stampedAhead is how far the last stamp may be ahead of the clock before a person is told.
const stampedAhead = time.Minute

// Stamps (时间戳) is the clock that deliveries to one receiver are stamped by. It does not go
// back: while this machine's clock is behind the last stamp that the ledger knows, that one
// is given again.
type Stamps struct {
	now  func() time.Time
	mu   sync.Mutex
	last time.Time
}

// NewStamps goes on from the last stamp, see ReceiverState.Stamped.
func NewStamps(last time.Time, now func() time.Time) *Stamps { return &Stamps{now: now, last: last} }

// Behind is how far the clock is behind the last stamp, where a person should know it; else 0.
func (s *Stamps) Behind() time.Duration {
	if behind := s.last.Sub(s.now()); behind > stampedAhead {
		return behind
	}
	return 0
}

// Now is the time of this machine, or the last stamp where that is later.
func (s *Stamps) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.After(s.last) {
		s.last = now
	}
	return s.last
}
