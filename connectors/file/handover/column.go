package handover

import (
	"encoding/hex"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/pipelines"
)

// Columns of a file behind those of the records.
const (
	columnGUID      = "_row_guid"
	columnVersion   = "_version"
	columnOperation = "_operation"
	columnSource    = "source_id"
)

// column is one column of a file.
type column struct {
	name  string
	kind  pipelines.CellKind
	cells *pipelines.Cells              // nil: a column of the delivery's own
	own   func(row int) (string, int64) // its value: a text, or a whole number
	fill  string                        // in the place of NULL
}

// columnsOf is the columns of a delivery, its own last. Types that no mapping makes are a Bug.
func columnsOf(d *pipelines.Delivery) ([]column, error) {
	cells, err := pipelines.CellsOf(d.Record, "write file")
	if err != nil {
		return nil, err
	}
	cols := make([]column, 0, len(cells)+3)
	for i := range cells {
		c := column{name: cells[i].Name, kind: cells[i].Kind, cells: &cells[i]}
		if c.name == columnSource && c.kind == pipelines.TextCell {
			c.fill = d.Source
		}
		cols = append(cols, c)
	}
	return append(cols,
		column{name: columnGUID, own: func(row int) (string, int64) { return guid(d.GUIDs[row]), 0 }},
		column{name: columnVersion, kind: pipelines.IntCell, own: func(row int) (string, int64) { return "", int64(d.Versions[row]) }},
		column{name: columnOperation, own: func(row int) (string, int64) { return string(d.Ops[row]), 0 }}), nil
}

func guid(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// text is the value of a text column.
func (c *column) text(row int) (string, bool) {
	if c.own != nil {
		v, _ := c.own(row)
		return v, true
	}
	if i, ok := c.cells.At(row); ok {
		return c.cells.Text(i), true
	}
	return c.fill, c.fill != ""
}

// integer is the value of a column of whole numbers.
func (c *column) integer(row int) (int64, bool) {
	if c.own != nil {
		_, v := c.own(row)
		return v, true
	}
	return valueAt(c.cells, row, c.cells.Int)
}

func (c *column) float(row int) (float64, bool) { return valueAt(c.cells, row, c.cells.Float) }

func (c *column) boolean(row int) (bool, bool) { return valueAt(c.cells, row, c.cells.Bool) }

func (c *column) instant(row int) (time.Time, bool) { return valueAt(c.cells, row, c.cells.Time) }

func (c *column) date(row int) (arrow.Date32, bool) { return valueAt(c.cells, row, c.cells.Date) }

// texts is a list, what is NULL in it left out; nil and false for NULL.
func (c *column) texts(row int) ([]string, bool) {
	return valueAt(c.cells, row, func(i int) []string {
		list := []string{}
		c.cells.Texts(i, func(s string) { list = append(list, s) })
		return list
	})
}

// valueAt is a row's value; ok is false for NULL.
func valueAt[V any](c *pipelines.Cells, row int, value func(place int) V) (v V, ok bool) {
	i, ok := c.At(row)
	if !ok {
		return v, false
	}
	return value(i), true
}

// encode writes a delivery in the format of the target.
func (t *Target) encode(d *pipelines.Delivery) (data []byte, cols []column, err error) {
	if cols, err = columnsOf(d); err != nil {
		return nil, nil, err
	}
	if t.o.Format == CSV {
		return csvOf(cols, len(d.GUIDs), t.o.BOM, t.o.Zone), cols, nil
	}
	data, err = parquetOf(cols, len(d.GUIDs))
	return data, cols, err
}
