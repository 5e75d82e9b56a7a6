package collect

import (
	"banjian/ledger"
	"banjian/pipelines"
)

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
func (c *Collector) place(change *ledger.Change, r *recognised) {
	if len(r.placed) == 0 || r.entries == nil {
		return
	}
	t := ledger.TouchedEntries{Stream: ledger.Stream{Source: c.Source, Subject: c.Primary}}
	for _, row := range r.placed {
		e := r.entries[row]
		e.Key, e.Leaf = r.keys[row], r.leaf(row)
		t.Entries = append(t.Entries, e)
	}
	change.Touched = append(change.Touched, t)
}
