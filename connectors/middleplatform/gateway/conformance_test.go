package gateway

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

func TestConformance(t *testing.T) {
	connectortest.Source(t, connectortest.SourceHarness{
		World: func(t *testing.T, n int) connectortest.OpenSource {
			w := newWorld(t)
			for i := range n {
				w.announce(fmt.Sprintf("N%06d", i), "0", "")
				w.call(cancelPath, cancelXML(fmt.Sprintf("N%06d", i)))
			}
			return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
				return OpenSource(ctx, SourceOptions{Journal: w.journal, Platform: "ywzt", Kind: Withdrawal, Profile: w.profile, Intake: w.intake, Columns: []string{"SBLSH_SHORT"}, BatchRows: rows, Alloc: alloc}, at)
			}
		},
		Elements: func(rec arrow.Record) []int {
			col := rec.Column(0).(*array.String)
			list := make([]int, rec.NumRows())
			for i := range list {
				list[i], _ = strconv.Atoi(col.Value(i)[1:])
			}
			return list
		},
	})
}
