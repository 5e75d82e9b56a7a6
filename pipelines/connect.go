package pipelines

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// Source is something rows are read from, opened at a position by its factory. Read
// is called from one goroutine, Commit from another beside it; Close may be called at
// any time, and again.
type Source interface {
	// Read returns the next batch, or io.EOF when there is nothing more for this run.
	// The caller owns the batch. A Read after an error or io.EOF returns it again.
	Read(ctx context.Context) (Batch, error)
	// Commit tells the source that everything up to p is durable; a hint, sent after
	// the fact, that may be lost.
	Commit(ctx context.Context, p Position) error
	Close() error
}

// Stage turns one input record into records of one or several subjects. It keeps no
// state between calls that changes the outcome, and does not release its input.
type Stage interface {
	Apply(ctx context.Context, in arrow.Record) (Result, error)
}

// Write is one batch on its way into a Sink: what was read, what became of it, and
// the position it moves to.
type Write struct {
	Input    arrow.Record
	Result   Result
	Position Position
}

// Sink is something records end in. Write stores records, rejects and position, all
// or nothing (invariant 1); a fault.Unknown error means that nobody can say which,
// and the sink settles it itself when it is next opened. Close waits for what is
// under way. The engine calls Write from one goroutine, in order.
type Sink interface {
	Write(ctx context.Context, w *Write) (Counts, error)
	Close(ctx context.Context) error
}

// Splitter is implemented by sources whose first load can be read in ranges side by side.
type Splitter interface {
	// Split says how; nil: this source reads everything itself. It is asked before the first
	// Read, and a source that is split reads nothing.
	Split() *Split
}

// Split (分段) is a first load in ranges. A range is a unit of work of its own: who has its
// position can read it and knows nothing of the others; its last batch comes with the empty
// position. Ranges are read in snapshots of their own, so together they are no picture of the
// view at any moment, and nothing is missed in them.
type Split struct {
	Begun  Position   // of the pipeline from when the ranges are stored until the last is read
	Ranges []Position // where each is begun; nil: they were stored when the pipeline was begun
	Count  int        // of the ranges
	End    Position   // of the pipeline, once all were read
	AtOnce int        // how many the source's server should be asked for at a time
}

// Checkpoints is implemented by the sink that stores the position, so that the two
// cannot disagree.
type Checkpoints interface {
	Load(ctx context.Context) (Position, error)
}

// Portioned is implemented by sources that give what there is in portions, each of them a
// run of its own: files. Whole and More are asked, and PutAway is called, after the run.
type Portioned interface {
	// Whole says that the portion that was read is all there is outside, so that what it
	// lacks is gone.
	Whole() bool
	// More says that another portion waits.
	More() bool
	// PutAway is told how far the ledger has come, and files away what was taken. It may be
	// called again, and leaves to the next run what it cannot do.
	PutAway(ctx context.Context, stored Position) error
}
