package ledger

import (
	"context"
	"time"
)

// Owed (欠件) is a file that the newest version of a record refers to and does not have.
// One that a newer version replaced is dropped when files are asked for again.
type Owed struct {
	Pipeline string
	Stream   Stream
	Rec      int64
	Version  uint32
	Key      []byte // of the record
	Row      []byte // key of the row it was made from, under which rejects are filed
	Field    string
	Ref      string // how to ask again, in the words of who asks
	Why      string // missing, down, store; wrong: it came and was refused
	Since    time.Time
	Next     time.Time // not asked for before
	Tries    int
}

// Paid is a version of a record that waits for no file any more.
type Paid struct {
	Rec     int64
	Version uint32
}

// OwedTotal is what a pipeline's records wait for.
type OwedTotal struct {
	Pipeline string
	Why      string
	Files    int64
	Oldest   time.Time
	Next     time.Time // when the first of them is due
}

// Debts keeps what is owed.
type Debts interface {
	// OwedFiles lists up to limit files a pipeline's records wait for that are due at a time,
	// by record number, behind after.
	OwedFiles(ctx context.Context, pipeline string, due time.Time, after int64, limit int) ([]Owed, error)
	// OwedTotals counts them, by pipeline and reason.
	OwedTotals(ctx context.Context) ([]OwedTotal, error)
}

// EveryFile is longer than any file waits to be asked for again.
const EveryFile = 1000 * 24 * time.Hour
