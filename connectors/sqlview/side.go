package sqlview

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// sideBySide reads the ranges of a first load, several at a time, each over a connection and
// in a snapshot of its own, and gives their batches one after another.
//
// A range is done in the position of the first batch that is given once its own batches all
// were: batches are committed in the order they are given, so what a position calls done is
// committed with it (invariant 1). A range that was interrupted is read again from its
// beginning.
type sideBySide struct {
	s    *Source
	d    *description
	stop func()

	came   chan partRead    // closed when every reader has ended
	last   *pipelines.Batch // came, not yet given: it may be the very last, whose position is another
	broken error
	over   bool // every reader has ended
	ended  bool // the last batch was given
}

// undeclared is how many connections ranges take where no cap was agreed.
const undeclared = 2

// partRead is a batch of a range, its end, or what ended it.
type partRead struct {
	part  int
	batch pipelines.Batch // without a record: the range is over
	load  pipelines.Load
	err   error
}

// readSideBySide starts the readers: no more than the connection's cap.
func (s *Source) readSideBySide(ctx context.Context, d *description) {
	p := s.end.Parts
	todo := make(chan int, p.ranges())
	done := map[int]bool{}
	for _, i := range p.Done {
		done[i] = true
	}
	for i := range p.ranges() {
		if !done[i] {
			todo <- i
		}
	}
	close(todo)
	most := s.o.MaxConnections
	if most <= 0 {
		most = undeclared
	}
	readers := min(max(s.o.Splits, 1), max(len(todo), 1), most)
	ctx, cancel := context.WithCancel(ctx)
	b := &sideBySide{s: s, d: d, came: make(chan partRead)}
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for i := range todo {
				if !b.readPart(ctx, p, i) {
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(b.came)
	}()
	b.stop = sync.OnceFunc(func() {
		cancel()
		for r := range b.came {
			if r.batch.Record != nil {
				r.batch.Record.Release()
			}
		}
		if b.last != nil {
			b.last.Record.Release()
			b.last = nil
		}
	})
	s.side = b
}

// readPart reads one range to its end; false: the reader is to stop.
func (b *sideBySide) readPart(ctx context.Context, p *parts, i int) bool {
	src, err := b.open(ctx, p, i)
	for err == nil {
		r := partRead{part: i}
		if r.batch, err = src.next(ctx); err == nil && !b.give(ctx, r) {
			err = ctx.Err()
		}
	}
	if src != nil {
		src.shut()
	}
	r := partRead{part: i}
	if src != nil {
		r.load = src.load
	}
	if !errors.Is(err, io.EOF) {
		r.err = err
	}
	return b.give(ctx, r) && r.err == nil
}

func (b *sideBySide) give(ctx context.Context, r partRead) bool {
	select {
	case b.came <- r:
		return true
	case <-ctx.Done():
		if r.batch.Record != nil {
			r.batch.Record.Release()
		}
		return false
	}
}

// open begins a full read of one range. The source it gives is used here alone; it pays
// from the same allowance as the others.
func (b *sideBySide) open(ctx context.Context, p *parts, i int) (*Source, error) {
	o := b.s.o
	o.Placed = o.Placed || o.Mode == Compare
	o.Mode, o.Cursor, o.Splits = Full, nil, 0
	src := &Source{o: o, spans: b.s.spans, gentle: newGentle(o)}
	src.gentle.own = b.s.gentle.own
	ctx, src.cancel = context.WithCancel(ctx)
	var err error
	if src.s, err = connect(ctx, o); err == nil {
		err = src.startPart(ctx, p, i)
	}
	return src, err
}

func (s *Source) startPart(ctx context.Context, p *parts, i int) (err error) {
	if s.d, err = s.s.describe(ctx); err != nil {
		return err
	}
	s.s.within = func(q *params) string { return p.rangeSQL(q, s.d.key, i) }
	st, err := s.s.build(s.d, nil)
	if err != nil {
		return err
	}
	s.prepare(s.d, st)
	return s.run(ctx, st)
}

// next is the next batch of any range.
func (b *sideBySide) next(ctx context.Context) (pipelines.Batch, error) {
	for !b.over && b.broken == nil {
		r, more := <-b.came
		switch {
		case !more:
			b.over = true
		case r.err != nil:
			b.broken = b.s.because(ctx, r.err)
		case r.batch.Record == nil:
			b.s.end.Parts = b.s.end.Parts.with(r.part)
			b.s.load.Add(r.load)
		case b.last == nil:
			b.last = &r.batch
		default:
			given := b.given()
			b.last = &r.batch
			return given, nil
		}
	}
	if b.ended || b.over && len(b.s.end.Parts.Done) == b.s.end.Parts.ranges() {
		return b.end()
	}
	if b.last != nil {
		return b.given(), nil
	}
	if b.broken == nil {
		b.broken = b.s.because(ctx, context.Canceled)
	}
	return pipelines.Batch{}, b.broken
}

// given is the batch at hand with the position as it stands.
func (b *sideBySide) given() pipelines.Batch {
	batch := *b.last
	b.last, batch.Position = nil, b.s.end.encode()
	return batch
}

// end gives the last batch, with the position of the end: one without rows if there was
// none in the ranges that were left, for the position must be stored.
func (b *sideBySide) end() (pipelines.Batch, error) {
	if b.ended {
		return pipelines.Batch{}, io.EOF
	}
	if b.last == nil {
		builder := array.NewRecordBuilder(b.s.o.Alloc, b.s.schema)
		defer builder.Release()
		b.last = &pipelines.Batch{Record: builder.NewRecord()}
	}
	b.ended = true
	b.s.finishAt(nil)
	b.s.end.Parts, b.s.end.Done = nil, b.s.o.Mode.whole()
	return b.given(), nil
}

// Patched says that the rows came from several snapshots. See pipelines.Patched.
func (s *Source) Patched() bool { return s.side != nil }
