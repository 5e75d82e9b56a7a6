package sqlview

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

// conformance is a view of n numbered elements, three of them to a tick of the cursor.
func conformance(mode Mode) connectortest.SourceHarness {
	return connectortest.SourceHarness{
		World: func(t *testing.T, n int) connectortest.OpenSource {
			s := sqliteSource(t, "CREATE TABLE c (id INTEGER PRIMARY KEY, gxsj DATETIME)", "CREATE VIEW v AS SELECT id, gxsj FROM c")
			s.exec(t, fmt.Sprintf(`WITH RECURSIVE e(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM e)
				INSERT INTO c SELECT i, strftime('%%Y-%%m-%%d %%H:%%M:%%S.000000', '2026-01-01 10:00:00', (i/3)||' seconds') FROM e LIMIT %d`, n))
			return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
				o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: mode, BatchRows: rows, Alloc: alloc}
				if mode == Incremental {
					o.Cursor, o.Key = []string{"gxsj"}, []string{"id"}
				}
				return Open(ctx, o, at)
			}
		},
		Elements: func(rec arrow.Record) []int {
			list := make([]int, rec.NumRows())
			for i := range list {
				list[i] = int(rec.Column(0).(*array.Int64).Value(i))
			}
			return list
		},
	}
}

func TestConformanceIncremental(t *testing.T) {
	h := conformance(Incremental)
	h.Repeats = 3 // bounds are inclusive: the elements of the last tick
	connectortest.Source(t, h)
}

func TestConformanceCompare(t *testing.T) {
	h := conformance(Compare)
	h.Repeats = connectortest.AnyRepeats
	connectortest.Source(t, h)
}

func TestConformanceFull(t *testing.T) {
	h := conformance(Full)
	h.Repeats = connectortest.AnyRepeats
	connectortest.Source(t, h)
}
