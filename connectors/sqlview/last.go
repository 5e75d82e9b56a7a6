package sqlview

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// lastCell keeps a column's value in the newest ordered row, and hands all values on.
type lastCell struct {
	class *rowClass
	inner sql.Scanner // nil: a hidden column
	buf   []byte
	kept  any // nil, int64, uint64 or float64; keptText: buf has it
}

type keptText struct{}

func (c *lastCell) Scan(src any) (err error) {
	if c.class.ordered() {
		switch src.(type) {
		case nil, int64, uint64, float64:
			c.kept = src
		default:
			c.kept = keptText{}
			c.buf, err = appendText(c.buf[:0], src)
		}
	}
	if c.inner == nil || err != nil {
		return err
	}
	return c.inner.Scan(src)
}

// key is the value with its type: to SQLite the integer 5 and the text 5 are far apart.
func (c *lastCell) key() keyValue {
	if c.kept != (keptText{}) {
		return keyValue{c.kept}
	}
	if !utf8.Valid(c.buf) {
		return keyValue{bytes.Clone(c.buf)}
	}
	return keyValue{string(c.buf)}
}

// text is the value as text; it is not NULL.
func (c *lastCell) text() string {
	if c.kept != (keptText{}) {
		b, _ := appendText(nil, c.kept) // one of the types it knows
		return string(b)
	}
	return string(c.buf)
}

// keyValue is nil, int64, uint64, float64, string or []byte; in JSON null, a number, a
// string, or {"base64": …}.
type keyValue struct{ v any }

type bytesJSON struct {
	Base64 []byte `json:"base64"`
}

func (k keyValue) MarshalJSON() ([]byte, error) {
	switch v := k.v.(type) {
	case []byte:
		return json.Marshal(bytesJSON{v})
	case float64:
		return appendFloat(nil, v, 64), nil
	}
	return json.Marshal(k.v)
}

func (k *keyValue) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		k.v = nil
		return nil
	case '{':
		var b bytesJSON
		err := json.Unmarshal(data, &b)
		k.v = b.Base64
		return err
	case '"':
		var s string
		err := json.Unmarshal(data, &s)
		k.v = s
		return err
	}
	return k.number(string(data))
}

func (k *keyValue) number(s string) (err error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		k.v = n
		return nil
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		k.v = n
		return nil
	}
	k.v, err = strconv.ParseFloat(s, 64)
	return err
}
