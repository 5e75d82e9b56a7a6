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
	if s.PartOf == "" {
		return rec, nil
	}
	defer rec.Release()
	guids, err := s.itemGUIDs(ctx, in)
	if err != nil {
		return nil, err
	}
	return withItem(rec, guids, s.Alloc), nil
}

// itemGUIDs is the row_guid of each row's item: the stored one, else the one the item
// will be given when it comes, which is told by its key alone.
func (s *DeliverStage) itemGUIDs(ctx context.Context, in arrow.Record) ([]string, error) {
	items := Stream{Subject: s.PartOf, Source: sharedOf(in).source}
	own, _ := column(in, colKey).(*array.Binary)
	keys := make([][]byte, in.NumRows())
	for i := range keys {
		parts := DecodeKey(own.Value(i))
		keys[i] = EncodeKey(parts[:min(itemKeyParts, len(parts))]...)
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

func withItem(rec arrow.Record, guids []string, alloc memory.Allocator) arrow.Record {
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for _, g := range guids {
		b.Append(g)
	}
	col := b.NewArray()
	defer col.Release()
	fields, cols := setColumn(append([]arrow.Field{}, rec.Schema().Fields()...), append([]arrow.Array{}, rec.Columns()...), "item_guid", col)
	meta := rec.Schema().Metadata()
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, rec.NumRows())
}
