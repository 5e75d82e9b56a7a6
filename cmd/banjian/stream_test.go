package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"banjian/internal/testkafka"
	"banjian/ledger"
	"banjian/ledger/sqlite"
)

const streamMapping = `mapping: my/materials
to: case/material
fields:
  local_no: slbh
  material_id: clbh
  material_name: clmc
  get_type: {const: upload}
  remark: {from: bz, clean: true}
`

const streamPipeline = `pipeline: materials
from: {connection: bus, source_id: gjj-bus, topic: TOPIC, format: debezium, key: [local_no, material_id], linger: 20ms}
mapping: my/materials
`

// streamed is a site with one pipeline that reads a topic.
type streamed struct {
	t     *testing.T
	dir   string
	w     *kafka.Writer
	topic string
}

func newStreamed(t *testing.T, brokers []string, topic string) *streamed {
	t.Helper()
	s := &streamed{t: t, dir: t.TempDir(), topic: topic}
	site := fmt.Sprintf("site: stream\nconnections:\n  bus: {kind: kafka, brokers: [%q]}\n", brokers[0])
	for name, data := range map[string]string{"banjian.yaml": site, "mappings/my/materials.yaml": streamMapping, "pipelines/materials.yaml": strings.ReplaceAll(streamPipeline, "TOPIC", topic)} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr := &kafka.Transport{}
	s.w = &kafka.Writer{Addr: kafka.TCP(brokers...), Topic: topic, Balancer: &kafka.Hash{}, BatchTimeout: time.Millisecond, RequiredAcks: kafka.RequireAll, Transport: tr, ReadTimeout: testkafka.Patience, WriteTimeout: testkafka.Patience}
	t.Cleanup(func() { s.w.Close(); tr.CloseIdleConnections() })
	return s
}

// inProcess is a site whose cluster is in this process, with a topic of three partitions.
func inProcess(t *testing.T) *streamed {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "cl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return newStreamed(t, c.ListenAddrs(), "cl")
}

// event is a change of one material; "" = none before, or after.
func (s *streamed) event(no, before, after string) {
	s.t.Helper()
	row := func(remark string) string {
		if remark == "" {
			return "null"
		}
		return fmt.Sprintf(`{"slbh":%q,"clbh":"1","clmc":"申请表","bz":%q}`, no, remark)
	}
	op := "u"
	switch {
	case before == "":
		op = "c"
	case after == "":
		op = "d"
	}
	s.raw(no, fmt.Sprintf(`{"before":%s,"after":%s,"op":%q}`, row(before), row(after), op))
}

func (s *streamed) raw(key, value string) {
	s.t.Helper()
	m := kafka.Message{Key: []byte(key), Value: []byte(value)}
	if value == "" {
		m.Value = nil
	}
	if err := s.w.WriteMessages(s.t.Context(), m); err != nil {
		s.t.Fatal(err)
	}
}

func (s *streamed) run(args ...string) (int, summary) {
	s.t.Helper()
	code, out, errOut := command(append([]string{"run", "materials", "--json", "--site", s.dir}, args...)...)
	var sum summary
	if err := json.Unmarshal([]byte(out), &sum); err != nil {
		s.t.Fatalf("exited %d: %v %s%s", code, err, out, errOut)
	}
	return code, sum
}

