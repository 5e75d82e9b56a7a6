package rejects

import (
	"context"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/charset"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// Column is one source value of a refused row.
type Column struct{ Name, Value string }

// Masked hides what may be personal: nothing tells what a source column holds, so
// every longer value shows its beginning alone, and one that may be a short name its
// first character.
func (c Column) Masked() string {
	v := charset.Readable(c.Value)
	switch n := utf8.RuneCountInString(v); {
	case c.Name == pipelines.PlaceColumn: // a file and a line
	case n > 2:
		return schemas.MaskText.Apply(v)
	case n == 2 && len(v) > 2: // not two letters or digits
		return schemas.MaskName.Apply(v)
	}
	return v
}

// Batches is where source rows are kept.
type Batches interface {
	Kept(ctx context.Context, id int64) ([]byte, error)
}

// Row is the values that are not NULL of the source row a reject was found in; none once
// it is no longer kept.
func Row(ctx context.Context, store Batches, r *ledger.Reject) ([]Column, error) {
	k := &kept{store: store}
	defer k.release()
	_, row, err := k.row(ctx, r)
	return row, err
}

// kept reads source rows; neighbours come from the same batch, which is decoded once.
type kept struct {
	store Batches
	id    int64
	rec   arrow.Record

	corrected   map[pipelines.Hash]map[string]*string // what was corrected before, of one pipeline
	correctedOf string
}

// Corrected is what was corrected before.
type Corrected interface {
	Corrections(ctx context.Context, pipeline string) ([]ledger.Correction, error)
}

// asCorrected is row with the cells that were corrected before as they are now, and these.
func (k *kept) asCorrected(ctx context.Context, store Corrected, r *ledger.Reject, row []Column) ([]Column, map[string]*string, error) {
	if k.rec == nil || r.KeptRow < 0 {
		return row, nil, nil
	}
	if k.corrected == nil || k.correctedOf != r.Pipeline {
		list, err := store.Corrections(ctx, r.Pipeline)
		if err != nil {
			return nil, nil, err
		}
		k.corrected, k.correctedOf = map[pipelines.Hash]map[string]*string{}, r.Pipeline
		for i := range list {
			k.corrected[list[i].Row] = list[i].Cells
		}
	}
	cells := k.corrected[k.hash(r)]
	if len(cells) == 0 {
		return row, nil, nil
	}
	row = slices.DeleteFunc(slices.Clone(row), func(c Column) bool { _, is := cells[c.Name]; return is })
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		if v := cells[name]; v != nil {
			row = append(row, Column{name, *v})
		}
	}
	return row, cells, nil
}

// hash names the source row of a reject, whose batch was read.
func (k *kept) hash(r *ledger.Reject) pipelines.Hash {
	one := k.rec.NewSlice(int64(r.KeptRow), int64(r.KeptRow)+1)
	defer one.Release()
	return ledger.SourceRows(one)[0]
}

// row is the columns of the batch and the row's values that are not NULL; no columns
// when the batch is no longer kept.
func (k *kept) row(ctx context.Context, r *ledger.Reject) ([]string, []Column, error) {
	if k.id != r.Kept {
		k.release()
		payload, err := k.store.Kept(ctx, r.Kept)
		if err != nil {
			return nil, nil, err
		}
		if k.id = r.Kept; payload != nil {
			if k.rec, err = ledger.Decode(payload, memory.DefaultAllocator); err != nil {
				return nil, nil, err
			}
		}
	}
	if k.rec == nil {
		return nil, nil, nil
	}
	var names []string
	for _, f := range k.rec.Schema().Fields() {
		if f.Name != pipelines.UnreadColumn {
			names = append(names, f.Name)
		}
	}
	return names, columnsAt(k.rec, int(r.KeptRow)), nil
}

// columnsAt is a row's values that are not NULL.
func columnsAt(rec arrow.Record, at int) []Column {
	var row []Column
	for i, f := range rec.Schema().Fields() {
		c := rec.Column(i)
		if at < c.Len() && !c.IsNull(at) && f.Name != pipelines.UnreadColumn {
			row = append(row, Column{f.Name, c.ValueStr(at)})
		}
	}
	return row
}

func (k *kept) release() {
	if k.rec != nil {
		k.rec.Release()
	}
	k.rec, k.id = nil, 0
}
