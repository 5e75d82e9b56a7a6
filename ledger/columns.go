package ledger

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// withSystemColumns is rec with the columns that identify each row appended.
func withSystemColumns(rec arrow.Record, entries []Entry, alloc memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(systemFields, nil))
	defer b.Release()
	b.Reserve(len(entries))
	for i := range entries {
		e := &entries[i]
		b.Field(0).(*array.Int64Builder).Append(e.Rec)
		b.Field(1).(*array.Int64Builder).Append(int64(e.Version))
		b.Field(2).(*array.BooleanBuilder).Append(e.Deleted)
		b.Field(3).(*array.FixedSizeBinaryBuilder).Append(e.GUID[:])
		b.Field(4).(*array.BinaryBuilder).Append(e.Key)
	}
	sys := b.NewRecord()
	defer sys.Release()
	fields := append(append([]arrow.Field{}, rec.Schema().Fields()...), systemFields...)
	cols := append(append([]arrow.Array{}, rec.Columns()...), sys.Columns()...)
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// withoutSystemColumns is rec as it was before they were appended.
func withoutSystemColumns(rec arrow.Record) arrow.Record {
	var fields []arrow.Field
	var cols []arrow.Array
	for i, f := range rec.Schema().Fields() {
		if !strings.HasPrefix(f.Name, "_") {
			fields, cols = append(fields, f), append(cols, rec.Column(i))
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// casesOf reads what each accept record says of its case.
func casesOf(source string, rec arrow.Record, entries []Entry) []Case {
	local, no, flow, item := stringColumn(rec, "local_no"), stringColumn(rec, "case_no"), stringColumn(rec, "flow_no"), stringColumn(rec, "item_code")
	round, _ := column(rec, "round").(*array.Int64)
	at, _ := column(rec, "accepted_at").(*array.Timestamp)
	cases := make([]Case, len(entries))
	for i := range cases {
		cases[i] = Case{Source: source, LocalNo: valueAt(local, i), CaseNo: valueAt(no, i), FlowNo: valueAt(flow, i), ItemCode: valueAt(item, i), Rec: entries[i].Rec}
		if round != nil && !round.IsNull(i) {
			cases[i].Round = round.Value(i)
		}
		cases[i].Again = entries[i].Version > 1 || cases[i].Round > 1
		if at != nil && !at.IsNull(i) {
			cases[i].AcceptedAt = int64(at.Value(i))
		}
	}
	return cases
}

// column finds a column by name, nil if there is none.
func column(rec arrow.Record, name string) arrow.Array {
	if idx := rec.Schema().FieldIndices(name); len(idx) == 1 {
		return rec.Column(idx[0])
	}
	return nil
}

func stringColumn(rec arrow.Record, name string) *array.String {
	c, _ := column(rec, name).(*array.String)
	return c
}

func valueAt(c *array.String, row int) string {
	if c == nil || c.IsNull(row) {
		return ""
	}
	return c.Value(row)
}
