package topic

import (
	"math"
	"strconv"
	"time"

	"banjian/pipelines"
)

// appendDebezium writes the event as Debezium does without a schema: the record in after,
// or in before when it is deleted. Times are those of the frozen batch, so that a repeat is
// the same.
func (e *event) appendDebezium(dst []byte) []byte {
	ms := e.Time.UnixMilli()
	before, after := e.appendNothing, e.appendRecord
	if e.op() == pipelines.OpDelete {
		before, after = after, before
	}
	dst = before(append(dst, `{"before":`...))
	dst = after(append(dst, `,"after":`...))
	dst = appendText(append(dst, `,"source":{"connector":"banjian","name":`...), e.name)
	dst = appendText(append(dst, `,"db":`...), e.Source)
	dst = appendText(append(dst, `,"table":`...), e.topic.Subject)
	dst = appendText(append(dst, `,"event_id":`...), e.id())
	dst = strconv.AppendUint(append(dst, `,"record_version":`...), uint64(e.version()), 10)
	dst = strconv.AppendInt(append(dst, `,"ts_ms":`...), ms, 10)
	dst = appendText(append(dst, `},"op":`...), opWords[e.op()])
	dst = strconv.AppendInt(append(dst, `,"ts_ms":`...), ms, 10)
	return append(dst, '}')
}

func (e *event) appendNothing(dst []byte) []byte { return append(dst, "null"...) }

func (e *event) appendRecord(dst []byte) []byte {
	dst = e.appendFields(append(dst, '{'))
	return append(dst, '}')
}

// appendFlat writes the record as one object, with the operation beside its fields.
func (e *event) appendFlat(dst []byte) []byte {
	dst = e.appendFields(append(dst, '{'))
	if len(e.cols) > 0 {
		dst = append(dst, ',')
	}
	dst = appendText(append(dst, `"`+fieldOp+`":`...), opWords[e.op()])
	dst = appendText(append(dst, `,"`+fieldDeleted+`":`...), strconv.FormatBool(e.op() == pipelines.OpDelete))
	return append(dst, '}')
}

func (e *event) appendFields(dst []byte) []byte {
	for i := range e.cols {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, e.cols[i].Name), ':')
		dst = e.appendValue(dst, &e.cols[i])
	}
	return dst
}

// appendKey writes the columns of the topic's key as an object: source_id first where it
// is one of them. What the delivery says of its records stands in for a column that is
// not there or NULL.
func (e *event) appendKey(dst []byte) []byte {
	dst = append(dst, '{')
	for i, name := range e.topic.Key {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, name), ':')
		switch at, c := e.keyColumn(name); {
		case at:
			dst = e.appendValue(dst, c)
		case name == keySource:
			dst = appendText(dst, e.Source)
		default:
			dst = appendText(dst, e.guid())
		}
	}
	return append(dst, '}')
}

// keyColumn is a column of the key that has a value in this row.
func (e *event) keyColumn(name string) (bool, *pipelines.Cells) {
	for i := range e.cols {
		if e.cols[i].Name == name {
			_, ok := e.cols[i].At(e.row)
			return ok, &e.cols[i]
		}
	}
	return false, nil
}

// Columns of a key that need not be in the record.
const (
	keySource = "source_id"
	keyGUID   = "row_guid"
)

// keyed says whether every column of the key has a value.
func (e *event) keyed() bool {
	for _, name := range e.topic.Key {
		if at, _ := e.keyColumn(name); !at && name != keySource && name != keyGUID {
			return false
		}
	}
	return true
}

func (e *event) appendValue(dst []byte, c *pipelines.Cells) []byte {
	i, ok := c.At(e.row)
	if !ok {
		if c.Name == keySource {
			return appendText(dst, e.Source)
		}
		return append(dst, "null"...)
	}
	switch c.Kind {
	case pipelines.IntCell:
		return strconv.AppendInt(dst, c.Int(i), 10)
	case pipelines.FloatCell:
		if f := c.Float(i); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
		return append(dst, "null"...)
	case pipelines.BoolCell:
		return strconv.AppendBool(dst, c.Bool(i))
	case pipelines.TimeCell:
		return append(c.Time(i).In(e.zone).AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
	case pipelines.DateCell:
		return append(c.Date(i).ToTime().AppendFormat(append(dst, '"'), time.DateOnly), '"')
	case pipelines.ListCell:
		dst = append(dst, '[')
		first := true
		c.Texts(i, func(s string) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = appendText(dst, s)
		})
		return append(dst, ']')
	default:
		return appendText(dst, c.Text(i))
	}
}

const hexDigits = "0123456789abcdef"

// appendText writes s, which is UTF-8, as a JSON string; letters of any script stand as
// they are.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
		start = i + 1
	}
	return append(append(dst, s[start:]...), '"')
}
