package kafka

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/pipelines"
)

// Group is one member of a consumer group, which shares the partitions of a topic out
// among its members. It is a pipelines.Member.
type Group struct {
	cluster *Connection
	topic   string
	group   *kafka.ConsumerGroup
}

// How soon the group notices a member that is gone, and a partition that is new.
const (
	sessionTimeout = 15 * time.Second
	heartbeat      = time.Second
	partitionWatch = 10 * time.Second
	joinAgain      = time.Second
	commitEvery    = time.Second // of what others are shown
)

// Join joins a group. Its members' committed offsets are shown to others and never read.
func (c *Connection) Join(ctx context.Context, group, topic string) (*Group, error) {
	d, err := c.Dialer()
	if err != nil {
		return nil, err
	}
	g, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: group, Brokers: c.Brokers, Dialer: d, Topics: []string{topic}, StartOffset: kafka.FirstOffset,
		HeartbeatInterval: heartbeat, SessionTimeout: sessionTimeout, RebalanceTimeout: sessionTimeout, JoinGroupBackoff: joinAgain,
		WatchPartitionChanges: true, PartitionWatchInterval: partitionWatch, Timeout: dialTimeout})
	if err != nil {
		return nil, c.fault(err, "join group", group)
	}
	return &Group{cluster: c, topic: topic, group: g}, nil
}

// Next waits for the partitions this member is to read. The share before it has been
// returned by then.
func (g *Group) Next(ctx context.Context) (pipelines.Share, error) {
	gen, err := g.group.Next(ctx)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, g.cluster.fault(err, "join group", g.topic)
	}
	s := &share{gen: gen, topic: g.topic, done: make(chan struct{}), returned: make(chan struct{}), newest: map[int]int64{}, shown: time.Now()}
	for _, a := range gen.Assignments[g.topic] {
		s.parts = append(s.parts, a.ID)
	}
	slices.Sort(s.parts)
	// A generation lasts until everything started under it has ended: the group hands
	// nothing over before.
	gen.Start(func(ctx context.Context) {
		<-ctx.Done()
		close(s.done)
		<-s.returned
	})
	return s, nil
}

// Close leaves the group. Shares must have been returned.
func (g *Group) Close() error { return g.group.Close() }

// share is the partitions of one generation.
type share struct {
	gen      *kafka.Generation
	topic    string
	parts    []int
	done     chan struct{}
	returned chan struct{}
	once     sync.Once

	mu     sync.Mutex
	newest map[int]int64 // offsets not shown yet
	shown  time.Time
}

func (s *share) Parts() []int          { return s.parts }
func (s *share) Done() <-chan struct{} { return s.done }

// Show tells the group how far a partition was read, now and then.
func (s *share) Show(part int, at pipelines.Position) {
	p, err := ReadPlace(at)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest[part] = p.Offset
	if time.Since(s.shown) >= commitEvery {
		s.show()
	}
}

// show is best effort; s.mu is held.
func (s *share) show() {
	if len(s.newest) > 0 {
		_ = s.gen.CommitOffsets(map[string]map[int]int64{s.topic: s.newest}) // the ledger has them
	}
	s.newest, s.shown = map[int]int64{}, time.Now()
}

// Return gives the partitions back.
func (s *share) Return() {
	s.once.Do(func() {
		s.mu.Lock()
		s.show()
		s.mu.Unlock()
		close(s.returned)
	})
}
