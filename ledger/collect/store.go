package collect

import (
	"context"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// Store is what a Collector needs of a store; the methods keep what ledger.Store says of them.
type Store interface {
	ledger.Index
	Commits
	ledger.StreamMembers
	Records
	Decided
}

// Commits is the transaction of a batch, and what the pipeline had before it.
type Commits interface {
	Commit(ctx context.Context, c *ledger.Change) (newRejects int64, err error)
	Position(ctx context.Context, pipeline string) (pipelines.Position, error)
	OpenRejects(ctx context.Context, pipeline string) ([]ledger.Reject, error)
}

// Records reads what the log has of records, and what is known of their cases.
type Records interface {
	At(ctx context.Context, seq int64) (*ledger.LogEntry, error)
	Cases(ctx context.Context, source string, localNos []string) ([]ledger.Case, error)
}

// Decided is what a run goes by beside its rows: rows as earlier mappings had them, what a
// department said they should have held; and the list that a person is to decide on.
type Decided interface {
	Earlier(ctx context.Context, pipeline, current string) ([]ledger.KeptBatch, error)
	Corrections(ctx context.Context, pipeline string) ([]ledger.Correction, error)
	SaveDeletes(ctx context.Context, l ledger.Lease, d *ledger.DeleteList) error
}

// KeptStore is what reading kept rows needs of a store.
type KeptStore interface {
	ledger.Index
	Commits
	Kept
}

// Kept goes through kept rows.
type Kept interface {
	NextKept(ctx context.Context, pipeline string, after int64) (*ledger.KeptBatch, error)
	NewestKept(ctx context.Context, pipeline string) (*ledger.KeptBatch, error)
}

// Debts is what a pipeline's records wait for.
type Debts interface {
	OwedFiles(ctx context.Context, pipeline string, due time.Time, after int64, limit int) ([]ledger.Owed, error)
}

// Doubts is what of a pipeline's records waits to be verified.
type Doubts interface {
	DueDoubts(ctx context.Context, pipeline string, due time.Time, but []string, after ledger.DoubtOf, limit int) ([]ledger.Doubt, error)
}
