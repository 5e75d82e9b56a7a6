package collect

import (
	"context"
	"slices"
	"sync"
)

// ahead is the keys of batches of changes that were mapped and are not written yet. What
// the index says of such a key is not what stands before the next change of it: a delete of
// a record that is being made would find nothing to delete, and a change back to what the
// index has would look like none (invariant 5).
type ahead struct {
	mu      sync.Mutex
	batches []map[string]int // oldest first
	moved   chan struct{}    // closed when one was written
}

// wait returns when none of the keys is in a batch that is not written yet. The batches
// are written by another goroutine, or ctx ends.
func (a *ahead) wait(ctx context.Context, keys map[string]int) error {
	for {
		moved := a.clashes(keys)
		if moved == nil {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// clashes is when to look again, nil if there is no clash.
func (a *ahead) clashes(keys map[string]int) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.batches {
		few, many := keys, b
		if len(few) > len(many) {
			few, many = many, few
		}
		for k := range few {
			if _, is := many[k]; is {
				if a.moved == nil {
					a.moved = make(chan struct{})
				}
				return a.moved
			}
		}
	}
	return nil
}

// mapped notes a batch; written that the oldest one is in the ledger, or never will be.
func (a *ahead) mapped(keys map[string]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batches = append(a.batches, keys)
}

func (a *ahead) written() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.batches) > 0 {
		a.batches = slices.Delete(a.batches, 0, 1)
	}
	if a.moved != nil {
		close(a.moved)
		a.moved = nil
	}
}
