package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// fault classifies an error of the cluster about a topic or a group. Errors of the
// network, and what a cluster says while it moves things around, pass by themselves.
func (c *Connection) fault(err error, op, about string) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	where := c.Where() + " " + about
	code, told := codeOf(err)
	switch code {
	case kafka.UnknownTopicOrPartition:
		return fault.Wrap(err, fault.Config, op, where, text.T("没有这个主题", "there is no such topic"), text.T("检查 topic，或请管理员建主题、给本账号读权限", "look at topic, or have it made and this account allowed to read it"))
	case kafka.TopicAuthorizationFailed, kafka.GroupAuthorizationFailed, kafka.ClusterAuthorizationFailed:
		return fault.Refused(err, op, where, text.T("账号没有权限", "the account is not allowed to"), text.T("请管理员给本账号主题的读权限和消费组权限", "have the account allowed to read the topic and to use the group"))
	case kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism:
		return fault.Refused(err, op, where, text.T("登录被拒绝", "the login was refused"), text.T("检查 sasl 的 mechanism、user 和 password", "look at mechanism, user and password of sasl"))
	case kafka.OffsetOutOfRange:
		return fault.Wrap(err, fault.Gone, op, where, text.T("保存的位置已不在主题里", "the stored position is no longer in the topic"), lostHint)
	}
	if told && !passes(code) {
		return fault.Wrap(err, fault.Config, op, where, text.T("Kafka 拒绝了请求", "Kafka refused the request"), text.Text{})
	}
	return fault.Wrap(err, fault.Transient, op, where, text.T("连不上 Kafka，或它正在切换", "Kafka cannot be reached, or is moving things around"), text.T("检查 brokers 的地址和网络", "look at the addresses of brokers and at the network"))
}

// codeOf is the code a broker answered with.
func codeOf(err error) (kafka.Error, bool) {
	var a kafka.Error
	if errors.As(err, &a) {
		return a, true
	}
	var b *kerr.Error
	if errors.As(err, &b) {
		return kafka.Error(b.Code), true
	}
	return 0, false
}

func passes(code kafka.Error) bool {
	return code == kafka.Unknown || code.Temporary() || code.Timeout() || code == kafka.NotCoordinatorForGroup || code == kafka.GroupCoordinatorNotAvailable ||
		code == kafka.GroupLoadInProgress || code == kafka.RebalanceInProgress || code == kafka.UnknownMemberId || code == kafka.IllegalGeneration ||
		code == kafka.FencedLeaderEpoch || code == kafka.UnknownLeaderEpoch || code == kafka.KafkaStorageError || code == kafka.OffsetNotAvailable
}

var lostHint = text.T("先弄清缺了什么；再用 banjian streams rewind 指定从哪里继续，或从部门视图全量读一次",
	"find out what is missing; then say where to go on with banjian streams rewind, or read the department's view in full once")

// gone is the fault for a position outside of what the partition has.
func (o *Options) gone(at, first, end int64) error {
	if at < first {
		return fault.New(fault.Gone, "open partition", o.where(), text.F("保存的位置 %d 已被清除，主题现从 %d 开始：少了 %d 条消息", "the stored position %d was cleaned away, the partition begins at %d: %d messages are missing", at, first, first-at), lostHint)
	}
	return fault.New(fault.Gone, "open partition", o.where(), text.F("保存的位置 %d 在主题末尾 %d 之后：主题可能被删掉重建", "the stored position %d lies behind the end %d: the topic may have been deleted and made anew", at, end), lostHint)
}

func (o *Options) where() string {
	return fmt.Sprintf("%s %s/%d", o.Cluster.Where(), o.Topic, o.Partition)
}
