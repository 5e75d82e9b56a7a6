package ledger

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// withCase sets what a record inherits from its case: case_no, flow_no and item_code
// where it has none of its own, case_accepted_at. parents nil: it is the case's accept
// record and has them itself.
func withCase(in arrow.Record, parents []parent, alloc memory.Allocator) arrow.Record {
	fields := append([]arrow.Field{}, in.Schema().Fields()...)
	cols := append([]arrow.Array{}, in.Columns()...)
	n := int(in.NumRows())
	if parents != nil {
		for _, inherit := range []struct {
			name  string
			first func(c *Case) string // goes before the record's own
			then  func(c *Case) string
		}{
			{"case_no", func(c *Case) string { return c.CaseNo }, nil},
			{"flow_no", nil, func(c *Case) string { return c.FlowNo }},
			{"item_code", nil, func(c *Case) string { return c.ItemCode }},
		} {
			col := inherited(in, inherit.name, parents, inherit.first, inherit.then, alloc)
			defer col.Release()
			fields, cols = setColumn(fields, cols, inherit.name, col)
		}
		at := array.NewTimestampBuilder(alloc, &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"})
		defer at.Release()
		for i := range parents {
			if parents[i].AcceptedAt == 0 {
				at.AppendNull()
			} else {
				at.Append(arrow.Timestamp(parents[i].AcceptedAt))
			}
		}
		accepted := at.NewArray()
		defer accepted.Release()
		fields, cols = setColumn(fields, cols, "case_accepted_at", accepted)
	} else if own := column(in, "accepted_at"); own != nil {
		fields, cols = setColumn(fields, cols, "case_accepted_at", own)
	}
	meta := in.Schema().Metadata()
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, int64(n))
}

// inherited is the first of: what first says of the case, the record's own value, what
// then says of the case.
func inherited(in arrow.Record, name string, parents []parent, first, then func(*Case) string, alloc memory.Allocator) arrow.Array {
	own := stringColumn(in, name)
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for i := range parents {
		value := ""
		if first != nil {
			value = first(&parents[i].Case)
		}
		if value == "" {
			value = valueAt(own, i)
		}
		if value == "" && then != nil {
			value = then(&parents[i].Case)
		}
		if value == "" {
			b.AppendNull()
		} else {
			b.Append(value)
		}
	}
	return b.NewArray()
}

func setColumn(fields []arrow.Field, cols []arrow.Array, name string, col arrow.Array) ([]arrow.Field, []arrow.Array) {
	for i := range fields {
		if fields[i].Name == name {
			fields[i].Type, cols[i] = col.DataType(), col
			return fields, cols
		}
	}
	return append(fields, arrow.Field{Name: name, Type: col.DataType(), Nullable: true}), append(cols, col)
}
