package ledger

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// exceptionPage is how many held records are looked at together.
const exceptionPage = 1024

// DeliverStore is what delivering needs of a store.
type DeliverStore interface {
	Log
	Cases
	Deliveries
	Receivers
	Adoptions
	DoubtsAbout(ctx context.Context, recs []int64) ([]Doubt, error)
	PieceReceipts
	Aliases
	Outcomes
	Backlogs
	ToldReceipts
	Lookup(ctx context.Context, s Stream, keys [][]byte) ([]Entry, error)
}

// Source reads one subject's records that a receiver has not been offered yet: first
// held records whose parent has arrived there meanwhile, then the log from the
// receiver's offset on. Rows that a newer version replaced are left out, so several
// pending versions of a record coalesce to the newest. It is a pipelines.Source.
type Source struct {
	store DeliverStore
	SourceConfig
	aside     int                // of asides, the one being read
	put       map[Aside][]string // sources that have any, those still to be read
	heldAfter int64
	streams   []Stream
	at        int
	seq       int64
	opened    bool
	last      bool
	region    region
	given     int64            // rows since Read began, or went on after a pause
	cut       bool             // Pause ended it
	reached   map[Stream]int64 // log batches read so far; the stored offset follows later
	queue     []pipelines.Batch
	err       error
	known     moments
}

// SourceConfig is one receiver's view of a subject.
type SourceConfig struct {
	Receiver string
	Subject  string
	Order    Order                                      // what its records wait for
	Columns  []string                                   // canonical columns that are read further on; nil = all
	Open     OpenFunc                                   // nil = never
	From     FromFunc                                   // nil = every pipeline
	Fed      *Fed                                       // whether From may have changed; nil = it may
	Fresh    bool                                       // only what is to go before the backlog
	Until    int64                                      // the last log batch that is read, with Fresh
	Called   bool                                       // the receiver is called
	Chunk    func() int64                               // how many rows of a log batch go together at such a one; nil = all
	Pause    func(ctx context.Context, rows int64) bool // asked between batches, of which so many rows were read: true is an io.EOF from which Read goes on; nil = never
	Tail     func() bool                                // says that more will come: Read then waits at the end of the log; nil = it ends there
	Alloc    memory.Allocator
}

// tailEvery is how often a waiting source looks at the log.
const tailEvery = 10 * time.Millisecond

// NewSource opens the receiver's view of a subject at its stored offset.
func NewSource(store DeliverStore, cfg SourceConfig) *Source {
	if cfg.Columns != nil { // what order and hold rules read
		cfg.Columns = append([]string{"local_no", "case_no", "flow_no", "item_code", "accepted_at"}, cfg.Columns...)
		cfg.Columns = append(cfg.Columns, cfg.Order.Precedence.columns()...)
		if cfg.Order.InOrder != "" {
			cfg.Columns = append(cfg.Columns, cfg.Order.InOrder)
		}
		if cfg.Order.OneFlow {
			cfg.Columns = append(cfg.Columns, "group_no")
		}
	}
	return &Source{store: store, SourceConfig: cfg}
}

// Read returns held records that may go, then log batches, then io.EOF.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	if len(s.queue) == 0 && s.given > 0 && s.Pause != nil && s.Pause(ctx, s.given) {
		s.cut, s.given, s.opened = true, 0, false
		return pipelines.Batch{}, io.EOF
	}
	b, err := s.next(ctx)
	if s.err = err; err == nil {
		s.given += b.Record.NumRows()
	}
	return b, err
}

// Cut says that Pause ended what was read, not that it is all there is; and clears that.
func (s *Source) Cut() bool {
	cut := s.cut
	s.cut = false
	return cut
}

// InAsides says that records put aside are still being read, before the log.
func (s *Source) InAsides() bool { return s.aside < len(asides) }

