package wiring

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// recordStage gives canonical records on as they are: the columns of the subject, those
// that an older log batch does not have as NULL, and nothing of the ledger's own.
type recordStage struct {
	schema *arrow.Schema
	alloc  memory.Allocator
}

// Apply keeps every row.
func (s recordStage) Apply(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	n := int(in.NumRows())
	cols := make([]arrow.Array, s.schema.NumFields())
	fields := make([]arrow.Field, len(cols))
	for i, f := range s.schema.Fields() {
		if at := in.Schema().FieldIndices(f.Name); len(at) > 0 {
			cols[i] = in.Column(at[0])
		} else {
			cols[i] = array.MakeArrayOfNull(s.alloc, f.Type, n)
			defer cols[i].Release()
		}
		fields[i] = arrow.Field{Name: f.Name, Type: cols[i].DataType(), Nullable: true}
	}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	rec := array.NewRecord(arrow.NewSchema(fields, nil), cols, in.NumRows())
	return pipelines.Result{Outputs: []pipelines.Output{{Record: rec, Rows: rows}}}, nil
}
