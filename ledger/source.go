package ledger

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// exceptionPage is how many held records are looked at together.
const exceptionPage = 1024

// The columns a delivery batch has beside those of a payload: where each row lies in
// the log, who collected it, and the state it comes from.
const (
	colSeq      = "_seq"      // int64
	colRow      = "_row"      // int64
	colRun      = "_run"      // int64
	colPipeline = "_pipeline" // text
	colWas      = "_was"      // text: empty for a record new in the log, else its State
	colSource   = "_source"   // text: source_id of the stream
)

// DeliverStore is what delivering needs of a store.
type DeliverStore interface {
	Log
	Cases
	Deliveries
	Receivers
}

// Source reads one subject's records that a receiver has not been offered yet: first
// held records whose parent has arrived there meanwhile, then the log from the
// receiver's offset on. Rows that a newer version replaced are left out, so several
// pending versions of a record coalesce to the newest. It is a pipelines.Source.
type Source struct {
	store    DeliverStore
	receiver string
	subject  string
	alloc    memory.Allocator

	heldAfter int64
	heldDone  bool
	streams   []Stream
	at        int
	seq       int64
	opened    bool
	queue     []pipelines.Batch
	err       error
}

// NewSource opens the receiver's view of a subject at its stored offset.
func NewSource(store DeliverStore, receiver, subject string, alloc memory.Allocator) *Source {
	return &Source{store: store, receiver: receiver, subject: subject, alloc: alloc}
}

// Read returns held records that may go, then log batches, then io.EOF.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	b, err := s.next(ctx)
	s.err = err
	return b, err
}

func (s *Source) next(ctx context.Context) (pipelines.Batch, error) {
	for {
		if len(s.queue) > 0 {
			b := s.queue[0]
			s.queue = s.queue[1:]
			return b, nil
		}
		if !s.heldDone {
			if err := s.readHeld(ctx); err != nil {
				return pipelines.Batch{}, err
			}
			continue
		}
		b, err := s.readLog(ctx)
		if err != nil || b.Record != nil {
			return b, err
		}
	}
}

