package topic

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/segmentio/kafka-go"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// place is a topic as the brokers have it.
type place struct {
	partitions []int // 0 to n-1
	limit      int   // bytes of one message
	schemas    map[string]*avroSchema
}

// What a topic takes where it does not say: message.max.bytes of Apache Kafka.
const defaultLimit = 1048588

const limitConfig = "max.message.bytes"

// place looks a topic up, once.
func (t *Target) place(ctx context.Context, topic string) (*place, error) {
	t.mu.Lock()
	at := t.places[topic]
	t.mu.Unlock()
	if at != nil {
		return at, nil
	}
	partitions, err := t.partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	at = &place{partitions: partitions, limit: t.limit(ctx, topic) - batchOverhead, schemas: map[string]*avroSchema{}}
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.places[topic]; known != nil {
		return known, nil
	}
	t.places[topic] = at
	return at, nil
}

// forget makes the topic be looked up again: it may have other partitions now.
func (t *Target) forget(topic string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.places, topic)
}

// partitions is nil with a Config fault for a topic that is not there.
func (t *Target) partitions(ctx context.Context, topic string) ([]int, error) {
	res, err := t.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, t.fault("look up topic", topic, err, fault.Transient)
	}
	i := slices.IndexFunc(res.Topics, func(x kafka.Topic) bool { return x.Name == topic })
	if i < 0 || errors.Is(res.Topics[i].Error, kafka.UnknownTopicOrPartition) || res.Topics[i].Error == nil && len(res.Topics[i].Partitions) == 0 {
		return nil, fault.New(fault.Config, "look up topic", t.where(topic), text.F("没有主题 %s", "there is no topic %s", topic),
			text.T("请 Kafka 的管理员建好，或在档案的 topics 里写 create: {partitions: …, replication: …}", "have the administrator of the Kafka make it, or write create: {partitions: …, replication: …} under topics of the profile"))
	}
	if err := res.Topics[i].Error; err != nil {
		return nil, t.fault("look up topic", topic, err, fault.Transient)
	}
	list := make([]int, len(res.Topics[i].Partitions))
	for p := range list {
		list[p] = p
	}
	return list, nil
}

// limit is what one message may have: what the profile says, or the topic, if we may see
// that.
func (t *Target) limit(ctx context.Context, topic string) int {
	if t.opts.MaxBytes > 0 {
		return t.opts.MaxBytes
	}
	res, err := t.client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{
		{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic, ConfigNames: []string{limitConfig}}}})
	if err != nil {
		return defaultLimit
	}
	for _, r := range res.Resources {
		for _, c := range r.ConfigEntries {
			if n, err := strconv.Atoi(c.ConfigValue); c.ConfigName == limitConfig && err == nil && n > 0 {
				return n
			}
		}
	}
	return defaultLimit
}

// Check asks the brokers whether every topic is there, and makes those that are not if the
// options say so. Errors: Transient, Blocked, Config.
func (t *Target) Check(ctx context.Context) error {
	names := make([]string, 0, len(t.opts.Topics)+1)
	for _, topic := range t.opts.Topics {
		names = append(names, topic.Name)
	}
	if t.opts.ExactlyOnce {
		names = append(names, t.opts.Control)
	}
	var found fault.List
	for _, name := range names {
		_, err := t.partitions(ctx, name)
		if fault.Is(err, fault.Config) && t.opts.Create != nil {
			err = t.create(ctx, name)
		}
		found.Add(err)
	}
	return found.Err()
}

// create makes a topic; the control topic is compacted and has one partition.
func (t *Target) create(ctx context.Context, name string) error {
	c := kafka.TopicConfig{Topic: name, NumPartitions: t.opts.Create.Partitions, ReplicationFactor: t.opts.Create.Replication}
	if t.opts.ExactlyOnce && name == t.opts.Control {
		c.NumPartitions, c.ConfigEntries = 1, controlConfig
	}
	res, err := t.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{c}})
	if err == nil {
		err = res.Errors[name]
	}
	if err == nil || errors.Is(err, kafka.TopicAlreadyExists) {
		return nil
	}
	return t.fault("make topic", name, err, fault.Config)
}

// refusals are answers after which nothing helps but a person.
var refusals = []kafka.Error{kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed, kafka.GroupAuthorizationFailed,
	kafka.TransactionalIDAuthorizationFailed, kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState}

// fault classifies what kafka-go says; otherwise is the kind of what it does not know.
func (t *Target) fault(op, topic string, err error, otherwise fault.Kind) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	var code kafka.Error
	if errors.As(err, &code) {
		return t.answer(op, topic, int16(code), err, otherwise)
	}
	return t.silence(op, topic, err, otherwise)
}

// silence is a Kafka that said nothing. What was never connected was never written.
func (t *Target) silence(op, topic string, err error, otherwise fault.Kind) error {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "dial" {
		return fault.Wrap(err, fault.Transient, op, t.where(topic), text.T("连不上 Kafka", "the Kafka cannot be reached"), text.Text{})
	}
	return fault.Wrap(err, otherwise, op, t.where(topic), text.T("Kafka 没有应答或连接中断", "the Kafka does not answer, or the connection broke"), text.Text{})
}

// answer classifies what a broker said, by its number.
func (t *Target) answer(op, topic string, code int16, err error, otherwise fault.Kind) error {
	switch {
	case slices.Contains(refusals, kafka.Error(code)):
		return fault.Refused(err, op, t.where(topic), text.T("Kafka 拒绝登录或没有授权", "the Kafka refuses the login, or there is no authorisation"),
			text.T("检查账号、口令，以及主题的写权限（exactly_once 还要事务号的权限）", "check user and password, and the right to write to the topic (with exactly_once also to the transactional id)"))
	case kafka.Error(code) == kafka.UnknownTopicOrPartition && otherwise != fault.Unknown:
		return fault.Wrap(err, fault.Config, op, t.where(topic), text.T("主题不见了", "the topic is gone"), text.Text{})
	case kafka.Error(code) == kafka.MessageSizeTooLarge, kafka.Error(code) == kafka.RecordListTooLarge:
		return fault.Wrap(err, fault.Config, op, t.where(topic), text.T("Kafka 收不了这么大的消息", "the Kafka does not take messages that large"),
			text.T("在档案的 topics 里写上主题真正的上限 max_bytes，超限的记录会列为问题数据", "write the topic's true limit as max_bytes under topics of the profile; records beyond it become rejects"))
	}
	return fault.Wrap(err, otherwise, op, t.where(topic), text.F("Kafka 应答错误 %d", "the Kafka answered with error %d", int(code)), text.Text{})
}

func (t *Target) where(topic string) string { return fmt.Sprintf("%s/%s", t.opts.Name, topic) }
