package sharing

import (
	"sync"
	"time"
)

// How long a service is left alone.
const (
	restAfter    = 3 // calls in a row that brought no answer
	restFirst    = 30 * time.Second
	restMost     = 10 * time.Minute
	restThrottle = 30 * time.Second // where an answer does not say
	restKey      = 5 * time.Minute  // once a renewed secret was refused too
)

// rest (歇) leaves a service alone that does not answer. After the pause one call goes
// ahead; the others wait for what comes of it by not being made.
type rest struct {
	mu     sync.Mutex
	failed int // calls in a row
	pause  time.Duration
	until  time.Time
	why    string
	probe  bool // the one call is under way
}

// begin says whether a call may be made now, else why not.
func (r *rest) begin(now time.Time) (why string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.why == "":
		return "", true
	case now.Before(r.until) || r.probe:
		return r.why, false
	}
	r.probe = true
	return "", true
}

// end takes in what came of a call: why it brought no answer, empty if it did. after is
// how long the service asked us to stay away. It says whether the service went to rest, or
// came back.
func (r *rest) end(now time.Time, why string, after time.Duration) (turned bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.why
	r.probe = false
	switch why {
	case "":
		r.failed, r.pause, r.why = 0, 0, ""
		return was != ""
	case Throttled:
		if after == 0 {
			after = restThrottle
		}
		r.until, r.why = now.Add(min(after, restMost)), why
		return was == ""
	case Key:
		r.until, r.why = now.Add(restKey), why
		return was == ""
	}
	if r.failed++; r.failed < restAfter && was == "" {
		return false
	}
	if now.Before(r.until) && was != "" {
		return false // one of those that began before
	}
	r.pause = min(max(2*r.pause, restFirst, after), restMost)
	r.until, r.why = now.Add(r.pause), why
	return was == ""
}

// abandon gives up a call without an outcome: whoever made it was stopped.
func (r *rest) abandon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.probe = false
}
