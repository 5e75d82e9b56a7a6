package mappings

import (
	"math"
	"strconv"
	"time"
	"unsafe"

	"cel.dev/cel-go/common/types"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// physical is how a column arrives.
type physical uint8

const (
	physNone physical = iota
	physText
	physDict // dictionary of utf8
	physInt
	physFloat
	physBool
	physTime // timestamp of any unit
	physDate // date32
	physList // list<utf8>
)

// physicalOf is the kind of an Arrow type, physNone if a mapping cannot read it.
func physicalOf(t arrow.DataType) physical {
	switch t.ID() {
	case arrow.STRING:
		return physText
	case arrow.DICTIONARY:
		if t.(*arrow.DictionaryType).ValueType.ID() == arrow.STRING {
			return physDict
		}
	case arrow.INT64:
		return physInt
	case arrow.FLOAT64:
		return physFloat
	case arrow.BOOL:
		return physBool
	case arrow.TIMESTAMP:
		return physTime
	case arrow.DATE32:
		return physDate
	case arrow.LIST:
		if t.(*arrow.ListType).Elem().ID() == arrow.STRING {
			return physList
		}
	}
	return physNone
}

// column reads one column of the record in hand, row by row. An empty text reads as
// NULL. Texts hold until the next call when they had to be formatted.
type column struct {
	kind  physical
	arr   arrow.Array
	str   *array.String // physText; the values of physDict; the elements of physList
	dict  *array.Dictionary
	i64   *array.Int64
	f64   *array.Float64
	flags *array.Boolean
	ts    *array.Timestamp
	unit  int64 // ticks a second
	days  *array.Date32
	list  *array.List
	buf   []byte
	plain bool // expressions see text whatever the kind: the column of a view
}

// load takes the array of the record in hand; it is borrowed.
func (c *column) load(arr arrow.Array) {
	c.arr, c.kind = arr, physicalOf(arr.DataType())
	switch a := arr.(type) {
	case *array.String:
		c.str = a
	case *array.Dictionary:
		c.dict, c.str = a, a.Dictionary().(*array.String)
	case *array.Int64:
		c.i64 = a
	case *array.Float64:
		c.f64 = a
	case *array.Boolean:
		c.flags = a
	case *array.Timestamp:
		c.ts = a
		c.unit = int64(time.Second / a.DataType().(*arrow.TimestampType).Unit.Multiplier())
	case *array.Date32:
		c.days = a
	case *array.List:
		c.list, c.str = a, a.ListValues().(*array.String)
	}
}

// null says that row i has no value; a list always has one, if an empty one.
func (c *column) null(i int) bool {
	switch c.kind {
	case physText, physDict:
		_, ok := c.text(i)
		return !ok
	case physList:
		return false
	}
	return c.arr.IsNull(i)
}

// text is the value of row i as text, false when NULL or empty.
func (c *column) text(i int) (string, bool) {
	switch c.kind {
	case physText:
		if c.str.IsNull(i) {
			return "", false
		}
		v := c.str.Value(i)
		return v, v != ""
	case physDict:
		if c.dict.IsNull(i) {
			return "", false
		}
		v := c.str.Value(c.dict.GetValueIndex(i))
		return v, v != ""
	case physList, physNone:
		return "", false
	}
	if c.arr.IsNull(i) {
		return "", false
	}
	c.buf = c.format(c.buf[:0], i)
	return unsafe.String(unsafe.SliceData(c.buf), len(c.buf)), true
}

func (c *column) format(b []byte, i int) []byte {
	switch c.kind {
	case physInt:
		return strconv.AppendInt(b, c.i64.Value(i), 10)
	case physFloat:
		return strconv.AppendFloat(b, c.f64.Value(i), 'f', -1, 64)
	case physBool:
		return strconv.AppendBool(b, c.flags.Value(i))
	case physTime:
		return appendWall(b, c.seconds(i))
	}
	return time.Unix(int64(c.days.Value(i))*86400, 0).UTC().AppendFormat(b, time.DateOnly)
}

// appendWall shows an instant as wall time in UTC+8.
func appendWall(b []byte, sec int64) []byte {
	return time.Unix(sec+chinaOffset, 0).UTC().AppendFormat(b, time.DateTime)
}

func (c *column) seconds(i int) int64 { return floorDiv(int64(c.ts.Value(i)), c.unit) }

// num is an int, an instant in seconds, a day as the instant it begins at in UTC+8,
// or a whole float.
func (c *column) num(i int) (int64, bool) {
	if c.arr.IsNull(i) {
		return 0, false
	}
	switch c.kind {
	case physInt:
		return c.i64.Value(i), true
	case physTime:
		return c.seconds(i), true
	case physDate:
		return int64(c.days.Value(i))*86400 - chinaOffset, true
	case physFloat:
		f := c.f64.Value(i)
		return int64(f), f == math.Trunc(f) && math.Abs(f) < 1<<53
	}
	return 0, false
}

func (c *column) truth(i int) tri {
	if c.kind != physBool || c.flags.IsNull(i) {
		return unknown
	}
	return triOf(c.flags.Value(i))
}

// value is what the CEL interpreter sees.
func (c *column) value(i int) any {
	if c.plain {
		return c.textValue(i)
	}
	switch c.kind {
	case physList:
		return c.elements(i)
	case physBool:
		if v := c.truth(i); v != unknown {
			return types.Bool(v == yes)
		}
		return types.NullValue
	case physInt:
		if v, ok := c.num(i); ok {
			return types.Int(v)
		}
		return types.NullValue
	case physTime, physDate:
		if v, ok := c.num(i); ok {
			return timeValue(v)
		}
		return types.NullValue
	}
	return c.textValue(i)
}

func (c *column) textValue(i int) any {
	if v, ok := c.text(i); ok {
		return types.String(v)
	}
	return types.NullValue
}

func (c *column) elements(i int) []string {
	if c.list.IsNull(i) {
		return nil
	}
	from, to := c.list.ValueOffsets(i)
	out := make([]string, 0, to-from)
	for k := from; k < to; k++ {
		out = append(out, c.str.Value(int(k)))
	}
	return out
}

// direct is the value as a column of its own kind holds it: num, or 0 and 1.
func (c *column) direct(i int) (int64, bool) {
	if c.kind == physBool {
		t := c.truth(i)
		return int64(t), t != unknown
	}
	return c.num(i)
}

// items is a list column as a head.
func (c *column) items(i int, add func(string)) bool {
	if c.list.IsNull(i) {
		return true
	}
	from, to := c.list.ValueOffsets(i)
	for k := from; k < to; k++ {
		add(c.str.Value(int(k)))
	}
	return true
}

func (c *column) showInt(n int64) string {
	c.buf = strconv.AppendInt(c.buf[:0], n, 10)
	return unsafe.String(unsafe.SliceData(c.buf), len(c.buf))
}
