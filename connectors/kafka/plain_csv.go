package kafka

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// plainCSV reads messages that are lines of fields, whose names the pipeline tells. Values
// in quotation marks stay as they are, line ends in them too.
type plainCSV struct {
	*layout
	separator []byte
	cols      []int // by field, -1: not mapped
	values    []string
	there     []bool
}

func newPlainCSV(o *Options, l *layout) *plainCSV {
	d := &plainCSV{layout: l, separator: utf8.AppendRune(nil, o.Separator), values: make([]string, len(l.columns)), there: make([]bool, len(l.columns))}
	for _, f := range o.Fields {
		col, ok := l.index[f]
		if !ok {
			col = -1
		}
		d.cols = append(d.cols, col)
	}
	return d
}

func (d *plainCSV) decode(value []byte, to *rows) verdict {
	if !utf8.Valid(value) {
		return notEnvelope
	}
	verdict := skipped // nothing but empty lines
	for len(value) > 0 {
		if n := lineEnd(value); n > 0 {
			value = value[n:]
			continue
		}
		rest, ok := d.line(value)
		if !ok {
			return notEnvelope
		}
		to.addTexts(d.values, d.there)
		value, verdict = rest, taken
	}
	return verdict
}

// lineEnd is how long the line end is that b begins with, 0: none.
func lineEnd(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case b[0] == '\r' && (len(b) == 1 || b[1] == '\n'):
		return min(2, len(b))
	}
	return 0
}

// line reads the fields of one line; what is behind it is the rest.
func (d *plainCSV) line(b []byte) (rest []byte, ok bool) {
	clear(d.there)
	for i := 0; i < len(d.cols); i++ {
		var field string
		if field, b, ok = d.field(b); !ok {
			return nil, false
		}
		if col := d.cols[i]; col >= 0 {
			d.values[col], d.there[col] = field, true
		}
		if i == len(d.cols)-1 {
			break
		}
		if b, ok = bytes.CutPrefix(b, d.separator); !ok {
			return nil, false // too few
		}
	}
	if len(b) == 0 {
		return b, true
	}
	n := lineEnd(b)
	return b[n:], n > 0 // else too many
}

// field reads one field; b goes on with a separator, a line end, or not at all.
func (d *plainCSV) field(b []byte) (field string, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		return quoted(b[1:])
	}
	end := len(b)
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		end = i
	}
	if i := bytes.Index(b[:end], d.separator); i >= 0 {
		end = i
	} else if end > 0 && b[end-1] == '\r' {
		end--
	}
	return string(b[:end]), b[end:], bytes.IndexByte(b[:end], '"') < 0
}

// quoted reads up to the quotation mark that ends a field.
func quoted(b []byte) (field string, rest []byte, ok bool) {
	var s strings.Builder
	for {
		i := bytes.IndexByte(b, '"')
		if i < 0 {
			return "", nil, false
		}
		s.Write(b[:i])
		if b = b[i+1:]; len(b) == 0 || b[0] != '"' {
			return s.String(), b, true
		}
		s.WriteByte('"')
		b = b[1:]
	}
}
