package collect

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// corrections are those of a run, by row.
type corrections map[pipelines.Hash]map[string]*string

func readCorrections(ctx context.Context, store Decided, pipeline string) (corrections, error) {
	list, err := store.Corrections(ctx, pipeline)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	c := make(corrections, len(list))
	for i := range list {
		c[list[i].Row] = list[i].Cells
	}
	return c, nil
}

// apply gives rec with its corrected cells, and which rows have any. The caller releases it.
func (c corrections) apply(rec arrow.Record, alloc memory.Allocator) (arrow.Record, []int32, error) {
	rec.Retain()
	if len(c) == 0 {
		return rec, nil, nil
	}
	var rows []int32
	cells := map[string]map[int32]*string{} // by column
	for row, h := range ledger.SourceRows(rec) {
		for column, v := range c[h] {
			if cells[column] == nil {
				cells[column] = map[int32]*string{}
			}
			cells[column][int32(row)] = v
		}
		if c[h] != nil {
			rows = append(rows, int32(row))
		}
	}
	if len(rows) == 0 {
		return rec, nil, nil
	}
	defer rec.Release()
	cols := make([]arrow.Array, rec.NumCols())
	defer func() {
		for _, col := range cols {
			if col != nil {
				col.Release()
			}
		}
	}()
	for i, f := range rec.Schema().Fields() {
		col, err := correctedColumn(rec.Column(i), cells[f.Name], alloc)
		if err != nil {
			return nil, nil, fault.Wrap(err, fault.Data, "apply corrections", f.Name, text.F("更正的值写不进列 %s", "a corrected value does not fit column %s", f.Name), text.Text{})
		}
		cols[i] = col
	}
	return array.NewRecord(rec.Schema(), cols, rec.NumRows()), rows, nil
}

// correctedColumn is a column with other values in some rows.
func correctedColumn(col arrow.Array, cells map[int32]*string, alloc memory.Allocator) (arrow.Array, error) {
	if len(cells) == 0 {
		col.Retain()
		return col, nil
	}
	var parts []arrow.Array
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	from := int64(0)
	for row := int64(0); row < int64(col.Len()); row++ {
		v, corrected := cells[int32(row)]
		if !corrected {
			continue
		}
		one, err := ledger.CorrectedCell(col.DataType(), v, alloc)
		if err != nil {
			return nil, err
		}
		if row > from {
			parts = append(parts, array.NewSlice(col, from, row))
		}
		parts, from = append(parts, one), row+1
	}
	if from < int64(col.Len()) {
		parts = append(parts, array.NewSlice(col, from, int64(col.Len())))
	}
	return array.Concatenate(parts, alloc)
}

// keysOf is the primary subject's keys of rows.
func (c *Collector) keysOf(rec arrow.Record) ([][]byte, error) {
	keys, err := c.KeyOf(rec)
	if err != nil {
		return nil, err
	}
	defer keys.Release()
	return ledger.Keys(keys, c.Keys[c.Primary])
}

// noteOld remembers the keys that corrected rows had before.
func (r *recognised) noteOld(c *Collector, in arrow.Record, rows []int32) error {
	keys, err := c.keysOf(in)
	if err != nil {
		return err
	}
	r.old = make(map[int32][]byte, len(rows))
	for _, row := range rows {
		if r.old[row] = keys[row]; keys[row] == nil {
			r.old[row] = ledger.RowKey(r.hashes[row])
		}
	}
	return nil
}

// keep encodes the rows that changed as they were read, so that a correction can be taken
// from them again.
func (c *Collector) keep(in, input arrow.Record, rows []int32, part func(arrow.Record) (arrow.Record, error)) ([]byte, error) {
	if len(rows) == 0 {
		return ledger.Encode(input)
	}
	asRead, err := part(in)
	if err != nil {
		return nil, err
	}
	defer asRead.Release()
	return ledger.Encode(asRead)
}
