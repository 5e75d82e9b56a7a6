package topic

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Columns of an Arrow message behind those of the records.
var arrowColumns = []arrow.Field{
	{Name: "_event_id", Type: arrow.BinaryTypes.String},
	{Name: "_version", Type: arrow.PrimitiveTypes.Int64},
	{Name: "_operation", Type: arrow.BinaryTypes.String},
	{Name: "_key", Type: arrow.BinaryTypes.String},
}

// arrowStream is rows of a delivery as one Arrow IPC stream, compressed with LZ4.
func (b *batch) arrowStream(rows []int, keys [][]byte, alloc memory.Allocator) ([]byte, error) {
	fields := make([]arrow.Field, len(b.cols), len(b.cols)+len(arrowColumns))
	for i := range b.cols {
		fields[i] = arrow.Field{Name: b.cols[i].Name, Type: b.cols[i].Values().DataType(), Nullable: true}
	}
	schema := arrow.NewSchema(append(fields, arrowColumns...), nil)
	to := array.NewRecordBuilder(alloc, schema)
	defer to.Release()
	to.Reserve(len(rows))
	for i := range b.cols {
		for _, row := range rows {
			copyCell(to.Field(i), &b.cols[i], row, b.Source)
		}
	}
	n := len(b.cols)
	for _, row := range rows {
		e := event{batch: b, row: row}
		to.Field(n).(*array.StringBuilder).Append(e.id())
		to.Field(n + 1).(*array.Int64Builder).Append(int64(e.version()))
		to.Field(n + 2).(*array.StringBuilder).Append(string(e.op()))
		to.Field(n + 3).(*array.StringBuilder).Append(string(keys[row]))
	}
	rec := to.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema), ipc.WithAllocator(alloc), ipc.WithLZ4())
	err := w.Write(rec)
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Bug, "write Arrow message", b.topic.Name, text.Text{}, text.Text{})
	}
	return out.Bytes(), nil
}

// copyCell appends a row's value to a builder of the column's type.
func copyCell(to array.Builder, c *pipelines.Cells, row int, source string) {
	i, ok := c.At(row)
	if !ok {
		if c.Name == keySource && c.Kind == pipelines.TextCell {
			to.(*array.StringBuilder).Append(source)
			return
		}
		to.AppendNull()
		return
	}
	switch b := to.(type) {
	case *array.StringBuilder:
		b.Append(c.Text(i))
	case *array.Int64Builder:
		b.Append(c.Int(i))
	case *array.Int32Builder:
		b.Append(int32(c.Int(i)))
	case *array.Float64Builder:
		b.Append(c.Float(i))
	case *array.BooleanBuilder:
		b.Append(c.Bool(i))
	case *array.TimestampBuilder:
		b.Append(c.Values().(*array.Timestamp).Value(i))
	case *array.Date32Builder:
		b.Append(c.Date(i))
	case *array.ListBuilder:
		b.Append(true)
		values := b.ValueBuilder().(*array.StringBuilder)
		c.Texts(i, values.Append)
	}
}
