package kafka

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/hamba/avro/v2"
)

// avroMessages reads messages in Confluent's wire format: change events of Debezium, or
// plain records. What is mapped of a message is written out as the text it would be in
// JSON, so that both are rows in the same way.
type avroMessages struct {
	*layout
	schemas schemas
	changes *debezium // of change events; nil: plain records

	out    []byte // the texts of the message in hand
	values []span
	types  []conversion
}

func newAvroMessages(o *Options, l *layout, changes *debezium) *avroMessages {
	registry := &Registry{}
	if o.Cluster != nil {
		registry = o.Cluster.SchemaRegistry()
	}
	return &avroMessages{layout: l, changes: changes, types: make([]conversion, len(l.columns)), schemas: schemas{registry: registry, topic: o.Topic, byID: map[uint32]*node{}}}
}

// prepare fetches the schema of a message that is to be decoded.
func (d *avroMessages) prepare(ctx context.Context, value []byte) error {
	return d.schemas.learn(ctx, value)
}

func (d *avroMessages) decode(value []byte, to *rows) verdict {
	id, is := wireID(value)
	if !is {
		return notEnvelope
	}
	top := d.schemas.byID[id].record()
	if top == nil {
		return noSchema
	}
	d.out = d.out[:0]
	in := &avroReader{b: value, i: 5}
	if d.changes != nil {
		return d.change(in, d.schemas.byID[id], top, to)
	}
	d.values = cleared(d.values, len(d.columns))
	if !d.whole(in, d.schemas.byID[id]) || !d.row(in, top, d.values) || in.i != len(value) {
		return notEnvelope
	}
	return to.add(d.out, d.values, d.types, 'c')
}

// whole steps over the branch of a message that is a union; false: it is not the record.
func (d *avroMessages) whole(in *avroReader, n *node) bool {
	for n.kind == avro.Union {
		if n = in.branch(n); n == nil {
			return false
		}
	}
	return n.kind == avro.Record
}

// change reads a change event.
func (d *avroMessages) change(in *avroReader, message, top *node, to *rows) verdict {
	c := d.changes
	if top.field("op") == nil || top.field("after").record() == nil || !d.whole(in, message) {
		return notEnvelope
	}
	c.before, c.after = cleared(c.before, len(c.columns)), cleared(c.after, len(c.columns))
	var e event
	for i := range top.fields {
		f := &top.fields[i]
		ok := true
		switch f.name {
		case "before":
			e.hasBefore, ok = d.maybe(in, f.node, c.before)
		case "after":
			e.hasAfter, ok = d.maybe(in, f.node, c.after)
		case "source":
			ok = d.origin(in, f.node, &e.origin)
		case "op":
			var op span
			if op, ok = d.value(in, f.node); ok && op.to == op.from+1 {
				e.op = d.out[op.from]
			}
		default:
			ok = in.skip(f.node, 0)
		}
		if !ok {
			return notEnvelope
		}
	}
	if in.i != len(in.b) {
		return notEnvelope
	}
	c.types = d.types
	return c.judge(d.out, &e, to)
}

// maybe reads a row that may be null.
func (d *avroMessages) maybe(in *avroReader, n *node, into []span) (there, ok bool) {
	for n.kind == avro.Union {
		if n = in.branch(n); n == nil {
			return false, false
		}
	}
	if n.kind == avro.Null {
		return false, true
	}
	return true, n.kind == avro.Record && d.row(in, n, into)
}

// row writes the mapped fields of a record out, and notes where they lie.
func (d *avroMessages) row(in *avroReader, n *node, into []span) bool {
	for i := range n.fields {
		f := &n.fields[i]
		col := d.column([]byte(f.name), i)
		if col < 0 {
			if !in.skip(f.node, 0) {
				return false
			}
			continue
		}
		d.types[col] = f.meaning()
		var ok bool
		if into[col], ok = d.value(in, f.node); !ok {
			return false
		}
	}
	return true
}

// meaning is what the values of a type stand for, null left out.
func (n *node) meaning() conversion {
	for _, b := range n.branches {
		if b.conv.kind != asIs {
			return b.conv
		}
	}
	return n.conv
}

// origin reads where a change comes from.
func (d *avroMessages) origin(in *avroReader, n *node, o *origin) bool {
	if n = n.record(); n == nil {
		return false
	}
	for i := range n.fields {
		f := &n.fields[i]
		to := o.slot(f.name)
		if to == nil {
			if !in.skip(f.node, 0) {
				return false
			}
			continue
		}
		v, ok := d.value(in, f.node)
		if !ok {
			return false
		}
		*to = v
	}
	return true
}

// value writes one value out as JSON has it.
func (d *avroMessages) value(in *avroReader, n *node) (span, bool) {
	for n.kind == avro.Union {
		if n = in.branch(n); n == nil {
			return span{}, false
		}
	}
	from, k := len(d.out), plainText
	switch n.kind {
	case avro.Null:
		return span{kind: null}, true
	case avro.Boolean:
		k = no
		if in.byte() == 1 {
			k = yes
		}
	case avro.Int, avro.Long:
		k = number
		d.out = strconv.AppendInt(d.out, in.long(), 10)
	case avro.Float:
		k = number
		d.out = strconv.AppendFloat(d.out, float64(math.Float32frombits(uint32(in.fixed(4)))), 'f', -1, 32)
	case avro.Double:
		k = number
		d.out = strconv.AppendFloat(d.out, math.Float64frombits(in.fixed(8)), 'f', -1, 64)
	case avro.String:
		s := in.bytes()
		if !utf8.Valid(s) {
			return span{}, false
		}
		d.out = append(d.out, s...)
	case avro.Bytes:
		d.out = base64.StdEncoding.AppendEncode(d.out, in.bytes())
	case avro.Fixed:
		d.out = base64.StdEncoding.AppendEncode(d.out, in.take(n.size))
	case avro.Enum:
		i := in.long()
		if i < 0 || i >= int64(len(n.symbols)) {
			return span{}, false
		}
		d.out = append(d.out, n.symbols[i]...)
	default:
		k = object
		v, ok := in.nested(n, 0)
		if !ok {
			return span{}, false
		}
		text, err := json.Marshal(v)
		if err != nil {
			return span{}, false
		}
		d.out = append(d.out, text...)
	}
	return span{from, len(d.out), k}, !in.bad
}
