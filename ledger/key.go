package ledger

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// guidSpace is the name space of every row_guid. It never changes: a new value
// would give every record a second identity at every receiver.
var guidSpace = [16]byte{0x6b, 0x1d, 0x1b, 0x52, 0x0e, 0x2a, 0x5c, 0x61, 0x9d, 0x37, 0x2b, 0x4e, 0x75, 0xa0, 0xc8, 0x13}

// appendKeyPart appends one value of a natural key: its length as a base-128
// varint, then its UTF-8 bytes. Integers are written in decimal first.
func appendKeyPart(key []byte, part string) []byte {
	key = binary.AppendUvarint(key, uint64(len(part)))
	return append(key, part...)
}

// EncodeKey is the natural key of the given canonical values, source_id left out.
func EncodeKey(parts ...string) []byte {
	var key []byte
	for _, p := range parts {
		key = appendKeyPart(key, p)
	}
	return key
}

// DecodeKey splits a key into its values. The key of a row without a natural key
// (RowKey) comes back as one value, "#" and the hash.
func DecodeKey(key []byte) []string {
	if len(key) == 17 && key[0] == 0 {
		return []string{"#" + hex.EncodeToString(key[1:])}
	}
	var parts []string
	for len(key) > 0 {
		n, w := binary.Uvarint(key)
		if w <= 0 || uint64(len(key)-w) < n {
			return append(parts, "?")
		}
		parts = append(parts, string(key[w:w+int(n)]))
		key = key[w+int(n):]
	}
	return parts
}

// FirstOfKey is the first value of DecodeKey: of a record of a case its local number.
func FirstOfKey(key []byte) string {
	if n, w := binary.Uvarint(key); w > 0 && n > 0 && uint64(len(key)-w) >= n {
		return string(key[w : w+int(n)])
	}
	return DecodeKey(key)[0]
}

// NumberOfKey is the second value of DecodeKey as a number: the round of a case, the
// submission of an application; 0 where there is none.
func NumberOfKey(key []byte) int64 {
	parts := DecodeKey(key)
	if len(parts) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(parts[1], 10, 64)
	return n
}

// RowKey stands in for the natural key of a row that has none: its source hash. It
// cannot be mistaken for a natural key, whose first part is never empty.
func RowKey(h pipelines.Hash) []byte {
	return append([]byte{0}, h[:]...)
}

// GUID is the row_guid of a record at first assignment: UUID version 5 (RFC 9562
// §5.5) over subject, source_id and natural key, each length-prefixed.
func GUID(s Stream, key []byte) [16]byte {
	h := sha1.New()
	h.Write(guidSpace[:])
	var buf [96]byte
	name := appendKeyPart(appendKeyPart(buf[:0], s.Subject), s.Source)
	h.Write(append(name, key...))
	var sum [20]byte
	h.Sum(sum[:0])
	var id [16]byte
	copy(id[:], sum[:16])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Keys encodes the natural key of every row from the named columns. A row with a
// NULL or an empty value in any of them has no key: nil.
func Keys(rec arrow.Record, fields []string) ([][]byte, error) {
	cols := make([]arrow.Array, len(fields))
	for i, f := range fields {
		idx := rec.Schema().FieldIndices(f)
		if len(idx) != 1 {
			return nil, fault.New(fault.Bug, "encode keys", "", text.F("键字段 %s 不在记录里", "key field %s is not in the record", f), text.Text{})
		}
		cols[i] = rec.Column(idx[0])
	}
	keys := make([][]byte, rec.NumRows())
	arena := make([]byte, 0, len(keys)*24)
	for row := range keys {
		start := len(arena)
		ok := true
		for _, c := range cols {
			if arena, ok = appendKeyValue(arena, c, row); !ok {
				break
			}
		}
		if !ok {
			arena = arena[:start]
			continue
		}
		keys[row] = arena[start:len(arena):len(arena)]
	}
	return keys, nil
}

func appendKeyValue(key []byte, col arrow.Array, row int) ([]byte, bool) {
	if col.IsNull(row) {
		return key, false
	}
	switch c := col.(type) {
	case *array.String:
		v := c.Value(row)
		return appendKeyPart(key, v), v != ""
	case *array.Int64:
		var b [20]byte
		return appendKeyPart(key, string(strconv.AppendInt(b[:0], c.Value(row), 10))), true
	default:
		return appendKeyPart(key, col.ValueStr(row)), true
	}
}
