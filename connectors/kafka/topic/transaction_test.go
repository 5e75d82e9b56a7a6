package topic

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cenkalti/backoff/v5"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"banjian/internal/fault"
	"banjian/internal/testkafka"
	"banjian/pipelines"
)

// settle delivers as the ledger does: after a transient failure again, after an unknown
// outcome when nothing has arrived. It says how often it was in doubt.
func settle(t *testing.T, target *Target, d *pipelines.Delivery) (doubts int) {
	t.Helper()
	inDoubt := false
	_, err := backoff.Retry(t.Context(), func() (struct{}, error) {
		if inDoubt {
			n, err := target.Arrived(t.Context(), d.ID, d.Table)
			if err != nil || n == len(d.GUIDs) {
				return struct{}{}, err
			}
			if n != 0 {
				return struct{}{}, backoff.Permanent(fmt.Errorf("%d of %d rows arrived", n, len(d.GUIDs)))
			}
		}
		_, err := target.Deliver(t.Context(), d)
		inDoubt = fault.Is(err, fault.Unknown)
		if inDoubt {
			doubts++
		} else if err != nil && !fault.Is(err, fault.Transient) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(10*time.Millisecond)), backoff.WithMaxElapsedTime(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return doubts
}

// deliveries settles n deliveries of rows each and returns the events sent and the doubts.
func deliveries(t *testing.T, target *Target, topic string, n, rows int, between func(i int)) (sent map[string]bool, doubts int) {
	t.Helper()
	sent = map[string]bool{}
	for i := range n {
		rec := acceptRows(rows, nil, memory.DefaultAllocator)
		d := deliveryOf(rec, topic)
		doubts += settle(t, target, d)
		rec.Release()
		for row := range d.GUIDs {
			sent[(&event{&batch{Delivery: d}, row}).id()] = true
		}
		if between != nil {
			between(i)
		}
	}
	return sent, doubts
}

// wantEvents checks that a reader that drops events it knows has exactly those sent, and
// says how many it dropped.
func wantEvents(t *testing.T, list []*kgo.Record, sent map[string]bool) (repeated int) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range list {
		id := headerOf(r, HeaderEvent)
		if !sent[id] {
			t.Fatalf("event %s was never sent", id)
		}
		if seen[id] {
			repeated++
		}
		seen[id] = true
	}
	if len(seen) != len(sent) {
		ends := map[int32]int64{}
		for _, r := range list {
			ends[r.Partition] = max(ends[r.Partition], r.Offset+1)
		}
		t.Errorf("%d of %d events are there; partitions end at %v", len(seen), len(sent), ends)
	}
	return repeated
}

func TestAnAcknowledgementLostOnEveryTenthProduce(t *testing.T) {
	for _, once := range []bool{false, true} {
		t.Run(fmt.Sprintf("exactly_once=%t", once), func(t *testing.T) {
			topic := freshName("lost")
			b := fakeBrokers(t, topic)
			target := b.target(t, topic, func(o *Options) { o.ExactlyOnce = once })
			var calls atomic.Int64
			faults := b.fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.NotEnoughReplicasAfterAppend, Count: -1,
				When: func(kmsg.Request) bool { return calls.Add(1)%10 == 0 }})
			sent, doubts := deliveries(t, target, topic, 60, 20, nil)
			level := kgo.ReadUncommitted()
			if once {
				level = kgo.ReadCommitted()
			}
			repeated := wantEvents(t, b.records(t, topic, level), sent)
			t.Logf("%d events, %d acknowledgements lost, %d outcomes in doubt, %d events twice", len(sent), faults.Hits(), doubts, repeated)
			switch {
			case faults.Hits() == 0:
				t.Error("no acknowledgement was lost")
			case once && repeated > 0:
				t.Error("who reads committed messages only sees events twice")
			case !once && repeated == 0:
				t.Error("nothing was sent again: the test tests nothing")
			}
		})
	}
}

func TestABrokerKilledInBetweenLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: a broker is killed four times")
	}
	server := testkafka.Kafka(t)
	for _, once := range []bool{false, true} {
		t.Run(fmt.Sprintf("exactly_once=%t", once), func(t *testing.T) {
			topic := freshName("killed")
			b := realBrokers(t, topic)
			target := b.target(t, topic, func(o *Options) { o.ExactlyOnce = once })
			const n = 120
			var killer sync.WaitGroup
			sent, doubts := deliveries(t, target, topic, n, 50, func(i int) {
				if i == n/3 || i == 2*n/3 {
					killer.Wait()
					killer.Go(func() { // while the next ones are under way
						server.Kill9(t)
						server.Restart(t)
					})
				}
			})
			killer.Wait()
			level := kgo.ReadUncommitted()
			if once {
				level = kgo.ReadCommitted()
			}
			list := b.records(t, topic, level)
			for tries := 0; tries < 160 && len(list) < len(sent); tries++ { // a broker just restarted may not show all it has at once
				time.Sleep(250 * time.Millisecond)
				list = b.records(t, topic, level)
			}
			repeated := wantEvents(t, list, sent)
			t.Logf("%d events, %d outcomes in doubt, %d events twice", len(sent), doubts, repeated)
			if once && repeated > 0 {
				t.Error("who reads committed messages only sees events twice")
			}
		})
	}
}

