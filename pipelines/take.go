package pipelines

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Column finds a column by name, nil if there is none.
func Column(rec arrow.Record, name string) arrow.Array {
	if at := rec.Schema().FieldIndices(name); len(at) == 1 {
		return rec.Column(at[0])
	}
	return nil
}

// SizeOf is the memory a record takes, in bytes.
func SizeOf(rec arrow.Record) int64 {
	if rec == nil {
		return 0
	}
	var n int64
	for _, c := range rec.Columns() {
		n += int64(c.Data().SizeInBytes())
	}
	return n
}

// Take is rows of rec in the given order, as a new record the caller releases.
func Take(rec arrow.Record, rows []int32, alloc memory.Allocator) (arrow.Record, error) {
	if contiguous(rows) {
		if len(rows) == 0 {
			return rec.NewSlice(0, 0), nil
		}
		return rec.NewSlice(int64(rows[0]), int64(rows[0])+int64(len(rows))), nil
	}
	cols := make([]arrow.Array, rec.NumCols())
	defer func() {
		for _, c := range cols {
			if c != nil {
				c.Release()
			}
		}
	}()
	pieces := piecesOf(rows)
	for i, c := range rec.Columns() {
		col, err := takeColumn(c, rows, pieces, alloc)
		if err != nil {
			return nil, err
		}
		cols[i] = col
	}
	return array.NewRecord(rec.Schema(), cols, int64(len(rows))), nil
}

func contiguous(rows []int32) bool {
	for i := 1; i < len(rows); i++ {
		if rows[i] != rows[i-1]+1 {
			return false
		}
	}
	return true
}

// piece is rows one after the other.
type piece struct{ from, to int64 }

// worthPieces is how many rows a piece has at least, on average, that is copied whole.
const worthPieces = 8

// piecesOf is rows as pieces, nil when they are too many to be worth it.
func piecesOf(rows []int32) []piece {
	var list []piece
	for i, row := range rows {
		if i > 0 && row == rows[i-1]+1 {
			list[len(list)-1].to++
			continue
		}
		if len(list)*worthPieces > len(rows) {
			return nil
		}
		list = append(list, piece{int64(row), int64(row) + 1})
	}
	return list
}

func takePieces(col arrow.Array, pieces []piece, alloc memory.Allocator) (arrow.Array, error) {
	parts := make([]arrow.Array, len(pieces))
	for i, p := range pieces {
		parts[i] = array.NewSlice(col, p.from, p.to)
		defer parts[i].Release()
	}
	return array.Concatenate(parts, alloc)
}

func takeColumn(col arrow.Array, rows []int32, pieces []piece, alloc memory.Allocator) (arrow.Array, error) {
	if pieces != nil {
		return takePieces(col, pieces, alloc)
	}
	if c, ok := col.(*array.String); ok {
		return takeStrings(c, rows, alloc), nil
	}
	b := array.NewBuilder(alloc, col.DataType())
	defer b.Release()
	b.Reserve(len(rows))
	for _, row := range rows {
		if err := appendValue(b, col, int(row)); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

func takeStrings(c *array.String, rows []int32, alloc memory.Allocator) arrow.Array {
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	b.Reserve(len(rows))
	for _, row := range rows {
		if c.IsNull(int(row)) {
			b.AppendNull()
		} else {
			b.Append(c.Value(int(row)))
		}
	}
	return b.NewArray()
}

// appendValue copies one cell; the builder is of the column's type.
func appendValue(b array.Builder, col arrow.Array, row int) error {
	if col.IsNull(row) {
		b.AppendNull()
		return nil
	}
	switch c := col.(type) {
	case *array.String:
		b.(*array.StringBuilder).Append(c.Value(row))
	case *array.Int64:
		b.(*array.Int64Builder).Append(c.Value(row))
	case *array.Float64:
		b.(*array.Float64Builder).Append(c.Value(row))
	case *array.Timestamp:
		b.(*array.TimestampBuilder).Append(c.Value(row))
	case *array.Boolean:
		b.(*array.BooleanBuilder).Append(c.Value(row))
	case *array.Date32:
		b.(*array.Date32Builder).Append(c.Value(row))
	case *array.Binary:
		b.(*array.BinaryBuilder).Append(c.Value(row))
	case *array.FixedSizeBinary:
		b.(*array.FixedSizeBinaryBuilder).Append(c.Value(row))
	case *array.List:
		lb := b.(*array.ListBuilder)
		lb.Append(true)
		start, end := c.ValueOffsets(row)
		for i := start; i < end; i++ {
			if err := appendValue(lb.ValueBuilder(), c.ListValues(), int(i)); err != nil {
				return err
			}
		}
	default:
		return fault.New(fault.Bug, "copy rows", "", text.F("不支持的列类型 %s", "column type %s is not supported", col.DataType()), text.Text{})
	}
	return nil
}
