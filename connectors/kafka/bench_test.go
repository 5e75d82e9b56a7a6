package kafka

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
)

// event600 is a change event of some 600 bytes with twenty columns.
func event600(i int) []byte {
	row := func(remark string) string {
		return fmt.Sprintf(`{"id":%d,"slbh":"GJJ2603%09d","sxbm":"GJJ-TQ-0%d","sqr":"测试人","zjlx":"身份证","lxdh":"13800000000","sqsj":1767261600000,"slsj":1767265200000,"je":"%d.50","slzt":"1","bz":%q,"gxsj":1767265200000}`, i, i, i%9, i%9000, remark)
	}
	return fmt.Appendf(nil, `{"before":null,"after":%s,"source":{"version":"3.2.0.Final","connector":"mariadb","name":"dept","ts_ms":1767265200000,"snapshot":"false","db":"gjj","table":"ywsl","server_id":7,"file":"bin.000003","pos":%d,"row":0},"op":"c","ts_ms":1767265200123}`,
		row(strings.Repeat("备注", 26)), 1000+i*400)
}

var benchColumns = []string{"id", "slbh", "sxbm", "sqr", "zjlx", "lxdh", "sqsj", "slsj", "je", "slzt", "bz", "gxsj"}

// BenchmarkDecodeDebezium makes Arrow records of change events.
func BenchmarkDecodeDebezium(b *testing.B) {
	o := Options{Format: Debezium, Columns: benchColumns, Key: []string{"slbh"}, Times: map[string]string{"sqsj": "millis", "slsj": "millis", "gxsj": "millis"}}.withDefaults()
	r, err := newRows(&o)
	if err != nil {
		b.Fatal(err)
	}
	d, err := o.decoder(r)
	if err != nil {
		b.Fatal(err)
	}
	var list [][]byte
	for i := range o.BatchRows {
		list = append(list, event600(i))
	}
	b.SetBytes(int64(len(list[0])))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if v := d.decode(list[n%len(list)], r); v != taken {
			b.Fatal(v)
		}
		if n++; r.n == o.BatchRows {
			r.record().Release()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReadDebezium is the same from a broker, and BenchmarkCountBytes
// what a plain reader of kafka-go does that only counts bytes.
func BenchmarkReadDebezium(b *testing.B) {
	c, name, n := benchTopic(b)
	o := Options{Cluster: c, Topic: name, Format: Debezium, Columns: benchColumns, Key: []string{"slbh"}}
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		s, err := Open(b.Context(), o, "")
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := s.Read(b.Context())
			if err != nil {
				break
			}
			rows += int(batch.Record.NumRows())
			batch.Record.Release()
		}
		s.Close()
	}
	if rows != n*b.N {
		b.Fatalf("%d rows of %d", rows, n*b.N)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkCountBytes(b *testing.B) {
	c, name, n := benchTopic(b)
	read := 0
	for b.Loop() {
		r := kafka.NewReader(kafka.ReaderConfig{Brokers: c.Brokers, Topic: name, MaxBytes: fetchBytes})
		for i := range n {
			m, err := r.ReadMessage(b.Context())
			if err != nil || m.Offset != int64(i) {
				b.Fatal(m.Offset, err)
			}
			read++
		}
		r.Close()
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
}

func benchTopic(b *testing.B) (*Connection, string, int) {
	c := real(b)
	name := topic(b, c, 1)
	const n = 60000
	for at := 0; at < n; at += 2000 {
		var list [][]byte
		for i := range 2000 {
			list = append(list, event600(at+i))
		}
		put(b, c, name, list...)
	}
	return c, name, n
}
