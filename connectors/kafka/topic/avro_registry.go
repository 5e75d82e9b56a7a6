package topic

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"banjian/pipelines"
)

// schemaOf is the schema of a delivery's values; nil for a format that needs none. With a
// registry it is registered once, else every message carries it.
func (t *Target) schemaOf(b *batch, at *place) (*avroSchema, error) {
	if t.opts.Format != Avro {
		return nil, nil
	}
	t.schemaMu.Lock()
	defer t.schemaMu.Unlock()
	shape := shapeOf(b.cols)
	if s := at.schemas[shape]; s != nil {
		return s, nil
	}
	s, err := newAvroSchema(b.topic, b.cols)
	if err != nil {
		return nil, err
	}
	s.carried = t.opts.Connection.Registry == ""
	if !s.carried {
		registry := t.opts.Connection.SchemaRegistry()
		registry.Patience = t.opts.Patience
		id, err := registry.Register(context.Background(), b.topic.Name+"-value", s.text)
		if err != nil {
			return nil, err
		}
		s.prefix = binary.BigEndian.AppendUint32([]byte{0}, id) // Confluent's wire format
	}
	at.schemas[shape] = s
	return s, nil
}

func shapeOf(cols []pipelines.Cells) string {
	var b strings.Builder
	for _, c := range cols {
		fmt.Fprintf(&b, "%s %d\n", c.Name, c.Kind)
	}
	return b.String()
}
