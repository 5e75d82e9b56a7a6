package mappingtest

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/mappings"
	"banjian/schemas"
)

// chinaTime is the zone of instants in a test file.
var chinaTime = time.FixedZone("UTC+8", 8*3600)

// rows builds the source record of the cases, one row each, with the columns the
// mapping reads. The caller releases it.
func (f *File) rows(m *mappings.Mapping, alloc memory.Allocator) (arrow.Record, error) {
	types := m.Sources()
	columns := m.Columns()
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		of := schemas.Field{Type: types[c]}
		fields[i] = arrow.Field{Name: c, Type: of.ArrowType(), Nullable: true}
	}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	var found fault.List
	found.Add(f.columnsOf(f.base, types))
	for _, c := range f.cases {
		found.Add(f.columnsOf(c.source, types))
		for i, name := range columns {
			found.Add(f.cell(b.Field(i), types[name], cellOf(name, c.source, f.base)))
		}
	}
	if found.Len() > 0 {
		return nil, found.Err()
	}
	return b.NewRecord(), nil
}

// columnsOf refuses a column the mapping does not know.
func (f *File) columnsOf(row *node, types map[string]schemas.Type) error {
	if row == nil {
		return nil
	}
	var found fault.List
	for _, k := range row.keys {
		if _, ok := types[k.text]; !ok {
			found.Add(f.failHint(k, nearest.Hint(k.text, slices.Sorted(maps.Keys(types))), "映射不读列 %s", "the mapping reads no column %s", k.text))
		}
	}
	return found.Err()
}

// cellOf is the value of a column in the first row that names it.
func cellOf(column string, rows ...*node) *node {
	for _, r := range rows {
		if r != nil {
			if v := r.get(column); v != nil {
				return v
			}
		}
	}
	return nil
}

// cell appends a value as its column's type holds it.
func (f *File) cell(to array.Builder, t schemas.Type, n *node) error {
	if n == nil || n.kind == nullNode {
		to.AppendNull()
		return nil
	}
	if t == schemas.List {
		return f.listCell(to.(*array.ListBuilder), n)
	}
	if n.kind != scalarNode {
		return f.fail(n, "这一列要一个值", "this column takes one value")
	}
	switch b := to.(type) {
	case *array.StringBuilder:
		b.Append(n.text)
	case *array.Int64Builder:
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil {
			return f.fail(n, "%q 不是整数", "%q is no whole number", n.text)
		}
		b.Append(v)
	case *array.BooleanBuilder:
		if n.text != "true" && n.text != "false" {
			return f.fail(n, "%q 不是 true 或 false", "%q is neither true nor false", n.text)
		}
		b.Append(n.text == "true")
	case *array.TimestampBuilder:
		at, err := time.ParseInLocation(time.DateTime, n.text, chinaTime)
		if err != nil {
			return f.fail(n, "%q 不是“2006-01-02 15:04:05”这样的时间", "%q is no time such as 2006-01-02 15:04:05", n.text)
		}
		b.Append(arrow.Timestamp(at.Unix()))
	case *array.Date32Builder:
		day, err := time.Parse(time.DateOnly, n.text)
		if err != nil {
			return f.fail(n, "%q 不是“2006-01-02”这样的日期", "%q is no date such as 2006-01-02", n.text)
		}
		b.Append(arrow.Date32FromTime(day))
	}
	return nil
}

func (f *File) listCell(b *array.ListBuilder, n *node) error {
	if n.kind != listNode {
		return f.fail(n, "这一列要一个列表，例如 [甲, 乙]", "this column takes a list such as [a, b]")
	}
	b.Append(true)
	for _, v := range n.vals {
		if v.kind != scalarNode {
			return f.fail(v, "列表里只能是值", "a list holds single values")
		}
		b.ValueBuilder().(*array.StringBuilder).Append(v.text)
	}
	return nil
}
