package memory

import (
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Row is one value for each column of a View: string, int64, float64, bool, []byte,
// arrow.Timestamp, or nil for NULL.
type Row []any

// View is rows that sources read. It may be changed at any time, also while it is
// read; its methods may be called concurrently.
type View struct {
	schema *arrow.Schema

	mu   sync.Mutex
	rows []Row
}

// NewView makes a view of the given layout.
func NewView(schema *arrow.Schema, rows ...Row) *View {
	return &View{schema: schema, rows: slices.Clone(rows)}
}

// Set replaces all rows.
func (v *View) Set(rows ...Row) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rows = slices.Clone(rows)
}

// Append adds rows behind the others.
func (v *View) Append(rows ...Row) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rows = append(v.rows, rows...)
}

// Replace puts row in the place of the i-th.
func (v *View) Replace(i int, row Row) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rows[i] = row
}

// Len is the number of rows.
func (v *View) Len() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.rows)
}

// slice is the rows from start on, n at most.
func (v *View) slice(start, n int) []Row {
	v.mu.Lock()
	defer v.mu.Unlock()
	start = min(start, len(v.rows))
	return slices.Clone(v.rows[start:min(start+n, len(v.rows))])
}

// record makes a record of rows; the caller releases it.
func record(schema *arrow.Schema, rows []Row, alloc memory.Allocator) (arrow.Record, int64, error) {
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	var size int64
	for _, row := range rows {
		for i, f := range b.Fields() {
			n, ok := appendTo(f, row[i])
			if !ok {
				return nil, 0, fault.New(fault.Bug, "read view", schema.Field(i).Name,
					text.F("列 %s 放不进 %T", "column %s does not take %T", schema.Field(i).Name, row[i]), text.Text{})
			}
			size += n
		}
	}
	return b.NewRecord(), size, nil
}

// appendTo adds one value and says how many bytes it came to.
func appendTo(b array.Builder, value any) (size int64, ok bool) {
	if value == nil {
		b.AppendNull()
		return 0, true
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		if v, ok := value.(string); ok {
			b.Append(v)
			return int64(len(v)), true
		}
	case *array.BinaryBuilder:
		if v, ok := value.([]byte); ok {
			b.Append(v)
			return int64(len(v)), true
		}
	case *array.Int64Builder:
		if v, ok := value.(int64); ok {
			b.Append(v)
			return 8, true
		}
	case *array.Float64Builder:
		if v, ok := value.(float64); ok {
			b.Append(v)
			return 8, true
		}
	case *array.BooleanBuilder:
		if v, ok := value.(bool); ok {
			b.Append(v)
			return 1, true
		}
	case *array.TimestampBuilder:
		if v, ok := value.(arrow.Timestamp); ok {
			b.Append(v)
			return 8, true
		}
	}
	return 0, false
}
