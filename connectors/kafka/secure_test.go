package kafka

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/internal/fault"
	"banjian/internal/testkafka"
)

// A real broker over TLS lets in who has the right password, by either client; nobody gets
// in with another one, and no broker is trusted whose certificate is somebody else's.
func TestABrokerIsReachedOverTLSByEveryMechanism(t *testing.T) {
	s := testkafka.StartSecure(t)
	as := func(mechanism, password string) *Connection {
		return &Connection{Name: "bus", Brokers: []string{s.Address}, TLS: true, CAFile: s.CAFile, Mechanism: mechanism, User: s.User, Password: func() (string, error) { return password, nil }}
	}
	for _, mechanism := range Mechanisms {
		c := as(mechanism, s.Password)
		name := topic(t, c, 1)
		secureWrite(t, c, name, `{"id":1}`)
		transact(t, c, name, kgo.TryCommit, `{"id":2}`)
		if got, _ := readAll(t, Options{Cluster: c, Topic: name, Format: JSON, Columns: []string{"id"}}, ""); got != "1\n2" {
			t.Errorf("%s: read %q", mechanism, got)
		}
		g, err := c.Join(t.Context(), "secure-"+mechanism, name)
		if err != nil {
			t.Fatal(err)
		}
		share, err := g.Next(t.Context())
		for range 100 { // the broker has to make the topic of groups first
			if !fault.Is(err, fault.Transient) {
				break
			}
			share, err = g.Next(t.Context())
		}
		if err != nil || len(share.Parts()) != 1 {
			t.Fatalf("%s: %v", mechanism, err)
		}
		share.Return()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if _, err := as(mechanism, "wrong").Partitions(t.Context(), name); !fault.Is(err, fault.Blocked) {
			t.Errorf("%s with a wrong password: %v", mechanism, err)
		}
	}
	stranger := as(Mechanisms[1], s.Password)
	stranger.CAFile = ""
	if _, err := stranger.Partitions(t.Context(), "t"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a broker nobody vouches for: %v", err)
	}
	renamed := as(Mechanisms[1], s.Password)
	renamed.ServerName = "another.example"
	if _, err := renamed.Partitions(t.Context(), "t"); err == nil {
		t.Error("a broker with another name is trusted")
	}
	empty := as(Mechanisms[1], s.Password)
	empty.CAFile = filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(empty.CAFile, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Partitions(t.Context(), "t"); !fault.Is(err, fault.Config) {
		t.Errorf("a ca_file without a certificate: %v", err)
	}
}

func secureWrite(t *testing.T, c *Connection, name string, values ...string) {
	t.Helper()
	tr, err := c.Transport()
	if err != nil {
		t.Fatal(err)
	}
	defer tr.CloseIdleConnections()
	w := &kafka.Writer{Addr: c.Address(), Topic: name, Transport: tr, RequiredAcks: kafka.RequireAll, BatchTimeout: 1, ReadTimeout: testkafka.Patience, WriteTimeout: testkafka.Patience}
	defer w.Close()
	for _, v := range values {
		if err := w.WriteMessages(t.Context(), kafka.Message{Value: []byte(v)}); err != nil {
			t.Fatal(err)
		}
	}
}

// Batches compressed by either client in every way a broker knows are read by both readers.
func TestEveryCompressionOfABrokerIsRead(t *testing.T) {
	c := real(t)
	for name, codecs := range map[string]struct {
		plain kafka.Compression
		franz kgo.CompressionCodec
	}{"gzip": {kafka.Gzip, kgo.GzipCompression()}, "snappy": {kafka.Snappy, kgo.SnappyCompression()}, "lz4": {kafka.Lz4, kgo.Lz4Compression()}, "zstd": {kafka.Zstd, kgo.ZstdCompression()}} {
		at := topic(t, c, 1)
		var want []string
		write := func(n int) (list []kafka.Message) {
			for i := range 200 {
				v := fmt.Sprint(n + i)
				want = append(want, v)
				list = append(list, kafka.Message{Value: fmt.Appendf(nil, `{"id":%s,"more":%q}`, v, strings.Repeat("备注", 40))})
			}
			return list
		}
		tr := &kafka.Transport{}
		w := &kafka.Writer{Addr: c.Address(), Topic: at, Transport: tr, Compression: codecs.plain, BatchSize: 200, BatchTimeout: 1, RequiredAcks: kafka.RequireAll, ReadTimeout: testkafka.Patience, WriteTimeout: testkafka.Patience}
		if err := w.WriteMessages(t.Context(), write(1000)...); err != nil {
			t.Fatal(err)
		}
		w.Close()
		tr.CloseIdleConnections()
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.Brokers...), kgo.DefaultProduceTopic(at), kgo.ProducerBatchCompression(codecs.franz))
		if err != nil {
			t.Fatal(err)
		}
		var records []*kgo.Record
		for _, m := range write(2000) {
			records = append(records, &kgo.Record{Value: m.Value})
		}
		if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		cl.Close()
		o := Options{Cluster: c, Topic: at, Format: JSON, Columns: []string{"id"}}
		if got, _ := readAll(t, o, ""); got != strings.Join(want, "\n") {
			t.Errorf("%s: %d characters are read, %d were written", name, len(got), len(strings.Join(want, "\n")))
		}
		transact(t, c, at, kgo.TryCommit, `{"id":3000}`)
		if got, _ := readAll(t, o, Place{Topic: at, Offset: 150}.Position()); got != strings.Join(append(want[150:], "3000"), "\n") {
			t.Errorf("%s, from the middle of a batch and through a transaction: %d characters", name, len(got))
		}
	}
}
