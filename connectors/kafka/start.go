package kafka

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Where a topic can be begun besides at a time.
const (
	Earliest = "earliest"
	Latest   = "latest"
)

// Start is where a topic is begun: Earliest, Latest, or the first message written at a
// time or later.
type Start struct {
	Where string // Earliest, Latest; empty: At
	At    time.Time
}

// ParseStart reads what a person writes: earliest, latest, or a time, in zone if it has
// none of its own.
func ParseStart(written string, zone *time.Location) (Start, error) {
	switch written {
	case "", Earliest:
		return Start{Where: Earliest}, nil
	case Latest:
		return Start{Where: Latest}, nil
	}
	if t, err := time.Parse(time.RFC3339, written); err == nil {
		return Start{At: t}, nil
	}
	for _, form := range []string{time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, written, zone); err == nil {
			return Start{At: t}, nil
		}
	}
	return Start{}, fault.New(fault.Config, "read start", "", text.F("%q 不是位置", "%q is no place in a topic", written), text.T("写 earliest、latest 或时间，如 2026-01-31 08:00", "write earliest, latest or a time such as 2026-01-31 08:00"))
}

// Span is a partition and where a start lies in it.
type Span struct {
	Place
	First int64 // offset of the oldest message there is
}

// Spans finds a start in every partition of a topic, ascending.
func (c *Connection) Spans(ctx context.Context, topic string, start Start) ([]Span, error) {
	parts, err := c.Partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	cl, done, err := c.client()
	if err != nil {
		return nil, err
	}
	defer done()
	var list []Span
	for _, n := range parts {
		o := &Options{Cluster: c, Topic: topic, Partition: n}
		first, end, err := bounds(ctx, o, cl)
		if err != nil {
			return nil, err
		}
		at := first
		switch {
		case start.Where == Latest:
			at = end
		case start.Where == "":
			if at, err = atTime(ctx, o, cl, start.At, end); err != nil {
				return nil, err
			}
		}
		list = append(list, Span{Place{Topic: topic, Partition: n, Offset: at, End: end}, first})
	}
	return list, nil
}

// atTime is the offset of the first message written then or later, end if there is none.
func atTime(ctx context.Context, o *Options, cl *kafka.Client, t time.Time, end int64) (int64, error) {
	got, err := offsetsOf(ctx, o.Cluster, cl, o.Topic, kafka.TimeOffsetOf(o.Partition, t))
	if err != nil {
		return 0, err
	}
	for at := range got[0].Offsets {
		if at >= 0 {
			return at, nil
		}
	}
	return end, nil
}
