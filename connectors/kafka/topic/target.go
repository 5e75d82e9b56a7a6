package topic

import (
	"context"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/segmentio/kafka-go"

	cluster "banjian/connectors/kafka"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Topic is where the records of one subject go.
type Topic struct {
	Name    string
	Subject string
	Key     []string // columns of the message's key; source_id and row_guid need not be in the record
}

// Create is how missing topics are made.
type Create struct{ Partitions, Replication int }

// Options is what a Target is made of.
type Options struct {
	Name        string // of the receiver, in faults and in the source of Debezium's messages
	Connection  cluster.Connection
	Topics      []Topic
	Format      Format
	Tombstones  bool    // a delete is followed by a message without a value
	MaxBytes    int     // of one message; 0 = what the topic takes
	Compression string  // none, gzip, snappy, lz4, zstd
	Create      *Create // nil: a missing topic is a Config fault
	ExactlyOnce bool
	Control     string         // with ExactlyOnce: the topic of batch numbers
	ID          string         // with ExactlyOnce: the receiver's transactional id, for ever
	Zone        *time.Location // of times in JSON; default UTC+8
	Patience    time.Duration  // how long one delivery may take; default 30 s
	Alloc       memory.Allocator
}

const (
	defaultPatience = 30 * time.Second
	mostKept        = 4096 // deliveries whose acknowledgement is remembered
)

// Target writes to topics. It is a pipelines.Target and a pipelines.RefusalKeeper; its
// methods may be called concurrently. Delivery.Table is the name of a topic.
type Target struct {
	opts      Options
	topics    map[string]*Topic
	client    *kafka.Client
	transport *kafka.Transport
	way       way

	mu       sync.Mutex
	places   map[string]*place
	closed   bool
	schemaMu sync.Mutex // of the schemas of places
}

var (
	_ pipelines.Target        = (*Target)(nil)
	_ pipelines.RefusalKeeper = (*Target)(nil)
)

// way is how messages are written and asked for: at least once or exactly once.
type way interface {
	// write sends all messages of a delivery, of which rows were refused.
	write(ctx context.Context, b *batch, list []message, refused []pipelines.Issue) error
	// arrived is what is known of a delivery that is there whole, nil of one that is not.
	arrived(ctx context.Context, id, topic string) (*arrival, error)
	close()
}

// arrival is a delivery that is there.
type arrival struct {
	rows    int
	refused map[[16]byte]pipelines.Issue
}

// NewTarget prepares the way to topics; nothing is dialled. Errors are Config.
func NewTarget(o Options) (*Target, error) {
	if o.Zone == nil {
		o.Zone = time.FixedZone("+08:00", 8*3600)
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if o.Alloc == nil {
		o.Alloc = memory.DefaultAllocator
	}
	transport, err := o.Connection.Transport()
	if err != nil {
		return nil, err
	}
	t := &Target{opts: o, transport: transport, topics: map[string]*Topic{}, places: map[string]*place{},
		client: &kafka.Client{Addr: o.Connection.Address(), Timeout: o.Patience, Transport: transport}}
	for i := range o.Topics {
		t.topics[o.Topics[i].Name] = &o.Topics[i]
	}
	t.way = &producer{target: t, acknowledged: map[string]*arrival{}}
	if o.ExactlyOnce {
		t.way = &transactions{target: t}
	}
	return t, nil
}

// Deliver writes every row that can be written. Rows whose message would be larger than
// the topic takes, and rows without a key, are refused. Once writing has begun ctx no
// longer ends it. Errors: Transient (nobody sees anything of it), Unknown (ask Arrived),
// Blocked, Config.
func (t *Target) Deliver(ctx context.Context, d *pipelines.Delivery) (pipelines.Receipt, error) {
	topic := t.topics[d.Table]
	if topic == nil {
		return pipelines.Receipt{}, fault.New(fault.Bug, "deliver to topic", t.where(d.Table), text.T("没有配置这个主题", "this topic is not configured"), text.Text{})
	}
	if err := t.ready(ctx); err != nil {
		return pipelines.Receipt{}, err
	}
	at, err := t.place(ctx, d.Table)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	cols, err := pipelines.CellsOf(d.Record, "encode message")
	if err != nil {
		return pipelines.Receipt{}, err
	}
	b := &batch{Delivery: d, topic: topic, cols: cols, zone: t.opts.Zone, name: t.opts.Name}
	list, refused, err := t.messages(b, at)
	receipt := pipelines.Receipt{Refused: refused}
	if err != nil || len(list) == 0 {
		return receipt, err
	}
	if err := t.ready(ctx); err != nil {
		return pipelines.Receipt{}, err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), t.opts.Patience)
	defer stop()
	if err := t.way.write(ctx, b, list, refused); err != nil {
		t.forget(d.Table)
		return receipt, err
	}
	return receipt, nil
}

// ready refuses what came too late.
func (t *Target) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Transient, "deliver to topic", t.opts.Name, text.T("上报被中止", "the delivery was stopped"), text.Text{})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return fault.New(fault.Bug, "deliver to topic", t.opts.Name, text.T("接收方已关闭", "the receiver is closed"), text.Text{})
	}
	return nil
}

// Arrived is how many rows of a delivery are there, none or all that were not refused.
// Without ExactlyOnce only acknowledgements this Target has seen count: of anything else it
// answers 0, so that the delivery goes again, which readers notice by its event ids.
func (t *Target) Arrived(ctx context.Context, id, table string) (int, error) {
	a, err := t.ask(ctx, id, table)
	if a == nil || err != nil {
		return 0, err
	}
	return a.rows, nil
}

// RefusedRows are the rows of a delivery that arrived without them, by row_guid.
func (t *Target) RefusedRows(ctx context.Context, id, table string) (map[[16]byte]pipelines.Issue, error) {
	a, err := t.ask(ctx, id, table)
	if a == nil || err != nil {
		return nil, err
	}
	return a.refused, nil
}

func (t *Target) ask(ctx context.Context, id, table string) (*arrival, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, t.opts.Patience)
	defer stop()
	return t.way.arrived(ctx, id, table)
}

// arrivalOf is what is remembered of a delivery that was written.
func arrivalOf(b *batch, refused []pipelines.Issue) *arrival {
	a := &arrival{rows: len(b.GUIDs) - len(refused)}
	if len(refused) > 0 {
		a.refused = make(map[[16]byte]pipelines.Issue, len(refused))
		for _, is := range refused {
			a.refused[b.GUIDs[is.Row]] = is
		}
	}
	return a
}

// Close ends the connections; deliveries after it fail.
func (t *Target) Close() error {
	t.mu.Lock()
	closed := t.closed
	t.closed = true
	t.mu.Unlock()
	if !closed {
		t.way.close()
		t.transport.CloseIdleConnections()
	}
	return nil
}
