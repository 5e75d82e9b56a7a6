package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/ledger/sqlite"
	"banjian/pipelines"
)

const (
	smallLedger  = 100_000
	appendSpan   = 100_000 // records an append is measured over
	updateBatch  = 10_000
	updateRounds = 10
	sameSpan     = 300_000 // rows read again without a change
)

// speeds are rows a second at one size of the ledger.
type speeds struct {
	Records   int     `json:"records"`
	Append    float64 `json:"append"`
	Update    float64 `json:"update"` // scattered, sorted batches of 10,000
	Unchanged float64 `json:"unchanged"`
}

// ledgerResult is the ledger alone, payload written and source columns kept.
type ledgerResult struct {
	Small, Large speeds
	AppendCPU    float64 `json:"append_cpu_per_million"` // seconds of this process, making the rows included
	FileMiB      float64 `json:"file_mib"`
	Peak         float64 `json:"peak_mib"` // of this process
}

// ledgerBench drives the ledger's collecting half with a stage that maps nothing.
type ledgerBench struct {
	store   *sqlite.Store
	factory *factory
	lease   ledger.Lease
	next    int     // the next new case
	updated int     // cases before it may have been updated
	fillCPU float64 // seconds a million rows of the last fill
	say     func(text.Text)
}

// measureLedger grows one ledger from nothing past records and measures it twice.
func measureLedger(ctx context.Context, dir string, records int, say func(text.Text)) (*ledgerResult, error) {
	resetHighWater()
	f, err := newFactory()
	if err != nil {
		return nil, err
	}
	defer f.release()
	path := filepath.Join(dir, "bench-ledger.db")
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	defer store.Close()
	b := &ledgerBench{store: store, factory: f, say: say}
	if b.lease, err = store.Acquire(ctx, "collect:bench", time.Hour); err != nil {
		return nil, err
	}
	res := &ledgerResult{}
	if err := b.at(ctx, min(smallLedger, records), &res.Small); err != nil {
		return nil, err
	}
	if err := b.at(ctx, records, &res.Large); err != nil {
		return nil, err
	}
	res.AppendCPU = b.fillCPU
	if kib, ok := highWater("self"); ok {
		res.Peak = float64(kib) / 1024
	}
	if st, err := os.Stat(path); err == nil {
		res.FileMiB = float64(st.Size()) / (1 << 20)
	}
	return res, nil
}

// at fills the ledger to size and measures it there: rows read again, updates, appends.
func (b *ledgerBench) at(ctx context.Context, size int, s *speeds) error {
	if size > b.next {
		b.say(text.F("台账：追加到 %d 条……", "ledger: filling to %d records …", size))
		n, before := size-b.next, ownCPU()
		if _, err := b.run(ctx, b.fresh(n), 0, true); err != nil {
			return err
		}
		b.fillCPU = (ownCPU() - before).Seconds() / float64(n) * 1e6
	}
	s.Records = b.next
	// The middle, where an earlier measurement changed nothing.
	from := b.updated
	if from > 0 {
		from = max(from, b.next/2)
	}
	var err error
	if s.Unchanged, err = b.run(ctx, span(from, min(b.next, from+sameSpan)), 0, false); err != nil {
		return err
	}
	if s.Update, err = b.run(ctx, scattered(b.next), b.next, true); err != nil {
		return err
	}
	b.updated = b.next
	if s.Append, err = b.run(ctx, b.fresh(appendSpan), 0, true); err != nil {
		return err
	}
	b.say(text.F("台账 %d 条：追加 %.0f，散点更新 %.0f，未变 %.0f 行/秒", "ledger of %d records: appends %.0f, scattered updates %.0f, unchanged %.0f rows/s", s.Records, s.Append, s.Update, s.Unchanged))
	return nil
}

// fresh is n new cases in batches as a source makes them.
func (b *ledgerBench) fresh(n int) [][]int {
	from := b.next
	b.next += n
	return span(from, from+n)
}

func span(from, to int) [][]int {
	var batches [][]int
	for from < to {
		end := min(to, from+pipelines.DefaultBatchRows)
		batch := make([]int, 0, end-from)
		for id := from; id < end; id++ {
			batch = append(batch, id)
		}
		batches, from = append(batches, batch), end
	}
	return batches
}

// scattered is distinct cases of all known, in sorted batches.
func scattered(known int) [][]int {
	r := rand.New(rand.NewPCG(11, uint64(known)))
	ids := r.Perm(known)
	var batches [][]int
	for range updateRounds {
		n := min(updateBatch, len(ids))
		if n == 0 {
			break
		}
		batch := ids[:n:n]
		slices.Sort(batch)
		batches, ids = append(batches, batch), ids[n:]
	}
	return batches
}

// run collects batches in one run and returns rows a second. All rows must be
// collected, or all of them must be unchanged.
func (b *ledgerBench) run(ctx context.Context, batches [][]int, revision int, collected bool) (float64, error) {
	run, err := b.store.StartRun(ctx, "bench", "full", "bench")
	if err != nil {
		return 0, err
	}
	start := time.Now()
	c, err := collect.New(ctx, b.store, collect.Config{Pipeline: "bench", Source: "bench", Primary: acceptSubject,
		Keys: map[string][]string{acceptSubject: acceptKey}, Mapping: "bench", Stage: b.factory, KeyOf: b.factory.keys, Keep: true,
		Lease: b.lease, Run: run, Alloc: memory.DefaultAllocator})
	if err != nil {
		return 0, err
	}
	p := pipelines.Pipeline{Name: "bench", Source: &memorySource{factory: b.factory, batches: batches, revision: revision}, Stage: c, Sink: c}
	counts, err := p.Run(ctx)
	elapsed := time.Since(start)
	if err != nil {
		return 0, err
	}
	rows := counts.Unchanged
	if collected {
		rows = counts.Collected
	}
	if rows != counts.Read {
		return 0, fmt.Errorf("rows of the ledger's benchmark went astray: %+v", counts)
	}
	run.State, run.Counts = "done", counts
	return float64(counts.Read) / elapsed.Seconds(), b.store.EndRun(ctx, run)
}
