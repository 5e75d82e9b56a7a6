package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// find notes which cases the receiver was given by a system whose word does not count for
// them now: in any record, by what its acceptance tells, or, where it has none, by what the
// record tells itself.
func (p *Precedence) find(ctx context.Context, w *waiter, s Stream) error {
	columns := slices.Concat([]string{"local_no"}, precedenceFields, p.Fields)
	return walk(ctx, w.store, s, columns, w.alloc, func(_ *LogEntry, rec arrow.Record) error { return p.findIn(ctx, w, s, rec) })
}

func (p *Precedence) findIn(ctx context.Context, w *waiter, s Stream, rec arrow.Record) error {
	locals, has := localsOf(rec), map[string]given(nil)
	lacks, err := w.lacking(ctx, recsOf(rec))
	if err != nil {
		return err
	}
	cases := make([]Case, len(lacks))
	if s.Subject == SubjectAccept {
		has, err = w.givenOf(ctx, s.Source, locals)
	} else {
		cases, err = w.store.Cases(ctx, s.Source, locals)
	}
	if err != nil {
		return err
	}
	at := p.Reader(s.Source, rec)
	for i := range lacks {
		if s.Subject == SubjectAccept && !has[locals[i]].here || s.Subject != SubjectAccept && (lacks[i] || cases[i].Rec != 0) {
			continue
		}
		c := at(i)
		rank := p.Of(c.Told)
		if rank.First == "" || rank.First == s.Source {
			continue
		}
		for _, key := range c.keys(rank) {
			if key != "" {
				p.begun[strings.Clone(key)] = s.Source
			}
		}
	}
	return nil
}

func (c *ToldCase) keys(r Rank) []string {
	return MatchKeys(r.Match, func(name string) string { return c.Match[name] })
}

func recsOf(rec arrow.Record) []int64 {
	col := column(rec, colRec).(*array.Int64)
	recs := make([]int64, rec.NumRows())
	for i := range recs {
		recs[i] = col.Value(i)
	}
	return recs
}

// Reader reads what rows of acceptances tell.
func (p *Precedence) Reader(source string, rec arrow.Record) func(row int) ToldCase {
	names := slices.Concat(precedenceFields, p.Fields)
	cols := make([]arrow.Array, len(names))
	for i, name := range names {
		cols[i] = column(rec, name)
	}
	values := make([]string, len(names))
	return func(row int) ToldCase {
		for i, c := range cols {
			values[i] = ""
			if c != nil {
				values[i] = textAt(c, row)
			}
		}
		return p.told(source, values)
	}
}