// readHeld queues one page of held records whose parent is delivered.
func (s *Source) readHeld(ctx context.Context) error {
	list, err := s.store.Exceptions(ctx, ExceptionQuery{Receiver: s.receiver, Subject: s.subject, State: Held, After: s.heldAfter, Limit: exceptionPage})
	if err != nil {
		return err
	}
	if len(list) < exceptionPage {
		s.heldDone = true
	}
	if len(list) == 0 {
		return nil
	}
	s.heldAfter = list[len(list)-1].Rec
	list, err = s.releasable(ctx, list)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		stream := list[0].Stream
		n := slices.IndexFunc(list, func(e Exception) bool { return e.Stream != stream })
		if n < 0 {
			n = len(list)
		}
		if err := s.queueExceptions(ctx, stream, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// releasable keeps the exceptions whose case's accept record has arrived.
func (s *Source) releasable(ctx context.Context, list []Exception) ([]Exception, error) {
	slices.SortStableFunc(list, func(a, b Exception) int { return strings.Compare(a.Stream.Source, b.Stream.Source) })
	var out []Exception
	for len(list) > 0 {
		source := list[0].Stream.Source
		n := slices.IndexFunc(list, func(e Exception) bool { return e.Stream.Source != source })
		if n < 0 {
			n = len(list)
		}
		locals := make([]string, n)
		for i := range locals {
			locals[i] = DecodeKey(list[i].Key)[0]
		}
		parents, err := parentsOf(ctx, s.store, s.receiver, source, locals)
		if err != nil {
			return nil, err
		}
		for i := range n {
			if list[i].Rule == ruleWaitsParent && parents[i].state != parentMissing {
				out = append(out, list[i])
			}
		}
		list = list[n:]
	}
	return out, nil
}

// queueExceptions reads the payload rows of exceptions of one stream.
func (s *Source) queueExceptions(ctx context.Context, stream Stream, list []Exception) error {
	slices.SortFunc(list, func(a, b Exception) int {
		if a.At.Seq != b.At.Seq {
			return int(a.At.Seq - b.At.Seq)
		}
		return int(a.At.Row - b.At.Row)
	})
	for len(list) > 0 {
		seq := list[0].At.Seq
		n := slices.IndexFunc(list, func(e Exception) bool { return e.At.Seq != seq })
		if n < 0 {
			n = len(list)
		}
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = list[i].At.Row
		}
		b, err := s.batch(ctx, seq, rows, string(list[0].State), position(stream.Source, 0))
		if err != nil {
			return err
		}
		if b.Record != nil {
			s.queue = append(s.queue, b)
		}
		list = list[n:]
	}
	return nil
}

// batch reads rows of one log batch, those still current.
func (s *Source) batch(ctx context.Context, seq int64, rows []int32, was string, pos pipelines.Position) (pipelines.Batch, error) {
	entry, err := s.store.At(ctx, seq)
	if err != nil {
		return pipelines.Batch{}, err
	}
	if entry == nil || entry.Payload == nil {
		return pipelines.Batch{}, goneBatch(seq)
	}
	rows = without(rows, entry.Dead)
	if len(rows) == 0 {
		return pipelines.Batch{}, nil
	}
	rec, err := deliveryRecord(entry, rows, was, s.alloc)
	return pipelines.Batch{Record: rec, Position: pos, Bytes: int64(len(entry.Payload))}, err
}

func goneBatch(seq int64) error {
	return fault.New(fault.Gone, "read log", "ledger", text.F("台账批次 %d 的内容已清理", "the content of log batch %d was pruned", seq), text.Text{})
}

// readLog reads the next log batch; a batch whose every row was replaced is passed
// over, its number being covered by the next position.
func (s *Source) readLog(ctx context.Context) (pipelines.Batch, error) {
	if s.streams == nil {
		streams, err := s.store.Streams(ctx, s.subject)
		if err != nil {
			return pipelines.Batch{}, err
		}
		s.streams = streams
	}
	if s.at >= len(s.streams) {
		return pipelines.Batch{}, io.EOF
	}
	stream := s.streams[s.at]
	if !s.opened {
		seq, err := s.store.Offset(ctx, s.receiver, stream)
		if err != nil {
			return pipelines.Batch{}, err
		}
		s.seq, s.opened = seq, true
	}
	entry, err := s.store.Next(ctx, stream, s.seq)
	if err != nil {
		return pipelines.Batch{}, err
	}
	if entry == nil {
		s.at, s.opened = s.at+1, false
		return pipelines.Batch{}, nil
	}
	s.seq = entry.Seq
	if entry.Payload == nil {
		return pipelines.Batch{}, nil
	}
	rec, err := deliveryRecord(entry, nil, "", s.alloc)
	if err != nil || rec == nil {
		return pipelines.Batch{}, err
	}
	return pipelines.Batch{Record: rec, Position: position(stream.Source, entry.Seq), Bytes: int64(len(entry.Payload))}, nil
}

// deliveryRecord is rows of a log batch (nil: all that are current) with the columns
// that say where they come from; nil when none is current.
func deliveryRecord(entry *LogEntry, rows []int32, was string, alloc memory.Allocator) (arrow.Record, error) {
	full, err := Decode(entry.Payload, alloc)
	if err != nil {
		return nil, err
	}
	defer full.Release()
	if rows == nil {
		rows = make([]int32, full.NumRows())
		for i := range rows {
			rows[i] = int32(i)
		}
		rows = without(rows, entry.Dead)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	part, err := take(full, rows, alloc)
	if err != nil {
		return nil, err
	}
	defer part.Release()
	return withOrigin(part, entry, rows, was, alloc), nil
}

func withOrigin(rec arrow.Record, entry *LogEntry, rows []int32, was string, alloc memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(alloc, arrow.NewSchema([]arrow.Field{
		{Name: colSeq, Type: arrow.PrimitiveTypes.Int64}, {Name: colRow, Type: arrow.PrimitiveTypes.Int64},
		{Name: colRun, Type: arrow.PrimitiveTypes.Int64}, {Name: colPipeline, Type: arrow.BinaryTypes.String},
		{Name: colWas, Type: arrow.BinaryTypes.String}, {Name: colSource, Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	b.Reserve(len(rows))
	for _, row := range rows {
		b.Field(0).(*array.Int64Builder).Append(entry.Seq)
		b.Field(1).(*array.Int64Builder).Append(int64(row))
		b.Field(2).(*array.Int64Builder).Append(entry.Run)
		b.Field(3).(*array.StringBuilder).Append(entry.Pipeline)
		b.Field(4).(*array.StringBuilder).Append(was)
		b.Field(5).(*array.StringBuilder).Append(entry.Stream.Source)
	}
	sys := b.NewRecord()
	defer sys.Release()
	fields := append(append([]arrow.Field{}, rec.Schema().Fields()...), sys.Schema().Fields()...)
	cols := append(append([]arrow.Array{}, rec.Columns()...), sys.Columns()...)
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

// position names a source system and the log batch its delivery has reached; 0 for
// rows that do not move it.
func position(source string, seq int64) pipelines.Position {
	return pipelines.Position(source + "@" + strconv.FormatInt(seq, 10))
}

func parsePosition(p pipelines.Position) (source string, seq int64) {
	i := strings.LastIndexByte(string(p), '@')
	seq, _ = strconv.ParseInt(string(p[i+1:]), 10, 64)
	return string(p[:i]), seq
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
