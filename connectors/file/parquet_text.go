package file

import (
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// batchReader is what the library's typed column readers have in common.
type batchReader[T any] interface {
	ReadBatch(n int64, values []T, def, rep []int16) (total int64, read int, err error)
}

// reading reads up to n rows of a column of one physical type.
func reading[T any]() func(c *parquetColumn, n int64) (int, error) {
	values := make([]T, parquetRows)
	return func(c *parquetColumn, n int64) (int, error) {
		total, _, err := c.chunk.(batchReader[T]).ReadBatch(n, values, c.levels, nil)
		if err != nil {
			return 0, err
		}
		c.add(int(total), func(i int) any { return values[i] })
		return int(total), nil
	}
}

// parquetText says how values of a column are read and written as text; nil: they are not.
func parquetText(c *schema.Column, zone *time.Location) (func([]byte, any) []byte, func(*parquetColumn, int64) (int, error)) {
	logical := c.LogicalType()
	switch c.PhysicalType() {
	case parquet.Types.Boolean:
		return func(dst []byte, v any) []byte { return strconv.AppendBool(dst, v.(bool)) }, reading[bool]()
	case parquet.Types.Int32:
		whole := wholeText(logical, zone)
		return func(dst []byte, v any) []byte { return whole(dst, int64(v.(int32)), 32) }, reading[int32]()
	case parquet.Types.Int64:
		whole := wholeText(logical, zone)
		return func(dst []byte, v any) []byte { return whole(dst, v.(int64), 64) }, reading[int64]()
	case parquet.Types.Int96:
		return func(dst []byte, v any) []byte { return appendTime(dst, v.(parquet.Int96).ToTime().In(zone)) }, reading[parquet.Int96]()
	case parquet.Types.Float:
		return func(dst []byte, v any) []byte { return strconv.AppendFloat(dst, float64(v.(float32)), 'f', -1, 32) }, reading[float32]()
	case parquet.Types.Double:
		return func(dst []byte, v any) []byte { return strconv.AppendFloat(dst, v.(float64), 'f', -1, 64) }, reading[float64]()
	case parquet.Types.ByteArray:
		bytes := bytesText(logical)
		return func(dst []byte, v any) []byte { return bytes(dst, v.(parquet.ByteArray)) }, reading[parquet.ByteArray]()
	case parquet.Types.FixedLenByteArray:
		bytes := bytesText(logical)
		return func(dst []byte, v any) []byte { return bytes(dst, v.(parquet.FixedLenByteArray)) }, reading[parquet.FixedLenByteArray]()
	}
	return nil, nil
}

var _ batchReader[bool] = (*pq.BooleanColumnChunkReader)(nil)

// wholeText writes integers as what they stand for.
func wholeText(logical schema.LogicalType, zone *time.Location) func(dst []byte, v int64, bits int) []byte {
	switch t := logical.(type) {
	case schema.DateLogicalType:
		return func(dst []byte, v int64, _ int) []byte {
			return time.Unix(v*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
		}
	case *schema.TimestampLogicalType:
		return stamp(*t, zone)
	case schema.TimestampLogicalType:
		return stamp(t, zone)
	case *schema.TimeLogicalType:
		return clock(*t)
	case schema.TimeLogicalType:
		return clock(t)
	case *schema.DecimalLogicalType:
		return func(dst []byte, v int64, _ int) []byte { return appendDecimal(dst, big.NewInt(v), int(t.Scale())) }
	case schema.DecimalLogicalType:
		return func(dst []byte, v int64, _ int) []byte { return appendDecimal(dst, big.NewInt(v), int(t.Scale())) }
	case *schema.IntLogicalType:
		return integer(t.IsSigned())
	case schema.IntLogicalType:
		return integer(t.IsSigned())
	}
	return integer(true)
}

func integer(signed bool) func(dst []byte, v int64, bits int) []byte {
	return func(dst []byte, v int64, bits int) []byte {
		switch {
		case signed:
			return strconv.AppendInt(dst, v, 10)
		case bits == 32:
			return strconv.AppendUint(dst, uint64(uint32(v)), 10)
		}
		return strconv.AppendUint(dst, uint64(v), 10)
	}
}

func unitOf(u schema.TimeUnitType) time.Duration {
	switch u {
	case schema.TimeUnitMillis:
		return time.Millisecond
	case schema.TimeUnitMicros:
		return time.Microsecond
	}
	return time.Nanosecond
}

// stamp writes a moment as wall time in zone, and a wall time as it is.
func stamp(t schema.TimestampLogicalType, zone *time.Location) func(dst []byte, v int64, bits int) []byte {
	unit := int64(unitOf(t.TimeUnit()))
	if !t.IsAdjustedToUTC() {
		zone = time.UTC
	}
	per := int64(time.Second) / unit
	return func(dst []byte, v int64, _ int) []byte {
		seconds, rest := v/per, v%per
		if rest < 0 {
			seconds, rest = seconds-1, rest+per
		}
		return appendTime(dst, time.Unix(seconds, rest*unit).In(zone))
	}
}

func clock(t schema.TimeLogicalType) func(dst []byte, v int64, bits int) []byte {
	unit := unitOf(t.TimeUnit())
	return func(dst []byte, v int64, _ int) []byte {
		return time.Unix(0, 0).UTC().Add(time.Duration(v)*unit).AppendFormat(dst, "15:04:05.999999999")
	}
}

func appendTime(dst []byte, t time.Time) []byte {
	return t.AppendFormat(dst, "2006-01-02 15:04:05.999999999")
}

// bytesText writes bytes as what they stand for: decimals, identifiers, else text.
func bytesText(logical schema.LogicalType) func(dst, v []byte) []byte {
	scale := -1
	switch t := logical.(type) {
	case *schema.DecimalLogicalType:
		scale = int(t.Scale())
	case schema.DecimalLogicalType:
		scale = int(t.Scale())
	case schema.UUIDLogicalType:
		return func(dst, v []byte) []byte {
			h := hex.EncodeToString(v)
			if len(h) != 32 {
				return append(dst, h...)
			}
			return append(dst, h[:8]+"-"+h[8:12]+"-"+h[12:16]+"-"+h[16:20]+"-"+h[20:]...)
		}
	}
	if scale < 0 {
		return func(dst, v []byte) []byte { return append(dst, v...) }
	}
	return func(dst, v []byte) []byte {
		n := new(big.Int).SetBytes(v)
		if len(v) > 0 && v[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v))))
		}
		return appendDecimal(dst, n, scale)
	}
}

func appendDecimal(dst []byte, n *big.Int, scale int) []byte {
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[len(digits)-scale:]...)
	}
	return dst
}