// alive is the materials the ledger has, as number=remark@version, in the order of their
// last change.
func (s *streamed) alive() string {
	s.t.Helper()
	store, err := sqlite.Open(s.t.Context(), filepath.Join(s.dir, "data", "ledger.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	var list []string
	for seq := int64(0); ; {
		e, err := store.Next(s.t.Context(), ledger.Stream{Source: "gjj-bus", Subject: "case/material"}, seq)
		if err != nil {
			s.t.Fatal(err)
		}
		if e == nil {
			return strings.Join(list, " ")
		}
		if seq = e.Seq; len(e.Payload) == 0 {
			continue // newer versions replaced all of it
		}
		rec, err := ledger.Decode(e.Payload, memory.DefaultAllocator)
		if err != nil {
			s.t.Fatal(err)
		}
		dead := map[int32]bool{}
		for _, d := range e.Dead {
			dead[d] = true
		}
		at := func(name string) int { return rec.Schema().FieldIndices(name)[0] }
		for i := range int(rec.NumRows()) {
			if !dead[int32(i)] && !rec.Column(at("_delete")).(*array.Boolean).Value(i) {
				list = append(list, fmt.Sprintf("%s=%s@%d", rec.Column(at("local_no")).(*array.String).Value(i), rec.Column(at("remark")).(*array.String).Value(i), rec.Column(at("_version")).(*array.Int64).Value(i)))
			}
		}
		rec.Release()
	}
}

func TestRunReadsATopicToItsEndAndGoesOnFromThere(t *testing.T) {
	s := inProcess(t)
	s.event("A", "", "x")
	s.event("A", "x", "y")
	s.event("A", "y", "z")
	s.raw("A", "no JSON")
	s.raw("A", "")
	if code, sum := s.run(); code != exitNews || sum.Read != 5 || sum.Collected != 3 || sum.Rejected != 1 || sum.Filtered != 1 || sum.Records != 1 || sum.Mode != "stream" {
		t.Errorf("exited %d: %+v", code, sum)
	}
	if got := s.alive(); got != "A=z@1" {
		t.Errorf("alive: %s", got)
	}
	s.event("A", "z", "")
	s.event("A", "", "z")
	s.event("B", "", "1")
	s.event("C", "", "1")
	s.event("C", "1", "")
	if code, sum := s.run(); code != exitDone || sum.Read != 5 || sum.Rejected != 0 {
		t.Errorf("exited %d: %+v", code, sum)
	}
	if got := s.alive(); got != "A=z@1 B=1@1" {
		t.Errorf("alive: %s", got)
	}
	s.event("A", "z", "")
	if _, sum := s.run(); sum.Read != 1 || sum.Deleted != 1 {
		t.Errorf("%+v", sum)
	}
	if _, sum := s.run(); sum.Read != 0 {
		t.Errorf("%+v", sum)
	}
	if got := s.alive(); got != "B=1@1" {
		t.Errorf("alive: %s", got)
	}
	_, out, _ := command("rejects", "list", "--site", s.dir, "--lang", "en")
	if !strings.Contains(out, "bad_message") || strings.Contains(out, "no JSON") {
		t.Errorf("rejects: %s", out)
	}
}

// Many databases log of a deleted row its key alone.
func TestADeleteNeedsTheKeyAlone(t *testing.T) {
	s := inProcess(t)
	gone := func(no string) {
		s.raw(no, fmt.Sprintf(`{"before":{"slbh":%q,"clbh":"1","clmc":null},"after":null,"op":"d"}`, no))
	}
	s.event("A", "", "x")
	s.event("B", "", "x")
	s.run()
	gone("A") // known
	s.event("C", "", "x")
	gone("C") // in the same batch
	gone("D") // never there
	s.event("B", "x", "y")
	gone("B")
	s.event("B", "", "z") // and back
	if code, sum := s.run(); code != exitDone || sum.Read != 7 || sum.Rejected != 0 || sum.Deleted != 1 || sum.Records != 2 {
		t.Errorf("exited %d: %+v", code, sum)
	}
	if got := s.alive(); got != "B=z@2" {
		t.Errorf("alive: %s", got)
	}
	s.event("A", "", "w")
	s.run()
	gone("A")
	gone("A")
	if _, sum := s.run(); sum.Read != 2 || sum.Deleted != 1 || sum.Rejected != 0 {
		t.Errorf("%+v", sum)
	}
}

// A batch is mapped while the one before it is being written: what the ledger says of a
// record is not yet what stands before the row.
func TestChangesOfOneRecordInBatchesThatFollowEachOtherAllCount(t *testing.T) {
	s := inProcess(t)
	s.edit("pipelines/materials.yaml", "linger: 20ms", "linger: 20ms, batch_rows: 1")
	var list []kafka.Message
	for k := range 100 {
		for _, e := range [][2]string{{"null", "x"}, {"x", "y"}, {"y", "x"}} {
			list = append(list, kafka.Message{Key: fmt.Append(nil, k), Value: fmt.Appendf(nil, `{"before":null,"after":{"slbh":"N%d","clbh":"1","clmc":"申请表","bz":%q},"op":"u"}`, k, e[1])})
		}
		if k%2 == 0 {
			list = append(list, kafka.Message{Key: fmt.Append(nil, k), Value: fmt.Appendf(nil, `{"before":{"slbh":"N%d","clbh":"1","clmc":"申请表","bz":"x"},"after":null,"op":"d"}`, k)})
		}
	}
	if err := s.w.WriteMessages(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	if code, sum := s.run(); code != exitDone || sum.Read != 350 || sum.Deleted != 50 || sum.Collected != 350 {
		t.Errorf("exited %d: %+v", code, sum)
	}
	if got := s.alive(); strings.Count(got, "=x@3") != 50 || strings.Count(got, "=") != 50 {
		t.Errorf("alive: %s", got)
	}
}

// output is what a command says while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// serving runs serve until the returned function is called.
func (s *streamed) serving() (stop func() string) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var out output
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, []string{"serve", "--site", s.dir, "--lang", "en"}, &out, &out) }()
	return sync.OnceValue(func() string {
		cancel()
		if code := <-ended; code != exitDone {
			s.t.Errorf("serve exited %d\n%s", code, out.String())
		}
		return out.String()
	})
}

