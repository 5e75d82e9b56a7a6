package kafka

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Source is one run over a partition. It is a pipelines.Source.
type Source struct {
	o      Options
	cancel context.CancelFunc
	life   context.Context // ends with Close

	mu      sync.Mutex // held by Read; Close waits for it
	feed    feed
	rows    *rows
	decoder decoder
	waiting []message // fetched and not taken
	next    int64     // to fetch from
	place   Place
	until   int64           // where to end; -1: never
	bound   pipelines.Bound // of --limit
	err     error

	drifts  sync.Mutex
	drifted []pipelines.Drift // guarded by drifts
}

var (
	_ pipelines.Source  = (*Source)(nil)
	_ pipelines.Drifter = (*Source)(nil)
	_ pipelines.Cutter  = (*Source)(nil)
)

// longPoll is how long an empty partition is watched with one request.
const longPoll = 500 * time.Millisecond

// Open begins a run at a position that an earlier run left; empty is the first message
// there is. Faults: Gone (the position is not in the partition, or of another one), Config
// (no such topic), Blocked (login, rights), Transient.
func Open(ctx context.Context, o Options, at pipelines.Position) (*Source, error) {
	o = o.withDefaults()
	s := &Source{o: o, place: Place{Topic: o.Topic, Partition: o.Partition}, until: -1, bound: pipelines.Bound{Most: o.Limit}}
	if at != "" {
		p, err := ReadPlace(at)
		if err != nil {
			return nil, err
		}
		if p.Topic != o.Topic || p.Partition != o.Partition {
			return nil, fault.New(fault.Gone, "open partition", o.where(), text.F("保存的位置是 %s/%d 的", "the stored position is of %s/%d", p.Topic, p.Partition), lostHint)
		}
		s.place = p
	}
	var err error
	if s.rows, err = newRows(&s.o); err != nil {
		return nil, err
	}
	if s.decoder, err = s.o.decoder(s.rows); err != nil {
		return nil, err
	}
	if d, ok := s.decoder.(marker); ok {
		d.from(s.place.Mark)
	}
	cl, done, err := o.Cluster.client()
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, cl, at == ""); err != nil {
		done()
		return nil, err
	}
	s.feed = &plainFeed{o: &s.o, cl: cl, done: done}
	s.life, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// begin looks where the partition begins and ends.
func (s *Source) begin(ctx context.Context, cl *kafka.Client, fresh bool) error {
	first, end, err := bounds(ctx, &s.o, cl)
	if err != nil {
		return err
	}
	if fresh {
		s.place.Offset = first
	}
	if s.place.Offset < first || s.place.Offset > end {
		return s.o.gone(s.place.Offset, first, end)
	}
	s.next, s.place.End = s.place.Offset, end
	if !s.o.Follow {
		s.until = end
	}
	return nil
}

// bounds is the offset of the first message, and the one behind the last that is
// committed.
func bounds(ctx context.Context, o *Options, cl *kafka.Client) (first, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	for _, ask := range []struct {
		request kafka.OffsetRequest
		to      *int64
	}{{kafka.FirstOffsetOf(o.Partition), &first}, {kafka.LastOffsetOf(o.Partition), &end}} {
		got, err := offsetsOf(ctx, o.Cluster, cl, o.Topic, ask.request)
		if err != nil {
			return 0, 0, err
		}
		*ask.to = max(got[0].FirstOffset, got[0].LastOffset)
	}
	return first, end, nil
}

func offsetsOf(ctx context.Context, c *Connection, cl *kafka.Client, topic string, ask ...kafka.OffsetRequest) ([]kafka.PartitionOffsets, error) {
	res, err := cl.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: ask}, IsolationLevel: kafka.ReadCommitted})
	if err != nil {
		return nil, c.fault(err, "ask for offsets", topic)
	}
	list := res.Topics[topic]
	for _, p := range list {
		if p.Error != nil {
			return nil, c.fault(p.Error, "ask for offsets", topic)
		}
	}
	if len(list) != len(ask) {
		return nil, c.fault(kafka.UnknownTopicOrPartition, "ask for offsets", topic)
	}
	return list, nil
}

// Read returns the next batch. See pipelines.Source.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.life, cancel)
	defer stop()
	b, err := s.batch(ctx)
	if err != nil {
		s.err = err
		s.shut()
	}
	return b, err
}

