package connectors

import (
	"context"
	"time"
	"unicode/utf8"

	"banjian/connectors/kafka"
	"banjian/pipelines"
)

// TopicOptions is what one partition of a topic is opened with.
type TopicOptions struct {
	Cluster *kafka.Connection
	From    pipelines.From
	Part    int
	Columns []string // source columns the mapping reads
	Key     []string // of these, those that feed the natural key
	Follow  bool     // wait for more
	Limit   int64    // rows that are read at most, the message in hand to its end; 0: all there are
}

// OpenTopic opens a partition at a position.
func OpenTopic(ctx context.Context, o TopicOptions, at pipelines.Position) (pipelines.Source, error) {
	k := kafka.Options{Cluster: o.Cluster, Topic: o.From.Topic, Partition: o.Part, Format: o.From.Format, Table: o.From.Table, Columns: o.Columns, Key: o.Key, Fields: o.From.Fields,
		Deleted: o.From.Deleted, Times: o.From.Times, Follow: o.Follow, Linger: time.Duration(o.From.Linger), BatchRows: o.From.BatchRows, Limit: o.Limit}
	if o.From.Separator != "" {
		k.Separator, _ = utf8.DecodeRuneInString(o.From.Separator)
	}
	return kafka.Open(ctx, k, at)
}

// TopicStarts is where each partition of a topic is begun.
func TopicStarts(ctx context.Context, c *kafka.Connection, topic string, start kafka.Start) (map[int]pipelines.Position, error) {
	spans, err := c.Spans(ctx, topic, start)
	if err != nil {
		return nil, err
	}
	list := make(map[int]pipelines.Position, len(spans))
	for _, s := range spans {
		list[s.Partition] = s.Position()
	}
	return list, nil
}
