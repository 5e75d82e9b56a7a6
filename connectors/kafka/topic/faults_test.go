package topic

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	cluster "banjian/connectors/kafka"
	"banjian/internal/fault"
	"banjian/pipelines"
)

func TestAMissingTopicIsAFaultAndNotMade(t *testing.T) {
	for name, start := range map[string]func(*testing.T, ...string) brokers{"Fake": fakeBrokers, "Real": realBrokers} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			topic := freshName("missing")
			o := Options{Name: "province", Connection: cluster.Connection{Brokers: b.address}, Format: JSON, Topics: []Topic{{Name: topic, Subject: "case/accept", Key: []string{"local_no"}}}}
			target, err := NewTarget(o)
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			for range 2 { // asking does not make it
				if err := target.Check(t.Context()); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
					t.Errorf("Check: %v", err)
				}
			}
			rec := acceptRows(1, nil, memory.DefaultAllocator)
			defer rec.Release()
			if _, err := target.Deliver(t.Context(), deliveryOf(rec, topic)); !fault.Is(err, fault.Config) {
				t.Errorf("Deliver: %v", err)
			}
			o.Create = &Create{Partitions: 2, Replication: 1}
			made, err := NewTarget(o)
			if err != nil {
				t.Fatal(err)
			}
			defer made.Close()
			if err := made.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			settle(t, made, deliveryOf(rec, topic))
		})
	}
}

func TestADeleteIsFollowedByATombstoneOfItsKey(t *testing.T) {
	for _, once := range []bool{false, true} {
		topic := freshName("tombstones")
		b := fakeBrokers(t, topic)
		target := b.target(t, topic, func(o *Options) { o.Tombstones, o.ExactlyOnce = true, once })
		rec := acceptRows(1, nil, memory.DefaultAllocator)
		d := deliveryOf(rec, topic)
		d.Ops[0] = pipelines.OpDelete
		settle(t, target, d)
		rec.Release()
		list := b.records(t, topic, kgo.ReadCommitted())
		if len(list) != 2 || list[0].Value == nil || list[1].Value != nil || string(list[0].Key) != string(list[1].Key) || list[0].Partition != list[1].Partition {
			t.Errorf("messages %v", list)
		}
	}
}

func TestRefusalsStopTheReceiver(t *testing.T) {
	target, err := NewTarget(Options{Name: "province"})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for code, want := range map[kafka.Error]fault.Kind{kafka.SASLAuthenticationFailed: fault.Blocked, kafka.TopicAuthorizationFailed: fault.Blocked, kafka.TransactionalIDAuthorizationFailed: fault.Blocked,
		kafka.MessageSizeTooLarge: fault.Config, kafka.NotEnoughReplicasAfterAppend: fault.Unknown, kafka.RequestTimedOut: fault.Unknown} {
		if err := target.fault("write", "t", fmt.Errorf("wrapped: %w", code), fault.Unknown); !fault.Is(err, want) {
			t.Errorf("%v is a %s fault, want %s", code, fault.KindOf(err), want)
		}
	}
}

func TestOnlyTheRightPasswordGetsIn(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.SeedTopics(1, "t", controlTopic), kfake.Superuser("SCRAM-SHA-256", "banjian", "right"), kfake.Superuser("PLAIN", "plain", "right"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, s := range []struct {
		mechanism, user, password string
		in                        bool
	}{{"scram-sha-256", "banjian", "right", true}, {"scram-sha-256", "banjian", "wrong", false}, {"plain", "plain", "right", true}, {"plain", "plain", "wrong", false}} {
		for _, once := range []bool{false, true} {
			target, err := NewTarget(Options{Name: "province", Format: JSON, ExactlyOnce: once, Control: controlTopic, ID: "x", Topics: []Topic{{Name: "t", Subject: "case/accept", Key: []string{"local_no"}}},
				Connection: cluster.Connection{Name: "k", Brokers: c.ListenAddrs(), Mechanism: s.mechanism, User: s.user, Password: func() (string, error) { return s.password, nil }}})
			if err != nil {
				t.Fatal(err)
			}
			if err := target.Check(t.Context()); (err == nil) != s.in {
				t.Errorf("%+v: %v", s, err)
			}
			if s.in {
				rec := acceptRows(2, nil, memory.DefaultAllocator)
				settle(t, target, deliveryOf(rec, "t"))
				rec.Release()
			}
			_ = target.Close()
		}
	}
}

func TestARowWithoutAKeyIsRefused(t *testing.T) {
	b := fakeBrokers(t, "keys")
	target := b.target(t, "keys", func(o *Options) { o.Topics[0].Key = []string{"source_id", "no_such_column"} })
	rec := acceptRows(2, nil, memory.DefaultAllocator)
	defer rec.Release()
	receipt, err := target.Deliver(t.Context(), deliveryOf(rec, "keys"))
	if err != nil || len(receipt.Refused) != 2 || receipt.Refused[0].Rule != RuleKeyNull {
		t.Errorf("receipt %v, %v", receipt, err)
	}
}
