package topic

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Format is how the values of messages are written.
type Format string

const (
	Debezium Format = "debezium" // JSON with before, after, source and op
	JSON     Format = "json"     // a flat JSON object
	Avro     Format = "avro"     // Avro, with the schema's number in a registry or its fingerprint
	Arrow    Format = "arrow"    // an Arrow IPC stream of many records
)

// Fields that messages have besides those of the record. Op and Deleted are spelled as
// Debezium spells them where it flattens events.
const (
	fieldOp      = "__op"
	fieldDeleted = "__deleted"
)

// opWords is the operation as Debezium has it: create, update, delete.
var opWords = map[pipelines.Op]string{pipelines.OpInsert: "c", pipelines.OpUpdate: "u", pipelines.OpDelete: "d"}

// kind is what a column holds, for the writers.
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

// column is one column of a delivery, dictionaries looked through.
type column struct {
	name string
	kind kind
	dict *array.Dictionary // nil: values are in arr
	arr  arrow.Array
	unit arrow.TimeUnit
}

// columnsOf refuses types that no mapping makes (a Bug).
func columnsOf(rec arrow.Record) ([]column, error) {
	cols := make([]column, rec.NumCols())
	for i, arr := range rec.Columns() {
		c := column{name: rec.ColumnName(i), arr: arr}
		if d, ok := arr.(*array.Dictionary); ok {
			c.dict, c.arr = d, d.Dictionary()
		}
		switch a := c.arr.(type) {
		case *array.String:
			c.kind = kindText
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
			if _, ok := a.ListValues().(*array.String); !ok {
				return nil, unknownType(c.name, arr)
			}
			c.kind = kindList
		default:
			return nil, unknownType(c.name, arr)
		}
		cols[i] = c
	}
	return cols, nil
}

func unknownType(name string, arr arrow.Array) error {
	return fault.Wrap(fmt.Errorf("%s", arr.DataType()), fault.Bug, "encode message", name, text.T("列的类型没有写法", "no way to write a column of this type"), text.Text{})
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

func (c *column) integer(i int) int64 {
	if a, ok := c.arr.(*array.Int32); ok {
		return int64(a.Value(i))
	}
	return c.arr.(*array.Int64).Value(i)
}

// instant is a timestamp's value; without a zone of its own it is UTC.
func (c *column) instant(i int) time.Time {
	return c.arr.(*array.Timestamp).Value(i).ToTime(c.unit)
}

// texts calls f for every element of a list that is not NULL.
func (c *column) texts(i int, f func(string)) {
	list := c.arr.(*array.List)
	values := list.ListValues().(*array.String)
	from, to := list.ValueOffsets(i)
	for j := from; j < to; j++ {
		if values.IsValid(int(j)) {
			f(values.Value(int(j)))
		}
	}
}

// event is one row of a delivery on its way into a message.
type event struct {
	*batch
	row int
}

// batch is a delivery with what the writers look up once.
type batch struct {
	*pipelines.Delivery
	topic *Topic
	cols  []column
	zone  *time.Location
	name  string // of the receiver
}

func (e *event) version() uint32 { return e.Versions[e.row] }

func (e *event) op() pipelines.Op { return e.Ops[e.row] }

// id names the event for ever: row_guid and version.
func (e *event) id() string { return fmt.Sprintf("%s:%d", e.guid(), e.version()) }

func (e *event) guid() string {
	g := e.GUIDs[e.row]
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[0:4], g[4:6], g[6:8], g[8:10], g[10:16])
}
