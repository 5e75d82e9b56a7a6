package middleplatform

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/time/rate"
)

// What an interface is granted when neither the profile nor the site says anything.
const (
	defaultConnections = 8
	defaultTimeout     = 30 * time.Second
)

// Limit is how gently a site calls one interface. Zero values leave what the profile
// says.
type Limit struct {
	Connections int           // calls under way at a time
	PerSecond   float64       // calls begun a second, evenly spaced; below zero = no limit
	Timeout     time.Duration // of one call with its answer
}

// limitOf is what holds for an interface: the site's word, then the interface's, then
// the profile's.
func (p *Profile) limitOf(in *Interface, site Limit) Limit {
	return Limit{
		Connections: cmp.Or(site.Connections, in.Limits.Connections, p.Limits.Connections, defaultConnections),
		PerSecond:   cmp.Or(site.PerSecond, in.Limits.Rate, p.Limits.Rate),
		Timeout:     cmp.Or(site.Timeout, in.Limits.Timeout.Duration, p.Limits.Timeout.Duration, defaultTimeout),
	}
}

// pace keeps the calls of one interface few at a time and evenly spaced.
type pace struct {
	timeout time.Duration
	slots   chan struct{}
	limiter *rate.Limiter // nil: as fast as answers come
}

func newPace(l Limit) *pace {
	p := &pace{timeout: l.Timeout, slots: make(chan struct{}, l.Connections)}
	if l.PerSecond > 0 {
		p.limiter = rate.NewLimiter(rate.Limit(l.PerSecond), 1)
	}
	return p
}

// enter waits for a free connection.
func (p *pace) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pace) leave() { <-p.slots }

// turn waits until the next call may begin.
func (p *pace) turn(ctx context.Context) error {
	if p.limiter == nil {
		return ctx.Err()
	}
	return p.limiter.Wait(ctx)
}

// Connections is how many calls of an interface may be under way at a time.
func (t *Target) Connections(name string) int {
	if p := t.paces[name]; p != nil {
		return cap(p.slots)
	}
	return 0
}