func (s *Source) batch(ctx context.Context) (pipelines.Batch, error) {
	if s.bound.Reached() {
		return pipelines.Batch{}, io.EOF
	}
	var full time.Time // when the batch is given although it has room
	for s.rows.n < s.bound.Room(s.o.BatchRows) && s.rows.bytes < s.o.BatchBytes {
		if err := ctx.Err(); err != nil {
			return pipelines.Batch{}, s.because(err)
		}
		if len(s.waiting) > 0 {
			if err := s.take(ctx); err != nil {
				if s.rows.n > 0 {
					break // what was read is given first; the next Read meets the fault again
				}
				return pipelines.Batch{}, s.because(err)
			}
			if full.IsZero() {
				full = time.Now().Add(s.o.Linger)
			}
			continue
		}
		if s.until >= 0 && s.next >= s.until {
			if s.rows.n == 0 {
				return pipelines.Batch{}, io.EOF
			}
			break
		}
		wait := longPoll
		if s.rows.n > 0 {
			if wait = time.Until(full); wait <= 0 {
				break
			}
		}
		if err := s.fetch(ctx, wait); err != nil {
			if s.rows.n > 0 {
				break // what was read is given first; the next Read meets the fault again
			}
			return pipelines.Batch{}, s.because(err)
		}
	}
	size := s.rows.bytes
	s.bound.Gave(s.rows.n)
	if d, ok := s.decoder.(marker); ok {
		s.place.Mark = d.mark()
	}
	return pipelines.Batch{Record: s.rows.record(), Position: s.place.Position(), Bytes: max(size, 1)}, nil
}

// Cut says that messages are left that were not allowed. See pipelines.Cutter.
func (s *Source) Cut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound.Reached() && (s.until < 0 || s.place.Offset < s.until)
}

// take makes rows of the next message, and moves behind it; with an error it does not.
func (s *Source) take(ctx context.Context) error {
	m := &s.waiting[0]
	if s.until >= 0 && m.offset >= s.until {
		s.waiting, s.next = nil, s.until
		return nil
	}
	s.rows.at = *m
	v, before := skipped, s.rows.here()
	if d, needs := s.decoder.(preparer); needs && !m.tombstone {
		if err := d.prepare(ctx, m.value); err != nil {
			return err
		}
	}
	if !m.tombstone {
		v = s.decoder.decode(m.value, s.rows)
	}
	if v == doubtful {
		if err := s.lookBack(ctx, s.decoder.(marker).replayed(), m.offset); err != nil {
			return err
		}
		v = s.decoder.decode(m.value, s.rows)
	}
	if v != taken {
		s.rows.backTo(before)
		s.rows.other(v, s.o.Topic)
	} else if len(s.rows.fresh) > 0 {
		s.drift()
	}
	s.rows.fresh = s.rows.fresh[:0]
	s.place.Offset, s.place.Time = m.offset+1, m.time
	s.waiting = s.waiting[1:]
	return nil
}

// drift notes columns that a message has and those before it had not.
func (s *Source) drift() {
	s.rows.seen()
	if len(s.rows.added) == 0 {
		return
	}
	s.drifts.Lock()
	defer s.drifts.Unlock()
	for _, name := range s.rows.added {
		s.drifted = append(s.drifted, pipelines.Drift{What: text.F("新增列 %s", "column %s was added", name)})
	}
	s.rows.added = nil
}

// Drifted is the columns that were added since it was last asked. See pipelines.Drifter.
func (s *Source) Drifted() []pipelines.Drift {
	s.drifts.Lock()
	defer s.drifts.Unlock()
	list := s.drifted
	s.drifted = nil
	return list
}

// fetch asks for more. At the first batch that was written in a transaction the feed
// changes, and stays so.
func (s *Source) fetch(ctx context.Context, wait time.Duration) error {
	got, err := s.feed.fetch(ctx, s.next, wait)
	if err != nil {
		return err
	}
	if got.other {
		f, err := newCommittedFeed(&s.o, s.next)
		if err != nil {
			return err
		}
		s.feed.close()
		s.feed = f
		return nil
	}
	s.waiting, s.next = got.messages, got.next
	if got.end >= 0 {
		s.place.End = got.end
	}
	return nil
}

// because tells a stop that was asked for from a fault.
func (s *Source) because(err error) error {
	if s.life.Err() != nil {
		return errClosed
	}
	return err
}

var errClosed = fault.New(fault.Transient, "read partition", "", text.T("来源已关闭", "the source is closed"), text.Text{})

// Commit is a hint a partition has no use for: its group is told by the share.
func (s *Source) Commit(context.Context, pipelines.Position) error { return nil }

// Close ends a Read that waits, and gives the connections back. It may be called again.
func (s *Source) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errClosed
	}
	s.shut()
	return nil
}

func (s *Source) shut() {
	if s.feed != nil {
		s.feed.close()
		s.feed = nil
	}
}
