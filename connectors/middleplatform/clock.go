package middleplatform

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// peerClock is what answers have told about the platform's clock.
type peerClock struct {
	mu     sync.Mutex
	offset time.Duration
	known  bool
}

// see learns from an answer: its Date header holds for the middle of the round trip.
func (c *peerClock) see(h http.Header, sent, got time.Time) {
	date, ok := dateOf(h)
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

func dateOf(h http.Header) (time.Time, bool) {
	if h.Get("Date") == "" {
		return time.Time{}, false
	}
	at, err := http.ParseTime(h.Get("Date"))
	return at, err == nil
}

// longestWait is the most an answer may tell us to stay away.
const longestWait = 24 * time.Hour

// retryAfter is how long an answer asks us to wait: seconds, or a moment of the
// platform's own clock.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	written := h.Get("Retry-After")
	if written == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseInt(written, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longestWait/time.Second))) * time.Second, true
	}
	until, err := http.ParseTime(written)
	if err != nil {
		return 0, false
	}
	if date, ok := dateOf(h); ok {
		now = date
	}
	return min(max(until.Sub(now), 0), longestWait), true
}