func (s *Source) next(ctx context.Context) (pipelines.Batch, error) {
	for {
		if len(s.queue) > 0 {
			b := s.queue[0]
			s.queue = s.queue[1:]
			return b, nil
		}
		if s.aside < len(asides) && !s.Fresh {
			if err := s.readAside(ctx); err != nil {
				return pipelines.Batch{}, err
			}
			continue
		}
		if err := s.readLog(ctx); err != nil {
			return pipelines.Batch{}, err
		}
	}
}

// batch reads rows of one log batch, those still current.
func (s *Source) batch(ctx context.Context, seq int64, rows []int32, was string, pos pipelines.Position) (pipelines.Batch, error) {
	entry, err := EntryAt(ctx, s.store, seq)
	if err != nil {
		return pipelines.Batch{}, err
	}
	rows = without(rows, entry.Dead)
	if len(rows) == 0 {
		return pipelines.Batch{}, nil
	}
	rec, err := deliveryRecord(entry, rows, was, s.Columns, s.Alloc)
	return pipelines.Batch{Record: rec, Position: pos, Bytes: pipelines.SizeOf(rec)}, err
}

// readLog queues the next log batch; a batch whose every row was replaced is passed
// over, its number being covered by the next position.
func (s *Source) readLog(ctx context.Context) error {
	if s.streams == nil {
		streams, err := s.store.Streams(ctx, s.Subject)
		if err != nil {
			return err
		}
		s.streams = streams
	}
	if s.at >= len(s.streams) {
		return s.end(ctx)
	}
	stream := s.streams[s.at]
	if !s.opened {
		if err := s.enter(ctx, stream); err != nil {
			return err
		}
	}
	var entry *LogEntry
	if !s.Fresh || s.region.From > 0 {
		var err error
		if entry, err = s.store.Next(ctx, stream, s.seq); err != nil {
			return err
		}
	}
	if entry == nil || s.Fresh && entry.Seq > s.Until {
		s.at, s.opened = s.at+1, false
		return nil
	}
	s.seq = entry.Seq
	if s.reached == nil {
		s.reached = map[Stream]int64{}
	}
	s.reached[stream] = entry.Seq
	if entry.Payload == nil {
		return nil
	}
	rec, err := deliveryRecord(entry, nil, "", s.Columns, s.Alloc)
	if err != nil || rec == nil {
		return err
	}
	return s.lane(ctx, rec, entry)
}

// end is io.EOF, unless more will come; then it waits a little and starts over at the
// first stream.
func (s *Source) end(ctx context.Context) error {
	if s.last {
		return io.EOF
	}
	if s.Tail == nil || !s.Tail() {
		s.last = true // what came before Tail said no is still to be read
	} else {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tailEvery):
		}
	}
	if s.Tail == nil {
		return io.EOF
	}
	s.streams, s.at, s.opened = nil, 0, false
	return nil
}

// only is rec without the canonical columns that nobody reads further on; columns nil
// keeps all.
func only(rec arrow.Record, columns []string) arrow.Record {
	if columns == nil {
		rec.Retain()
		return rec
	}
	var fields []arrow.Field
	var cols []arrow.Array
	for i, f := range rec.Schema().Fields() {
		if strings.HasPrefix(f.Name, "_") || slices.Contains(columns, f.Name) {
			fields, cols = append(fields, f), append(cols, rec.Column(i))
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// without is rows less dead; both ascend.
func without(rows, dead []int32) []int32 {
	if len(dead) == 0 {
		return rows
	}
	out := rows[:0:0]
	for _, r := range rows {
		if _, gone := slices.BinarySearch(dead, r); !gone {
			out = append(out, r)
		}
	}
	return out
}

// Commit needs no hint: the outbox stores the offset.
func (s *Source) Commit(context.Context, pipelines.Position) error { return nil }

// Close releases batches that were read ahead.
func (s *Source) Close() error {
	for _, b := range s.queue {
		b.Record.Release()
	}
	s.queue = nil
	return nil
}
