package ledger

import (
	"context"
	"hash/fnv"
	"slices"
	"time"
)

// Fed is which pipelines do not deliver to a receiver. Their records are left out, and looked
// at again once others do not.
type Fed struct {
	without uint64
	marked
}

// NewFed takes the names of the pipelines that do not deliver to the receiver.
func NewFed(without []string) *Fed {
	h := fnv.New64a()
	for _, name := range slices.Sorted(slices.Values(without)) {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	return &Fed{without: h.Sum64()}
}

// Begin looks whether they are others than when the receiver was last fed.
func (f *Fed) Begin(ctx context.Context, store Schedules, receiver string) error {
	return f.begin(ctx, store, "pipelines of "+receiver, f.without)
}

// End remembers them once everything was looked at.
func (f *Fed) End(ctx context.Context, store Schedules) error { return f.end(ctx, store) }

// marked is what decides which records are left out at a receiver, in the version by which
// it was last fed. Under another one they are looked at again.
type marked struct {
	name  string // where Schedules keeps it; no job has such a name
	now   time.Time
	again bool // it is another one than at the last delivery
}

func (m *marked) begin(ctx context.Context, store Schedules, name string, version uint64) error {
	m.name, m.now = name, time.UnixMilli(int64(version>>24)+1)
	last, err := store.Due(ctx, name)
	m.again = !last.Equal(m.now)
	return err
}

func (m *marked) end(ctx context.Context, store Schedules) error {
	if !m.again {
		return nil
	}
	err := store.SetDue(ctx, m.name, m.now)
	m.again = err != nil
	return err
}
