package reconcile

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// keysKept is of how many rows that differ the keys are kept: most may be for the next run.
const keysKept = 1 << 16

// ask reads the whole source, and of what is not as the ledger has it what the next run
// reads anyway.
func (s *survey) ask(ctx context.Context, store Store) error {
	var err error
	if s.book, err = readBook(ctx, store, s.Origin, s.days); err != nil {
		return err
	}
	for day, n := range s.book.collected {
		s.side.day(day).collected += n
	}
	c, err := collect.New(ctx, store, s.Collect)
	if err != nil {
		return err
	}
	source, err := s.Open(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	rows := int64(0)
	err = eachBatch(ctx, source, func(rec arrow.Record) error {
		if rows += rec.NumRows(); s.Progress != nil {
			s.Progress(rows)
		}
		return s.batch(ctx, c, rec)
	})
	if err != nil {
		return err
	}
	if s.missed, err = c.Missed(ctx); err != nil || len(s.apart) == 0 || s.Waits == nil {
		return err
	}
	if err := source.Close(); err != nil { // its connection may be the only one allowed
		return err
	}
	return s.waiting(ctx)
}

// batch judges the rows of one batch.
func (s *survey) batch(ctx context.Context, c *collect.Collector, rec arrow.Record) error {
	res, err := c.Apply(ctx, rec)
	if err != nil {
		return err
	}
	defer res.Release()
	moments, done := (func(int) int64)(nil), func() {}
	defer func() { done() }()
	for i, row := range c.Audited(&res) {
		day, known := s.book.see(row.Rec)
		if !known {
			if moments == nil { // few batches have such rows
				if moments, done, err = s.momentsOf(rec); err != nil {
					return err
				}
			}
			day = s.book.days.day(moments(i))
		}
		s.judge(&row, day)
	}
	return nil
}

// judge counts one row.
func (s *survey) judge(row *collect.AuditedRow, day string) {
	t := s.side.day(day)
	t.Rows++
	_, refused := s.behind[rejectName(row.Key, row.Source)]
	switch {
	case row.Standing == collect.RowCollected && !row.Deleted:
		t.Known++
	case row.Standing == collect.RowCollected, row.Standing == collect.RowLeftOut:
		t.LeftOut++
	case refused:
		t.Refused++
	case row.Standing == collect.RowOutdated:
		t.Outdated++
		s.note(row.Key, day, Outdated)
	default: // one that the mapping would refuse was not read either
		t.Uncollected++
		s.note(row.Key, day, Uncollected)
	}
}

func (s *survey) note(key []byte, day, kind string) {
	c := candidate{hash: maphash.Bytes(s.seed, key), day: day, kind: kind}
	if len(s.apart) < max(s.named, keysKept) {
		c.key = bytes.Clone(key)
	}
	s.apart = append(s.apart, c)
}

// waiting takes out of the rows that differ those that the next run reads by itself.
func (s *survey) waiting(ctx context.Context) error {
	source, err := s.Waits(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	due := map[uint64]bool{}
	err = eachBatch(ctx, source, func(rec arrow.Record) error {
		made, err := s.Collect.KeyOf(rec)
		if err != nil {
			return err
		}
		defer made.Release()
		keys, err := ledger.Keys(made, s.Collect.Keys[s.Collect.Primary])
		if err != nil {
			return err
		}
		hashes := pipelines.HashRows(rec, s.Collect.Mapping)
		for i, key := range keys {
			if key == nil {
				key = ledger.RowKey(hashes[i])
			}
			due[maphash.Bytes(s.seed, key)] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.apart = slices.DeleteFunc(s.apart, func(c candidate) bool {
		if !due[c.hash] {
			return false
		}
		t := s.side.day(c.day)
		t.Waiting++
		if c.kind == Outdated {
			t.Outdated--
		} else {
			t.Uncollected--
		}
		return true
	})
	return nil
}

// nameRows tells the rows that differ one by one, by day.
func (s *survey) nameRows() {
	slices.SortStableFunc(s.apart, func(a, b candidate) int { return cmp.Compare(a.day, b.day) })
	for i := range s.apart {
		c := &s.apart[i]
		switch {
		case !s.days.has(c.day):
		case c.key == nil:
			s.report.More++
		default:
			s.report.name(s.difference(c.kind, c.key), s.named)
		}
	}
}

func (s *survey) difference(kind string, key []byte) Difference {
	return Difference{Kind: kind, Pipeline: s.Pipeline, Subject: s.Stream.Subject, Source: s.Stream.Source, Key: ledger.DecodeKey(key)}
}

// nameGone counts and names the records whose row the source does not have any more.
func (s *survey) nameGone(ctx context.Context, store Store) error {
	gone := int64(0)
	s.book.gone(func(day string) { s.side.day(day).Gone++; gone++ })
	if gone == 0 {
		return nil
	}
	return ledger.Walk(ctx, store, s.Stream, []string{}, func(_ string, rec arrow.Record) error {
		for _, r := range ledger.Walked(rec) {
			if day, is := s.book.isGone(r.Rec); is && s.days.has(day) {
				d := s.difference(Gone, r.Key)
				d.Version, d.Agreed = r.Version, !s.missed[r.Rec]
				s.report.name(d, s.named)
			}
		}
		return ctx.Err()
	})
}
