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
	told   string // by the last header, which many calls of a second share
	date   time.Time
	offset time.Duration
	known  bool
}

// see learns from an answer: its Date header holds for the middle of the round trip.
func (c *peerClock) see(h http.Header, sent, got time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if told := h.Get("Date"); told != c.told || told == "" {
		date, ok := remote.Date(h)
		if !ok {
			return
		}
		c.told, c.date = told, date
	}
	c.offset, c.known = c.date.Sub(sent.Add(got.Sub(sent)/2)), true
}

func (c *peerClock) read() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset, c.known
}

// longestWait is the most an answer may tell us to stay away.
const longestWait = 24 * time.Hour
