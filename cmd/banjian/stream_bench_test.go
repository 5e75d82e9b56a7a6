package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"

	"banjian/internal/testkafka"
)

// BenchmarkStreamIntoLedger reads change events of some 600 bytes from a broker through a
// mapping into the ledger.
func BenchmarkStreamIntoLedger(b *testing.B) {
	broker := testkafka.Kafka(b)
	const events = 100_000
	topic := fmt.Sprintf("bench-%d", os.Getpid())
	broker.CreateTopic(b, topic, 2)
	w := &kafka.Writer{Addr: kafka.TCP(broker.Address), Topic: topic, BatchSize: 2000, Balancer: &kafka.Hash{}}
	for at := 0; at < events; at += 2000 {
		var list []kafka.Message
		for i := at; i < at+2000; i++ {
			no := fmt.Sprintf("GJJ2603%09d", i)
			list = append(list, kafka.Message{Key: []byte(no), Value: fmt.Appendf(nil, `{"before":null,"after":{"id":%d,"slbh":%q,"clbh":"1","clmc":"申请表","bz":"备注%d","more":%q},"source":{"version":"3.2.0.Final","connector":"mariadb","name":"dept","ts_ms":1767265200000,"snapshot":"false","db":"gjj","table":"cl","server_id":7,"file":"bin.000003","pos":%d,"row":0},"op":"c","ts_ms":1767265200123}`,
				i, no, i, strings.Repeat("x", 250), i)})
		}
		if err := w.WriteMessages(b.Context(), list...); err != nil {
			b.Fatal(err)
		}
	}
	w.Close()
	for b.Loop() {
		dir := b.TempDir()
		for name, data := range map[string]string{"banjian.yaml": fmt.Sprintf("site: bench\nconnections:\n  bus: {kind: kafka, brokers: [%q]}\n", broker.Address),
			"mappings/my/materials.yaml": streamMapping, "pipelines/materials.yaml": strings.ReplaceAll(streamPipeline, "TOPIC", topic)} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		if code, out, errOut := command("run", "materials", "--json", "--site", dir); code != exitDone {
			b.Fatal(out, errOut)
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}
