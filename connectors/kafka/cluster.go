package kafka

import (
	"context"
	"strings"

	"github.com/segmentio/kafka-go"
)

// Where names the cluster in messages.
func (c *Connection) Where() string {
	if c.Name != "" {
		return c.Name
	}
	return strings.Join(c.Brokers, ",")
}

// client is a way to the cluster; done gives its connections back.
func (c *Connection) client() (cl *kafka.Client, done func(), err error) {
	t, err := c.Transport()
	if err != nil {
		return nil, nil, err
	}
	return &kafka.Client{Addr: c.Address(), Transport: t}, t.CloseIdleConnections, nil
}

// Partitions lists the partitions of a topic, ascending. That there is no such topic is
// a Config fault.
func (c *Connection) Partitions(ctx context.Context, topic string) ([]int, error) {
	cl, done, err := c.client()
	if err != nil {
		return nil, err
	}
	defer done()
	m, err := cl.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, c.fault(err, "list partitions", topic)
	}
	for _, t := range m.Topics {
		if t.Name != topic {
			continue
		}
		if t.Error != nil {
			return nil, c.fault(t.Error, "list partitions", topic)
		}
		list := make([]int, len(t.Partitions))
		for i := range list {
			list[i] = i // Kafka numbers them without gaps
		}
		return list, nil
	}
	return nil, c.fault(kafka.UnknownTopicOrPartition, "list partitions", topic)
}
