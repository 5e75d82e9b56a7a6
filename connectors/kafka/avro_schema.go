package kafka

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/hamba/avro/v2"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// node is one type of an Avro schema, ready to be read by.
type node struct {
	kind     avro.Type
	fields   []nodeField // of a record
	branches []*node     // of a union
	items    *node       // of an array or a map
	symbols  []string    // of an enumeration
	size     int         // of a fixed
	conv     conversion  // what a value stands for
}

type nodeField struct {
	name string
	*node
}

// field is the field of that name, nil if there is none.
func (n *node) field(name string) *node {
	for i := range n.fields {
		if n.fields[i].name == name {
			return n.fields[i].node
		}
	}
	return nil
}

// record is a record, or the one in a union with null.
func (n *node) record() *node {
	if n == nil || n.kind == avro.Record {
		return n
	}
	for _, b := range n.branches {
		if b.kind == avro.Record {
			return b
		}
	}
	return nil
}

var errNoAvro = errors.New("a schema of another kind")

// avroNode makes a node of a schema; known are the named types made so far.
func avroNode(s avro.Schema, known map[string]*node) (*node, error) {
	n := &node{kind: s.Type()}
	switch s := s.(type) {
	case *avro.RecordSchema:
		known[s.FullName()] = n
		n.conv = connectType(s.Prop, nil)
		for _, f := range s.Fields() {
			t, err := avroNode(f.Type(), known)
			if err != nil {
				return nil, err
			}
			n.fields = append(n.fields, nodeField{f.Name(), t})
		}
	case *avro.RefSchema:
		named := known[s.Schema().FullName()]
		if named == nil {
			return nil, errNoAvro
		}
		return named, nil
	case *avro.UnionSchema:
		for _, b := range s.Types() {
			t, err := avroNode(b, known)
			if err != nil {
				return nil, err
			}
			n.branches = append(n.branches, t)
		}
	case *avro.ArraySchema:
		return n, n.of(s.Items(), known)
	case *avro.MapSchema:
		return n, n.of(s.Values(), known)
	case *avro.EnumSchema:
		known[s.FullName()] = n
		n.symbols = s.Symbols()
	case *avro.FixedSchema:
		known[s.FullName()] = n
		n.size, n.conv = s.Size(), connectType(s.Prop, s.Logical())
	case *avro.PrimitiveSchema:
		n.conv = connectType(s.Prop, s.Logical())
	case *avro.NullSchema:
	default:
		return nil, errNoAvro
	}
	return n, nil
}

func (n *node) of(items avro.Schema, known map[string]*node) (err error) {
	n.items, err = avroNode(items, known)
	return err
}

// logicalTypes is what the logical types of Avro stand for.
var logicalTypes = map[avro.LogicalType]conversionKind{avro.Date: days, avro.TimeMillis: clockMillis, avro.TimeMicros: clockMicros, avro.TimestampMillis: millis, avro.TimestampMicros: micros,
	avro.LocalTimestampMillis: millis, avro.LocalTimestampMicros: micros}

// connectType is what a type stands for: as Connect names it, else as Avro does.
func connectType(prop func(string) any, l avro.LogicalSchema) conversion {
	var c conversion
	if name, ok := prop("connect.name").(string); ok {
		c.kind = logical[name]
	}
	if l == nil {
		return c
	}
	if d, ok := l.(*avro.DecimalLogicalSchema); ok {
		return conversion{decimal, d.Scale()}
	}
	if c.kind == asIs {
		c.kind = logicalTypes[l.Type()]
	}
	return c
}

// schemas are the schemas of a topic's messages, by number.
type schemas struct {
	registry *Registry
	topic    string
	byID     map[uint32]*node // nil: the registry has none of that number, or it is no Avro
}

// wireID is the number of the schema that a message in Confluent's wire format begins with.
func wireID(value []byte) (uint32, bool) {
	if len(value) < 5 || value[0] != 0 {
		return 0, false
	}
	return binary.BigEndian.Uint32(value[1:5]), true
}

// learn asks for the schema of a message, the first time it is met. What is no message in
// this format is for the decoder to say. Faults: see Registry.Schema; Config too where
// there is no registry to ask.
func (s *schemas) learn(ctx context.Context, value []byte) error {
	id, is := wireID(value)
	if _, known := s.byID[id]; !is || known {
		return nil
	}
	if s.registry.Base == "" {
		return fault.New(fault.Config, "read topic", s.topic, text.T("消息是 Avro，连接没有写注册中心", "the messages are Avro and the connection names no registry"), text.T("在 kafka 连接里写 registry: http://…", "write registry: http://… into the kafka connection"))
	}
	found, known, err := s.registry.Schema(ctx, id)
	if err != nil {
		return err
	}
	var n *node
	if known {
		cache := &avro.SchemaCache{}
		if known, err = s.referenced(ctx, found.References, cache, 0); err != nil {
			return err
		}
		if known && (found.Type == "" || found.Type == "AVRO") {
			n = parsed(found.Schema, cache)
		}
	}
	s.byID[id] = n
	return nil
}

// deepReferences bounds schemas made with schemas.
const deepReferences = 8

// referenced fetches the schemas that one is made with, before it.
func (s *schemas) referenced(ctx context.Context, list []SchemaReference, cache *avro.SchemaCache, depth int) (known bool, err error) {
	for _, ref := range list {
		found, known, err := s.registry.Referenced(ctx, ref)
		if err != nil || !known || depth > deepReferences {
			return false, err
		}
		if known, err := s.referenced(ctx, found.References, cache, depth+1); err != nil || !known {
			return false, err
		}
		if _, err := avro.ParseWithCache(found.Schema, "", cache); err != nil {
			return false, nil // of no use, as if it were not there
		}
	}
	return true, nil
}

// parsed is a schema as a node, nil if it is none.
func parsed(schema string, cache *avro.SchemaCache) *node {
	s, err := avro.ParseWithCache(schema, "", cache)
	if err != nil {
		return nil
	}
	n, err := avroNode(s, map[string]*node{})
	if err != nil {
		return nil
	}
	return n
}
