package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// Ahead says which part of a stream goes to a receiver before its backlog (积压): what was
// collected behind the batch From. Batches up to To were looked at; what may not overtake
// stays where it is in the log and goes in its turn. At zero nothing goes before.
type Ahead struct {
	From, To int64
	Rows     int64 // that were offered of it, while the backlog has not come that far
}

// Backlogs tells how far receivers are behind.
type Backlogs interface {
	// Ahead is the receiver's offset in the stream and what goes before it.
	Ahead(ctx context.Context, receiver string, s Stream) (offset int64, a Ahead, err error)
	// SetAhead stores it.
	SetAhead(ctx context.Context, l Lease, receiver string, s Stream, a Ahead) error
	// Backlog counts the rows of the stream behind a batch, until there are more than most,
	// and finds the stream's last batch; 0 = there is none.
	Backlog(ctx context.Context, s Stream, seq, most int64) (rows, last int64, err error)
}

// ruleWaitsTurn keeps a record from overtaking older ones of its case; it is never stored.
const ruleWaitsTurn = "waits_turn"

// region is the stream in hand, as far as it lies in batches whose records may have gone
// before.
type region struct {
	Ahead
	check bool // the next batch may have been offered in part, from its first row on
}

func (s *Source) enter(ctx context.Context, stream Stream) error {
	offset, ahead, err := s.store.Ahead(ctx, s.Receiver, stream)
	if err != nil {
		return err
	}
	s.seq, s.opened = max(offset, s.reached[stream]), true
	s.region = region{ahead, s.Called}
	if s.Fresh {
		s.seq = max(s.seq, ahead.From, ahead.To)
	}
	return nil
}

// lane is a log batch as the lane in hand gives it: whole, or in parts of which the last
// one alone moves the offset, without what went before the backlog.
func (s *Source) lane(ctx context.Context, rec arrow.Record, entry *LogEntry) error {
	defer rec.Release()
	pos := position(entry.Stream.Source, entry.Seq)
	if s.Fresh {
		common := SharedOf(rec)
		common.Ahead = true
		s.queue = append(s.queue, pipelines.Batch{Record: sharing(rec, common), Position: position(entry.Stream.Source, 0), Bytes: pipelines.SizeOf(rec)})
		return nil
	}
	partly := entry.Seq > s.region.From && entry.Seq <= s.region.To
	if s.region.check && !partly {
		first := rec.NewSlice(0, 1)
		left, err := s.unoffered(ctx, first)
		first.Release()
		if err != nil {
			return err
		}
		partly = left.NumRows() == 0
		left.Release()
	}
	if partly {
		left, err := s.unoffered(ctx, rec)
		if err != nil {
			return err
		}
		defer left.Release()
		rec = left
	}
	s.region.check = false
	size := rec.NumRows()
	if s.Chunk != nil {
		size = s.Chunk()
	}
	for at := int64(0); ; at += size { // once, though there be no rows: the offset moves
		part := rec.NewSlice(at, min(at+size, rec.NumRows()))
		last := at+size >= rec.NumRows()
		b := pipelines.Batch{Record: part, Position: pos, Bytes: pipelines.SizeOf(part)}
		if !last {
			b.Position = position(entry.Stream.Source, 0)
		}
		s.queue = append(s.queue, b)
		if last {
			return nil
		}
	}
}

// unoffered is rec without the records that were frozen or put aside in this version.
func (s *Source) unoffered(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	number, version := column(rec, colRec).(*array.Int64), column(rec, colVersion).(*array.Int64)
	recs := make([]int64, rec.NumRows())
	for i := range recs {
		recs[i] = number.Value(i)
	}
	sent, err := s.store.Sent(ctx, s.Receiver, recs)
	if err != nil {
		return nil, err
	}
	aside, err := s.store.AsideOf(ctx, s.Receiver, recs)
	if err != nil {
		return nil, err
	}
	var rows []int32
	for i, one := range sent {
		if v := uint32(version.Value(i)); (one.Taken || one.Frozen < v) && aside[recs[i]].Version < v {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == len(recs) {
		rec.Retain()
		return rec, nil
	}
	if len(rows) == 0 {
		return rec.NewSlice(0, 0), nil
	}
	left, err := TakeRows(rec, rows, s.Alloc)
	if err != nil {
		return nil, err
	}
	defer left.Release()
	return sharing(left, SharedOf(rec)), nil
}

// sharing is rec with that in common of all rows.
func sharing(rec arrow.Record, common Shared) arrow.Record {
	return array.NewRecord(arrow.NewSchema(rec.Schema().Fields(), common.metadata()), rec.Columns(), rec.NumRows())
}

// dropOvertaking keeps records from going before the backlog while an older one of their case
// has not arrived, whatever its subject: order within a case stays as it is.
func (s *DeliverStage) dropOvertaking(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	common := SharedOf(in)
	if !common.Ahead || len(pass) == 0 {
		return nil, pass, nil
	}
	keys := column(in, colKey).(*array.Binary)
	of := make([]string, len(pass))
	seen := map[string]bool{}
	var numbers []string
	for at, i := range pass {
		of[at] = string([]byte(DecodeKey(keys.Value(int(i)))[0]))
		if !seen[of[at]] {
			seen[of[at]] = true
			numbers = append(numbers, of[at])
		}
	}
	behind := map[string]bool{}
	for _, subject := range s.Subjects {
		if err := s.older(ctx, Stream{common.Source, subject}, numbers, common.Seq, behind); err != nil {
			return nil, nil, err
		}
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for at, i := range pass {
		if behind[of[at]] {
			issues = append(issues, pipelines.Issue{Row: i, Rule: ruleWaitsTurn, Severity: pipelines.Hold})
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// older marks cases with a record in the stream that was collected before a batch and has
// neither arrived nor been put aside.
func (s *DeliverStage) older(ctx context.Context, stream Stream, numbers []string, seq int64, behind map[string]bool) error {
	members, err := s.Store.CaseMembers(ctx, stream, numbers)
	if err != nil {
		return err
	}
	var recs []int64
	var at []int
	for i := range members {
		if members[i].At.Seq < seq {
			recs, at = append(recs, members[i].Rec), append(at, i)
		}
	}
	if len(recs) == 0 {
		return nil
	}
	sent, err := s.Store.Sent(ctx, s.Receiver, recs)
	if err != nil {
		return err
	}
	aside, err := s.Store.AsideOf(ctx, s.Receiver, recs)
	if err != nil {
		return err
	}
	for i, one := range sent {
		m := &members[at[i]]
		put := aside[m.Rec]
		if one.Delivered < m.Version && (put.Version < m.Version || put.Rule == RuleRedrive) {
			behind[FirstOfKey(m.Key)] = true
		}
	}
	return nil
}
