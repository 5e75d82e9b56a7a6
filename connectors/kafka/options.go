package kafka

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Formats of messages.
const (
	Debezium = "debezium" // JSON, with or without its schema, or Avro with a registry
	Canal    = "canal"    // flat messages
	Maxwell  = "maxwell"
	JSON     = "json" // an object, or an array of objects
	Avro     = "avro" // records in Confluent's wire format
	CSV      = "csv"
)

// Options say which partition is read and how.
type Options struct {
	Cluster   *Connection
	Topic     string
	Partition int
	Format    string
	Table     string   // other tables' changes are left out: table, or database.table; empty = all are read
	Columns   []string // source columns, in the order of the record
	Key       []string // of these, those that feed the natural key: an update of them is a delete and an insert
	Fields    []string // CSV: the names of the fields
	Separator rune     // CSV; 0 = comma
	Deleted   *pipelines.SoftDelete
	Times     map[string]string // columns whose numbers are times: date, millis, micros or nanos

	Follow     bool          // wait for more; otherwise read to the end as it is at Open
	Linger     time.Duration // how long a batch waits to be filled; 0 = DefaultLinger
	BatchRows  int           // 0 = pipelines.DefaultBatchRows
	BatchBytes int64         // 0 = pipelines.DefaultBatchSize
	Limit      int64         // rows a run reads at most, the message in hand to its end; 0 = all there are
	Alloc      memory.Allocator
}

// DefaultLinger is how long a batch waits to be filled once it has a row.
const DefaultLinger = 100 * time.Millisecond

func (o Options) withDefaults() Options {
	if o.Linger == 0 {
		o.Linger = DefaultLinger
	}
	if o.BatchRows <= 0 {
		o.BatchRows = pipelines.DefaultBatchRows
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = pipelines.DefaultBatchSize
	}
	if o.Alloc == nil {
		o.Alloc = memory.DefaultAllocator
	}
	if o.Separator == 0 {
		o.Separator = ','
	}
	return o
}

// decoder turns messages into rows.
type decoder interface {
	// decode adds the rows of one message, or says why it has none. What it added before
	// it failed is taken back by the caller.
	decode(value []byte, to *rows) verdict
}

// preparer is a decoder that must know something of a message before it decodes it. Faults:
// what keeps it from knowing; a message that nothing is known of is no fault.
type preparer interface {
	prepare(ctx context.Context, value []byte) error
}

// marker is a decoder that recognises changes told again.
type marker interface {
	mark() Mark
	from(Mark)
	replayed() *replays
}

func (o *Options) decoder(r *rows) (decoder, error) {
	r.layout.tells = o.Format != JSON && o.Format != CSV
	switch o.Format {
	case Debezium:
		d := &debezium{layout: r.layout, table: tableOf(o.Table)}
		d.avro = newAvroMessages(o, r.layout, d)
		return d, nil
	case Canal:
		return &canal{layout: r.layout, table: tableOf(o.Table)}, nil
	case Maxwell:
		return &maxwell{layout: r.layout, table: tableOf(o.Table)}, nil
	case JSON:
		return &plainJSON{layout: r.layout}, nil
	case Avro:
		return newAvroMessages(o, r.layout, nil), nil
	case CSV:
		return newPlainCSV(o, r.layout), nil
	}
	return nil, fault.New(fault.Config, "open topic", o.Topic, text.F("格式 %q 不认识", "format %q is not known", o.Format), text.T("用 debezium、canal、maxwell、json、avro 或 csv", "use debezium, canal, maxwell, json, avro or csv"))
}
