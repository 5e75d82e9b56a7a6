package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// provinced is a site that reads a topic and delivers to another one, in transactions.
func provinced(t *testing.T, profile string, made ...string) *streamed {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "cl"), kfake.SeedTopics(1, made...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s := newStreamed(t, c.ListenAddrs(), "cl")
	s.edit("banjian.yaml", "", "receivers:\n  province: {system: province, environment: test, kind: topic, connection: bus, profile: province}\n")
	s.edit("pipelines/materials.yaml", "", "deliver: [province]\n")
	s.edit("pipelines/receivers/province.yaml", "", profile)
	return s
}

// edit puts new in the place of old in a file of the site, at its end where old is empty.
func (s *streamed) edit(name, old, new string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	data, _ := os.ReadFile(path) // it may be a new one
	text := strings.Replace(string(data), old, new, 1)
	if old == "" {
		text = string(data) + new
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// delivered is what the only partition of a topic has: key, operation and value.
func (s *streamed) delivered(topic string, n int) []string {
	s.t.Helper()
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{s.w.Addr.String()}, Topic: topic, Partition: 0})
	defer r.Close()
	var list []string
	for len(list) < n {
		m, err := r.ReadMessage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		i := slices.IndexFunc(m.Headers, func(h kafka.Header) bool { return h.Key == "operation" })
		if i < 0 {
			continue // a marker of a transaction
		}
		list = append(list, fmt.Sprintf("%s %s %s", m.Key, m.Headers[i].Value, m.Value))
	}
	return list
}

const provinceProfile = `profile: province
title: 省数据总线
kind: topic
topics: {format: json, exactly_once: true, create: {partitions: 1, replication: 1}}
subjects:
  - {subject: case/material, topic: gov.case.material}
`

func TestRecordsGoToATopicAsTheyAre(t *testing.T) {
	s := provinced(t, provinceProfile)
	s.event("A1", "", "first")
	s.event("A2", "", "other")
	if code, sum := s.run(); code != exitDone || sum.Receivers["province"].Delivered != 2 {
		t.Fatalf("exited %d, %+v", code, sum)
	}
	s.event("A1", "first", "second")
	s.event("A2", "other", "")
	if code, sum := s.run(); code != exitDone || sum.Receivers["province"].Delivered != 2 {
		t.Fatalf("exited %d, %+v", code, sum)
	}
	got := s.delivered("gov.case.material", 4)
	for i, want := range []struct{ key, op, part string }{
		{"A1", "I", `"remark":"first"`}, {"A2", "I", `"remark":"other"`}, {"A1", "U", `"remark":"second"`}, {"A2", "D", `"__op":"d","__deleted":"true"`},
	} {
		key := fmt.Sprintf(`{"source_id":"gjj-bus","local_no":%q,"material_id":"1"}`, want.key)
		if !slices.ContainsFunc(got[i/2*2:i/2*2+2], func(m string) bool {
			return strings.HasPrefix(m, key+" "+want.op+" {") && strings.Contains(m, want.part) && strings.Contains(m, `"source_id":"gjj-bus"`)
		}) {
			t.Errorf("no message %s %s with %s among\n%s", key, want.op, want.part, strings.Join(got, "\n"))
		}
	}
	if code, out, errOut := command("status", "--site", s.dir); code == exitFailed || !strings.Contains(out, "province") {
		t.Errorf("status exited %d: %s%s", code, out, errOut)
	}
}

// Of every ten produce requests one is written, and answered as if it might not be.
func TestAnAcknowledgementLostOnEveryTenthProduceHasNoSecondEffect(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "cl", "gov.case.material"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s := newStreamed(t, c.ListenAddrs(), "cl")
	s.edit("banjian.yaml", "", "receivers:\n  province: {system: province, environment: test, kind: topic, connection: bus, profile: province}\n")
	s.edit("pipelines/materials.yaml", "", "deliver: [province]\n")
	s.edit("pipelines/materials.yaml", "linger: 20ms", "linger: 20ms, batch_rows: 10")
	s.edit("pipelines/receivers/province.yaml", "", provinceProfile)
	var calls atomic.Int64
	faults := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "gov.case.material", Err: kerr.NotEnoughReplicasAfterAppend, Count: -1,
		When: func(kmsg.Request) bool { return calls.Add(1)%10 == 0 }})
	const n = 400
	var list []kafka.Message
	for i := range n {
		list = append(list, kafka.Message{Key: fmt.Append(nil, i), Value: fmt.Appendf(nil, `{"before":null,"after":{"slbh":"N%d","clbh":"1","clmc":"申请表","bz":"x"},"op":"c"}`, i)})
	}
	if err := s.w.WriteMessages(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		code, _, _ := command("run", "materials", "--json", "--site", s.dir)
		if code == exitDone {
			break
		}
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("gov.case.material"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	seen, twice := map[string]bool{}, 0
	for len(seen) < n && t.Context().Err() == nil {
		cl.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
			if seen[string(r.Key)] {
				twice++
			}
			seen[string(r.Key)] = true
		})
	}
	if faults.Hits() == 0 || twice > 0 {
		t.Errorf("%d acknowledgements lost, %d of %d events twice", faults.Hits(), twice, len(seen))
	}
	t.Logf("%d acknowledgements lost, %d events, %d twice", faults.Hits(), len(seen), twice)
}

func TestATopicReceiversMistakesAreToldBeforeItRuns(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"format: json", "format: xml", "debezium, json, avro, arrow"},
		{"topic: gov.case.material", "topic: 'gov case'", "name of a topic"},
		{"topic: gov.case.material", "table: up_pro_material", "topic"},
		{"topic: gov.case.material", "topic: gov.case.material, key: [nonesuch]", "nonesuch"},
		{"topic: gov.case.material", "topic: banjian.control", "one subject"},
		{"create: {partitions: 1, replication: 1}", "max_bytes: 5", "max_bytes"},
		{"exactly_once: true", "control: c", "exactly_once"},
		{"kind: topic", "kind: exchange", "kind"},
	} {
		s := provinced(t, strings.Replace(provinceProfile, c.old, c.new, 1))
		if code, out, errOut := command("validate", "--lang", "en", "--site", s.dir); code == exitDone || !strings.Contains(out+errOut, c.want) {
			t.Errorf("%s: exited %d: %s%s", c.new, code, out, errOut)
		}
	}
}

func TestAMissingTopicStopsItsReceiverAlone(t *testing.T) {
	s := provinced(t, strings.Replace(provinceProfile, ", create: {partitions: 1, replication: 1}", "", 1), "banjian.control")
	s.event("A1", "", "first")
	code, sum := s.run()
	if r := sum.Receivers["province"]; code == exitDone || sum.Collected != 1 || r.Delivered != 0 || r.Pending != 1 {
		t.Errorf("exited %d, %+v", code, sum)
	}
}
