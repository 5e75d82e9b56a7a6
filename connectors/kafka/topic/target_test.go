package topic

import (
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/connectors/connectortest"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

func TestTargetConformance(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*testing.T, ...string) brokers
		once bool
		form Format
	}{
		{"AtLeastOnce/Fake", fakeBrokers, false, Debezium},
		{"ExactlyOnce/Fake", fakeBrokers, true, JSON},
		{"AtLeastOnceArrow/Fake", fakeBrokers, false, Arrow},
		{"ExactlyOnceAvro/Fake", fakeBrokers, true, Avro},
		{"AtLeastOnce/Real", realBrokers, false, Avro},
		{"ExactlyOnce/Real", realBrokers, true, Debezium},
		{"ExactlyOnceArrow/Real", realBrokers, true, Arrow},
	} {
		t.Run(c.name, func(t *testing.T) { conformance(t, c.make, c.once, c.form) })
	}
}

// Brokers delete by a message's timestamp: a batch frozen before an outage longer than a
// topic's retention would be gone before anybody reads it.
func TestABatchFrozenLongAgoIsDatedWhenItIsWritten(t *testing.T) {
	for _, once := range []bool{false, true} {
		t.Run(fmt.Sprintf("exactly_once=%t", once), func(t *testing.T) {
			topic := freshName("dated")
			b := fakeBrokers(t, topic)
			target := b.target(t, topic, func(o *Options) { o.ExactlyOnce = once })
			rec := acceptRows(3, nil, memory.DefaultAllocator)
			defer rec.Release()
			begun := time.Now().Truncate(time.Millisecond)
			d := deliveryOf(rec, topic)
			d.Time = begun.AddDate(0, 0, -30)
			settle(t, target, d)
			list := b.records(t, topic, kgo.ReadCommitted())
			if len(list) != 3 {
				t.Fatalf("%d messages are there", len(list))
			}
			for _, r := range list {
				if r.Timestamp.Before(begun) || r.Timestamp.After(time.Now()) {
					t.Errorf("a message is dated %s, written after %s", r.Timestamp, begun)
				}
			}
		})
	}
}

func conformance(t *testing.T, start func(*testing.T, ...string) brokers, once bool, form Format) {
	level := kgo.ReadUncommitted()
	if once {
		level = kgo.ReadCommitted()
	}
	connectortest.Target(t, connectortest.TargetHarness{
		Server: testkafka.InProcess(),
		World: func(t *testing.T) connectortest.Receiver {
			topic := freshName("accept")
			b := start(t, topic)
			return connectortest.Receiver{Table: topic,
				Open: func() (pipelines.Target, error) {
					return b.target(t, topic, func(o *Options) { o.Format, o.ExactlyOnce = form, once }), nil
				},
				Stored: func(t *testing.T) []connectortest.Stored {
					rows, repeated := stored(t, b.records(t, topic, level))
					if once && repeated > 0 {
						t.Errorf("%d events are there twice", repeated)
					}
					return rows
				}}
		},
		Rows: func(t *testing.T, n int, alloc memory.Allocator) arrow.Record { return acceptRows(n, nil, alloc) },
		Spoil: func(t *testing.T, n int, bad []int, alloc memory.Allocator) arrow.Record {
			return acceptRows(n, bad, alloc)
		},
	})
}
