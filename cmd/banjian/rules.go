package main

import (
	"context"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// keptColumn is one source value of a refused row.
type keptColumn struct{ name, value string }

// masked hides what may be personal: nothing tells what a source column holds, so
// every longer value shows its beginning alone, and one that may be a short name its
// first character.
func (c keptColumn) masked() string {
	switch n := utf8.RuneCountInString(c.value); {
	case c.name == pipelines.PlaceColumn: // a file and a line
	case n > 2:
		return schemas.MaskText.Apply(c.value)
	case n == 2 && len(c.value) > 2: // not two letters or digits
		return schemas.MaskName.Apply(c.value)
	}
	return c.value
}

// keptRow is the source row a reject was found in, while it is kept.
func keptRow(ctx context.Context, store ledger.Reports, r *ledger.Reject) ([]keptColumn, error) {
	payload, err := store.Kept(ctx, r.Kept)
	if err != nil || payload == nil {
		return nil, err
	}
	rec, err := ledger.Decode(payload, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	return columnsAt(rec, int(r.KeptRow)), nil
}

// columnsAt is a row's values that are not NULL.
func columnsAt(rec arrow.Record, at int) []keptColumn {
	var row []keptColumn
	for i, f := range rec.Schema().Fields() {
		c := rec.Column(i)
		if at < c.Len() && !c.IsNull(at) && f.Name != pipelines.UnreadColumn {
			row = append(row, keptColumn{f.Name, c.ValueStr(at)})
		}
	}
	return row
}

func maskedMap(row []keptColumn) map[string]string {
	m := make(map[string]string, len(row))
	for _, c := range row {
		m[c.name] = c.masked()
	}
	return m
}
