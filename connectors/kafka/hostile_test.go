package kafka

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/segmentio/kafka-go"

	"banjian/connectors/connectortest"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

const hostileBytes = "8000000" // what a topic of hostile messages takes

// hostileTopic is a topic with a message for each row.
func hostileTopic(t testing.TB, c *Connection, format string, rows []connectortest.HostileRow) string {
	t.Helper()
	name := topicWith(t, c, 1, kafka.ConfigEntry{ConfigName: "max.message.bytes", ConfigValue: hostileBytes})
	tr := &kafka.Transport{}
	defer tr.CloseIdleConnections()
	w := &kafka.Writer{Addr: c.Address(), Topic: name, RequiredAcks: kafka.RequireAll, BatchSize: 500, BatchBytes: 7 << 20, BatchTimeout: 1, Transport: tr, ReadTimeout: testkafka.Patience, WriteTimeout: testkafka.Patience}
	defer w.Close()
	var list []kafka.Message
	size := 0
	for i := range rows {
		m := connectortest.HostileMessage(format, &rows[i])
		list, size = append(list, kafka.Message{Value: m}), size+len(m)
		if len(list) == 500 || size > 1<<20 || i == len(rows)-1 {
			if err := w.WriteMessages(t.Context(), list...); err != nil {
				t.Fatal(err)
			}
			list, size = nil, 0
		}
	}
	return name
}

func hostileOptions(c *Connection, topic, format string) Options {
	o := Options{Cluster: c, Topic: topic, Format: format, Columns: connectortest.HostileColumns}
	if format == CSV {
		o.Fields = connectortest.HostileColumns
	}
	return o
}

// Every value of every class comes out of every format byte by byte; messages that are no
// UTF-8 are refused whole, see TestHostileMessagesAreRefusedOneByOne.
func TestHostileValuesAreReadAsTheyAre(t *testing.T) {
	for name, cluster := range map[string]func(testing.TB) *Connection{"in process": func(t testing.TB) *Connection { return fake(t) }, "a real broker": real} {
		for _, format := range []string{Debezium, JSON, CSV} {
			t.Run(format+" "+name, func(t *testing.T) {
				h := connectortest.HostileHarness{
					World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
						c := cluster(t)
						topic := hostileTopic(t, c, format, rows)
						return func(ctx context.Context, at pipelines.Position, n int, alloc memory.Allocator) (pipelines.Source, error) {
							o := hostileOptions(c, topic, format)
							o.BatchRows, o.Alloc = n, alloc
							return Open(ctx, o, at)
						}
					},
					Holds: func(_, v string) bool { return utf8.ValidString(v) },
				}
				if format == CSV {
					h.Reads = func(v *string) *string { // a field is never NULL
						if v == nil {
							v = new(string)
						}
						return v
					}
				}
				connectortest.HostileReads(t, h, 10_000)
			})
		}
	}
}

// A message that is no UTF-8 is one reject with its place, and the ones beside it are read.
func TestHostileMessagesAreRefusedOneByOne(t *testing.T) {
	rows := connectortest.Hostile(3000, 3000, 3)
	c := fake(t)
	for _, format := range []string{Debezium, JSON, CSV} {
		name := hostileTopic(t, c, format, rows)
		s, err := Open(t.Context(), hostileOptions(c, name, format), "")
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for {
			b, err := s.Read(t.Context())
			if err != nil {
				break
			}
			note := b.Record.Column(len(connectortest.HostileColumns) + 1)
			for i := range int(b.Record.NumRows()) {
				bad := false
				for _, cell := range rows[at].Cells {
					bad = bad || cell != nil && !utf8.ValidString(*cell)
				}
				if bad != note.IsValid(i) {
					t.Errorf("%s: message %d (%s): refused %t", format, at, rows[at].Class, note.IsValid(i))
				}
				at++
			}
			b.Record.Release()
		}
		s.Close()
		if at != len(rows) {
			t.Errorf("%s: %d messages of %d", format, at, len(rows))
		}
	}
}

func TestLinesOfFieldsAreReadAsTheyAre(t *testing.T) {
	o := Options{Format: CSV, Columns: []string{"a", "b"}, Fields: []string{"a", "b"}}
	for message, want := range map[string]string{
		"1,x":                 "1|x",
		"1,x\r\n":             "1|x",
		"1,x\n2,y\n":          "1|x\n2|y",
		"\n1,x\r\n\r\n2,\n\r": "1|x\n2|",
		"1,\"x\r\ny\"":        "1|x\r\ny",
		"1,\"a\"\"b,c\"\r\n":  "1|a\"b,c",
		"\"\",\"\"":           "|",
		",":                   "|",
		"1, x ":               "1| x ",
		"1,x\ry":              "1|x\ry",
		"":                    "#",
		"\n":                  "#",
		"1":                   "#0 not_the_format",
		"1,x,y":               "#0 not_the_format",
		"1,x\n2":              "#0 not_the_format",
		"1,x\"y":              "#0 not_the_format",
		"1,\"x\"y":            "#0 not_the_format",
		"1,\"x":               "#0 not_the_format",
		"1,\xB0":              "#0 not_the_format",
	} {
		if got := rowsOf(t, o, []byte(message)); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
	o.Separator = '；'
	if got := rowsOf(t, o, []byte("1；x,y")); got != "1|x,y" {
		t.Errorf("%q", got)
	}
}

// BenchmarkHostile decodes good messages alone, and with one bad one in a hundred among them.
func BenchmarkHostile(b *testing.B) {
	const good = 20000
	for _, format := range []string{Debezium, JSON, CSV} {
		for name, bad := range map[string]int{"clean": 0, "hostile": good / 100} {
			b.Run(format+"/"+name, func(b *testing.B) {
				o := hostileOptions(nil, "t", format).withDefaults()
				r, err := newRows(&o)
				if err != nil {
					b.Fatal(err)
				}
				d, err := o.decoder(r)
				if err != nil {
					b.Fatal(err)
				}
				rows := connectortest.Hostile(good, bad, 7)
				list := make([][]byte, len(rows))
				for i := range rows {
					list[i] = connectortest.HostileMessage(format, &rows[i])
				}
				for b.Loop() {
					s := &Source{o: o, rows: r, decoder: d, until: -1}
					for i, v := range list {
						s.waiting = append(s.waiting, message{offset: int64(i), value: v})
					}
					for len(s.waiting) > 0 {
						if err := s.take(b.Context()); err != nil {
							b.Fatal(err)
						}
						if r.n >= o.BatchRows || r.bytes >= o.BatchBytes {
							r.record().Release()
						}
					}
				}
				b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
