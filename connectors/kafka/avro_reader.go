package kafka

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/hamba/avro/v2"
)

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
