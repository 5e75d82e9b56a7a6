package collect

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// How long until a file is asked for again: one that is missing twice as long each time,
// one whose source was down soon, since that is left alone anyway; a wrong one daily, in
// case another was put in its place.
const (
	owedSoon  = 5 * time.Minute
	owedMost  = 6 * time.Hour
	owedWrong = 24 * time.Hour
	owedPage  = 256
)

// whyWrong is Owed.Why of a file that came and was refused; another may be put in its place.
const whyWrong = "wrong"

func owedAgain(why string, tries int, now time.Time) time.Time {
	switch why {
	case whyWrong:
		return now.Add(owedWrong)
	case "missing":
		return now.Add(min(owedSoon<<min(tries, 10), owedMost))
	}
	return now.Add(owedSoon)
}

// SettleFiles asks again for files that the pipeline's records wait for: those that are
// due, or all of them. A record whose file came gets a new version in the same transaction
// that clears the debt; of a wrong file there is a reject. No row was read for it, so none
// of the counts in rows changes.
func (c *Collector) SettleFiles(ctx context.Context, debts Debts, filler pipelines.Filler, all bool) (pipelines.Counts, error) {
	due := c.now()
	if all {
		due = due.Add(ledger.EveryFile)
	}
	s := &settler{Collector: c, filler: filler}
	for after := int64(0); ctx.Err() == nil; {
		page, err := debts.OwedFiles(ctx, c.Pipeline, due, after, owedPage)
		if err != nil || len(page) == 0 {
			return s.counts, err
		}
		after = page[len(page)-1].Rec
		streams, lists := byStream(page, func(o ledger.Owed) ledger.Stream { return o.Stream })
		for _, st := range streams {
			if err := s.stream(ctx, st, lists[st]); err != nil {
				return s.counts, err
			}
		}
	}
	return s.counts, ctx.Err()
}

// byStream parts a list by the stream of its members; both keep the order in which they come.
func byStream[T any](list []T, of func(T) ledger.Stream) ([]ledger.Stream, map[ledger.Stream][]T) {
	var streams []ledger.Stream
	lists := map[ledger.Stream][]T{}
	for _, one := range list {
		st := of(one)
		if lists[st] == nil {
			streams = append(streams, st)
		}
		lists[st] = append(lists[st], one)
	}
	return streams, lists
}

func (c *Collector) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// settler is one pass over what is owed.
type settler struct {
	*Collector
	filler pipelines.Filler
	counts pipelines.Counts
}

// stream asks for the files of records of one stream.
func (s *settler) stream(ctx context.Context, stream ledger.Stream, list []ledger.Owed) error {
	keys := make([][]byte, len(list))
	for i := range list {
		keys[i] = list[i].Key
	}
	entries, err := s.store.Lookup(ctx, stream, keys)
	if err != nil {
		return err
	}
	owed := map[int64]*ledger.Owed{}
	var stand []ledger.Entry
	change := s.change()
	for i := range list {
		switch e := entries[i]; {
		case !e.Known() || e.Rec != list[i].Rec || e.Version != list[i].Version:
			change.Paid = append(change.Paid, ledger.Paid{Rec: list[i].Rec, Version: list[i].Version}) // a newer version owes for itself, or does not
		case e.Run == s.Run.Num: // asked for a moment ago
		default:
			owed[e.Rec] = &list[i]
			stand = append(stand, e)
		}
	}
	if err := s.commit(ctx, change); err != nil {
		return err
	}
	v := &vanisher{Collector: s.Collector}
	return v.eachBatch(ctx, stand, func(rec arrow.Record, part []ledger.Entry) error { return s.batch(ctx, stream, rec, part, owed) })
}

func (s *settler) change() *ledger.Change {
	return &ledger.Change{Lease: s.Lease, Run: s.Run.Num, Pipeline: s.Pipeline, Mapping: s.Mapping, Fields: true}
}

// commit stores a change that has anything in it. A record that somebody else wrote
// meanwhile is looked at next time.
func (s *settler) commit(ctx context.Context, c *ledger.Change) error {
	if s.Dry || len(c.Batches)+len(c.Paid)+len(c.Owed)+len(c.Rejects) == 0 {
		return nil
	}
	var err error
	if c.Position, err = s.store.Position(ctx, s.Pipeline); err != nil {
		return err
	}
	fresh, err := s.store.Commit(context.WithoutCancel(ctx), c)
	if errors.Is(err, ledger.ErrConflict) {
		return nil
	}
	if err == nil {
		s.counts.NewRejects += fresh
		s.counts.Records += c.Counts.Records
	}
	return err
}

// batch asks for the files of rows of one log batch.
func (s *settler) batch(ctx context.Context, stream ledger.Stream, full arrow.Record, part []ledger.Entry, owed map[int64]*ledger.Owed) error {
	rec := ledger.Canonical(full)
	defer rec.Release()
	refs, field := make([]string, len(part)), ""
	for i := range part {
		o := owed[part[i].Rec]
		refs[i], field = o.Ref, o.Field
	}
	filled, issues, still, err := s.filler.Fill(ctx, rec, field, refs)
	if err != nil {
		return err
	}
	defer filled.Release()
	change, now, open := s.change(), s.now(), make([]bool, len(part))
	again := func(row int32, why string) {
		open[row] = true
		o := *owed[part[row].Rec]
		if why == o.Why && why != "missing" && why != whyWrong {
			return // it was not even asked for: it stays due
		}
		o.Why, o.Tries, o.Next = why, o.Tries+1, owedAgain(why, o.Tries, now)
		change.Owed = append(change.Owed, o)
	}
	for _, is := range still {
		again(is.Row, is.Why)
	}
	for _, is := range issues {
		again(is.Row, whyWrong)
		e := &part[is.Row]
		change.Rejects = append(change.Rejects, ledger.Reject{Pipeline: s.Pipeline, Subject: s.Primary, Key: owed[e.Rec].Row, Field: is.Field, Rule: is.Rule, Args: is.Args, Source: e.Source, KeptRow: -1, Run: s.Run.Num})
	}
	for i := range part {
		if o := owed[part[i].Rec]; !open[i] {
			change.Paid = append(change.Paid, ledger.Paid{Rec: o.Rec, Version: o.Version})
			change.Mended = append(change.Mended, s.open.mended(o.Row, part[i].Source, false)...)
		}
	}
	if err := s.versions(change, stream, filled, part); err != nil {
		return err
	}
	return s.commit(ctx, change)
}

// versions adds a version of every record that is another one now, and has debts follow it.
func (s *settler) versions(change *ledger.Change, stream ledger.Stream, filled arrow.Record, part []ledger.Entry) error {
	hashes := pipelines.HashRows(filled, stream.Subject)
	b := ledger.LogBatch{Stream: stream}
	var rows []int32
	for i := range part {
		e := &part[i]
		if hashes[i] == e.Record {
			continue
		}
		next := *e
		next.Version, next.Record, next.At, next.Run = e.Version+1, hashes[i], ledger.Place{Row: int32(len(rows))}, s.Run.Num
		for j := range change.Owed {
			if change.Owed[j].Rec == e.Rec {
				change.Owed[j].Version = next.Version
			}
		}
		rows = append(rows, int32(i))
		b.Entries, b.Before = append(b.Entries, next), append(b.Before, e.At)
		if e.Run != s.Run.Num {
			change.Counts.Records++
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return s.encodeBatch(&prepared{change: change}, &b, filled, rows)
}
