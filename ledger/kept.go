package ledger

import (
	"context"
)

// KeptBatch is source rows (贴源) as one run mapped them.
type KeptBatch struct {
	ID      int64 // grows
	Mapping string
	Payload []byte
}

// Kepts reads what was kept of a pipeline's source rows.
type Kepts interface {
	// NextKept is the first batch after a number, nil when there is none.
	NextKept(ctx context.Context, pipeline string, after int64) (*KeptBatch, error)
	// NewestKept is the last batch, nil when there is none.
	NewestKept(ctx context.Context, pipeline string) (*KeptBatch, error)
	// Earlier is the newest batch kept under each mapping version, other than current, that
	// records may still stem from: of runs that were done, back to the last one that looked
	// at every row. Payload is nil where nothing is kept any more.
	Earlier(ctx context.Context, pipeline, current string) ([]KeptBatch, error)
}
