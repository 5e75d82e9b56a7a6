package mappings

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// validity is the NULL bitmap of a column under construction. It is reused.
type validity struct {
	bits  []byte
	n     int
	nulls int
}

func (v *validity) reset(rows int) {
	size := (rows + 7) / 8
	if cap(v.bits) < size {
		v.bits = make([]byte, size)
	}
	v.bits = v.bits[:size]
	clear(v.bits)
	v.n, v.nulls = 0, 0
}

// grow makes room for one row more than reset was told of.
func (v *validity) grow() {
	if v.n>>3 == len(v.bits) {
		v.bits = append(v.bits, 0)
	}
}

func (v *validity) add(valid bool) {
	if valid {
		v.bits[v.n>>3] |= 1 << (v.n & 7)
	} else {
		v.nulls++
	}
	v.n++
}

// buffer is the bitmap as a buffer of alloc, nil when nothing is NULL.
func (v *validity) buffer(alloc memory.Allocator) *memory.Buffer {
	if v.nulls == 0 {
		return nil
	}
	return newBuffer(alloc, v.bits)
}

// newBuffer is a copy of b held by alloc.
func newBuffer(alloc memory.Allocator, b []byte) *memory.Buffer {
	buf := memory.NewResizableBuffer(alloc)
	buf.Resize(len(b))
	copy(buf.Bytes(), b)
	return buf
}

// newArray puts buffers together; it takes over the caller's hold on them.
func newArray(t arrow.DataType, n, nulls int, children []arrow.ArrayData, buffers ...*memory.Buffer) arrow.Array {
	data := array.NewData(t, n, buffers, children, nulls, 0)
	defer data.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return array.MakeFromData(data)
}

// textOut collects a text column. It is reused.
type textOut struct {
	validity
	offsets []int32
	data    []byte
}

func (o *textOut) reset(rows int) {
	o.validity.reset(rows)
	if cap(o.offsets) < rows+1 {
		o.offsets = make([]int32, 0, rows+1)
	}
	o.offsets = append(o.offsets[:0], 0)
	o.data = o.data[:0]
}

func (o *textOut) add(v string) {
	o.data = append(o.data, v...)
	o.offsets = append(o.offsets, int32(len(o.data)))
	o.validity.add(true)
}

func (o *textOut) addNull() {
	o.offsets = append(o.offsets, int32(len(o.data)))
	o.validity.add(false)
}

// copyFrom starts with the first rows of in.
func (o *textOut) copyFrom(in *array.String, rows int) { o.addRun(in, 0, rows) }

// addRun adds the rows from…to-1 of in, their bytes in one piece.
func (o *textOut) addRun(in *array.String, from, to int) {
	if from == to {
		return
	}
	first := in.ValueOffset(from)
	shift := len(o.data) - first
	if data := in.Data().Buffers()[2]; data != nil {
		o.data = append(o.data, data.Bytes()[first:in.ValueOffset(to)]...)
	}
	for _, end := range in.ValueOffsets()[from+1 : to+1] {
		o.offsets = append(o.offsets, int32(int(end)+shift))
	}
	for i := from; i < to; i++ {
		o.validity.add(in.IsValid(i))
	}
}

func (o *textOut) finish(alloc memory.Allocator) arrow.Array {
	return newArray(arrow.BinaryTypes.String, o.n, o.nulls, nil,
		o.buffer(alloc), newBuffer(alloc, arrow.Int32Traits.CastToBytes(o.offsets)), newBuffer(alloc, o.data))
}

// numOut collects whole numbers, instants, days and truth values. It is reused.
type numOut struct {
	validity
	vals []int64
}

func (o *numOut) reset(rows int) {
	o.validity.reset(rows)
	if cap(o.vals) < rows {
		o.vals = make([]int64, 0, rows)
	}
	o.vals = o.vals[:0]
}

func (o *numOut) add(v int64) {
	o.vals = append(o.vals, v)
	o.validity.add(true)
}

func (o *numOut) addNull() {
	o.vals = append(o.vals, 0)
	o.validity.add(false)
}

func (o *numOut) finish(alloc memory.Allocator, t arrow.DataType) arrow.Array {
	return newArray(t, o.n, o.nulls, nil, o.buffer(alloc), o.values(alloc, t))
}

func (o *numOut) values(alloc memory.Allocator, t arrow.DataType) *memory.Buffer {
	switch t.ID() {
	case arrow.DATE32:
		buf := memory.NewResizableBuffer(alloc)
		buf.Resize(4 * len(o.vals))
		for i, v := range o.vals {
			arrow.Int32Traits.CastFromBytes(buf.Bytes())[i] = int32(v)
		}
		return buf
	case arrow.BOOL:
		buf := memory.NewResizableBuffer(alloc)
		buf.Resize((len(o.vals) + 7) / 8)
		clear(buf.Bytes())
		for i, v := range o.vals {
			buf.Bytes()[i>>3] |= byte(v&1) << (i & 7)
		}
		return buf
	}
	return newBuffer(alloc, arrow.Int64Traits.CastToBytes(o.vals))
}

// listOut collects lists of texts. It is reused.
type listOut struct {
	validity
	offsets []int32
	items   textOut
}

func (o *listOut) reset(rows int) {
	o.validity.reset(rows)
	o.offsets = append(o.offsets[:0], 0)
	o.items.reset(0)
}

// item adds one element of the list under way; close ends it.
func (o *listOut) item(v string) {
	o.items.data = append(o.items.data, v...)
	o.items.offsets = append(o.items.offsets, int32(len(o.items.data)))
	o.items.n++
}

// back takes elements off again until there are n.
func (o *listOut) back(n int) {
	o.items.n = n
	o.items.offsets = o.items.offsets[:n+1]
	o.items.data = o.items.data[:o.items.offsets[n]]
}

// at is element k.
func (o *listOut) at(k int) string {
	return string(o.items.data[o.items.offsets[k]:o.items.offsets[k+1]])
}

func (o *listOut) close(valid bool) {
	o.offsets = append(o.offsets, int32(o.items.n))
	o.validity.add(valid)
}

func (o *listOut) finish(alloc memory.Allocator) arrow.Array {
	items := o.items.finish(alloc)
	defer items.Release()
	return newArray(arrow.ListOf(arrow.BinaryTypes.String), o.n, o.nulls, []arrow.ArrayData{items.Data()},
		o.buffer(alloc), newBuffer(alloc, arrow.Int32Traits.CastToBytes(o.offsets)))
}

// nullArray is n NULLs of type t.
func nullArray(alloc memory.Allocator, t arrow.DataType, n int) arrow.Array {
	return array.MakeArrayOfNull(alloc, t, n)
}
