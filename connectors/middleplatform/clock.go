package middleplatform

import (
	"net/http"
	"sync"
	"time"

	"banjian/internal/remote"
)

// peerClock is what answers have told about the platform's clock.
type peerClock struct {
	mu     sync.Mutex
	offset time.Duration
	known  bool
}

// see learns from an answer: its Date header holds for the middle of the round trip.
func (c *peerClock) see(h http.Header, sent, got time.Time) {
	date, ok := remote.Date(h)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.known = date.Sub(sent.Add(got.Sub(sent)/2)), true
}

func (c *peerClock) read() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset, c.known
}

// longestWait is the most an answer may tell us to stay away.
const longestWait = 24 * time.Hour
