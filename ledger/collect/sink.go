package collect

import (
	"context"
	"errors"

	"banjian/internal/failpoint"
	"banjian/ledger"
	"banjian/pipelines"
)

// conflictTries bounds how often a change is recomputed because the index moved.
const conflictTries = 5

// Write commits a mapped batch: changed records, rejects, kept source columns and
// the position, in one transaction (invariant 1). If the index moved since the batch
// was mapped, the change is computed again from the mapped records.
func (c *Collector) Write(ctx context.Context, w *pipelines.Write) (pipelines.Counts, error) {
	memo := w.Result.Memo.(*prepared)
	if c.Changes {
		defer c.ahead.written()
	}
	if c.Dry {
		c.refused.Add(ledger.Together(memo.change.Rejects)...)
		return memo.counts, nil
	}
	if err := c.Blown(); err != nil {
		if c.Changes { // the source need not end
			return pipelines.Counts{}, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waitMarked(memo)
		return pipelines.Counts{}, nil // neither stored nor counted; Stopped tells
	}
	failpoint.Hit(failpoint.BeforeLedgerCommit)
	for try := 0; ; try++ {
		memo.change.Lease, memo.change.Run, memo.change.Pipeline = c.Lease, c.Run.Num, c.Pipeline
		memo.change.Position, memo.change.Slot, memo.change.Changes = w.Position, c.Slot, c.Changes
		memo.change.Counts = memo.counts
		newRejects, err := c.store.Commit(ctx, memo.change)
		if err == nil {
			failpoint.Hit(failpoint.AfterLedgerCommit)
			memo.counts.NewRejects = newRejects
			return memo.counts, nil
		}
		if !errors.Is(err, ledger.ErrConflict) || try == conflictTries {
			return pipelines.Counts{}, err
		}
		kept, keptRows := memo.change.Kept, memo.change.KeptRows
		c.forget(memo)
		if memo, err = c.prepare(ctx, w.Input, &w.Result, memo.known); err != nil {
			return pipelines.Counts{}, err
		}
		memo.change.Kept, memo.change.KeptRows = kept, keptRows
	}
}

// Superseded closes the rejects of keys whose rows were all mapped again in this run, but
// for those that were found again under the same key.
func (c *Collector) Superseded(ctx context.Context, keys [][]byte) error {
	if c.Dry || len(keys) == 0 {
		return nil
	}
	position, err := c.store.Position(ctx, c.Pipeline)
	if err != nil {
		return err
	}
	_, err = c.store.Commit(ctx, &ledger.Change{Lease: c.Lease, Run: c.Run.Num, Pipeline: c.Pipeline, Mapping: c.Mapping, Position: position, Passed: keys})
	return err
}

// Refused is what a dry run would have refused, by kind; nothing of a run that stores it.
func (c *Collector) Refused() []ledger.RejectKind { return c.refused.List() }

// forget prepares for the same batch being computed once more: everything is looked up
// again, and the fuse counts each of its changes once.
func (c *Collector) forget(memo *prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	memo.known.entries = nil
	c.fuse.count -= memo.fused
	c.marks.count -= memo.marked
	c.born -= memo.born
}

// Load is the pipeline's position as last committed.
func (c *Collector) Load(ctx context.Context) (pipelines.Position, error) {
	if c.Slot != "" {
		return c.store.Position(ctx, c.Slot)
	}
	return c.store.Position(ctx, c.Pipeline)
}

// Close has nothing to wait for: Write returns when the change is durable.
func (c *Collector) Close(context.Context) error { return nil }
