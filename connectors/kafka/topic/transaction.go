package topic

import (
	"context"
	"errors"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// transactions writes exactly once: a delivery is one transaction, in which its number goes
// to the control topic. Who reads committed records only sees all of it or nothing. The
// brokers know the receiver by its transactional id: whoever opens it last is the only one
// that can write, and before that what the one before left open is settled.
//
// One transaction is open at a time. After a commit that nobody answered the client is
// given up; the next one learns from the control topic whether the delivery is there.
type transactions struct {
	target *Target

	mu     sync.Mutex
	client *kgo.Client     // nil: not open
	known  map[string]page // by topic, what the control topic says; nil: not read
	doubts map[string]bool // deliveries nobody has asked for since their commit
}

// transactionPatience is how long the brokers wait for a transaction that was left open, as
// a multiple of a delivery's.
const transactionPatience = 2

var franzCodecs = map[string]kgo.CompressionCodec{"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

// open makes this process the receiver's only writer and reads what the control topic
// says. It is called with mu held.
func (x *transactions) open(ctx context.Context) error {
	if x.client != nil {
		return nil
	}
	o := &x.target.opts
	opts, err := o.Connection.Options()
	if err != nil {
		return err
	}
	codec, ok := franzCodecs[o.Compression]
	if !ok {
		codec = kgo.NoCompression()
	}
	opts = append(opts, kgo.TransactionalID(o.ID), kgo.TransactionTimeout(transactionPatience*o.Patience), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(0), kgo.RetryTimeout(o.Patience), kgo.ProducerBatchMaxBytesFn(x.most))
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return fault.Wrap(err, fault.Config, "open transactions", o.Name, text.T("Kafka 的连接写得不对", "the connection of the Kafka is not right"), text.Text{})
	}
	if _, _, err := client.ProducerID(ctx); err != nil {
		client.Close()
		return x.fault("open transactions", o.Control, err, fault.Transient)
	}
	if x.known, err = x.read(ctx); err != nil {
		client.Close()
		return err
	}
	x.client = client
	return nil
}

// most is the bytes a batch for a topic may have.
func (x *transactions) most(topic string) int32 {
	x.target.mu.Lock()
	defer x.target.mu.Unlock()
	if at := x.target.places[topic]; at != nil {
		return int32(at.limit + batchOverhead)
	}
	return defaultLimit
}

// giveUp leaves the client, and with it a transaction whose outcome may be open.
func (x *transactions) giveUp() {
	if x.client != nil {
		x.client.Close()
	}
	x.client, x.known = nil, nil
}

func (x *transactions) write(ctx context.Context, b *batch, list []message, refused []pipelines.Issue) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := fenceOf(b); err != nil { // before another's transaction is ended
		return err
	}
	if err := x.open(ctx); err != nil {
		return err
	}
	if x.known[b.Table].find(b.ID) != nil {
		return nil // an earlier attempt arrived
	}
	if err := x.client.BeginTransaction(); err != nil {
		x.giveUp()
		return x.fault("begin transaction", b.Table, err, fault.Transient)
	}
	next := x.known[b.Table].with(entryOf(b, refused), x.doubts)
	if err := x.fill(ctx, b, list, next); err != nil {
		return x.abort(ctx, b, err)
	}
	failpoint.Hit(failpoint.InDeliver)
	if err := fenceOf(b); err != nil {
		return x.abort(ctx, b, err)
	}
	if err := x.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		x.giveUp()
		if x.doubts == nil {
			x.doubts = map[string]bool{}
		}
		x.doubts[b.ID] = true
		return fault.Wrap(err, fault.Unknown, "commit transaction", x.target.where(b.Table), text.T("事务提交后没有应答", "the commit of the transaction was not answered"), text.Text{})
	}
	x.known[b.Table] = next
	return nil
}

func fenceOf(b *batch) error {
	if b.Fence == nil {
		return nil
	}
	return b.Fence()
}

// fill produces the messages and the delivery's number, and waits until all are there.
func (x *transactions) fill(ctx context.Context, b *batch, list []message, next page) error {
	var mu sync.Mutex
	var first error
	done := func(_ *kgo.Record, err error) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
	}
	for i := range list {
		m := &list[i] // its timestamp is when it is produced; see producer.produce
		r := &kgo.Record{Topic: b.Table, Partition: int32(m.partition), Key: m.key, Value: m.value, Headers: make([]kgo.RecordHeader, len(m.headers))}
		for j, h := range m.headers {
			r.Headers[j] = kgo.RecordHeader{Key: h.Key, Value: h.Value}
		}
		x.client.Produce(ctx, r, done)
	}
	control, err := x.record(ctx, b.Table, next)
	if err != nil {
		return err
	}
	x.client.Produce(ctx, control, done)
	if err := x.client.Flush(ctx); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	return first
}

// abort ends the transaction so that nobody sees anything of it. That it was begun and
// never committed is certain, whatever the brokers answer.
func (x *transactions) abort(ctx context.Context, b *batch, cause error) error {
	err := x.client.AbortBufferedRecords(ctx)
	if err == nil {
		err = x.client.EndTransaction(ctx, kgo.TryAbort)
	}
	if err != nil {
		x.giveUp()
	}
	return x.fault("write transaction", b.Table, cause, fault.Transient)
}

// arrived asks the control topic, unless this process has been the only writer since it
// was read.
func (x *transactions) arrived(ctx context.Context, id, topic string) (*arrival, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.open(ctx); err != nil {
		return nil, err
	}
	delete(x.doubts, id)
	e := x.known[topic].find(id)
	if e == nil {
		return nil, nil
	}
	return e.arrival(), nil
}

// fault classifies what franz-go says.
func (x *transactions) fault(op, topic string, err error, otherwise fault.Kind) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	var code *kerr.Error
	switch {
	case errors.Is(err, kerr.InvalidProducerEpoch), errors.Is(err, kerr.ProducerFenced):
		x.giveUp()
		return fault.Wrap(err, fault.Transient, op, x.target.where(topic), text.T("另一个进程接手了这个接收方的事务号", "another process took over the receiver's transactional id"), text.Text{})
	case errors.As(err, &code):
		return x.target.answer(op, topic, code.Code, err, otherwise)
	}
	return x.target.silence(op, topic, err, otherwise)
}

func (x *transactions) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.giveUp()
}
