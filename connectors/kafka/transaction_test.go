package kafka

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/internal/testkafka"
)

// transact writes messages in a transaction, and commits or aborts it.
func transact(t *testing.T, c *Connection, name string, commit kgo.TransactionEndTry, values ...string) {
	t.Helper()
	opts, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(append(opts, kgo.TransactionalID(name+"-writer"), kgo.DefaultProduceTopic(name), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cl.EndTransaction(t.Context(), commit); err != nil {
		t.Fatal(err)
	}
	awaitMark(t, c, name)
}

// awaitMark waits until partition 0 says how its last transaction ended: a broker that answered
// its client tells the partitions a moment later.
func awaitMark(t *testing.T, c *Connection, name string) {
	t.Helper()
	cl, done, err := c.client()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	end := func(level kafka.IsolationLevel) int64 {
		res, err := cl.ListOffsets(t.Context(), &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{name: {kafka.LastOffsetOf(0)}}, IsolationLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		return res.Topics[name][0].LastOffset
	}
	for until := time.Now().Add(testkafka.Patience); end(kafka.ReadCommitted) < end(kafka.ReadUncommitted); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("a transaction does not end")
		}
	}
}

// aborted is a topic with plain messages, and committed and aborted transactions.
func aborted(t *testing.T, c *Connection) string {
	name := topic(t, c, 1)
	put(t, c, name, texts(`{"id":1}`, `{"id":2}`)...)
	transact(t, c, name, kgo.TryAbort, `{"id":91}`, `{"id":92}`)
	transact(t, c, name, kgo.TryCommit, `{"id":3}`, `{"id":4}`)
	put(t, c, name, texts(`{"id":5}`)...)
	transact(t, c, name, kgo.TryAbort, `{"id":93}`)
	return name
}

func testTransactions(t *testing.T, c *Connection) {
	name := aborted(t, c)
	o := Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}, BatchRows: 1}
	got, at := readAll(t, o, "")
	if got != "1\n2\n3\n4\n5" {
		t.Fatalf("read %s", strings.ReplaceAll(got, "\n", " "))
	}
	put(t, c, name, texts(`{"id":6}`)...)
	transact(t, c, name, kgo.TryCommit, `{"id":7}`)
	if got, at = readAll(t, o, at); got != "6\n7" {
		t.Errorf("went on with %s", strings.ReplaceAll(got, "\n", " "))
	}
	if got, _ = readAll(t, o, at); got != "" {
		t.Errorf("read again %s", got)
	}
}

func TestOfTransactionsOnlyWhatWasCommittedIsRead(t *testing.T) { testTransactions(t, real(t)) }

func TestOfTransactionsOnlyWhatWasCommittedIsReadInProcess(t *testing.T) {
	testTransactions(t, fake(t))
}

func TestAFollowerChangesItsReaderAtTheFirstTransaction(t *testing.T) {
	c := real(t)
	name := topic(t, c, 1)
	put(t, c, name, texts(`{"id":1}`)...)
	s, err := Open(t.Context(), Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}, Follow: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	next := func() string {
		t.Helper()
		b, err := s.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Record.Release()
		return show(b.Record)
	}
	got := next()
	transact(t, c, name, kgo.TryAbort, `{"id":9}`)
	transact(t, c, name, kgo.TryCommit, `{"id":2}`)
	got += " " + next()
	if got != "1 2" {
		t.Errorf("read %s", got)
	}
	if _, plain := s.feed.(*plainFeed); plain {
		t.Errorf("%T cannot tell aborted records", s.feed)
	}
}
