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

// leaf is the part of a row as an Entry has it.
func (r *recognised) leaf(row int32) uint32 {
	if r.leaves == nil {
		return 0
	}
	return uint32(r.leaves[row]) + 1
}

// Only says that the run reads these parts of the view alone: the records of others are
// not missed.
func (c *Collector) Only(leaves []uint32) {
	c.only = make([]bool, pipelines.Leaves+1)
	for _, l := range leaves {
		c.only[l+1] = true
	}
}

// place notes in which part of the view records lie that are otherwise as they were.
func (c *Collector) place(change *Change, r *recognised) {
	if len(r.placed) == 0 || r.entries == nil {
		return
	}
	t := TouchedEntries{Stream: Stream{c.Source, c.Primary}}
	for _, row := range r.placed {
		e := r.entries[row]
		e.Key, e.Leaf = r.keys[row], r.leaf(row)
		t.Entries = append(t.Entries, e)
	}
	change.Touched = append(change.Touched, t)
}
