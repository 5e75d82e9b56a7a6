package topic

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/connectors/connectortest"
	cluster "banjian/connectors/kafka"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

const controlTopic = "banjian.control"

// brokers is a Kafka to write to and its fake, nil of a real one.
type brokers struct {
	address []string
	fake    *kfake.Cluster
}

// fakeBrokers is a Kafka in this process.
func fakeBrokers(t *testing.T, topics ...string) brokers {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topics...), kfake.SeedTopics(1, controlTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return brokers{c.ListenAddrs(), c}
}

// realBrokers is an Apache Kafka with these topics, and the control topic.
func realBrokers(t *testing.T, topics ...string) brokers {
	t.Helper()
	b := testkafka.Kafka(t)
	for _, topic := range topics {
		b.CreateTopic(t, topic, 3)
	}
	real := brokers{address: []string{b.Address}}
	for _, topic := range topics {
		real.awaitLeaders(t, topic)
	}
	return real
}

// awaitLeaders waits until a topic that was just made can be read and written.
func (b brokers) awaitLeaders(t *testing.T, topic string) {
	t.Helper()
	probe, err := NewTarget(Options{Connection: cluster.Connection{Brokers: b.address}, Control: topic})
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	x := &transactions{target: probe}
	for p := range 3 {
		_, err := backoff.Retry(t.Context(), func() (bool, error) {
			_, _, err := x.span(t.Context(), p)
			return err == nil, err
		}, backoff.WithMaxElapsedTime(30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
	}
}

var worlds atomic.Int64

// freshName is a name no other test uses, on a broker that may be shared.
func freshName(base string) string {
	return fmt.Sprintf("%s-%d-%d", base, time.Now().UnixNano(), worlds.Add(1))
}

// target opens a receiver of one topic; change may adapt its options.
func (b brokers) target(t *testing.T, topic string, change func(*Options)) *Target {
	t.Helper()
	o := Options{Name: "province", Connection: cluster.Connection{Name: "k", Brokers: b.address}, Format: Debezium, Compression: "lz4", Control: controlTopic, ID: "banjian." + topic,
		Topics: []Topic{{Name: topic, Subject: "case/accept", Key: []string{"source_id", "local_no"}}}, Create: &Create{Partitions: 3, Replication: 1}}
	if change != nil {
		change(&o)
	}
	target, err := NewTarget(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// records reads a topic from its first to its last offset, as a consumer of its own.
func (b brokers) records(t *testing.T, topic string, level kgo.IsolationLevel) []*kgo.Record {
	t.Helper()
	probe, err := NewTarget(Options{Connection: cluster.Connection{Brokers: b.address}, Control: topic})
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	at, err := probe.place(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), testkafka.Patience)
	defer stop()
	var list []*kgo.Record
	for _, p := range at.partitions {
		x := &transactions{target: probe}
		first, end, err := x.span(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if first == end {
			continue
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(b.address...), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(),
			kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {int32(p): kgo.NewOffset().At(first)}}))
		if err != nil {
			t.Fatal(err)
		}
		for last := int64(-1); last < end-1; {
			fetched := client.PollFetches(ctx)
			if errs := fetched.Errors(); len(errs) > 0 {
				client.Close()
				t.Fatalf("read %s: %v", topic, errs[0].Err)
			}
			for _, r := range fetched.Records() {
				last = r.Offset
				if !r.Attrs.IsControl() {
					list = append(list, r)
				}
			}
		}
		client.Close()
	}
	return list
}

func headerOf(r *kgo.Record, key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// stored is what a reader has that follows the rules: an event it knows is dropped.
// repeated counts those.
func stored(t *testing.T, list []*kgo.Record) (rows []connectortest.Stored, repeated int) {
	t.Helper()
	seen := map[string]bool{}
	put := func(id, op, delivery string) {
		if seen[id] {
			repeated++
			return
		}
		seen[id] = true
		guid, _, _ := strings.Cut(id, ":")
		rows = append(rows, connectortest.Stored{Delivery: delivery, GUID: uuid.MustParse(guid), Op: pipelines.Op(op[0])})
	}
	for _, r := range list {
		switch {
		case headerOf(r, HeaderRows) != "":
			for _, row := range arrowRows(t, r.Value) {
				put(row["_event_id"], row["_operation"], headerOf(r, HeaderDelivery))
			}
		case r.Value != nil:
			put(headerOf(r, HeaderEvent), headerOf(r, HeaderOperation), headerOf(r, HeaderDelivery))
		}
	}
	return rows, repeated
}

// arrowRows is the rows of an Arrow message as texts.
func arrowRows(t *testing.T, value []byte) []map[string]string {
	t.Helper()
	r, err := ipc.NewReader(strings.NewReader(string(value)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var rows []map[string]string
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			row := map[string]string{}
			for j, c := range rec.Columns() {
				row[rec.ColumnName(j)] = c.ValueStr(i)
			}
			rows = append(rows, row)
		}
	}
}

var acceptSchema = arrow.NewSchema([]arrow.Field{
	{Name: "source_id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "local_no", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "round", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "accepted_at", Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, Nullable: true},
	{Name: "accepted_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "urgent", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "tags", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
	{Name: "case_title", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

var acceptedAt = time.Date(2026, 11, 2, 1, 2, 3, 0, time.UTC)

// acceptRows is n rows; those in bad have a title no topic takes.
func acceptRows(n int, bad []int, alloc memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(alloc, acceptSchema)
	defer b.Release()
	for i := range n {
		b.Field(0).AppendNull()
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("GJJ-%d", i))
		b.Field(2).(*array.Int64Builder).Append(1)
		b.Field(3).(*array.TimestampBuilder).Append(arrow.Timestamp(acceptedAt.Unix() + int64(i)))
		b.Field(4).(*array.Date32Builder).Append(arrow.Date32FromTime(acceptedAt))
		b.Field(5).(*array.BooleanBuilder).Append(i%2 == 0)
		tags := b.Field(6).(*array.ListBuilder)
		tags.Append(true)
		tags.ValueBuilder().(*array.StringBuilder).AppendValues([]string{"公积金", "a\"b"}, nil)
		title := "公积金提取（张某）"
		if slices.Contains(bad, i) {
			title = noise(1200)
		}
		b.Field(7).(*array.StringBuilder).Append(title)
	}
	return b.NewRecord()
}

// noise is kilobytes of text that hardly compresses.
func noise(kilobytes int) string {
	var b strings.Builder
	for x := uint64(88172645463325252); b.Len() < kilobytes<<10; {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		fmt.Fprintf(&b, "%016x", x)
	}
	return b.String()
}

func deliveryOf(rec arrow.Record, topic string) *pipelines.Delivery {
	n := int(rec.NumRows())
	id := uuid.New()
	d := &pipelines.Delivery{ID: fmt.Sprintf("%x", id[:]), Table: topic, Time: time.Date(2026, 11, 2, 17, 2, 3, 0, time.UTC), Record: rec, Source: "gjj-core",
		GUIDs: make([][16]byte, n), Ops: make([]pipelines.Op, n), Versions: make([]uint32, n)}
	for i := range n {
		d.GUIDs[i], d.Ops[i], d.Versions[i] = uuid.New(), pipelines.OpInsert, 1
	}
	return d
}
