package mappings

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// taker copies chosen rows of arrays. It reuses its memory.
type taker struct {
	texts textOut
	nums  numOut
	lists listOut
}

// rows is the rows idx of arr, in that order. A dictionary stays one, with the same
// values: what is done once per distinct value stays so.
func (t *taker) rows(alloc memory.Allocator, arr arrow.Array, idx []int32) arrow.Array {
	if arr.NullN() == arr.Len() {
		return nullArray(alloc, arr.DataType(), len(idx))
	}
	switch a := arr.(type) {
	case *array.String:
		t.texts.reset(len(idx))
		for at := 0; at < len(idx); {
			end := at + 1
			for end < len(idx) && idx[end] == idx[end-1]+1 {
				end++
			}
			t.texts.addRun(a, int(idx[at]), int(idx[end-1])+1)
			at = end
		}
		return t.texts.finish(alloc)
	case *array.Dictionary:
		return t.dictionary(alloc, a, idx)
	case *array.List:
		return t.list(alloc, a, idx)
	}
	get := number(arr)
	t.nums.reset(len(idx))
	for _, i := range idx {
		if arr.IsNull(int(i)) {
			t.nums.addNull()
			continue
		}
		t.nums.add(get(int(i)))
	}
	return t.nums.finish(alloc, arr.DataType())
}

func (t *taker) dictionary(alloc memory.Allocator, a *array.Dictionary, idx []int32) arrow.Array {
	typ := a.DataType().(*arrow.DictionaryType)
	t.nums.reset(len(idx))
	for _, i := range idx {
		if a.IsNull(int(i)) {
			t.nums.addNull()
			continue
		}
		t.nums.add(int64(a.GetValueIndex(int(i))))
	}
	at := t.nums.finish(alloc, arrow.PrimitiveTypes.Int64)
	defer at.Release()
	return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int64, ValueType: typ.ValueType}, at, a.Dictionary())
}

// number reads a fixed-width array as 64-bit words.
func number(arr arrow.Array) func(i int) int64 {
	switch a := arr.(type) {
	case *array.Int64:
		return a.Value
	case *array.Timestamp:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Date32:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Boolean:
		return func(i int) int64 {
			if a.Value(i) {
				return 1
			}
			return 0
		}
	case *array.Float64:
		words := arrow.Int64Traits.CastFromBytes(arrow.Float64Traits.CastToBytes(a.Float64Values()))
		return func(i int) int64 { return words[i] }
	}
	panic(fmt.Sprintf("mappings: no taker for %s", arr.DataType()))
}

func (t *taker) text(alloc memory.Allocator, n int, get func(int) (string, bool)) arrow.Array {
	t.texts.reset(n)
	for k := range n {
		if v, ok := get(k); ok {
			t.texts.add(v)
		} else {
			t.texts.addNull()
		}
	}
	return t.texts.finish(alloc)
}

func (t *taker) list(alloc memory.Allocator, a *array.List, idx []int32) arrow.Array {
	items := a.ListValues().(*array.String)
	t.lists.reset(len(idx))
	for _, i := range idx {
		if a.IsNull(int(i)) {
			t.lists.close(false)
			continue
		}
		from, to := a.ValueOffsets(int(i))
		for k := from; k < to; k++ {
			t.lists.item(items.Value(int(k)))
		}
		t.lists.close(true)
	}
	return t.lists.finish(alloc)
}
