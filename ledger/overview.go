package ledger

import (
	"context"
	"time"

	"banjian/pipelines"
)

// Standing is where one receiver stands with the records of one stream. Every record
// counts once; what is not counted is delivered.
type Standing struct {
	Stream        Stream
	Pending       int64 // not offered yet, offered with an open outcome, or to be offered again
	Held          int64
	HeldLong      int64 // of these, held since before the time that was asked for
	Diverged      int64
	Rejected      int64
	NotApplicable int64
	Compared      int64 // of NotApplicable: another system's word counts
	OldestPending time.Time
	OldestHeld    time.Time
	Newest        time.Time // when the stream last changed
}

// RejectTotal counts the open rejects of a pipeline at one receiver.
type RejectTotal struct {
	Pipeline string
	Receiver string // empty: refused at collection
	Open     int64
	Outdated int64 // of these, refused at collection by a mapping that the pipeline's newest run has not
	Oldest   time.Time
	Newest   time.Time
}

// Overviews are sums for people who look whether all is well.
type Overviews interface {
	// Standings is one line a stream, oldest stream first; the receiver need not be known
	// to the ledger yet. heldBefore divides long holds from others.
	Standings(ctx context.Context, receiver string, heldBefore time.Time) ([]Standing, error)
	RejectTotals(ctx context.Context) ([]RejectTotal, error)
	// GoodRuns is the newest run of each pipeline that ended well.
	GoodRuns(ctx context.Context) ([]Run, error)
}

// Passage is one version of a record on its way to a receiver.
type Passage struct {
	Rec     int64
	Version uint32
	Op      pipelines.Op
	Seq     int64 // log batch of that version
	Batch   string
	Table   string
	Frozen  time.Time
	Arrived time.Time // when the batch's last receipt was stored; zero = none, or not known
	Open    bool      // its outcome is not known
}

// Origin is where the records of one log batch come from.
type Origin struct {
	Seq      int64
	Pipeline string
	Run      int64
	Mapping  string // version of the mapping
	At       time.Time
}

// Histories tell the life of single records.
type Histories interface {
	// Passages lists what went to a receiver of records of one stream, oldest first. It
	// reads every batch of the stream.
	Passages(ctx context.Context, receiver string, s Stream, recs []int64) ([]Passage, error)
	// Origins finds log batches by number; those that are unknown are left out.
	Origins(ctx context.Context, seqs []int64) ([]Origin, error)
}

// FrozenPast is a delivery batch as it is remembered.
type FrozenPast struct {
	Frozen
	Arrived time.Time // when its last receipt was stored; zero = none, or not known
	Left    int       // members without an outcome
}

// Pasts remember deliveries.
type Pasts interface {
	// Past goes through the delivery batches of a stream at a receiver, oldest first.
	Past(ctx context.Context, receiver string, s Stream, each func(*FrozenPast) error) error
}
