package topic

import (
	"strconv"

	"github.com/segmentio/kafka-go"

	"banjian/pipelines"
)

// Headers of every message but a tombstone.
const (
	HeaderEvent     = "event_id"  // row_guid:version; of an Arrow message the batch, see _event_id
	HeaderVersion   = "version"   // of the record, from 1
	HeaderOperation = "operation" // I, U or D
	HeaderSubject   = "subject"   // case/accept
	HeaderDelivery  = "delivery"  // number of the frozen batch
	HeaderRows      = "rows"      // records of an Arrow message
	HeaderSchema    = "avro_schema"
)

// Rules of rows that are refused here.
const (
	RuleTooLarge = "message_too_large" // arguments: bytes, most
	RuleKeyNull  = "key_null"
)

// message is one message on its way.
type message struct {
	key, value []byte // value nil: a tombstone
	headers    []kafka.Header
	partition  int
	rows       []int // of the delivery; none of a tombstone
}

// What a record costs in a batch besides its parts, generously, and the head of a batch.
const (
	recordOverhead = 32
	headerOverhead = 10
	batchOverhead  = 128
)

func (m *message) size() int {
	n := recordOverhead + len(m.key) + len(m.value)
	for _, h := range m.headers {
		n += headerOverhead + len(h.Key) + len(h.Value)
	}
	return n
}

// partitionOf is where the Java client's default partitioner puts a key.
func partitionOf(key []byte, partitions []int) int {
	return kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: key}, partitions...)
}

// messages turns a delivery into messages in the rows' order; rows that cannot be sent are
// named.
func (t *Target) messages(b *batch, at *place) ([]message, []pipelines.Issue, error) {
	var refused []pipelines.Issue
	refuse := func(row int, rule string, args ...string) {
		refused = append(refused, pipelines.Issue{Row: int32(row), Rule: rule, Args: args, Severity: pipelines.Reject})
	}
	keys := make([][]byte, len(b.GUIDs))
	for row := range keys {
		if e := (event{b, row}); e.keyed() {
			keys[row] = e.appendKey(nil)
		} else {
			refuse(row, RuleKeyNull)
		}
	}
	if t.opts.Format == Arrow {
		list, err := t.arrowMessages(b, at, keys, refuse)
		return list, refused, err
	}
	schema, err := t.schemaOf(b, at)
	if err != nil {
		return nil, nil, err
	}
	list := make([]message, 0, len(keys))
	for row, key := range keys {
		if key == nil {
			continue
		}
		e := event{b, row}
		m := message{key: key, value: t.value(&e, schema), headers: e.headers(schema), partition: partitionOf(key, at.partitions), rows: []int{row}}
		if n := m.size(); n > at.limit {
			refuse(row, RuleTooLarge, strconv.Itoa(n), strconv.Itoa(at.limit))
			continue
		}
		list = append(list, m)
		if t.opts.Tombstones && e.op() == pipelines.OpDelete {
			list = append(list, message{key: key, partition: m.partition})
		}
	}
	return list, refused, nil
}

func (t *Target) value(e *event, schema *avroSchema) []byte {
	switch t.opts.Format {
	case JSON:
		return e.appendFlat(nil)
	case Avro:
		return e.appendAvro(nil, schema)
	default:
		return e.appendDebezium(nil)
	}
}

func (e *event) headers(schema *avroSchema) []kafka.Header {
	list := []kafka.Header{
		{Key: HeaderEvent, Value: []byte(e.id())},
		{Key: HeaderVersion, Value: strconv.AppendUint(nil, uint64(e.version()), 10)},
		{Key: HeaderOperation, Value: []byte{byte(e.op())}},
		{Key: HeaderSubject, Value: []byte(e.topic.Subject)},
		{Key: HeaderDelivery, Value: []byte(e.ID)},
	}
	if schema != nil && schema.carried {
		list = append(list, kafka.Header{Key: HeaderSchema, Value: []byte(schema.text)})
	}
	return list
}

// arrowMessages is a message for each partition that rows go to, or several where one
// would be too large.
func (t *Target) arrowMessages(b *batch, at *place, keys [][]byte, refuse func(int, string, ...string)) ([]message, error) {
	byPartition := make([][]int, len(at.partitions))
	for row, key := range keys {
		if key != nil {
			p := partitionOf(key, at.partitions)
			byPartition[p] = append(byPartition[p], row)
		}
	}
	var list []message
	var add func(partition int, rows []int) error
	add = func(partition int, rows []int) error {
		value, err := b.arrowStream(rows, keys, t.opts.Alloc)
		if err != nil {
			return err
		}
		m := message{value: value, partition: partition, rows: rows, headers: []kafka.Header{
			{Key: HeaderSubject, Value: []byte(b.topic.Subject)},
			{Key: HeaderDelivery, Value: []byte(b.ID)},
			{Key: HeaderRows, Value: strconv.AppendInt(nil, int64(len(rows)), 10)},
		}}
		switch n := m.size(); {
		case n <= at.limit:
			list = append(list, m)
			return nil
		case len(rows) == 1:
			refuse(rows[0], RuleTooLarge, strconv.Itoa(n), strconv.Itoa(at.limit))
			return nil
		}
		half := len(rows) / 2
		if err := add(partition, rows[:half]); err != nil {
			return err
		}
		return add(partition, rows[half:])
	}
	for p, rows := range byPartition {
		if len(rows) > 0 {
			if err := add(p, rows); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}
