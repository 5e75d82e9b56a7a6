package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/connectors"
	source "banjian/connectors/kafka"
	"banjian/internal/testkafka"
	"banjian/internal/text"
	"banjian/pipelines"
)

const (
	streamTopic  = "bench"
	streamEvents = 300_000
	streamFetch  = 4 << 20 // what both sides ask for at a time
)

// streamPair is one round: three programs over the same messages.
type streamPair struct {
	Count  usage `json:"count"`  // a plain consumer of kafka-go that counts bytes
	Decode usage `json:"decode"` // the read side: events → Arrow batches, thrown away
	Ledger usage `json:"ledger"` // banjian run: events → mapping → checks → an empty ledger
}

// streamResult is events of a real broker.
type streamResult struct {
	Events  int            `json:"events"`
	Bytes   float64        `json:"event_bytes"`
	Pairs   []streamPair   `json:"pairs"`
	Latency *latencyResult `json:"latency"`
}

// bus is a broker and a site that reads it.
type bus struct {
	*world
	broker *testkafka.Broker
	site   string
}

// stream measures change events that lie in a Kafka.
func (w *world) stream(ctx context.Context, rounds int) (*streamResult, error) {
	if _, err := testkafka.Jars(); err != nil {
		w.say(text.F("流：没有 Kafka（%[1]v），不测", "streams: no Kafka (%[1]v), not measured", err))
		return nil, nil
	}
	data := filepath.Join(w.dir, "kafka")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	broker, err := testkafka.StartBroker(data)
	if err != nil {
		return nil, err
	}
	defer broker.Stop()
	b := &bus{world: w, broker: broker, site: filepath.Join(w.dir, "stream")}
	if err := b.layOut(); err != nil {
		return nil, err
	}
	res := &streamResult{Events: streamEvents}
	w.say(text.F("流：写 %d 条事件到 Kafka……", "streams: writing %d events to Kafka …", streamEvents))
	if res.Bytes, err = b.fill(ctx); err != nil {
		return nil, err
	}
	for range rounds {
		p, err := b.round(ctx)
		if err != nil {
			return nil, err
		}
		res.Pairs = append(res.Pairs, p)
		w.say(text.F("流：数字节 %.0f，解码 %.0f，进台账 %.0f 条/秒；CPU %.1f、%.1f、%.1f 微秒/条", "streams: counting %.0f, decoding %.0f, into the ledger %.0f events/s; CPU %.1f, %.1f, %.1f µs an event",
			p.Count.rate(), p.Decode.rate(), p.Ledger.rate(), p.Count.perMillion(p.Count.CPU), p.Decode.perMillion(p.Decode.CPU), p.Ledger.perMillion(p.Ledger.CPU)))
	}
	res.Latency, err = b.latency(ctx)
	return res, err
}

// layOut writes the site, with the broker's address.
func (b *bus) layOut() error {
	files, err := fs.Sub(siteFiles, "site/stream")
	if err != nil {
		return err
	}
	if err := os.CopyFS(b.site, files); err != nil {
		return err
	}
	path := filepath.Join(b.site, "banjian.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.Replace(data, []byte("127.0.0.1:9092"), []byte(b.broker.Address), 1), 0o644)
}

// streamEvent is a change event of some 600 bytes.
func streamEvent(n int) []byte {
	return fmt.Appendf(nil, `{"before":null,"after":{"id":%d,"slbh":"GJJ2603%09d","sxbm":"GJJ-TQ-0%d","sqr":"测试人","zjlx":"身份证","lxdh":"13800000000","sqsj":1767261600000,"slsj":1767265200000,"je":"%d.50","slzt":"1","bz":%q,"gxsj":1767265200000},"source":{"version":"3.2.0.Final","connector":"mariadb","name":"dept","ts_ms":1767265200000,"snapshot":"false","db":"gjj","table":"ywsl","server_id":7,"file":"bin.000003","pos":%d,"row":0},"op":"c","ts_ms":1767265200123}`,
		n, n, n%9, n%9000, strings.Repeat("备注", 26), 1000+n*400)
}

func (b *bus) createTopic(ctx context.Context, name string) error {
	t := &kafka.Transport{}
	defer t.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(b.broker.Address), Transport: t}
	made, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: name, NumPartitions: 1, ReplicationFactor: 1}}})
	if err == nil {
		err = made.Errors[name]
	}
	for range 100 {
		if err != nil {
			return err
		}
		fresh := &kafka.Transport{} // another one would remember that there was none
		m, ask := (&kafka.Client{Addr: kafka.TCP(b.broker.Address), Transport: fresh}).Metadata(ctx, &kafka.MetadataRequest{Topics: []string{name}})
		fresh.CloseIdleConnections()
		if err = ask; err == nil && len(m.Topics) == 1 && m.Topics[0].Error == nil && len(m.Topics[0].Partitions) == 1 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("topic %s was made and is not there", name)
}

