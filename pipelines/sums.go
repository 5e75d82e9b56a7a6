package pipelines

import (
	"context"
	"encoding/binary"
)

// Leaves is how many parts a view is divided into for comparing it; a row's part goes by
// its key alone.
const Leaves = 1 << 14

// LeafColumn is a column that a source adds to its records beside the mapped ones: the part
// of the view a row lies in, int64 from 0.
const LeafColumn = "_leaf"

// Sums is what each part of a view adds up to: its rows, and the sum of their hashes. Two
// sums that are equal stand for the same rows.
type Sums struct {
	Of   string // what was added up and how; sums of something else cannot be compared
	Rows []uint32
	Hash []uint64
}

// NewSums has empty parts.
func NewSums(of string) *Sums {
	return &Sums{Of: of, Rows: make([]uint32, Leaves), Hash: make([]uint64, Leaves)}
}

// Total is the rows of all parts.
func (s *Sums) Total() (n int64) {
	for _, r := range s.Rows {
		n += int64(r)
	}
	return n
}

// Differ lists the parts that are not equal, ascending.
func (s *Sums) Differ(o *Sums) []uint32 {
	var list []uint32
	for i := range s.Rows {
		if s.Rows[i] != o.Rows[i] || s.Hash[i] != o.Hash[i] {
			list = append(list, uint32(i))
		}
	}
	return list
}

// Pack is the parts as bytes: rows uint32, hash uint64 of each, little-endian.
func (s *Sums) Pack() []byte {
	b := make([]byte, 0, 12*Leaves)
	for i := range s.Rows {
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(b, s.Rows[i]), s.Hash[i])
	}
	return b
}

// UnpackSums reads what Pack wrote; nil if it is of another size.
func UnpackSums(of string, b []byte) *Sums {
	if len(b) != 12*Leaves {
		return nil
	}
	s := NewSums(of)
	for i := range s.Rows {
		s.Rows[i], s.Hash[i] = binary.LittleEndian.Uint32(b[12*i:]), binary.LittleEndian.Uint64(b[12*i+4:])
	}
	return s
}

// Summer is implemented by sources whose server can hash rows where they lie.
type Summer interface {
	// Sums adds up the whole view in the snapshot that Read reads; nil: the server cannot.
	// It is called before the first Read, if at all.
	Sums(ctx context.Context) (*Sums, error)
	// Only has Read give the rows of these parts alone; also called before the first Read.
	Only(leaves []uint32)
}
