package attachment

import (
	"errors"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Why a file could not be had (WhyOf).
const (
	WhyMissing = "missing" // its place is there, the file is not
	WhyDown    = "down"    // its host or folder cannot be reached, or is in trouble
	WhyStore   = "store"   // it cannot be kept now
)

var errDown, errMissing = errors.New("source is down"), errors.New("file is missing")

// WhyOf says why a file could not be had, of a Transient fault of Fetch.
func WhyOf(err error) string {
	switch {
	case errors.Is(err, errMissing):
		return WhyMissing
	case errors.Is(err, errDown):
		return WhyDown
	}
	return WhyStore
}

// missing and down are files that cannot be had now. The cause may name the reference and
// is left out.
func missing() error {
	return fault.Wrap(errMissing, fault.Transient, "fetch file", "", text.T("附件还没有放好", "the file is not there yet"), text.T("对方放好后自动再取", "it is fetched again by itself once it is there"))
}

func down() error {
	return fault.Wrap(errDown, fault.Transient, "fetch file", "", text.T("附件现在取不到", "the file cannot be had now"), text.T("对方恢复服务后自动再取", "it is fetched again by itself once the other side is well"))
}

// How often in a row a place may be down before it is left alone, and for how long.
const (
	downMost  = 3
	restFirst = 30 * time.Second
	restMost  = 10 * time.Minute
)

// rests (歇止) leave places alone that are down, so that a file server that hangs does not
// hold up everything else. After a rest one file is tried.
type rests struct {
	now    func() time.Time
	mu     sync.Mutex
	places map[string]*rest
}

type rest struct {
	failed int // in a row
	last   time.Duration
	until  time.Time
	trying bool
}

func (r *rests) enter(place string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.places[place]
	if p == nil || p.failed < downMost {
		return nil
	}
	if p.trying || r.now().Before(p.until) {
		return down()
	}
	p.trying = true
	return nil
}

func (r *rests) leave(place string, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.places[place]
	if !failed {
		if p != nil {
			*p = rest{}
		}
		return
	}
	if p == nil {
		if r.places == nil {
			r.places = map[string]*rest{}
		}
		p = &rest{}
		r.places[place] = p
	}
	p.trying = false
	if p.failed++; p.failed >= downMost {
		p.last = min(max(2*p.last, restFirst), restMost)
		p.until = r.now().Add(p.last)
	}
}

// Resting says that a place of the fetcher is being left alone.
func (f *Fetcher) Resting() bool {
	f.rests.mu.Lock()
	defer f.rests.mu.Unlock()
	for _, p := range f.rests.places {
		if p.failed >= downMost && f.o.Now().Before(p.until) {
			return true
		}
	}
	return false
}
