package kafka

import (
	"context"
	"encoding/base64"
	"encoding/binary"
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

// avroReader walks over one message. What does not fit makes it bad, never too large.
type avroReader struct {
	b   []byte
	i   int
	bad bool
}

func (r *avroReader) take(n int) []byte {
	if n < 0 || n > len(r.b)-r.i {
		r.bad = true
		return nil
	}
	r.i += n
	return r.b[r.i-n : r.i]
}

func (r *avroReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *avroReader) long() int64 {
	v, n := binary.Varint(r.b[r.i:])
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.i += n
	return v
}

// fixed is an unsigned number of so many bytes, the smallest first.
func (r *avroReader) fixed(n int) (v uint64) {
	for i, b := range r.take(n) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

func (r *avroReader) bytes() []byte {
	n := r.long()
	if n < 0 || n > int64(len(r.b)) {
		r.bad = true
		return nil
	}
	return r.take(int(n))
}

// branch is the branch of a union that the message took, nil if there is no such.
func (r *avroReader) branch(n *node) *node {
	i := r.long()
	if r.bad || i < 0 || i >= int64(len(n.branches)) {
		r.bad = true
		return nil
	}
	return n.branches[i]
}

// blocks calls item for every item of an array or a map.
func (r *avroReader) blocks(item func() bool) bool {
	for {
		n := r.long()
		if n < 0 {
			n = -n
			r.long() // its size in bytes
		}
		if r.bad || n == 0 {
			return !r.bad
		}
		for range n {
			before := r.i
			if !item() || r.i == before && n > int64(len(r.b)) { // items of no bytes have no end
				return false
			}
		}
	}
}

// skip steps over a value.
func (r *avroReader) skip(n *node, depth int) bool {
	if depth > deepest {
		return false
	}
	switch n.kind {
	case avro.Union:
		b := r.branch(n)
		return b != nil && r.skip(b, depth+1)
	case avro.Record, avro.Error:
		for i := range n.fields {
			if !r.skip(n.fields[i].node, depth+1) {
				return false
			}
		}
	case avro.Array:
		return r.blocks(func() bool { return r.skip(n.items, depth+1) })
	case avro.Map:
		return r.blocks(func() bool { r.bytes(); return r.skip(n.items, depth+1) })
	case avro.Boolean:
		r.take(1)
	case avro.Int, avro.Long, avro.Enum:
		r.long()
	case avro.Float:
		r.take(4)
	case avro.Double:
		r.take(8)
	case avro.String, avro.Bytes:
		r.bytes()
	case avro.Fixed:
		r.take(n.size)
	}
	return !r.bad
}

// nested is a value that holds others, as encoding/json writes it.
func (r *avroReader) nested(n *node, depth int) (v any, ok bool) {
	if depth > deepest {
		return nil, false
	}
	switch n.kind {
	case avro.Union:
		b := r.branch(n)
		if b == nil {
			return nil, false
		}
		return r.nested(b, depth+1)
	case avro.Record, avro.Error:
		m := map[string]any{}
		for i := range n.fields {
			if m[n.fields[i].name], ok = r.nested(n.fields[i].node, depth+1); !ok {
				return nil, false
			}
		}
		return m, true
	case avro.Array:
		list := []any{}
		ok = r.blocks(func() bool {
			v, ok := r.nested(n.items, depth+1)
			list = append(list, v)
			return ok
		})
		return list, ok
	case avro.Map:
		m := map[string]any{}
		ok = r.blocks(func() bool {
			key := string(r.bytes())
			m[key], ok = r.nested(n.items, depth+1)
			return ok
		})
		return m, ok
	case avro.Null:
		return nil, true
	case avro.Boolean:
		v = r.byte() == 1
	case avro.Int, avro.Long:
		v = r.long()
	case avro.Float:
		v = math.Float32frombits(uint32(r.fixed(4)))
	case avro.Double:
		v = math.Float64frombits(r.fixed(8))
	case avro.String:
		s := r.bytes()
		v, ok = string(s), utf8.Valid(s)
		return v, ok && !r.bad
	case avro.Bytes:
		v = r.bytes()
	case avro.Fixed:
		v = r.take(n.size)
	case avro.Enum:
		i := r.long()
		if i < 0 || i >= int64(len(n.symbols)) {
			return nil, false
		}
		v = n.symbols[i]
	}
	return v, !r.bad
}
