package pipelines

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"banjian/internal/failpoint"
)

// Defaults of a Pipeline's bounds.
const (
	DefaultInFlight  = 24 << 20 // bytes read and not yet written
	DefaultBatchRows = 3072
	DefaultBatchSize = 4 << 20 // bytes
)

// Pipeline is one source, one stage and one sink. Reading, mapping and writing
// overlap; memory is bounded by the rows of a batch, by Depth and by InFlight.
type Pipeline struct {
	Name     string
	Source   Source
	Stage    Stage
	Sink     Sink
	Limits   Limits
	Depth    int   // batches that wait between two steps, beside the one each has in hand
	InFlight int64 // 0 = DefaultInFlight
	Log      *slog.Logger
	Progress func(Counts) // after every batch written; may be nil
}

// noColumns is what a batch is of that was let go.
var noColumns = arrow.NewSchema(nil, nil)

// item is one batch between two steps.
type item struct {
	batch  Batch
	result Result
	weight int64
}

// letGo releases what was read of a batch that is mapped and need only be counted: a record
// of as many rows and no columns stands for it from then on.
func (it *item) letGo() {
	n := it.batch.Record.NumRows()
	it.batch.Record.Release()
	it.batch.Record = array.NewRecord(noColumns, nil, n)
}

func (it *item) release() {
	it.result.Release()
	it.batch.Record.Release()
}

// Run reads until the source has nothing more, and closes neither source nor sink.
// When ctx ends, the batch being written is finished, those behind it are abandoned
// unwritten, and ctx's error is returned with what was counted so far (invariant 7).
// When the source fails, what it gave before is written first, so that a source that
// always fails after a while still gets somewhere.
func (p *Pipeline) Run(ctx context.Context) (Counts, error) {
	inFlight := p.InFlight
	if inFlight == 0 {
		inFlight = DefaultInFlight
	}
	room := semaphore.NewWeighted(inFlight)
	read, mapped := make(chan *item, p.Depth), make(chan *item, p.Depth)
	var counts Counts
	g, gctx := errgroup.WithContext(ctx)
	var failed error // of the source
	g.Go(func() error { defer close(read); failed = p.readAll(gctx, read, room, inFlight); return nil })
	g.Go(func() error { defer close(mapped); return p.mapAll(gctx, read, mapped) })
	g.Go(func() error { return p.writeAll(gctx, mapped, room, &counts) })
	err := g.Wait()
	for it := range read {
		it.release()
	}
	for it := range mapped {
		it.release()
	}
	if err == nil {
		err = failed
	}
	if err == nil {
		err = counts.Check()
	}
	return counts, err
}

func (p *Pipeline) readAll(ctx context.Context, out chan<- *item, room *semaphore.Weighted, most int64) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := p.Source.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		failpoint.Hit(failpoint.AfterRead)
		it := &item{batch: b, weight: min(max(b.Bytes, 1), most)}
		if err := room.Acquire(ctx, it.weight); err != nil {
			it.release()
			return err
		}
		select {
		case out <- it:
		case <-ctx.Done():
			it.release()
			return ctx.Err()
		}
	}
}

func (p *Pipeline) mapAll(ctx context.Context, in <-chan *item, out chan<- *item) error {
	for it := range in {
		res, err := p.Stage.Apply(ctx, it.batch.Record)
		if err != nil {
			it.release()
			return err
		}
		if it.result = res; res.Spent {
			it.letGo()
		}
		failpoint.Hit(failpoint.AfterMap)
		select {
		case out <- it:
		case <-ctx.Done():
			it.release()
			return ctx.Err()
		}
	}
	return nil
}

func (p *Pipeline) writeAll(ctx context.Context, in <-chan *item, room *semaphore.Weighted, total *Counts) error {
	for it := range in {
		if err := ctx.Err(); err != nil {
			it.release()
			return err
		}
		err := p.writeOne(ctx, it, total)
		room.Release(it.weight)
		it.release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) writeOne(ctx context.Context, it *item, total *Counts) error {
	// A write that has begun is finished even if the run is being stopped.
	w := &Write{Input: it.batch.Record, Result: it.result, Position: it.batch.Position}
	c, err := p.Sink.Write(context.WithoutCancel(ctx), w)
	if err != nil {
		return err
	}
	c.BytesRead = it.batch.Bytes
	total.Add(c)
	if err := p.Source.Commit(ctx, it.batch.Position); err != nil && ctx.Err() == nil {
		p.logger().Warn("source did not take the commit hint", "pipeline", p.Name, "error", err)
	}
	if p.Progress != nil {
		p.Progress(*total)
	}
	return p.Limits.Check(*total)
}

func (p *Pipeline) logger() *slog.Logger {
	if p.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Log
}

// StageFunc is a Stage made of a function.
type StageFunc func(ctx context.Context, in arrow.Record) (Result, error)

// Apply calls f.
func (f StageFunc) Apply(ctx context.Context, in arrow.Record) (Result, error) { return f(ctx, in) }
