package kafka

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"banjian/internal/testdb"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

func TestMain(m *testing.M) {
	code := testdb.Main(m)
	testkafka.Stop()
	os.Exit(code)
}

// fake is a cluster in this process.
func fake(t testing.TB, opts ...kfake.Opt) *Connection {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &Connection{Name: "fake", Brokers: c.ListenAddrs()}
}

// real is an Apache Kafka.
func real(t testing.TB) *Connection {
	t.Helper()
	return &Connection{Name: "real", Brokers: []string{testkafka.Kafka(t).Address}}
}

// own is an Apache Kafka that may be killed.
func own(t *testing.T) *testkafka.Broker {
	t.Helper()
	if _, err := testkafka.Jars(); err != nil {
		t.Skip("SKIPPED: ", err)
	}
	b, err := testkafka.StartBroker(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	return b
}

var topics atomic.Int64

// topic makes a topic of its own.
func topic(t testing.TB, c *Connection, partitions int) string {
	t.Helper()
	return topicWith(t, c, partitions)
}

func topicWith(t testing.TB, c *Connection, partitions int, config ...kafka.ConfigEntry) string {
	t.Helper()
	name := fmt.Sprintf("t%d-%d", os.Getpid(), topics.Add(1))
	cl, done, err := c.client()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	made, err := cl.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: name, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: config}}})
	if err == nil {
		err = made.Errors[name]
	}
	if err == nil {
		err = testkafka.AwaitLeaders(t.Context(), cl, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// put writes messages to partition 0; nil is a tombstone.
func put(t testing.TB, c *Connection, topic string, values ...[]byte) {
	t.Helper()
	putTo(t, c, topic, 0, values...)
}

func putTo(t testing.TB, c *Connection, topic string, partition int, values ...[]byte) {
	t.Helper()
	if len(values) == 0 {
		return
	}
	tr := &kafka.Transport{}
	defer tr.CloseIdleConnections()
	w := &kafka.Writer{Addr: c.Address(), Topic: topic, RequiredAcks: kafka.RequireAll, BatchSize: len(values), BatchTimeout: 1, Transport: tr, ReadTimeout: testkafka.Patience, WriteTimeout: testkafka.Patience,
		Balancer: kafka.BalancerFunc(func(kafka.Message, ...int) int { return partition })}
	defer w.Close()
	list := make([]kafka.Message, len(values))
	for i, v := range values {
		list[i] = kafka.Message{Key: []byte("k"), Value: v}
	}
	if err := w.WriteMessages(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

func texts(lines ...string) [][]byte {
	list := make([][]byte, len(lines))
	for i, l := range lines {
		if l != "" {
			list[i] = []byte(l)
		}
	}
	return list
}

// show is the rows of a record, one a line: values, "-" for one that was deleted, "#" and
// why for a message that is no row.
func show(rec arrow.Record) string {
	var lines []string
	n := int(rec.NumCols()) - 2
	gone, note := rec.Column(n).(*array.String), rec.Column(n+1).(*array.String)
	for row := range int(rec.NumRows()) {
		var cells []string
		for _, c := range rec.Columns()[:n] {
			if c.IsNull(row) {
				cells = append(cells, "∅")
			} else {
				cells = append(cells, c.(*array.String).Value(row))
			}
		}
		line := strings.Join(cells, "|")
		switch {
		case note.IsValid(row) && note.Value(row) == "":
			line = "#"
		case note.IsValid(row):
			u, _ := pipelines.UnpackUnread(note.Value(row))
			line = "#" + u.Args[2] + " " + u.Args[3]
		case gone.IsValid(row):
			line = "-" + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// rowsOf decodes messages without a cluster.
func rowsOf(t testing.TB, o Options, values ...[]byte) string {
	t.Helper()
	o = o.withDefaults()
	r, err := newRows(&o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := o.decoder(r)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{o: o, rows: r, decoder: d, until: -1}
	for i, v := range values {
		s.waiting = append(s.waiting, message{offset: int64(i), value: v, tombstone: v == nil})
	}
	for len(s.waiting) > 0 {
		if err := s.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	rec := r.record()
	defer rec.Release()
	return show(rec)
}

// readAll reads from a position to the end.
func readAll(t testing.TB, o Options, at pipelines.Position) (string, pipelines.Position) {
	t.Helper()
	s, err := Open(t.Context(), o, at)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var parts []string
	for {
		b, err := s.Read(context.Background())
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatal(err)
			}
			return strings.Join(parts, "\n"), at
		}
		parts, at = append(parts, show(b.Record)), b.Position
		b.Record.Release()
	}
}
