package memory_test

import (
	"context"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/connectors/memory"
	"banjian/pipelines"
)

var numbers = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "name", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)

func elements(n int) []memory.Row {
	rows := make([]memory.Row, n)
	for i := range rows {
		rows[i] = memory.Row{int64(i), nil}
		if i%2 == 0 {
			rows[i][1] = "件"
		}
	}
	return rows
}

func elementsOf(rec arrow.Record) []int {
	list := make([]int, rec.NumRows())
	for i := range list {
		list[i] = int(rec.Column(0).(*array.Int64).Value(i))
	}
	return list
}

func TestSourceConformance(t *testing.T) {
	connectortest.Source(t, connectortest.SourceHarness{
		World: func(t *testing.T, n int) connectortest.OpenSource {
			view := memory.NewView(numbers, elements(n)...)
			return func(_ context.Context, at pipelines.Position, rows int, alloc arrowmemory.Allocator) (pipelines.Source, error) {
				return view.Open(at, memory.Options{Batches: []int{rows}, Alloc: alloc})
			}
		},
		Elements: elementsOf,
	})
}

func TestTargetConformance(t *testing.T) {
	rows := func(t *testing.T, n int, bad []int, alloc arrowmemory.Allocator) arrow.Record {
		b := array.NewRecordBuilder(alloc, numbers)
		defer b.Release()
		for i := range n {
			b.Field(0).(*array.Int64Builder).Append(int64(i))
			if slices.Contains(bad, i) {
				b.Field(1).(*array.StringBuilder).Append("太长")
			} else {
				b.Field(1).AppendNull()
			}
		}
		return b.NewRecord()
	}
	connectortest.Target(t, connectortest.TargetHarness{
		World: func(t *testing.T) connectortest.Receiver {
			target := memory.NewTarget()
			target.RefuseRow = func(d *pipelines.Delivery, row int) bool { return d.Record.Column(1).IsValid(row) }
			return connectortest.Receiver{Table: "up_pro_accept",
				Open: func() (pipelines.Target, error) { return target, nil },
				Stored: func(*testing.T) []connectortest.Stored {
					var list []connectortest.Stored
					for _, e := range target.Effects() {
						list = append(list, connectortest.Stored{Delivery: e.Delivery, GUID: e.GUID, Op: e.Op})
					}
					return list
				}}
		},
		Rows:  func(t *testing.T, n int, alloc arrowmemory.Allocator) arrow.Record { return rows(t, n, nil, alloc) },
		Spoil: rows,
	})
}
