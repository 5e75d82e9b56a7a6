package main

import (
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"banjian/connectors/connectortest"
)

// noUTF8 says that a row has bytes that no JSON can hold.
func noUTF8(r *connectortest.HostileRow) bool {
	return slices.ContainsFunc(r.Cells, func(c *string) bool { return c != nil && !utf8.ValidString(*c) })
}

// fileReader reads rows from a file, as a site does.
func fileReader(format string) hostileReader {
	r := hostileReader{name: format, site: func(_ *testing.T, rows []connectortest.HostileRow) map[string]string {
		return map[string]string{
			"banjian.yaml":           "site: 测试\nconnections:\n  bj: {kind: folder, path: drop, archive: done, rejected: broken}\n",
			"pipelines/hostile.yaml": fmt.Sprintf("pipeline: hostile\nfrom: {connection: bj, source_id: bj, files: \"*.%s\", settle: 0s, key: [local_no, round]}\nmapping: hostile/result\n", format),
			"drop/a." + format:       string(connectortest.HostileFile(format, rows)),
		}
	}}
	switch format {
	case "jsonl":
		r.whole = noUTF8
	case "xlsx":
		r.holds = utf8.ValidString // a workbook that is no XML is refused whole
	}
	return r
}

// topicReader reads rows from a topic, as a site does.
func topicReader(format string) hostileReader {
	return hostileReader{name: "kafka, " + format, whole: noUTF8, again: true, site: func(t *testing.T, rows []connectortest.HostileRow) map[string]string {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "bj"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "8000000"}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		tr := &kafka.Transport{}
		defer tr.CloseIdleConnections()
		w := &kafka.Writer{Addr: kafka.TCP(c.ListenAddrs()...), Topic: "bj", BatchBytes: 7 << 20, BatchTimeout: 1, Transport: tr}
		defer w.Close()
		for part := range slices.Chunk(rows, 200) {
			list := make([]kafka.Message, len(part))
			for i := range part {
				list[i].Value = connectortest.HostileMessage(format, &part[i])
			}
			if err := w.WriteMessages(t.Context(), list...); err != nil {
				t.Fatal(err)
			}
		}
		fields := ""
		if format == "csv" {
			for _, name := range connectortest.HostileColumns {
				fields += name + ", "
			}
			fields = ", fields: [" + fields[:len(fields)-2] + "]"
		}
		return map[string]string{
			"banjian.yaml":           fmt.Sprintf("site: 测试\nconnections:\n  bj: {kind: kafka, brokers: [%q]}\n", c.ListenAddrs()[0]),
			"pipelines/hostile.yaml": fmt.Sprintf("pipeline: hostile\nfrom: {connection: bj, source_id: bj, topic: bj, format: %s, key: [local_no, round]%s}\nmapping: hostile/result\n", format, fields),
		}
	}}
}
