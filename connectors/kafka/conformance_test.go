package kafka

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

// conformance is a topic of n numbered messages.
func conformance(cluster func(testing.TB) *Connection) connectortest.SourceHarness {
	return connectortest.SourceHarness{
		Server: testkafka.InProcess(),
		World: func(t *testing.T, n int) connectortest.OpenSource {
			c := cluster(t)
			name := topic(t, c, 1)
			var list [][]byte
			for i := range n {
				list = append(list, fmt.Appendf(nil, `{"id":%d}`, i))
			}
			put(t, c, name, list...)
			return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
				return Open(ctx, Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}, BatchRows: rows}, at)
			}
		},
		Elements: func(rec arrow.Record) []int {
			var list []int
			for i := range int(rec.NumRows()) {
				n, err := strconv.Atoi(rec.Column(0).(*array.String).Value(i))
				if err != nil {
					n = -1
				}
				list = append(list, n)
			}
			return list
		},
	}
}

func TestConformanceInProcess(t *testing.T) {
	connectortest.Source(t, conformance(func(t testing.TB) *Connection { return fake(t) }))
}

func TestConformanceOnARealBroker(t *testing.T) {
	connectortest.Source(t, conformance(real))
}
