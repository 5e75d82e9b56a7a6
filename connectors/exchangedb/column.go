package exchangedb

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/day"
	"banjian/pipelines"
)

// column is one column of a layout, resolved once so that rows are encoded without
// allocations. Either text or put is set.
type column struct {
	logical, physical string

	null  func(row int) bool               // nil: never NULL
	text  func(row int) string             // free text, to be escaped
	put   func(buf []byte, row int) []byte // plain ASCII that needs no escape
	quote bool                             // put's value is a string on the server
	as    cellKind                         // of its parameters
	plain bool                             // no text of the column needs an escape in TSV
}

// cellKind is what a column holds where a database must be told.
type cellKind uint8

const (
	plainCell  cellKind = iota
	momentCell          // timeLayout
	dayCell             // time.DateOnly
)

// value is the cell as a bound parameter; used where allocations do not matter.
func (c *column) value(row int) any {
	switch {
	case c.null != nil && c.null(row):
		return nil
	case c.text != nil:
		return c.text(row)
	case c.quote:
		return string(c.put(nil, row))
	}
	n, _ := strconv.ParseInt(string(c.put(nil, row)), 10, 64)
	return n
}

// arrowColumn makes a column of the mapped types: utf8, int64, bool, timestamp[s]
// and date32; false for any other. Times become wall time in zone.
func arrowColumn(a arrow.Array, zone *time.Location) (column, bool) {
	c := column{null: a.IsNull}
	if a.NullN() == 0 {
		c.null = nil
	}
	switch a := a.(type) {
	case *array.String:
		c.text, c.plain = a.Value, a.Len() > 0 && plainTSV(a.ValueBytes())
	case *array.Int64:
		v := a.Int64Values()
		c.put = func(buf []byte, row int) []byte { return strconv.AppendInt(buf, v[row], 10) }
	case *array.Boolean:
		c.put = func(buf []byte, row int) []byte {
			if a.Value(row) {
				return append(buf, '1')
			}
			return append(buf, '0')
		}
	case *array.Timestamp:
		if a.DataType().(*arrow.TimestampType).Unit != arrow.Second {
			return c, false
		}
		v := a.TimestampValues()
		c.quote, c.as = true, momentCell
		c.put = func(buf []byte, row int) []byte {
			return day.AppendTime(buf, time.Unix(int64(v[row]), 0).In(zone))
		}
	case *array.Date32:
		v := a.Date32Values()
		c.quote, c.as = true, dayCell
		c.put = func(buf []byte, row int) []byte { return v[row].ToTime().AppendFormat(buf, time.DateOnly) }
	default:
		return c, false
	}
	return c, true
}

// constColumn is the same plain value in every row.
func constColumn(v string) column {
	return column{text: func(int) string { return v }}
}

func opColumn(ops []pipelines.Op) column {
	return column{quote: true, put: func(buf []byte, row int) []byte { return append(buf, byte(ops[row])) }}
}

// guidColumn writes UUIDs in their 36 characters, those spelled otherwise as they are.
func guidColumn(guids [][16]byte, spelled map[int]string) column {
	if len(spelled) > 0 {
		return column{text: func(row int) string {
			if s, ok := spelled[row]; ok {
				return s
			}
			return string(appendGUID(nil, guids[row]))
		}}
	}
	return column{quote: true, put: func(buf []byte, row int) []byte { return appendGUID(buf, guids[row]) }}
}

func appendGUID(buf []byte, g [16]byte) []byte {
	for i, from := range [...]int{0, 4, 6, 8, 10} {
		to := [...]int{4, 6, 8, 10, 16}[i]
		if i > 0 {
			buf = append(buf, '-')
		}
		buf = hex.AppendEncode(buf, g[from:to])
	}
	return buf
}

// appendLiteral writes the cell as an SQL literal. backslash says that the server
// reads \ as an escape (NO_BACKSLASH_ESCAPES is off); a doubled quote is right both
// ways, and UTF-8 has no ASCII byte inside a character.
func (c *column) appendLiteral(buf []byte, row int, backslash bool) []byte {
	switch {
	case c.null != nil && c.null(row):
		return append(buf, "NULL"...)
	case c.text != nil:
		return appendQuoted(buf, c.text(row), backslash)
	case c.quote:
		return append(c.put(append(buf, '\''), row), '\'')
	}
	return c.put(buf, row)
}

func appendQuoted(buf []byte, s string, backslash bool) []byte {
	buf = append(buf, '\'')
	from := 0
	for i := 0; i < len(s); i++ {
		if b := s[i]; b == '\'' || b == '\\' && backslash {
			buf = append(append(buf, s[from:i]...), b)
			from = i
		}
	}
	return append(append(buf, s[from:]...), '\'')
}

// appendTSV writes the cell as LOAD DATA reads it: \N for NULL, tab, newline,
// backslash and NUL escaped.
func (c *column) appendTSV(buf []byte, row int) []byte {
	switch {
	case c.null != nil && c.null(row):
		return append(buf, '\\', 'N')
	case c.plain:
		return append(buf, c.text(row)...)
	case c.text != nil:
		return appendTab(buf, c.text(row))
	}
	return c.put(buf, row)
}

// plainTSV says that none of the bytes needs an escape.
func plainTSV(b []byte) bool {
	for _, esc := range []byte("\t\n\\\x00") {
		if bytes.IndexByte(b, esc) >= 0 {
			return false
		}
	}
	return true
}

func appendTab(buf []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		if b := s[i]; b <= '\n' || b == '\\' {
			esc := tabEscapes[b]
			if esc == 0 {
				continue
			}
			buf = append(append(buf, s[from:i]...), '\\', esc)
			from = i + 1
		}
	}
	return append(buf, s[from:]...)
}

var tabEscapes = [128]byte{0: '0', '\t': 't', '\n': 'n', '\\': '\\'}
