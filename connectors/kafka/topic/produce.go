package topic

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// producer writes at least once: one request for each partition and as many bytes as the
// topic takes, acknowledged by all replicas in sync, and none of them tried twice, so that
// every outcome nobody knows is told. There is no queue behind it.
type producer struct {
	target *Target

	mu           sync.Mutex
	acknowledged map[string]*arrival
	order        []string
}

var codecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}

// mostAtOnce is how many requests of one delivery are under way together.
const mostAtOnce = 8

func (p *producer) write(ctx context.Context, b *batch, list []message, refused []pipelines.Issue) error {
	if b.Fence != nil {
		if err := b.Fence(); err != nil {
			return err
		}
	}
	failpoint.Hit(failpoint.InDeliver)
	byPartition := map[int][]message{}
	for _, m := range list {
		byPartition[m.partition] = append(byPartition[m.partition], m)
	}
	at, err := p.target.place(ctx, b.Table)
	if err != nil {
		return err
	}
	var group errgroup.Group // a failure of one leaves the others be: the outcome is unknown either way
	group.SetLimit(mostAtOnce)
	for partition, messages := range byPartition {
		group.Go(func() error {
			for len(messages) > 0 {
				n := fitting(messages, at.limit)
				if err := p.produce(ctx, b, partition, messages[:n]); err != nil {
					return err
				}
				messages = messages[n:]
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	p.remember(b.ID, arrivalOf(b, refused))
	return nil
}

// fitting is how many messages go into one request.
func fitting(list []message, limit int) int {
	size, n := list[0].size(), 1
	for n < len(list) {
		if size += list[n].size(); size > limit {
			break
		}
		n++
	}
	return n
}

// notWritten are answers that say that nothing was written, and that it may go better soon.
var notWritten = []kafka.Error{kafka.LeaderNotAvailable, kafka.NotLeaderForPartition, kafka.NotEnoughReplicas}

func (p *producer) produce(ctx context.Context, b *batch, partition int, list []message) error {
	records := make([]kafka.Record, len(list))
	now := time.Now() // not when the batch was frozen: brokers delete by this time what is past the topic's retention
	for i, m := range list {
		records[i] = kafka.Record{Time: now, Key: bytesOf(m.key), Value: bytesOf(m.value), Headers: m.headers}
	}
	res, err := backoff.Retry(ctx, func() (*kafka.ProduceResponse, error) {
		res, err := p.target.client.Produce(ctx, &kafka.ProduceRequest{Topic: b.Table, Partition: partition, RequiredAcks: kafka.RequireAll,
			Records: kafka.NewRecordReader(records...), Compression: codecs[p.target.opts.Compression]})
		if err == nil {
			err = res.Error
		}
		var code kafka.Error
		if err != nil && !(errors.As(err, &code) && slices.Contains(notWritten, code)) {
			err = backoff.Permanent(err)
		}
		return res, err
	}, backoff.WithBackOff(backoff.NewExponentialBackOff()), backoff.WithMaxElapsedTime(0))
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Err
	}
	if err == nil && len(res.RecordErrors) > 0 {
		err = fault.New(fault.Unknown, "write to topic", p.target.where(b.Table), text.F("Kafka 拒收 %d 条消息", "the Kafka refused %d messages", len(res.RecordErrors)), text.Text{})
	}
	if err != nil {
		return p.target.fault("write to topic", b.Table, err, fault.Unknown)
	}
	return nil
}

// bytesOf keeps nil nil: a tombstone.
func bytesOf(b []byte) kafka.Bytes {
	if b == nil {
		return nil
	}
	return kafka.NewBytes(b)
}

// remember keeps the acknowledgement for as long as the ledger may ask for it.
func (p *producer) remember(id string, a *arrival) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.acknowledged[id] == nil {
		p.order = append(p.order, id)
	}
	p.acknowledged[id] = a
	if len(p.order) > mostKept {
		delete(p.acknowledged, p.order[0])
		p.order = p.order[1:]
	}
}

func (p *producer) arrived(_ context.Context, id, _ string) (*arrival, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acknowledged[id], nil
}

func (p *producer) close() {}
