package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"
)

// DeleteList (删除名单) is the records that the fuse kept a run from deleting. A person
// approves exactly these, as they were: a record that has a newer version is not on it.
type DeleteList struct {
	Number   int64 // 1 and up; 0: of a dry run, not stored
	Pipeline string
	Kind     string // ListAbsent, ListMarked
	Run      int64  // the run that found it last
	At       time.Time
	Records  int64
	Digest   string // of Members
	State    string // ListOpen …
	Who      string // approved it, and when
	Decided  time.Time
	Members  []Doomed // by Rec
}

// Doomed is one record of a list, and its newest version when the list was made.
type Doomed struct {
	Rec     int64
	Version uint32
}

// What a list is of, and what became of it.
const (
	ListAbsent = "absent" // records that the view does not have any more
	ListMarked = "marked" // records that the department marked as deleted

	ListOpen     = "open"
	ListApproved = "approved" // and not yet carried out to the end
	ListReplaced = "replaced" // another run found others
	ListSettled  = "settled"  // carried out, or no longer so
)

// DeleteLists keeps them.
type DeleteLists interface {
	// SaveDeletes stores a list as the open one of its pipeline and kind, and fills in its
	// number: that of the open one if that has the same records; else that one is replaced.
	// What was approved is settled: the run deleted it.
	SaveDeletes(ctx context.Context, l Lease, d *DeleteList) error
	// ListDeletes is the lists in a state, without members, newest first; empty selects all.
	ListDeletes(ctx context.Context, pipeline, state string) ([]DeleteList, error)
	// DeleteList is one with its members; nil: there is none of that number.
	DeleteList(ctx context.Context, number int64) (*DeleteList, error)
	// ApproveDeletes approves an open list. It is Blocked if the list is not open.
	ApproveDeletes(ctx context.Context, l Lease, number int64, who string) error
	// SettleDeletes closes the open and approved lists of a pipeline of these kinds.
	SettleDeletes(ctx context.Context, l Lease, pipeline string, kinds ...string) error
}

// NewDeleteList has members in their order, their number and their digest.
func NewDeleteList(pipeline, kind string, run int64, members []Doomed) *DeleteList {
	slices.SortFunc(members, func(a, b Doomed) int { return cmp.Or(cmp.Compare(a.Rec, b.Rec), cmp.Compare(a.Version, b.Version)) })
	members = slices.Compact(members)
	sum := sha256.Sum256(PackDoomed(members))
	return &DeleteList{Pipeline: pipeline, Kind: kind, Run: run, Records: int64(len(members)), Digest: hex.EncodeToString(sum[:8]), State: ListOpen, Members: members}
}

// PackDoomed is members as bytes: the distance to the record before and the version, as
// varints. UnpackDoomed reads it; ok is false if it is something else.
func PackDoomed(members []Doomed) []byte {
	b := make([]byte, 0, 3*len(members))
	before := int64(0)
	for _, m := range members {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(m.Rec-before)), uint64(m.Version))
		before = m.Rec
	}
	return b
}

// UnpackDoomed reads what PackDoomed wrote.
func UnpackDoomed(b []byte) (members []Doomed, ok bool) {
	rec := int64(0)
	for len(b) > 0 {
		step, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, false
		}
		version, k := binary.Uvarint(b[n:])
		if k <= 0 {
			return nil, false
		}
		rec, b = rec+int64(step), b[n+k:]
		members = append(members, Doomed{rec, uint32(version)})
	}
	return members, true
}

// Approved is deletes that a person approved, of records in one version each; nil: none.
type Approved struct {
	of  map[int64]uint32
	all bool
}

// Approve approves what is on lists.
func Approve(lists ...*DeleteList) *Approved {
	a := &Approved{of: map[int64]uint32{}}
	for _, l := range lists {
		for _, m := range l.Members {
			a.of[m.Rec] = m.Version
		}
	}
	return a
}

// ApproveAll approves every delete: of a source that has no end, and so no list.
func ApproveAll() *Approved { return &Approved{all: true} }

// Deletes is the approval at receivers: of the deleted versions that lists come to, and of
// deletes that were held there.
func (a *Approved) Deletes(held []Exception) *Approved {
	next := &Approved{of: make(map[int64]uint32, len(a.of)+len(held)), all: a.all}
	for rec, version := range a.of {
		next.of[rec] = version + 1
	}
	for i := range held {
		next.of[held[i].Rec] = held[i].Version
	}
	return next
}

// Has says that the delete of a record in this version is approved.
func (a *Approved) Has(rec int64, version uint32) bool {
	return a != nil && (a.all || a.of[rec] == version && version != 0)
}
