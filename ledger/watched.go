package ledger

import (
	"context"
	"time"

	"banjian/pipelines"
)

// Watched is a batch that a receiver has and how far it has taken it over.
type Watched struct {
	Batch   string
	Table   string
	Sent    int64     // rows that went: members less those its database refused
	At      time.Time // of the receipt
	Waiting int64     // rows it has not taken over yet; as long as nobody looked, all
	Missing int64     // rows that are not there, although it cannot have cleaned them up yet
	Looked  time.Time // zero = never
	Done    bool      // nothing more is to be learnt
}

// See notes what the receiver's table shows of the batch. Rows that are not there were
// cleaned up, if as many had been taken over before or the batch is of an age (purge) at
// which that is done; otherwise they are missing.
func (w *Watched) See(u pipelines.Uptake, now time.Time, purge time.Duration) {
	taken := w.Sent - w.Waiting - w.Missing
	gone := w.Sent - u.There
	missing := min(gone, max(w.Missing, gone-taken)) // what was missing stays so until it is back
	w.Waiting, w.Missing = u.Waiting, 0
	if now.Sub(w.At) < purge {
		w.Missing = max(missing, 0)
	}
	w.Done = w.Waiting == 0 && w.Missing == 0
}

// WatchTotals is how far one receiver has taken over what it was given.
type WatchTotals struct {
	Sent     int64 // rows, repeated versions included
	Taken    int64
	Waiting  int64
	Late     int64 // of these, waiting since before the time that was asked for
	Missing  int64
	Oldest   time.Time // the oldest batch with a row that waits; zero = none
	Looked   time.Time // last
	Unlooked int64     // batches nobody has looked at yet
}

// Watches keeps how far receivers have taken over what they were given.
type Watches interface {
	// Untaken lists batches not wholly taken over: those never looked at, then those looked
	// at longest ago.
	Untaken(ctx context.Context, receiver string, limit int) ([]Watched, error)
	SetWatched(ctx context.Context, list []Watched) error
	WatchTotals(ctx context.Context, receiver string, lateBefore time.Time) (WatchTotals, error)
}
