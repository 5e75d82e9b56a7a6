package collect

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// doubter is one pass over what waits to be verified.
type doubter struct {
	settler
	recheck pipelines.Rechecker
	silent  []string // services that gave no answer at all: they are not asked on
}

// SettleDoubts asks again about the pipeline's records that wait to be verified: those that
// are due, or all of them. What turns out right is released in the transaction that says
// so; what turns out wrong stays, with a reject. A service that answers nothing of a page
// is asked no more in this pass. No row was read for it, so none of the counts in rows
// changes; released says how many doubts were settled.
func (c *Collector) SettleDoubts(ctx context.Context, doubts Doubts, recheck pipelines.Rechecker, all bool) (released int64, counts pipelines.Counts, err error) {
	due := c.now()
	if all {
		due = due.Add(ledger.EveryFile)
	}
	s := &doubter{settler: settler{Collector: c}, recheck: recheck}
	for after := (ledger.DoubtOf{}); ctx.Err() == nil; {
		page, err := doubts.DueDoubts(ctx, c.Pipeline, due, s.silent, after, doubtPage)
		if err != nil || len(page) == 0 {
			return released, s.counts, err
		}
		after = page[len(page)-1].DoubtOf
		n, err := s.page(ctx, page)
		if released += n; err != nil {
			return released, s.counts, err
		}
	}
	return released, s.counts, ctx.Err()
}

func (s *doubter) page(ctx context.Context, page []ledger.Doubt) (released int64, err error) {
	streams, lists := byStream(page, func(d ledger.Doubt) ledger.Stream { return d.Stream })
	asked, told := map[string]int{}, map[string]int{}
	for _, st := range streams {
		n, err := s.stream(ctx, st, lists[st], asked, told)
		if released += n; err != nil {
			return released, err
		}
	}
	for service := range asked {
		if told[service] == 0 {
			s.silent = append(s.silent, service)
		}
	}
	return released, nil
}

// stream asks about records of one stream.
func (s *doubter) stream(ctx context.Context, stream ledger.Stream, list []ledger.Doubt, asked, told map[string]int) (released int64, err error) {
	keys := make([][]byte, len(list))
	for i := range list {
		keys[i] = list[i].Key
	}
	entries, err := s.store.Lookup(ctx, stream, keys)
	if err != nil {
		return 0, err
	}
	byRec := map[int64][]*ledger.Doubt{}
	var stand []ledger.Entry
	change := s.change()
	for i := range list {
		e := entries[i]
		if !e.Known() || e.Rec != list[i].Rec || e.Version != list[i].Version {
			change.Sure = append(change.Sure, ledger.Settled{DoubtOf: list[i].DoubtOf, Version: list[i].Version}) // a newer version was verified for itself
			continue
		}
		if e.Run == s.Run.Num { // asked about a moment ago
			continue
		}
		byRec[e.Rec] = append(byRec[e.Rec], &list[i])
		stand = append(stand, e)
	}
	if err := s.commitDoubts(ctx, change); err != nil {
		return 0, err
	}
	v := &vanisher{Collector: s.Collector}
	err = v.eachBatch(ctx, stand, func(rec arrow.Record, part []ledger.Entry) error {
		doubts, sources := make([]*ledger.Doubt, len(part)), make([]pipelines.Hash, len(part))
		for i := range part {
			doubts[i] = byRec[part[i].Rec][0]
			byRec[part[i].Rec], sources[i] = byRec[part[i].Rec][1:], part[i].Source
		}
		n, err := s.batch(ctx, stream, rec, doubts, sources, asked, told)
		released += n
		return err
	})
	return released, err
}

// batch asks about rows of one log batch.
func (s *doubter) batch(ctx context.Context, stream ledger.Stream, full arrow.Record, doubts []*ledger.Doubt, sources []pipelines.Hash, asked, told map[string]int) (int64, error) {
	rec := ledger.Canonical(full)
	defer rec.Release()
	fields := make([]string, len(doubts))
	for i, d := range doubts {
		fields[i] = d.Field
	}
	found, err := s.recheck.Recheck(ctx, stream.Subject, rec, fields)
	if err != nil {
		return 0, err
	}
	change, now := s.change(), s.now()
	for i, is := range found {
		d := doubts[i]
		if asked[d.Service]++; !is.Unknown {
			told[d.Service]++
		}
		s.judge(change, d, sources[i], is, now)
	}
	return int64(len(change.Sure)), s.commitDoubts(ctx, change)
}

// judge puts into the change what an answer makes of a doubt.
func (s *doubter) judge(change *ledger.Change, d *ledger.Doubt, source pipelines.Hash, is pipelines.Rechecked, now time.Time) {
	switch {
	case is.Rule == "", is.Severity == pipelines.Warn:
		change.Sure = append(change.Sure, ledger.Settled{DoubtOf: d.DoubtOf, Version: d.Version})
		if is.Rule != "" {
			change.Counts.Warned++
		}
		change.Mended = append(change.Mended, s.open.mended(d.Row, source, true)...)
		return
	case is.Severity == pipelines.Reject && !is.Unknown:
		change.Rejects = append(change.Rejects, ledger.Reject{Pipeline: s.Pipeline, Subject: s.Primary, Key: d.Row, Field: d.Field, Rule: is.Rule, Args: is.Args, Source: source, KeptRow: -1, Run: s.Run.Num})
	}
	again := *d
	again.Rule, again.Failed, again.Tries = is.Rule, !is.Unknown, d.Tries+1
	again.Next = now.Add(doubtAgain(again.Failed))
	change.Doubts = append(change.Doubts, again)
}

// commitDoubts stores a change that has anything in it.
func (s *doubter) commitDoubts(ctx context.Context, c *ledger.Change) error {
	if s.Dry || len(c.Doubts)+len(c.Sure)+len(c.Rejects) == 0 {
		return nil
	}
	var err error
	if c.Position, err = s.store.Position(ctx, s.Pipeline); err != nil {
		return err
	}
	fresh, err := s.store.Commit(context.WithoutCancel(ctx), c)
	if err == nil {
		s.counts.NewRejects += fresh
		s.counts.Warned += c.Counts.Warned
	}
	return err
}
