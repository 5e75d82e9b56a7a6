package memory_test

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmem "github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/connectors/memory"
	"banjian/pipelines"
)

func TestHostileValuesAreReadAsTheyAre(t *testing.T) {
	connectortest.HostileReads(t, connectortest.HostileHarness{World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
		var fields []arrow.Field
		for _, name := range connectortest.HostileColumns {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
		view := memory.NewView(arrow.NewSchema(fields, nil))
		for _, r := range rows {
			var row memory.Row
			for _, c := range r.Cells {
				if c == nil {
					row = append(row, nil)
				} else {
					row = append(row, *c)
				}
			}
			view.Append(row)
		}
		return func(_ context.Context, at pipelines.Position, n int, alloc arrowmem.Allocator) (pipelines.Source, error) {
			return view.Open(at, memory.Options{Batches: []int{n}, Alloc: alloc})
		}
	}}, 10_000)
}
