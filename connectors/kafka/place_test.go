package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"banjian/internal/fault"
	"banjian/pipelines"
)

func TestAPositionThatIsNoLongerThereIsAFault(t *testing.T) {
	c := real(t)
	name := topic(t, c, 1)
	put(t, c, name, texts(`{"id":1}`, `{"id":2}`, `{"id":3}`)...)
	o := Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}}
	at := func(offset int64) pipelines.Position { return Place{Topic: name, Offset: offset}.Position() }
	if got, _ := readAll(t, o, at(2)); got != "3" {
		t.Errorf("read %s", got)
	}
	other := Place{Topic: "other", Offset: 1}.Position()
	for what, p := range map[string]pipelines.Position{"behind the end": at(4), "of another topic": other, "of a view": `{"mark":"x"}`} {
		if _, err := Open(t.Context(), o, p); !fault.Is(err, fault.Gone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	deleteBefore(t, c, name, 2)
	if _, err := Open(t.Context(), o, at(1)); !fault.Is(err, fault.Gone) || fault.HintOf(err).IsZero() {
		t.Errorf("cleaned away: %v", err)
	}
	if got, _ := readAll(t, o, ""); got != "3" {
		t.Errorf("from the beginning: %s", got)
	}
}

func TestATopicThatIsNotThereIsAMistakeOfTheSite(t *testing.T) {
	c := fake(t)
	if _, err := c.Partitions(t.Context(), "nothing"); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
	away := &Connection{Brokers: []string{"127.0.0.1:1"}}
	if _, err := away.Partitions(t.Context(), "nothing"); !fault.Is(err, fault.Transient) {
		t.Error(err)
	}
}

func TestATopicIsBegunWhereThePipelineSays(t *testing.T) {
	c := fake(t)
	name := topic(t, c, 2)
	put(t, c, name, texts(`1`, `2`)...)
	later := time.Now().Add(time.Hour)
	for written, want := range map[string]int64{"": 0, "earliest": 0, "latest": 2, "2020-01-01": 0, later.Format(time.RFC3339): 2} {
		start, err := ParseStart(written, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		spans, err := c.Spans(t.Context(), name, start)
		if err != nil || len(spans) != 2 || spans[0].Offset != want || spans[0].End != 2 || spans[1].Offset != 0 {
			t.Errorf("%q: %+v %v", written, spans, err)
		}
	}
	if _, err := ParseStart("yesterday", time.UTC); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
}

func TestABrokerThatIsKilledIsAFaultThatPasses(t *testing.T) {
	// A broker of this test's own: others go on with theirs.
	b := own(t)
	c := &Connection{Brokers: []string{b.Address}}
	name := topic(t, c, 1)
	put(t, c, name, texts(`{"id":1}`)...)
	o := Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}, Follow: true}
	s, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first.Record.Release()
	b.Kill9(t)
	if _, err := s.Read(t.Context()); !fault.Is(err, fault.Transient) {
		t.Errorf("killed: %v", err)
	}
	b.Restart(t)
	put(t, c, name, texts(`{"id":2}`)...)
	o.Follow = false
	if got, _ := readAll(t, o, first.Position); got != "2" {
		t.Errorf("went on with %s", got)
	}
}

// deleteBefore drops the messages of partition 0 before an offset, as retention would.
func deleteBefore(t *testing.T, c *Connection, topic string, offset int64) {
	t.Helper()
	opts, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	req := kmsg.NewPtrDeleteRecordsRequest()
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Offset = offset
	req.Topics = []kmsg.DeleteRecordsRequestTopic{{Topic: topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part}}}
	if _, err := req.RequestWith(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	cl, done, err := c.client()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	first, _, err := bounds(t.Context(), &Options{Cluster: c, Topic: topic}, cl)
	if err != nil || first != offset {
		t.Fatalf("the partition begins at %d: %v", first, err)
	}
}
