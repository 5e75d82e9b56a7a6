package ledger

import (
	"context"
	"time"
)

// Waived (豁免) is the state of a reject that a person decided not to have mended. It
// stays so while the row is as it was; a changed row that is refused is a new reject.
const Waived = "waived"

// Waiver is who decided that about a reject, and why.
type Waiver struct {
	Reject int64
	At     time.Time
	Who    string
	Why    string
}

// RewindQuery selects what a receiver lost.
type RewindQuery struct {
	Receiver string
	Since    time.Time // what arrived then or later; zero = everything
	Subject  string    // empty = all
	Dry      bool      // count only
}

// Rewound counts what a rewind does, by subject.
type Rewound struct {
	Subject string
	Records int64 // offered again by the next delivery, in their newest version
	Waiting int64 // have a newer version that is held, or that the next delivery brings anyway
	Deleted int64 // deleted since: they do not go again
}

// Decisions are what people decide about records.
type Decisions interface {
	// Waive closes open rejects for good and says how many. The record a receiver refused
	// stays as it is there.
	Waive(ctx context.Context, ids []int64, who, why string) (int64, error)
	Waivers(ctx context.Context, ids []int64) ([]Waiver, error)
	// Rewind marks what a receiver lost to be offered again: the receipts no longer count,
	// so children wait until their parent has arrived again.
	Rewind(ctx context.Context, q RewindQuery) ([]Rewound, error)
}
