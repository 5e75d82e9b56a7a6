package collect

import (
	"encoding/binary"
	"slices"

	"banjian/ledger"
	"banjian/pipelines"
)

// seenBits is how many record numbers a page of seen has.
const seenBits = 1 << 15

// seen remembers which records a complete read came upon: a bit for each, since record
// numbers lie close together. Of records made beside the one a row is named by it knows
// the source hash they were made from, 64 bits of it: a chance likeness keeps a record,
// it never deletes one.
type seen struct {
	pages   map[int64]*[seenBits / 64]uint64
	hashes  []uint64
	several bool              // rows make records of several subjects
	leafOf  map[int64]uint32  // where rows lie of which what was made before still stands, by record
	leafBy  map[uint64]uint32 // and by the source hash it was made from
	refused map[string]bool   // first value of the key of rows that were refused; nil: not kept
	keyless int64             // rows whose key did not come out: nobody knows which record they are
}

func newSeen(several bool) *seen {
	return &seen{pages: map[int64]*[seenBits / 64]uint64{}, several: several, leafOf: map[int64]uint32{}, leafBy: map[uint64]uint32{}}
}

func (s *seen) add(rec int64) {
	p := s.pages[rec/seenBits]
	if p == nil {
		p = new([seenBits / 64]uint64)
		s.pages[rec/seenBits] = p
	}
	p[rec%seenBits/64] |= 1 << (rec % 64)
}

func (s *seen) has(rec int64) bool {
	p := s.pages[rec/seenBits]
	return p != nil && p[rec%seenBits/64]&(1<<(rec%64)) != 0
}

func (s *seen) addHash(h pipelines.Hash) { s.hashes = append(s.hashes, short(h)) }

func short(h pipelines.Hash) uint64 { return binary.LittleEndian.Uint64(h[:]) }

// leaf is where the row of a record lies that was refused or left out now.
func (s *seen) leaf(e *ledger.Entry, primary bool) (leaf uint32, ok bool) {
	if primary {
		leaf, ok = s.leafOf[e.Rec]
		return leaf, ok
	}
	leaf, ok = s.leafBy[short(e.Source)]
	return leaf, ok
}

// sort readies hashes for hasHash.
func (s *seen) sort() { slices.Sort(s.hashes) }

func (s *seen) hasHash(h pipelines.Hash) bool {
	_, found := slices.BinarySearch(s.hashes, short(h))
	return found
}

// note books the rows of one batch that was read and mapped.
func (s *seen) note(r *recognised, p *prepared) {
	for i := range r.keys {
		if r.keys[i] == nil {
			s.keyless++
		}
		e := &r.entries[i]
		if e.Rec != 0 {
			s.add(e.Rec)
		}
		if s.refused != nil && p != nil && p.refused[i] && r.keys[i] != nil {
			s.refused[ledger.FirstOfKey(r.keys[i])] = true
		}
		stands := e.Rec != 0 && p != nil && p.stands[i]
		if leaf := r.leaf(int32(i)); stands && leaf != 0 {
			s.leafOf[e.Rec], s.leafBy[short(e.Source)] = leaf, leaf
		}
		if !s.several {
			continue
		}
		s.addHash(r.hashes[i])
		if stands {
			s.addHash(e.Source)
		}
	}
}
