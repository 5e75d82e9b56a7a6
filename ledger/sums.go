package ledger

import (
	"context"
	"slices"

	"banjian/pipelines"
)

// Summed is what a pipeline's view added up to when it was last compared with the ledger.
type Summed struct {
	Pipeline string
	Mapping  string // version
	Run      int64
	Sums     *pipelines.Sums
	Stirred  []uint32 // parts whose records changed since; not stored by SaveSums
}

// SumStore keeps it. A Change of the pipeline stirs the parts its records lie in; one with
// a record whose part is not known makes the store forget the sums.
type SumStore interface {
	Summed(ctx context.Context, pipeline string) (*Summed, error) // nil: nothing
	SaveSums(ctx context.Context, l Lease, s *Summed) error
}

// Reread is the parts that must be read although the server could add them up, ascending;
// nil, false: all of them.
func (s *Summed) Reread(now *pipelines.Sums, mapping string) ([]uint32, bool) {
	if s == nil || s.Mapping != mapping || s.Sums.Of != now.Of {
		return nil, false
	}
	list := append(now.Differ(s.Sums), s.Stirred...)
	slices.Sort(list)
	list = slices.Compact(list)
	return list, len(list) <= pipelines.Leaves/2
}
