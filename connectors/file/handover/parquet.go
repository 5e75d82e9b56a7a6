package handover

import (
	"bytes"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// parquetOf writes one row group of plain columns, lists as lists of texts; moments are UTC.
// The columns are written themselves: the library's way from Arrow brings a network stack
// with it.
func parquetOf(cols []column, rows int) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
		if err != nil {
			err = fault.Wrap(err, fault.Bug, "write Parquet", "", text.T("写不成 Parquet", "Parquet cannot be written"), text.Text{})
		}
	}()
	fields := make(schema.FieldList, len(cols))
	for i := range cols {
		if fields[i], err = cols[i].node(); err != nil {
			return nil, err
		}
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := pq.NewParquetWriter(struct{ io.Writer }{&out}, root, pq.WithWriterProps(parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithCreatedBy("banjian"))))
	g := w.AppendRowGroup()
	for i := range cols {
		if err := cols[i].writeTo(g, rows); err != nil {
			return nil, err
		}
	}
	if err := g.Close(); err != nil {
		return nil, err
	}
	if err := w.FlushWithFooter(); err != nil { // Close swallows this error
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// node is a column's type in the file.
func (c *column) node() (schema.Node, error) {
	optional := parquet.Repetitions.Optional
	plain := func(logical schema.LogicalType, physical parquet.Type) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(c.name, optional, logical, physical, -1, -1)
	}
	switch c.kind {
	case pipelines.IntCell:
		return plain(schema.NewIntLogicalType(64, true), parquet.Types.Int64)
	case pipelines.FloatCell:
		return plain(schema.NoLogicalType{}, parquet.Types.Double)
	case pipelines.BoolCell:
		return plain(schema.NoLogicalType{}, parquet.Types.Boolean)
	case pipelines.TimeCell:
		return plain(schema.NewTimestampLogicalType(true, c.timeUnit()), parquet.Types.Int64)
	case pipelines.DateCell:
		return plain(schema.DateLogicalType{}, parquet.Types.Int32)
	case pipelines.ListCell:
		element, err := schema.NewPrimitiveNodeLogical("element", parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		if err != nil {
			return nil, err
		}
		return schema.ListOfWithName(c.name, element, optional, -1)
	}
	return plain(schema.StringLogicalType{}, parquet.Types.ByteArray)
}

// timeUnit is the unit of moments in the file, which knows no seconds.
func (c *column) timeUnit() schema.TimeUnitType {
	switch c.cells.Unit() {
	case arrow.Microsecond:
		return schema.TimeUnitMicros
	case arrow.Nanosecond:
		return schema.TimeUnitNanos
	}
	return schema.TimeUnitMillis
}

func (c *column) writeTo(g pq.SerialRowGroupWriter, rows int) error {
	switch c.kind {
	case pipelines.IntCell:
		return write(g, rows, c.integer)
	case pipelines.FloatCell:
		return write(g, rows, c.float)
	case pipelines.BoolCell:
		return write(g, rows, c.boolean)
	case pipelines.TimeCell:
		unit := c.timeUnit()
		return write(g, rows, func(row int) (int64, bool) {
			t, ok := c.instant(row)
			switch unit {
			case schema.TimeUnitMicros:
				return t.UnixMicro(), ok
			case schema.TimeUnitNanos:
				return t.UnixNano(), ok
			}
			return t.UnixMilli(), ok
		})
	case pipelines.DateCell:
		return write(g, rows, func(row int) (int32, bool) { v, ok := c.date(row); return int32(v), ok })
	case pipelines.ListCell:
		return c.writeLists(g, rows)
	}
	return write(g, rows, func(row int) (parquet.ByteArray, bool) { v, ok := c.text(row); return parquet.ByteArray(v), ok })
}

// batchWriter is what the library's typed column writers have in common.
type batchWriter[T any] interface {
	WriteBatch(values []T, def, rep []int16) (int64, error)
}

func write[T any](g pq.SerialRowGroupWriter, rows int, value func(row int) (T, bool)) error {
	values, def := make([]T, 0, rows), make([]int16, rows)
	for row := range rows {
		if v, ok := value(row); ok {
			values, def[row] = append(values, v), 1
		}
	}
	return put(g, values, def, nil)
}

func put[T any](g pq.SerialRowGroupWriter, values []T, def, rep []int16) error {
	w, err := g.NextColumn()
	if err != nil {
		return err
	}
	typed, ok := w.(batchWriter[T])
	if !ok {
		return fmt.Errorf("a column writer of %T", w)
	}
	if _, err := typed.WriteBatch(values, def, rep); err != nil {
		return err
	}
	return w.Close()
}

// writeLists writes a list as its definition levels: 0 none, 1 an empty one, 2 an element.
func (c *column) writeLists(g pq.SerialRowGroupWriter, rows int) error {
	var values []parquet.ByteArray
	var def, rep []int16
	for row := range rows {
		list, ok := c.texts(row)
		if len(list) == 0 {
			level := int16(0)
			if ok {
				level = 1
			}
			def, rep = append(def, level), append(rep, 0)
			continue
		}
		for i, v := range list {
			values, def = append(values, parquet.ByteArray(v)), append(def, 2)
			rep = append(rep, int16(min(i, 1)))
		}
	}
	return put(g, values, def, rep)
}
