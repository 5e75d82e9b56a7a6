package sqlview

import (
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// A cell is one column's place in a row. Being a sql.Scanner it gets the driver's own
// value, still typed, and appends it to the column's builder: nothing is allocated, and
// an integer is told from the text of one (invariant 6). The value is the driver's only
// until Scan returns.

// tally counts what is read into cells, in bytes.
type tally struct{ bytes int64 }

type textCell struct {
	to    *array.StringBuilder
	tally *tally
	buf   []byte
}

func (c *textCell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		c.to.AppendNull()
		return nil
	case []byte:
		c.to.BinaryBuilder.Append(v)
		c.tally.bytes += int64(len(v))
		return nil
	case string:
		c.to.Append(v)
		c.tally.bytes += int64(len(v))
		return nil
	}
	var err error
	if c.buf, err = appendText(c.buf[:0], src); err != nil {
		return err
	}
	c.to.BinaryBuilder.Append(c.buf)
	c.tally.bytes += int64(len(c.buf))
	return nil
}

type binaryCell struct {
	to    *array.BinaryBuilder
	tally *tally
}

func (c *binaryCell) Scan(src any) error {
	if src == nil {
		c.to.AppendNull()
		return nil
	}
	if v, ok := src.([]byte); ok {
		c.to.Append(v)
		c.tally.bytes += int64(len(v))
		return nil
	}
	v, err := appendText(nil, src)
	if err == nil {
		c.to.Append(v)
		c.tally.bytes += int64(len(v))
	}
	return err
}

type intCell struct {
	to    *array.Int64Builder
	tally *tally
	name  string
}

func (c *intCell) Scan(src any) error {
	c.tally.bytes += 8
	switch v := src.(type) {
	case nil:
		c.to.AppendNull()
		return nil
	case int64:
		c.to.Append(v)
		return nil
	case uint64:
		if v <= math.MaxInt64 {
			c.to.Append(int64(v))
			return nil
		}
	}
	return misfit(c.name, sqldialect.Int)
}

type floatCell struct {
	to    *array.Float64Builder
	tally *tally
	name  string
}

func (c *floatCell) Scan(src any) error {
	c.tally.bytes += 8
	switch v := src.(type) {
	case nil:
		c.to.AppendNull()
		return nil
	case float64:
		c.to.Append(v)
		return nil
	case float32: // 0.1 stays 0.1 and does not become 0.10000000149011612
		wide, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
		c.to.Append(wide)
		return err
	}
	return misfit(c.name, sqldialect.Float)
}

func misfit(column string, kind sqldialect.Kind) error {
	return fault.New(fault.Config, "read column", column,
		text.F("列里有不是 %s 的值", "the column holds a value that is not of kind %s", string(kind)),
		text.T("让视图以 CAST(… AS CHAR) 给出这一列", "have the view give the column as CAST(… AS CHAR)"))
}

// rowClass says which part of an incremental run a row belongs to; the server tells.
type rowClass int64

const (
	noCursor rowClass = iota
	lookback
	fresh
	future
)

func (c *rowClass) Scan(src any) error {
	n, ok := src.(int64)
	if text, err := appendText(nil, src); !ok && err == nil { // not every driver has integers
		if parsed, err := strconv.ParseFloat(string(text), 64); err == nil {
			n, ok = int64(parsed), true
		}
	}
	if !ok || n < 0 || n > int64(future) {
		return fmt.Errorf("a row's class came as %T", src)
	}
	*c = rowClass(n)
	return nil
}

// ordered says that the row is part of the order (cursor, key).
func (c rowClass) ordered() bool { return c == lookback || c == fresh }

// appendText writes a driver's value as the server would print it.
func appendText(dst []byte, src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return append(dst, v...), nil
	case string:
		return append(dst, v...), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case float32:
		return appendFloat(dst, float64(v), 32), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	}
	return dst, fmt.Errorf("a driver handed out a %T", src)
}

// appendFloat writes the shortest text that reads back as v, plain where people write
// plain numbers, and always with a point or an exponent.
func appendFloat(dst []byte, v float64, bits int) []byte {
	start := len(dst)
	if a := math.Abs(v); a != 0 && (a < 1e-5 || a >= 1e15) || math.IsInf(v, 0) || math.IsNaN(v) {
		return strconv.AppendFloat(dst, v, 'g', -1, bits)
	}
	dst = strconv.AppendFloat(dst, v, 'f', -1, bits)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// arrowType is how a column of kind is held.
func arrowType(kind sqldialect.Kind) arrow.DataType {
	switch kind {
	case sqldialect.Int:
		return arrow.PrimitiveTypes.Int64
	case sqldialect.Float:
		return arrow.PrimitiveTypes.Float64
	case sqldialect.Binary:
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}

func arrowField(name string, kind sqldialect.Kind) arrow.Field {
	return arrow.Field{Name: name, Type: arrowType(kind), Nullable: true,
		Metadata: arrow.NewMetadata([]string{sqldialect.MetaKind}, []string{string(kind)})}
}

// cellFor is the cell that feeds a builder of arrowType.
func cellFor(b array.Builder, c *column, t *tally) sql.Scanner {
	switch b := b.(type) {
	case *array.Int64Builder:
		return &intCell{to: b, tally: t, name: c.name}
	case *array.Float64Builder:
		return &floatCell{to: b, tally: t, name: c.name}
	case *array.StringBuilder:
		if c.keep != nil {
			return &keepCell{to: b, keep: c.keep, tally: t}
		}
		if c.charset != nil {
			return &decodeCell{to: b, from: c.charset, tally: t}
		}
		return &textCell{to: b, tally: t}
	default:
		return &binaryCell{to: b.(*array.BinaryBuilder), tally: t}
	}
}

// room is how much the last batch held, so that the next is built without growing.
type room struct {
	rows  int
	bytes []int // of each text or binary column
}

func (r *room) measure(b *array.RecordBuilder) {
	if r.bytes == nil {
		r.bytes = make([]int, len(b.Fields()))
	}
	for i, f := range b.Fields() {
		r.rows = f.Len()
		switch f := f.(type) {
		case *array.StringBuilder:
			r.bytes[i] = f.DataLen()
		case *array.BinaryBuilder:
			r.bytes[i] = f.DataLen()
		}
	}
}

func (r *room) reserve(b *array.RecordBuilder) {
	for i, f := range b.Fields() {
		if r.rows == 0 {
			return
		}
		f.Reserve(r.rows)
		switch f := f.(type) {
		case *array.StringBuilder:
			f.ReserveData(r.bytes[i] + r.bytes[i]/16)
		case *array.BinaryBuilder:
			f.ReserveData(r.bytes[i] + r.bytes[i]/16)
		}
	}
}