// fill writes the events, and returns the mean size of one.
func (b *bus) fill(ctx context.Context) (float64, error) {
	if err := b.createTopic(ctx, streamTopic); err != nil {
		return 0, err
	}
	const atOnce = 1000
	w := &kafka.Writer{Addr: kafka.TCP(b.broker.Address), Topic: streamTopic, BatchSize: atOnce, BatchTimeout: time.Millisecond, RequiredAcks: kafka.RequireAll}
	defer w.Close()
	size := 0
	for n := 0; n < streamEvents; n += atOnce {
		list := make([]kafka.Message, atOnce)
		for i := range list {
			list[i].Value = streamEvent(n + i)
			size += len(list[i].Value)
		}
		if err := w.WriteMessages(ctx, list...); err != nil {
			return 0, err
		}
	}
	return float64(size) / streamEvents, nil
}

func (b *bus) round(ctx context.Context) (p streamPair, err error) {
	if p.Count, err = here(func() error { return b.count(ctx) }); err != nil {
		return p, err
	}
	if p.Decode, err = here(func() error { return b.decode(ctx) }); err != nil {
		return p, err
	}
	p.Ledger, err = b.collect(ctx)
	return p, err
}

// here is what all events took in this process.
func here(f func() error) (usage, error) {
	runtime.GC()
	before, start := ownCPU(), time.Now()
	err := f()
	return usage{Rows: streamEvents, Wall: time.Since(start).Seconds(), CPU: (ownCPU() - before).Seconds()}, err
}

// count reads every message as a program would that only counts bytes.
func (b *bus) count(ctx context.Context) error {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{b.broker.Address}, Topic: streamTopic, MinBytes: 1, MaxBytes: streamFetch, MaxWait: 100 * time.Millisecond, QueueCapacity: 1000})
	defer r.Close()
	size := 0
	for n := range int64(streamEvents) {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return err
		}
		if m.Offset != n {
			return fmt.Errorf("offset %d comes after %d events", m.Offset, n)
		}
		size += len(m.Value)
	}
	return nil
}

// decode reads them to Arrow batches.
func (b *bus) decode(ctx context.Context) error {
	s, err := connectors.OpenTopic(ctx, connectors.TopicOptions{Cluster: &source.Connection{Name: "bench", Brokers: []string{b.broker.Address}},
		From:    pipelines.From{Topic: streamTopic, Format: source.Debezium, Times: map[string]string{"sqsj": "millis", "slsj": "millis"}},
		Columns: []string{"id", "slbh", "sxbm", "sqr", "zjlx", "lxdh", "sqsj", "slsj", "slzt", "bz"}, Key: []string{"slbh"}}, "")
	if err != nil {
		return err
	}
	defer s.Close()
	for n := int64(0); ; {
		batch, err := s.Read(ctx)
		if errors.Is(err, io.EOF) && n == streamEvents {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after %d events: %w", n, err)
		}
		n += batch.Record.NumRows()
		batch.Record.Release()
	}
}

// collect runs the product once, into an empty ledger.
func (b *bus) collect(ctx context.Context) (usage, error) {
	if err := os.RemoveAll(filepath.Join(b.site, "data")); err != nil {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, b.banjian, "run", "bench-stream", "--json", "--site", b.site)
	cmd.Env = append(os.Environ(), "BANJIAN_BENCH_EXCHANGE="+b.dsn(exchangeDB))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	u, err := b.measure(streamEvents, cmd)
	if err != nil {
		return u, fmt.Errorf("%w: %s%s", err, errOut.String(), out.String())
	}
	var sum struct {
		Read      int `json:"read"`
		Collected int `json:"collected"`
	}
	if err := json.Unmarshal(out.Bytes(), &sum); err != nil || sum.Read != streamEvents || sum.Collected != streamEvents {
		return u, fmt.Errorf("%v: %s", err, out.Bytes())
	}
	return u, nil
}
