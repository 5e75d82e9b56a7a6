package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// FinishedAt reads when results were finished out of the log, in Unix seconds; 0 = not said.
func FinishedAt(ctx context.Context, log LogAt, results []Entry, alloc memory.Allocator) ([]int64, error) {
	at := make([]int64, len(results))
	for i := range results {
		rec, err := ReadBatch(ctx, log, results[i].At.Seq, alloc)
		if err != nil {
			return nil, err
		}
		at[i] = momentsOf(rec, "finished_at")[results[i].At.Row]
		rec.Release()
	}
	return at, nil
}
