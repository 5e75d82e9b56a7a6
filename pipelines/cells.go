package pipelines

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// CellKind is what the values of a column are.
type CellKind uint8

const (
	TextCell CellKind = iota
	IntCell
	FloatCell
	BoolCell
	TimeCell
	DateCell
	ListCell // of texts
)

func (k CellKind) String() string {
	return []string{"text", "int", "float", "bool", "time", "date", "list"}[k]
}

// Cells reads a column of mapped rows, dictionaries looked through. A value is asked for by
// its place, which At gives, and by the method of the column's kind.
type Cells struct {
	Name string
	Kind CellKind
	dict *array.Dictionary // nil: values are in arr
	arr  arrow.Array
	unit arrow.TimeUnit
}

// CellsOf is the columns of a record; they live as long as it does. A type that no mapping
// makes is a Bug, op says in what.
func CellsOf(rec arrow.Record, op string) ([]Cells, error) {
	cols := make([]Cells, rec.NumCols())
	for i, arr := range rec.Columns() {
		c := Cells{Name: rec.ColumnName(i), arr: arr}
		if d, ok := arr.(*array.Dictionary); ok {
			c.dict, c.arr = d, d.Dictionary()
		}
		known := true
		switch a := c.arr.(type) {
		case *array.String:
			c.Kind = TextCell
		case *array.Int64, *array.Int32:
			c.Kind = IntCell
		case *array.Float64:
			c.Kind = FloatCell
		case *array.Boolean:
			c.Kind = BoolCell
		case *array.Timestamp:
			c.Kind, c.unit = TimeCell, a.DataType().(*arrow.TimestampType).Unit
		case *array.Date32:
			c.Kind = DateCell
		case *array.List:
			_, known = a.ListValues().(*array.String)
			c.Kind = ListCell
		default:
			known = false
		}
		if !known {
			return nil, fault.Wrap(fmt.Errorf("%s", arr.DataType()), fault.Bug, op, c.Name, text.T("列的类型没有写法", "no way to write a column of this type"), text.Text{})
		}
		cols[i] = c
	}
	return cols, nil
}

// At is the place of a row's value; ok is false for NULL.
func (c *Cells) At(row int) (place int, ok bool) {
	if c.dict == nil {
		return row, c.arr.IsValid(row)
	}
	if c.dict.IsNull(row) {
		return 0, false
	}
	place = c.dict.GetValueIndex(row)
	return place, c.arr.IsValid(place)
}

// Values is where places lie, of the column's type without its dictionary.
func (c *Cells) Values() arrow.Array { return c.arr }

// Unit is that of a TimeCell.
func (c *Cells) Unit() arrow.TimeUnit { return c.unit }

// Text is the value of a TextCell.
func (c *Cells) Text(place int) string { return c.arr.(*array.String).Value(place) }

// Int is the value of an IntCell.
func (c *Cells) Int(place int) int64 {
	if a, small := c.arr.(*array.Int32); small {
		return int64(a.Value(place))
	}
	return c.arr.(*array.Int64).Value(place)
}

// Float is the value of a FloatCell.
func (c *Cells) Float(place int) float64 { return c.arr.(*array.Float64).Value(place) }

// Bool is the value of a BoolCell.
func (c *Cells) Bool(place int) bool { return c.arr.(*array.Boolean).Value(place) }

// Time is the value of a TimeCell; without a zone of its own it is UTC.
func (c *Cells) Time(place int) time.Time {
	return c.arr.(*array.Timestamp).Value(place).ToTime(c.unit)
}

// Date is the value of a DateCell.
func (c *Cells) Date(place int) arrow.Date32 { return c.arr.(*array.Date32).Value(place) }

// Texts calls f for every member of a ListCell that is not NULL.
func (c *Cells) Texts(place int, f func(string)) {
	list := c.arr.(*array.List)
	values := list.ListValues().(*array.String)
	from, to := list.ValueOffsets(place)
	for i := from; i < to; i++ {
		if values.IsValid(int(i)) {
			f(values.Value(int(i)))
		}
	}
}