// until waits for the ledger to hold what is wanted.
func (s *streamed) until(want string) {
	s.t.Helper()
	s.untilAlive(want, func(got string) bool { return got == want })
}

// untilAlive waits for what the ledger holds to be as wanted.
func (s *streamed) untilAlive(want string, is func(got string) bool) {
	s.t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(25 * time.Millisecond) {
		got := s.alive()
		if is(got) {
			return
		}
		if time.Now().After(until) {
			s.t.Fatalf("alive: %s, want %s", got, want)
		}
	}
}

func TestPreviewShowsRowsOfATopic(t *testing.T) {
	s := inProcess(t)
	for _, no := range []string{"A", "B", "C", "D", "E", "F"} { // at least one to the first partition
		s.raw(no, "no JSON")
		s.event(no, "", "x")
	}
	if code, out, errOut := command("preview", "materials", "--site", s.dir, "--lang", "en"); code != exitDone || !strings.Contains(out, "remark = “x”") {
		t.Errorf("exited %d: %s%s", code, out, errOut)
	}
}

func TestServeFollowsATopic(t *testing.T) {
	s := inProcess(t)
	s.run()
	stop := s.serving()
	defer stop()
	s.event("A", "", "x")
	s.until("A=x@1")
	s.event("A", "x", "y")
	s.event("B", "", "1")
	s.event("B", "1", "")
	s.until("A=y@2")
	said := stop()
	if strings.Contains(said, "error") {
		t.Errorf("serve says\n%s", said)
	}
	s.event("A", "y", "z")
	if code, sum := s.run(); code != exitDone || sum.Read != 1 {
		t.Errorf("exited %d: %+v", code, sum)
	}
	s.until("A=z@3")
}

// What is wrong with a record is what is wrong with its newest message, within a batch and
// over several, in one run and in the next.
func TestARejectLastsUntilALaterMessageOfTheKeyPasses(t *testing.T) {
	s := inProcess(t)
	bad := func(no, remark string) {
		s.raw(no, fmt.Sprintf(`{"before":null,"after":{"slbh":%q,"clbh":"1","clmc":null,"bz":%q},"op":"u"}`, no, remark))
	}
	open := func() string {
		t.Helper()
		_, out, _ := command("rejects", "list", "--site", s.dir, "--json")
		var list []string
		for line := range strings.Lines(out) {
			var r struct {
				Key   []string `json:"key"`
				State string   `json:"state"`
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if r.State == "open" {
				list = append(list, r.Key[0])
			}
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	bad("A", "1")
	s.event("A", "", "2")
	s.event("B", "", "1")
	bad("B", "2")
	bad("C", "1")
	bad("C", "2")
	if _, sum := s.run(); sum.Rejected != 4 || sum.Records != 2 {
		t.Errorf("%+v", sum)
	}
	if got := open(); got != "B C" {
		t.Errorf("open: %s", got)
	}
	if got := s.alive(); !strings.Contains(got, "A=2@1") || !strings.Contains(got, "B=1@1") {
		t.Errorf("alive: %s", got)
	}
	stop := s.serving()
	s.event("C", "", "3")
	s.untilAlive("C=3@1", func(got string) bool { return strings.Contains(got, "C=3@1") })
	bad("C", "4")
	for open() != "B C" {
		time.Sleep(20 * time.Millisecond)
	}
	s.event("C", "3", "5")
	s.event("B", "1", "")
	for open() != "" {
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if got := s.alive(); strings.Contains(got, "B=") || !strings.Contains(got, "C=5@2") {
		t.Errorf("alive: %s", got)
	}
}
