package gateway

import (
	"context"

	"banjian/pipelines"
)

// Sole is the only reader of a journal: it has the one part there is for as long as it
// wants. It is a pipelines.Member.
type Sole struct{}

// Next gives the part, until ctx ends.
func (Sole) Next(ctx context.Context) (pipelines.Share, error) {
	return soleShare{ctx.Done()}, ctx.Err()
}

// Close has nothing to give back.
func (Sole) Close() error { return nil }

type soleShare struct{ done <-chan struct{} }

func (soleShare) Parts() []int                 { return []int{0} }
func (s soleShare) Done() <-chan struct{}      { return s.done }
func (soleShare) Show(int, pipelines.Position) {}
func (soleShare) Return()                      {}
