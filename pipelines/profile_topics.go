package pipelines

import (
	"regexp"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ProfileTopics is how the messages of a receiver of topics are written.
type ProfileTopics struct {
	Format      string         `yaml:"format"`       // one of TopicFormats; default debezium
	ExactlyOnce bool           `yaml:"exactly_once"` // each batch is a transaction
	Control     string         `yaml:"control"`      // with exactly_once: the topic of batch numbers; default banjian.control
	Tombstones  bool           `yaml:"tombstones"`   // a delete is followed by a message without a value
	MaxBytes    int            `yaml:"max_bytes"`    // of one message; default: what the topic takes
	Compression string         `yaml:"compression"`  // one of TopicCompressions; default zstd
	Create      *ProfileCreate `yaml:"create"`       // topics that are missing are made so; default: they are a fault
}

// ProfileCreate is how a missing topic is made.
type ProfileCreate struct {
	Partitions  int `yaml:"partitions"`
	Replication int `yaml:"replication"`
}

// Words of ProfileTopics.
var (
	TopicFormats      = []string{"debezium", "json", "avro", "arrow"}
	TopicCompressions = []string{"none", "gzip", "snappy", "lz4", "zstd"}
)

// DefaultControl is the control topic where a profile names none.
const DefaultControl = "banjian.control"

var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// checkTopics fills defaults and finds what is wrong with what only topics have.
func (p *Profile) checkTopics(found *fault.List) {
	bad := func(zh, en string, path ...any) { found.Add(p.Fault(text.T(zh, en), text.Text{}, path...)) }
	if p.Kind != KindTopic {
		if p.Topics != nil || p.Kind != KindTable && slices.ContainsFunc(p.Subjects, func(s ProfileSubject) bool { return len(s.Key) > 0 }) {
			bad("topics 只用于 kind: topic，subjects 里的 key 只用于 topic 和 table", "topics are for kind: topic, key under subjects for topic and table", "kind")
		}
		return
	}
	if p.Topics == nil {
		p.Topics = &ProfileTopics{}
	}
	t := p.Topics
	for _, w := range []struct {
		key   string
		value *string
		none  string
		words []string
	}{{"format", &t.Format, "debezium", TopicFormats}, {"compression", &t.Compression, "zstd", TopicCompressions}} {
		if *w.value == "" {
			*w.value = w.none
		}
		if !slices.Contains(w.words, *w.value) {
			known := strings.Join(w.words, ", ")
			bad(w.key+" 只能是 "+known, w.key+" is one of "+known, "topics", w.key)
		}
	}
	switch {
	case t.Control != "" && !t.ExactlyOnce:
		bad("control 只用于 exactly_once: true", "control is for exactly_once: true", "topics", "control")
	case t.Control == "" && t.ExactlyOnce:
		t.Control = DefaultControl
	}
	if t.Control != "" && !topicName.MatchString(t.Control) {
		bad("control 不是主题名：字母、数字、. _ -，至多 249 个", "control is no name of a topic: letters, digits, . _ -, 249 at most", "topics", "control")
	}
	if t.MaxBytes != 0 && t.MaxBytes < 1024 {
		bad("max_bytes 至少 1024", "max_bytes is 1024 at least", "topics", "max_bytes")
	}
	if t.Create != nil && (t.Create.Partitions < 1 || t.Create.Replication < 1) {
		bad("create 要有 partitions 和 replication，至少各 1", "create has partitions and replication, 1 at least", "topics", "create")
	}
	if t.Tombstones && t.Format == "arrow" {
		bad("arrow 一条消息装许多记录，没有 tombstones", "a message in arrow has many records and no tombstones", "topics", "tombstones")
	}
	seen := map[string]bool{t.Control: t.Control != ""}
	for i, s := range p.Subjects {
		switch {
		case s.Topic != "" && !topicName.MatchString(s.Topic):
			bad("topic 不是主题名：字母、数字、. _ -，至多 249 个", "topic is no name of a topic: letters, digits, . _ -, 249 at most", "subjects", i, "topic")
		case s.Topic != "" && seen[s.Topic]:
			bad("一个 Kafka 主题只放一种记录", "a topic holds one subject", "subjects", i, "topic")
		}
		seen[s.Topic] = true
	}
}
