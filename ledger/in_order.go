package ledger

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// ruleWaitsEarlier holds a record while one of its case that began before it has not gone.
const ruleWaitsEarlier = "waits_earlier"

// moments are the times (or numbers) of rows of log batches, by batch; rows without one have 0.
type moments map[int64][]int64

// of reads one row's time in the log.
func (m moments) of(ctx context.Context, w *waiter, at Place) (int64, error) {
	list, known := m[at.Seq]
	if !known {
		rec, err := ReadBatch(ctx, w.store, at.Seq, w.alloc)
		if err != nil {
			return 0, err
		}
		list = momentsOf(rec, w.order.InOrder)
		rec.Release()
		m[at.Seq] = list
	}
	if int(at.Row) >= len(list) {
		return 0, nil
	}
	return list[at.Row], nil
}

func momentsOf(rec arrow.Record, field string) []int64 {
	list := make([]int64, rec.NumRows())
	switch col := column(rec, field).(type) {
	case *array.Timestamp:
		for i := range list {
			if col.IsValid(i) {
				list[i] = int64(col.Value(i))
			}
		}
	case *array.Int64:
		for i := range list {
			if col.IsValid(i) {
				list[i] = col.Value(i)
			}
		}
	}
	return list
}

// behind says which records of cases must wait: those behind one that began earlier, is not
// in the batch and has never been sent. What was refused, or is not for the receiver, is not
// waited for.
func (w *waiter) behind(ctx context.Context, known moments, source string, locals []string, at []int64, batch map[int64]bool) ([]bool, error) {
	entries, err := w.store.CaseMembers(ctx, Stream{source, w.order.Subject}, locals)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return batch[e.Rec] })
	sent, aside, err := w.standing(ctx, entries)
	if err != nil {
		return nil, err
	}
	first := map[string]int64{} // by case, of what is waited for
	for i := range entries {
		state := aside[entries[i].Rec].State
		if sent[i].Frozen > 0 || state == Rejected || state == NotApplicable || state == Diverged {
			continue
		}
		began, err := known.of(ctx, w, entries[i].At)
		if err != nil {
			return nil, err
		}
		local := FirstOfKey(entries[i].Key)
		if was, is := first[local]; began != 0 && (!is || began < was) {
			first[local] = began
		}
	}
	wait := make([]bool, len(locals))
	for i, local := range locals {
		began, is := first[local]
		wait[i] = is && began < at[i]
	}
	return wait, nil
}

func behindEarlier(row int32) pipelines.Issue {
	return pipelines.Issue{Row: row, Rule: ruleWaitsEarlier, Severity: pipelines.Hold}
}

// dropBehind holds what must not go before an earlier record of its case, and puts what goes
// in the order in which it began.
func (s *DeliverStage) dropBehind(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if s.InOrder == "" || len(pass) == 0 {
		return nil, pass, nil
	}
	if s.known == nil {
		s.known = moments{}
	}
	recs, locals, at := recsOf(in), localsOf(in), momentsOf(in, s.InOrder)
	batch := map[int64]bool{}
	for _, i := range pass {
		batch[recs[i]] = true
	}
	wait, err := s.waiter().behind(ctx, s.known, SharedOf(in).Source, locals, at, batch)
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if wait[i] {
			issues = append(issues, behindEarlier(i))
			continue
		}
		keep = append(keep, i)
	}
	slices.SortStableFunc(keep, func(a, b int32) int { return cmp.Compare(at[a], at[b]) })
	return issues, keep, nil
}

// holdBehind holds what was mapped and began after a record of its case that the mapping
// holds: a step behind one that is still pending.
func (s *DeliverStage) holdBehind(res *pipelines.Result, in arrow.Record) error {
	if s.InOrder == "" || len(res.Outputs) == 0 {
		return nil
	}
	locals, at := localsOf(in), momentsOf(in, s.InOrder)
	first := map[string]int64{}
	for _, is := range res.Issues {
		if is.Severity == pipelines.Hold {
			if was, known := first[locals[is.Row]]; !known || at[is.Row] < was {
				first[locals[is.Row]] = at[is.Row]
			}
		}
	}
	if len(first) == 0 {
		return nil
	}
	out := &res.Outputs[0]
	var keep, rows []int32
	for i, row := range out.Rows {
		if began, is := first[locals[row]]; is && began < at[row] {
			res.Issues = append(res.Issues, behindEarlier(row))
			continue
		}
		keep, rows = append(keep, int32(i)), append(rows, row)
	}
	if len(keep) == len(out.Rows) {
		return nil
	}
	rec, err := TakeRows(out.Record, keep, s.Alloc)
	if err != nil {
		return err
	}
	out.Record.Release()
	out.Record, out.Rows = rec, rows
	return nil
}
