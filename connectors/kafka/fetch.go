package kafka

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/twmb/franz-go/pkg/kgo"
)

// message is one record of a partition; its value is valid until the next fetch.
type message struct {
	partition int
	offset    int64
	time      int64 // Unix milliseconds
	value     []byte
	tombstone bool
}

// fetched is what one look at a partition gave.
type fetched struct {
	messages []message
	next     int64 // offset to go on from, behind control records too
	end      int64 // of the partition; -1 = not told
	other    bool  // it goes on with what this feed cannot read: the other one can
}

// feed gives what a partition holds from an offset on. It waits for something to come,
// but not longer than wait.
type feed interface {
	fetch(ctx context.Context, at int64, wait time.Duration) (fetched, error)
	close()
}

// fetchBytes is how much is asked for at a time.
const fetchBytes = 4 << 20

// plainFeed reads through kafka-go, as long as nothing in the partition was written in
// transactions: it cannot tell what was aborted.
type plainFeed struct {
	o     *Options
	cl    *kafka.Client
	done  func()
	arena []byte
	list  []message
}

func (f *plainFeed) close() { f.done() }

func (f *plainFeed) fetch(ctx context.Context, at int64, wait time.Duration) (fetched, error) {
	// A broker that hangs is given up some time after it should have answered.
	ctx, cancel := context.WithTimeout(ctx, wait+requestPatience)
	defer cancel()
	res, err := f.cl.Fetch(ctx, &kafka.FetchRequest{Topic: f.o.Topic, Partition: f.o.Partition, Offset: at, MinBytes: 1, MaxBytes: fetchBytes, MaxWait: max(wait, time.Millisecond)})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		return fetched{}, f.o.Cluster.fault(err, "read partition", f.o.Topic)
	}
	out := fetched{next: at, end: res.HighWatermark}
	f.arena, f.list = f.arena[:0], f.list[:0]
	batches := []protocol.RecordReader{res.Records}
	if s, ok := res.Records.(*protocol.RecordStream); ok {
		batches = s.Records
	}
	for _, b := range batches {
		if inTransaction(b) {
			out.other = len(f.list) == 0 // what came before it is taken first
			break
		}
		if err := f.take(b, at); err != nil {
			return fetched{}, f.o.Cluster.fault(err, "read partition", f.o.Topic)
		}
	}
	f.settle()
	out.messages = f.list
	if n := len(f.list); n > 0 {
		out.next = f.list[n-1].offset + 1
	} else if _, some := res.Records.(*protocol.RecordStream); some && res.HighWatermark > at {
		out.other = true // a batch that compaction emptied: kafka-go does not say how far it went
	}
	return out, nil
}

// inTransaction says that a batch was written in a transaction, or ends one.
func inTransaction(b protocol.RecordReader) bool {
	switch b := b.(type) {
	case *protocol.ControlBatch:
		return true
	case *protocol.RecordBatch:
		return b.Attributes.Transactional()
	}
	return false
}

// take copies the records of a batch from an offset on. Values are cut from the arena by
// settle, once it does not move any more.
func (f *plainFeed) take(b protocol.RecordReader, from int64) error {
	for {
		r, err := b.ReadRecord()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Offset >= from {
			m := message{partition: f.o.Partition, offset: r.Offset, time: r.Time.UnixMilli(), tombstone: r.Value == nil}
			start := len(f.arena)
			if r.Value != nil {
				n := r.Value.Len()
				f.arena = append(f.arena, make([]byte, n)...)
				if _, err := io.ReadFull(r.Value, f.arena[start:]); err != nil {
					return err
				}
			}
			m.value = f.arena[start:len(f.arena)]
			f.list = append(f.list, m)
		}
		if r.Key != nil {
			_ = r.Key.Close() // memory, given back
		}
		if r.Value != nil {
			_ = r.Value.Close()
		}
	}
}

// settle points the values into the arena as it lies now.
func (f *plainFeed) settle() {
	at := 0
	for i := range f.list {
		n := len(f.list[i].value)
		f.list[i].value = f.arena[at : at+n : at+n]
		at += n
	}
}

// requestPatience is how long a broker may take over an answer beyond what it was asked
// to wait.
const requestPatience = 10 * time.Second

// committedFeed reads what transactions committed, through franz-go.
type committedFeed struct {
	o    *Options
	cl   *kgo.Client
	list []message
	at   int64
}

func newCommittedFeed(o *Options, at int64) (*committedFeed, error) {
	opts, err := o.Cluster.Options()
	if err != nil {
		return nil, err
	}
	opts = append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxPartitionBytes(fetchBytes), kgo.FetchMaxWait(longPoll), kgo.RetryTimeout(requestPatience),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{o.Topic: {int32(o.Partition): kgo.NewOffset().At(at)}}), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, o.Cluster.fault(err, "read partition", o.Topic)
	}
	return &committedFeed{o: o, cl: cl, at: at}, nil
}

func (f *committedFeed) close() { f.cl.Close() }

// fetch goes on where it was; at is always that place.
func (f *committedFeed) fetch(ctx context.Context, at int64, wait time.Duration) (fetched, error) {
	out := fetched{next: at, end: -1}
	waiting, cancel := context.WithTimeout(ctx, max(wait, time.Millisecond))
	defer cancel()
	got := f.cl.PollRecords(waiting, 16*1024)
	if err := ctx.Err(); err != nil {
		return out, err
	}
	f.list = f.list[:0]
	for _, e := range got.Errors() {
		if !errors.Is(e.Err, context.DeadlineExceeded) {
			return out, f.o.Cluster.fault(e.Err, "read partition", f.o.Topic)
		}
	}
	got.EachPartition(func(p kgo.FetchTopicPartition) {
		out.end = p.LastStableOffset
		for _, r := range p.Records {
			out.next = r.Offset + 1
			if !r.Attrs.IsControl() {
				f.list = append(f.list, message{partition: f.o.Partition, offset: r.Offset, time: r.Timestamp.UnixMilli(), value: r.Value, tombstone: r.Value == nil})
			}
		}
	})
	out.messages = f.list
	return out, nil
}
