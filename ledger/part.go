package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// itemKeyParts is how many values of a part's natural key name the revision of the
// item it belongs to: item_id and item_version.
const itemKeyParts = 2

// full is in with all a record inherits: from its case, and from the item it is a part of.
func (s *DeliverStage) full(ctx context.Context, in arrow.Record, parents []parent) (arrow.Record, error) {
	rec := withCase(in, parents, s.Alloc)
	if s.Route != nil && s.Subject == subjectApplication {
		defer rec.Release()
		return s.withRole(ctx, rec)
	}
	if s.PartOf != "" {
		own, _ := column(in, colKey).(*array.Binary)
		named := func(row int) []byte {
			parts := DecodeKey(own.Value(row))
			return EncodeKey(parts[:min(itemKeyParts, len(parts))]...)
		}
		var err error
		if rec, err = s.named(ctx, rec, "item_guid", s.PartOf, named); err != nil {
			return nil, err
		}
	}
	for i := range s.Refers {
		r := &s.Refers[i]
		var err error
		if rec, err = s.named(ctx, rec, r.As, r.Subject, func(row int) []byte { return r.key(rec, row) }); err != nil {
			return nil, err
		}
	}
	return rec, nil
}

// Ref is a record of the same source that another one names by its row_guid, which stands in
// the column As; Key is the fields that hold its natural key.
type Ref struct {
	As      string
	Subject string
	Key     []string
}

func (r *Ref) key(rec arrow.Record, row int) []byte {
	parts := make([]string, len(r.Key))
	for i, name := range r.Key {
		if col := column(rec, name); col != nil {
			parts[i] = textAt(col, row)
		}
	}
	return EncodeKey(parts...)
}

// named is rec, which it takes over, with the row_guid of the record that each row names: the
// stored one, else the one that record will be given when it comes, which is told by its key
// alone.
func (s *DeliverStage) named(ctx context.Context, rec arrow.Record, as, subject string, key func(row int) []byte) (arrow.Record, error) {
	defer rec.Release()
	guids, err := s.guidsOf(ctx, Stream{Subject: subject, Source: SharedOf(rec).Source}, int(rec.NumRows()), key)
	if err != nil {
		return nil, err
	}
	return withGUIDs(rec, as, guids, s.Alloc), nil
}

func (s *DeliverStage) guidsOf(ctx context.Context, items Stream, n int, key func(row int) []byte) ([]string, error) {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = key(i)
	}
	entries, err := s.Store.Lookup(ctx, items, keys)
	if err != nil {
		return nil, err
	}
	recs := make([]int64, len(entries))
	for i := range entries {
		recs[i] = entries[i].Rec
	}
	adopted, err := s.Store.AdoptedGUIDs(ctx, recs)
	guids := make([]string, len(keys))
	for i := range keys {
		g := AdoptedGUID{GUID: entries[i].GUID}
		if own, ok := adopted[recs[i]]; ok {
			g = own
		} else if recs[i] == 0 {
			g.GUID = GUID(items, keys[i])
		}
		guids[i] = g.Text()
	}
	return guids, err
}

func withGUIDs(rec arrow.Record, as string, guids []string, alloc memory.Allocator) arrow.Record {
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for _, g := range guids {
		b.Append(g)
	}
	col := b.NewArray()
	defer col.Release()
	fields, cols := setColumn(append([]arrow.Field{}, rec.Schema().Fields()...), append([]arrow.Array{}, rec.Columns()...), as, col)
	meta := rec.Schema().Metadata()
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, rec.NumRows())
}
