package collect

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/ledger"
	"banjian/pipelines"
)

// deletesByKey has deletes go on that the mapping refused or left out: a delete needs no
// more than the key of what it deletes, and many databases log no more of the row. What the
// record said last stands in for what the row did not say: in this batch, else in the
// ledger. One of a record that never was there is nothing. A mapping that makes several
// subjects of a row needs the whole row, for nothing else says which records go with it.
func (c *Collector) deletesByKey(ctx context.Context, known *recognised, res *pipelines.Result) error {
	if known.marked == nil || len(c.Keys) != 1 {
		return nil
	}
	bare := map[int32]bool{} // and whether it was left out
	for _, row := range known.changed {
		if known.isMarked(row) && known.keys[row] != nil {
			bare[row] = true
		}
	}
	for _, out := range res.Outputs {
		for _, row := range out.Rows {
			delete(bare, row)
		}
	}
	for _, found := range res.Issues {
		if bare[found.Row] {
			bare[found.Row] = false
		}
	}
	if len(bare) == 0 {
		return nil
	}
	for row, left := range bare {
		switch e := &known.entries[row]; {
		case left && e.Deleted:
			delete(bare, row)
		case left:
			res.Filtered-- // counted with what becomes of it
		}
	}
	res.Issues = slices.DeleteFunc(res.Issues, func(found pipelines.Issue) bool {
		_, is := bare[found.Row]
		return is
	})
	return c.standIn(ctx, known, res, bare)
}

// stand is one output row: of a record, for a row of the batch.
type stand struct {
	row  int32
	part int // which record
	at   int32
}

// standIn adds an output row for every bare one, in the order of the batch.
func (c *Collector) standIn(ctx context.Context, known *recognised, res *pipelines.Result, bare map[int32]bool) error {
	var parts []arrow.Record
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	var stands []stand
	if len(res.Outputs) > 0 {
		out := &res.Outputs[0]
		out.Record.Retain()
		parts = append(parts, out.Record)
		for i, row := range out.Rows {
			stands = append(stands, stand{row, 0, int32(i)})
		}
	}
	mapped := len(stands)
	byKey := make(map[string][]int, mapped) // of what was mapped, in the order of the batch
	for i := range stands {
		key := string(known.keys[stands[i].row])
		byKey[key] = append(byKey[key], i)
	}
	var asStored []ledger.Entry
	rowOf := map[int64][]int32{} // that a record stands in for
	for _, row := range slices.Sorted(maps.Keys(bare)) {
		before := -1
		for _, i := range byKey[string(known.keys[row])] {
			if stands[i].row < row {
				before = i
			}
		}
		switch e := &known.entries[row]; {
		case before >= 0:
			stands = append(stands, stand{row, 0, stands[before].at})
		case e.Known():
			if rowOf[e.Rec] == nil {
				asStored = append(asStored, *e)
			}
			rowOf[e.Rec] = append(rowOf[e.Rec], row)
		}
	}
	v := &vanisher{Collector: c}
	if err := v.eachBatch(ctx, asStored, func(full arrow.Record, part []ledger.Entry) error {
		parts = append(parts, ledger.Canonical(full))
		for i := range part {
			for _, row := range rowOf[part[i].Rec] {
				stands = append(stands, stand{row, len(parts) - 1, int32(i)})
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if len(stands) == mapped {
		return nil
	}
	slices.SortStableFunc(stands, func(a, b stand) int { return cmp.Compare(a.row, b.row) })
	layout := parts[len(parts)-1].Schema() // the newest of what is stored
	if len(res.Outputs) > 0 {
		layout = parts[0].Schema()
	}
	rec, err := c.assemble(layout, parts, stands)
	if err != nil {
		return err
	}
	if len(res.Outputs) == 0 {
		res.Outputs = []pipelines.Output{{Subject: c.Primary}}
	} else {
		res.Outputs[0].Record.Release()
	}
	rows := make([]int32, len(stands))
	for i, s := range stands {
		rows[i] = s.row
	}
	res.Outputs[0].Record, res.Outputs[0].Rows = rec, rows
	return nil
}

// assemble is rows of several records in one layout; a column that a record does not have is
// NULL.
func (c *Collector) assemble(schema *arrow.Schema, parts []arrow.Record, stands []stand) (arrow.Record, error) {
	start, total := make([]int32, len(parts)), int32(0)
	for i, p := range parts {
		start[i] = total
		total += int32(p.NumRows())
	}
	cols := make([]arrow.Array, schema.NumFields())
	defer func() {
		for _, col := range cols {
			if col != nil {
				col.Release()
			}
		}
	}()
	for i, f := range schema.Fields() {
		pieces := make([]arrow.Array, len(parts))
		for j, p := range parts {
			if pieces[j] = pipelines.Column(p, f.Name); pieces[j] == nil || !arrow.TypeEqual(pieces[j].DataType(), f.Type) {
				pieces[j] = array.MakeArrayOfNull(c.Alloc, f.Type, int(p.NumRows()))
				defer pieces[j].Release()
			}
		}
		var err error
		if cols[i], err = array.Concatenate(pieces, c.Alloc); err != nil {
			return nil, err
		}
	}
	all := array.NewRecord(schema, cols, int64(total))
	defer all.Release()
	rows := make([]int32, len(stands))
	for i, s := range stands {
		rows[i] = start[s.part] + s.at
	}
	return pipelines.Take(all, rows, c.Alloc)
}
