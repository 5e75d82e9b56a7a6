package collect

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// buryPart deletes records in one transaction: each gets a version that says what the
// newest one said and that it is deleted. Its hashes are empty, so that a row that comes
// back is a change.
func (v *vanisher) buryPart(ctx context.Context, s ledger.Stream, entries []ledger.Entry) error {
	v.counts.Records += int64(len(entries))
	v.counts.Deleted += int64(len(entries))
	if v.Dry || len(entries) == 0 {
		return nil
	}
	p := &prepared{change: &ledger.Change{Lease: v.Lease, Run: v.Run.Num, Pipeline: v.Pipeline, Mapping: v.Mapping}}
	parts := &layers{}
	defer parts.release()
	if err := v.eachBatch(ctx, entries, parts.add); err != nil {
		return err
	}
	for i := range parts.records {
		if err := v.buryLayer(p, s, &parts.records[i]); err != nil {
			return err
		}
	}
	if s.Subject == v.Primary {
		for i := range entries {
			if v.open.has(entries[i].Key) {
				p.change.Passed = append(p.change.Passed, entries[i].Key)
			}
		}
	}
	var err error
	if p.change.Position, err = v.store.Position(ctx, v.Pipeline); err != nil {
		return err
	}
	if _, err = v.store.Commit(ctx, p.change); err != nil {
		v.counts.Records -= int64(len(entries))
		v.counts.Deleted -= int64(len(entries))
	}
	return err
}

func (v *vanisher) buryLayer(p *prepared, s ledger.Stream, l *layer) error {
	rec, err := l.whole(v.Collector)
	if err != nil {
		return err
	}
	defer rec.Release()
	b := ledger.LogBatch{Stream: s}
	rows := make([]int32, len(l.entries))
	for i := range l.entries {
		e := &l.entries[i]
		rows[i] = int32(i)
		b.Entries = append(b.Entries, ledger.Entry{Key: e.Key, Rec: e.Rec, Version: e.Version + 1, GUID: e.GUID, At: ledger.Place{Row: int32(i)}, Run: v.Run.Num, Deleted: true, Leaf: e.Leaf})
		b.Before = append(b.Before, e.At)
	}
	return v.encodeBatch(p, &b, rec, rows)
}

// layers are rows of several log batches, those of one layout together.
type layers struct{ records []layer }

type layer struct {
	schema  *arrow.Schema
	parts   []arrow.Record
	entries []ledger.Entry
}

// add takes rows without the columns the log adds to them.
func (l *layers) add(rec arrow.Record, entries []ledger.Entry) error {
	bare := ledger.Canonical(rec)
	schema := bare.Schema()
	at := slices.IndexFunc(l.records, func(x layer) bool { return x.schema.Equal(schema) })
	if at < 0 {
		at = len(l.records)
		l.records = append(l.records, layer{schema: schema})
	}
	to := &l.records[at]
	to.parts = append(to.parts, bare)
	to.entries = append(to.entries, entries...)
	return nil
}

func (l *layers) release() {
	for _, r := range l.records {
		for _, p := range r.parts {
			p.Release()
		}
	}
}

// whole is all rows as one record; the caller releases it.
func (l *layer) whole(c *Collector) (arrow.Record, error) {
	cols := make([]arrow.Array, len(l.schema.Fields()))
	defer func() {
		for _, c := range cols {
			if c != nil {
				c.Release()
			}
		}
	}()
	for i := range cols {
		parts := make([]arrow.Array, len(l.parts))
		for j, p := range l.parts {
			parts[j] = p.Column(i)
		}
		var err error
		if cols[i], err = array.Concatenate(parts, c.Alloc); err != nil {
			return nil, fault.Wrap(err, fault.Bug, "delete records", c.Pipeline, text.T("合并台账批次失败", "cannot join log batches"), text.Text{})
		}
	}
	return array.NewRecord(l.schema, cols, int64(len(l.entries))), nil
}