// muteListener closes its connections instead of answering while mute says so.
type muteListener struct {
	net.Listener
	mute *atomic.Bool
}

func (l muteListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return muteConn{c, l.mute}, err
}

type muteConn struct {
	net.Conn
	mute *atomic.Bool
}

func (c muteConn) Write(b []byte) (int, error) {
	if c.mute.Load() {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

func TestACommitNobodyAnsweredIsAskedFor(t *testing.T) {
	for _, there := range []bool{true, false} {
		t.Run(fmt.Sprintf("committed=%t", there), func(t *testing.T) {
			const topic = "commit"
			var mute atomic.Bool
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic, controlTopic), kfake.ListenFn(func(network, address string) (net.Listener, error) {
				l, err := net.Listen(network, address)
				return muteListener{l, &mute}, err
			}))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			b := brokers{c.ListenAddrs(), c}
			target := b.target(t, topic, func(o *Options) { o.ExactlyOnce, o.Patience = true, 2*time.Second })
			rec := acceptRows(10, nil, memory.DefaultAllocator)
			defer rec.Release()
			d := deliveryOf(rec, topic)
			trouble := kfake.Fault{Keys: []kmsg.Key{kmsg.EndTxn}, TopLevel: true, Count: -1, Observe: there,
				When: func(kmsg.Request) bool { mute.Store(there); return true }}
			faults := c.Fault(trouble)
			if _, err := target.Deliver(t.Context(), d); !fault.Is(err, fault.Unknown) {
				t.Fatalf("Deliver answered %v, want Unknown", err)
			}
			faults.Remove()
			mute.Store(false)
			n, err := target.Arrived(t.Context(), d.ID, d.Table)
			if err != nil || (n == 10) != there || n != 0 && n != 10 {
				t.Fatalf("%d rows arrived, %v; committed: %t", n, err, there)
			}
			settle(t, target, d) // again, whatever was said
			if got := len(b.records(t, topic, kgo.ReadCommitted())); got != 10 {
				t.Errorf("%d messages are there", got)
			}
		})
	}
}

func TestAnotherProcessKnowsWhatArrivedAndWhatWasRefused(t *testing.T) {
	for name, start := range map[string]func(*testing.T, ...string) brokers{"Fake": fakeBrokers, "Real": realBrokers} {
		t.Run(name, func(t *testing.T) {
			topic := freshName("handover")
			b := start(t, topic)
			open := func() *Target { return b.target(t, topic, func(o *Options) { o.ExactlyOnce = true }) }
			rec := acceptRows(5, []int{3}, memory.DefaultAllocator)
			defer rec.Release()
			d := deliveryOf(rec, topic)
			if _, err := open().Deliver(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			next := open()
			n, err := next.Arrived(t.Context(), d.ID, d.Table)
			if n != 4 || err != nil {
				t.Errorf("%d rows arrived, %v", n, err)
			}
			refused, err := next.RefusedRows(t.Context(), d.ID, d.Table)
			if is := refused[d.GUIDs[3]]; err != nil || len(refused) != 1 || is.Rule != RuleTooLarge || len(is.Args) != 2 {
				t.Errorf("refused %v, %v", refused, err)
			}
			if _, err := next.Deliver(t.Context(), d); err != nil {
				t.Error(err)
			}
			if got := len(b.records(t, topic, kgo.ReadCommitted())); got != 4 {
				t.Errorf("%d messages after it was delivered again, want 4", got)
			}
		})
	}
}

func TestAProcessThatLostItsLeaseWritesNothing(t *testing.T) {
	topic := freshName("fenced")
	b := fakeBrokers(t, topic)
	open := func() *Target { return b.target(t, topic, func(o *Options) { o.ExactlyOnce = true }) }
	old, current := open(), open()
	deliver := func(target *Target, fence error) error {
		rec := acceptRows(1, nil, memory.DefaultAllocator)
		defer rec.Release()
		d := deliveryOf(rec, topic)
		d.Fence = func() error { return fence }
		_, err := target.Deliver(t.Context(), d)
		return err
	}
	lost := errors.New("the lease ran out")
	if err := deliver(old, nil); err != nil {
		t.Fatal(err)
	}
	if err := deliver(current, nil); err != nil {
		t.Fatal(err)
	}
	if err := deliver(old, lost); !errors.Is(err, lost) {
		t.Errorf("the old one: %v", err)
	}
	if err := deliver(current, nil); err != nil {
		t.Errorf("the current one was put out by an old one without a lease: %v", err)
	}
	// The lease runs out between the two questions: the brokers refuse the old one.
	if err := deliver(old, nil); !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Unknown) {
		t.Errorf("the old one: %v", err)
	}
	if got := len(b.records(t, topic, kgo.ReadCommitted())); got != 3 {
		t.Errorf("%d messages are there, want 3", got)
	}
}

func TestAPageKeepsWhatIsInDoubt(t *testing.T) {
	var p page
	for i := range 100 {
		p = p.with(entry{ID: fmt.Sprint(i)}, map[string]bool{"5": true})
	}
	if len(p.Batches) != mostEntries || p.find("5") == nil || p.find("99") == nil || p.find("6") != nil {
		t.Errorf("%d entries, %+v", len(p.Batches), p)
	}
}
