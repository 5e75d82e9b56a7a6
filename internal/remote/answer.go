package remote

import (
	"net/http"
	"strconv"
	"time"
)

// Date is the clock of the other end, as an answer tells it.
func Date(h http.Header) (time.Time, bool) {
	at, err := http.ParseTime(h.Get("Date"))
	return at, err == nil
}

// RetryAfter is how long an answer that came at now asks us to stay away, at most most:
// seconds, or a moment of the other end's own clock. told is false where it asks nothing.
func RetryAfter(h http.Header, now time.Time, most time.Duration) (d time.Duration, told bool) {
	written := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(written, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(most/time.Second))) * time.Second, true
	}
	until, err := http.ParseTime(written)
	if err != nil {
		return 0, false
	}
	if date, ok := Date(h); ok {
		now = date
	}
	return min(max(until.Sub(now), 0), most), true
}
