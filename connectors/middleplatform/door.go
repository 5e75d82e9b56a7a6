package middleplatform

import (
	"context"
	"errors"
	"sync"
)

// door lets calls out. Until the platform has judged a message signed with the key in
// use, one call is under way at a time, so that a wrong key or clock costs one call and
// not as many as there are connections. A refused key gives its place to the next; when
// there is none left the door is shut for good.
type door struct {
	mu      sync.Mutex
	proven  bool // the platform took a signature of key
	key     int  // in use
	refused []bool
	failed  int // calls of an unproven key that brought no judgement
	shut    error
	alone   chan struct{} // full while the one call of an unproven key is under way
}

func newDoor(keys int) *door {
	return &door{refused: make([]bool, keys), alone: make(chan struct{}, 1)}
}

// pass is leave to make one call with a key.
type pass struct {
	key   int
	alone bool
}

// errUnanswered is what those get who waited for a first answer that did not come: to
// try one after the other would only take longer.
var errUnanswered = errors.New("the call before this one brought no answer")

// enter waits for a pass. Its errors are why the door is shut, errUnanswered and ctx's.
func (d *door) enter(ctx context.Context) (pass, error) {
	if err := ctx.Err(); err != nil {
		return pass{}, err
	}
	p, before, proven, err := d.look()
	if proven || err != nil {
		return p, err
	}
	select {
	case d.alone <- struct{}{}:
	case <-ctx.Done():
		return pass{}, ctx.Err()
	}
	p, failed, proven, err := d.look()
	if err == nil && !proven && failed != before {
		err = errUnanswered
	}
	if proven || err != nil {
		<-d.alone
		return p, err
	}
	p.alone = true
	return p, nil
}

func (d *door) look() (p pass, failed int, proven bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return pass{key: d.key}, d.failed, d.proven, d.shut
}

// good says that nothing has happened since the pass was given that makes it void.
func (d *door) good(p pass) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shut == nil && d.key == p.key && (p.alone || d.proven)
}

// leave gives back the pass of a call that was made; judged says that the platform took
// its signature.
func (d *door) leave(p pass, judged bool) {
	d.mu.Lock()
	switch {
	case judged && p.key == d.key && d.shut == nil:
		d.proven = true
	case p.alone && !judged:
		d.failed++
	}
	d.mu.Unlock()
	d.unused(p)
}

// unused gives back a pass without a call.
func (d *door) unused(p pass) {
	if p.alone {
		<-d.alone
	}
}

// refuse gives back a pass whose key the platform refused, and turns to the next key.
// The error is why, once no key is left.
func (d *door) refuse(p pass, why error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.alone {
		defer func() { <-d.alone }()
	}
	d.refused[p.key] = true
	if d.shut != nil || d.key != p.key {
		return d.shut // another call was faster
	}
	d.proven = false
	for i, refused := range d.refused {
		if !refused {
			d.key = i
			return nil
		}
	}
	d.shut = why
	return why
}
