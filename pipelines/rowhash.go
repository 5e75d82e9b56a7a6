package pipelines

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// HashRows hashes every row of rec under a seed, over all columns in order. NULL,
// empty text and absence of a column are three different things; the physical type
// of a column is part of the hash, its name is not. Where the row stood in its file
// (PlaceColumn) is left out.
func HashRows(rec arrow.Record, seed string) []Hash {
	hashes := make([]Hash, rec.NumRows())
	buf := make([]byte, 0, 2048)
	buf = append(append(buf, seed...), 0)
	seedLen := len(buf)
	columns := said(rec)
	cols := make([]cellReader, len(columns))
	for i, c := range columns {
		cols[i] = newCellReader(c)
	}
	for row := range hashes {
		buf = buf[:seedLen]
		for i := range cols {
			buf = cols[i].append(buf, row)
		}
		sum := sha256.Sum256(buf)
		copy(hashes[row][:], sum[:16])
	}
	return hashes
}

// cellReader is a column with what most columns are, text and integers, looked up
// once for all rows.
type cellReader struct {
	col     arrow.Array
	nulls   bool
	offsets []int32 // text: of each value in bytes, one more than rows
	bytes   []byte
	ints    []int64
}

func newCellReader(col arrow.Array) cellReader {
	r := cellReader{col: col, nulls: col.NullN() > 0}
	switch c := col.(type) {
	case *array.String:
		if c.Len() > 0 && c.Data().Buffers()[2] != nil {
			r.offsets, r.bytes = c.ValueOffsets(), c.Data().Buffers()[2].Bytes()
		}
	case *array.Int64:
		r.ints = c.Int64Values()
	}
	return r
}

func (r *cellReader) append(buf []byte, row int) []byte {
	if r.nulls && r.col.IsNull(row) {
		return append(buf, 0)
	}
	switch {
	case r.offsets != nil:
		start, end := r.offsets[row], r.offsets[row+1]
		buf = binary.AppendUvarint(append(buf, 1), uint64(end-start))
		return append(buf, r.bytes[start:end]...)
	case r.ints != nil:
		return binary.BigEndian.AppendUint64(append(buf, 2), uint64(r.ints[row]))
	}
	return appendCell(buf, r.col, row)
}

// appendCell writes a cell so that no two different cells look the same.
func appendCell(buf []byte, col arrow.Array, row int) []byte {
	if col.IsNull(row) {
		return append(buf, 0)
	}
	switch c := col.(type) {
	case *array.String:
		return appendBytes(append(buf, 1), c.Value(row))
	case *array.Int64:
		return binary.BigEndian.AppendUint64(append(buf, 2), uint64(c.Value(row)))
	case *array.Timestamp:
		return binary.BigEndian.AppendUint64(append(buf, 3), uint64(c.Value(row)))
	case *array.Float64:
		return binary.BigEndian.AppendUint64(append(buf, 4), math.Float64bits(c.Value(row)))
	case *array.Boolean:
		if c.Value(row) {
			return append(buf, 5, 1)
		}
		return append(buf, 5, 0)
	case *array.Date32:
		return binary.BigEndian.AppendUint32(append(buf, 6), uint32(c.Value(row)))
	case *array.Binary:
		return appendBytes(append(buf, 7), string(c.Value(row)))
	case *array.List:
		start, end := c.ValueOffsets(row)
		buf = binary.AppendUvarint(append(buf, 8), uint64(end-start))
		for i := start; i < end; i++ {
			buf = appendCell(buf, c.ListValues(), int(i))
		}
		return buf
	default:
		return appendBytes(append(buf, 9), col.ValueStr(row))
	}
}

func appendBytes(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}
