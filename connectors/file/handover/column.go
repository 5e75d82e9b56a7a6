package handover

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Columns of a file behind those of the records.
const (
	columnGUID      = "_row_guid"
	columnVersion   = "_version"
	columnOperation = "_operation"
	columnSource    = "source_id"
)

// kind is what a column holds.
type kind uint8

const (
	kindText kind = iota
	kindInt
	kindFloat
	kindBool
	kindTime
	kindDate
	kindList
)

func (k kind) String() string {
	return []string{"text", "int", "float", "bool", "time", "date", "list"}[k]
}

// column is one column of a file.
type column struct {
	name string
	kind kind
	dict *array.Dictionary // nil: values are in arr
	arr  arrow.Array       // nil: a column of the delivery's own
	unit arrow.TimeUnit
	own  func(row int) (string, int64) // its value: a text, or a whole number
	fill string                        // in the place of NULL
}

// columnsOf is the columns of a delivery, its own last. Types that no mapping makes are a Bug.
func columnsOf(d *pipelines.Delivery) ([]column, error) {
	cols := make([]column, 0, d.Record.NumCols()+3)
	for i, arr := range d.Record.Columns() {
		c := column{name: d.Record.ColumnName(i), arr: arr}
		if dict, ok := arr.(*array.Dictionary); ok {
			c.dict, c.arr = dict, dict.Dictionary()
		}
		ok := true
		switch a := c.arr.(type) {
		case *array.String:
			if c.kind = kindText; c.name == columnSource {
				c.fill = d.Source
			}
		case *array.Int64, *array.Int32:
			c.kind = kindInt
		case *array.Float64:
			c.kind = kindFloat
		case *array.Boolean:
			c.kind = kindBool
		case *array.Timestamp:
			c.kind, c.unit = kindTime, a.DataType().(*arrow.TimestampType).Unit
		case *array.Date32:
			c.kind = kindDate
		case *array.List:
			c.kind = kindList
			_, ok = a.ListValues().(*array.String)
		default:
			ok = false
		}
		if !ok {
			return nil, fault.Wrap(fmt.Errorf("%s", arr.DataType()), fault.Bug, "write file", c.name, text.T("列的类型没有写法", "no way to write a column of this type"), text.Text{})
		}
		cols = append(cols, c)
	}
	return append(cols,
		column{name: columnGUID, own: func(row int) (string, int64) { return guid(d.GUIDs[row]), 0 }},
		column{name: columnVersion, kind: kindInt, own: func(row int) (string, int64) { return "", int64(d.Versions[row]) }},
		column{name: columnOperation, own: func(row int) (string, int64) { return string(d.Ops[row]), 0 }}), nil
}

func guid(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// at is the place of a row's value in arr; ok is false for NULL.
func (c *column) at(row int) (i int, ok bool) {
	if c.dict == nil {
		return row, c.arr.IsValid(row)
	}
	if c.dict.IsNull(row) {
		return 0, false
	}
	i = c.dict.GetValueIndex(row)
	return i, c.arr.IsValid(i)
}

// text is the value of a text column.
func (c *column) text(row int) (string, bool) {
	if c.own != nil {
		v, _ := c.own(row)
		return v, true
	}
	if i, ok := c.at(row); ok {
		return c.arr.(*array.String).Value(i), true
	}
	return c.fill, c.fill != ""
}

// integer is the value of a column of whole numbers.
func (c *column) integer(row int) (int64, bool) {
	if c.own != nil {
		_, v := c.own(row)
		return v, true
	}
	i, ok := c.at(row)
	if !ok {
		return 0, false
	}
	if a, small := c.arr.(*array.Int32); small {
		return int64(a.Value(i)), true
	}
	return c.arr.(*array.Int64).Value(i), true
}

func (c *column) float(row int) (float64, bool) {
	i, ok := c.at(row)
	if !ok {
		return 0, false
	}
	return c.arr.(*array.Float64).Value(i), true
}

func (c *column) boolean(row int) (bool, bool) {
	i, ok := c.at(row)
	return ok && c.arr.(*array.Boolean).Value(i), ok
}

// instant is a moment; without a zone of its own it is UTC.
func (c *column) instant(row int) (time.Time, bool) {
	i, ok := c.at(row)
	if !ok {
		return time.Time{}, false
	}
	return c.arr.(*array.Timestamp).Value(i).ToTime(c.unit), true
}

func (c *column) date(row int) (arrow.Date32, bool) {
	i, ok := c.at(row)
	if !ok {
		return 0, false
	}
	return c.arr.(*array.Date32).Value(i), true
}

// texts is a list, what is NULL in it left out; nil and false for NULL.
func (c *column) texts(row int) ([]string, bool) {
	i, ok := c.at(row)
	if !ok {
		return nil, false
	}
	list := c.arr.(*array.List)
	values := list.ListValues().(*array.String)
	from, to := list.ValueOffsets(i)
	out := make([]string, 0, to-from)
	for j := from; j < to; j++ {
		if values.IsValid(int(j)) {
			out = append(out, values.Value(int(j)))
		}
	}
	return slices.Clip(out), true
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
