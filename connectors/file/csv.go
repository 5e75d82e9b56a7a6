package file

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"banjian/internal/charset"
	"banjian/internal/text"
)

// csvReader reads lines of values that are set apart by one character. It works on the
// file's own bytes: a quotation may hold line ends, which stay as they are, and a line that
// is broken is refused alone, even where an open quotation would have swallowed the rest.
type csvReader struct {
	lines   lineBuffer
	charset *charset.Charset // nil: UTF-8
	delim   byte
	quote   byte // 0: none
	wide    bool // delim or quote may be the second byte of a character
	columns int
	bound   []int // column of the file of each mapped column
	nulls   []string
	limit   int    // bytes of a row
	fields  []span // of the record at hand, no more than are needed to tell that it has too many
	found   int    // how many it has
	multi   bool   // one of them is quoted, and may go over several lines
	text    []byte // values that are not in the file as they are
	rows    int64
}

// span is one value: where it stands in its line, quotation marks left out.
type span struct {
	from, to int
	quoted   bool
	doubled  bool // has doubled quotation marks
}

// newCSV reads the header and goes to a row.
func newCSV(o *Options, name string, in *input, from mark) (*csvReader, error) {
	c := &csvReader{lines: lineBuffer{in: in}, delim: ',', quote: '"', nulls: o.Layout.Nulls, limit: o.rowLimit}
	if o.Format == "tsv" {
		c.delim = '\t'
	}
	if d := o.Layout.Delimiter; d != "" {
		c.delim = d[0]
	}
	switch q := o.Layout.Quote; q {
	case "":
	case "none":
		c.quote = 0
	default:
		c.quote = q[0]
	}
	var err error
	if c.charset, err = charsetOf(o); err != nil {
		return nil, err
	}
	c.wide = c.charset != nil && (c.delim >= 0x40 || c.quote >= 0x40)
	if err := c.lines.begin(o.Layout.Charset); err != nil {
		return nil, err
	}
	if err := c.header(o, name); err != nil {
		return nil, err
	}
	if from.Row > 0 {
		c.rows = from.Row
		c.lines.seek(from)
	}
	return c, nil
}

// header reads the line of the column names and binds the mapped columns to them.
func (c *csvReader) header(o *Options, name string) (err error) {
	has := o.Layout.Columns
	if n := o.Layout.HeaderLine(); n > 0 {
		for range n - 1 {
			if err := c.lines.skip(); err != nil {
				return err
			}
		}
		b, lines, rule, err := c.record()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if rule != "" || err != nil {
			return o.config(name, text.T("读不出列名行", "the line of the column names cannot be read"), text.T("检查 layout 的 header、delimiter、quote", "look at header, delimiter and quote of layout"))
		}
		if c.found > maxColumns {
			return tooLarge(o.Format)
		}
		if has, err = c.names(o, name, b); err != nil {
			return err
		}
		c.lines.consume(len(b), lines)
	}
	c.columns = len(has)
	c.bound, err = bind(o, name, has)
	return err
}

func (c *csvReader) names(o *Options, file string, b []byte) ([]string, error) {
	var has []string
	for _, f := range c.fields {
		name := string(c.value(b, f))
		if !utf8.ValidString(name) {
			return nil, o.config(file, text.F("列名行不是 %s", "the column names are not in %s", declared(o)), text.T("写明字符集，如 layout: {charset: gbk}", "declare the charset, such as layout: {charset: gbk}"))
		}
		has = append(has, strings.TrimSpace(name))
	}
	return has, nil
}

func (c *csvReader) at() mark {
	return mark{Row: c.rows, Offset: c.lines.offset(), Line: c.lines.line}
}

func (c *csvReader) close() error { return nil }

func (c *csvReader) next(r *row) error {
	for {
		b, lines, rule, err := c.record()
		if err != nil {
			return err
		}
		if c.found == 1 && c.columns > 1 && rule == "" && len(bytes.TrimRight(b, "\r\n")) == 0 {
			c.lines.consume(len(b), lines)
			continue
		}
		r.clear(c.lines.line + 1)
		r.size = int64(len(b))
		c.rows++
		switch {
		case rule == ruleTooLong:
			r.refuse(b, rule, strconv.Itoa(c.limit))
			c.lines.consume(len(b), lines)
			if b[len(b)-1] == '\n' {
				return nil
			}
			return c.lines.skip()
		case rule != "":
			r.refuse(b, rule)
		case c.found != c.columns:
			r.refuse(b, ruleRagged, strconv.Itoa(c.columns), strconv.Itoa(c.found))
		default:
			c.fill(r, b)
		}
		c.lines.consume(len(b), lines)
		return nil
	}
}

// fill sets the values of a row.
func (c *csvReader) fill(r *row, b []byte) {
	c.text = c.text[:0]
	for i, at := range c.bound {
		f := c.fields[at]
		v := c.value(b, f)
		if f.quoted || len(v) > 0 && !c.isNull(v) {
			r.cells[i] = v
		}
	}
}

func (c *csvReader) isNull(v []byte) bool {
	for _, n := range c.nulls {
		if string(v) == n {
			return true
		}
	}
	return false
}

// value is a value as UTF-8; it may lie in c.text. Never nil.
func (c *csvReader) value(b []byte, f span) []byte {
	v := b[f.from:f.to:f.to]
	if f.doubled {
		v = c.single(v)
	}
	if c.charset != nil && !isASCII(v) {
		start := len(c.text)
		c.text = c.charset.Append(c.text, v)
		v = c.text[start:len(c.text):len(c.text)]
	}
	if v == nil {
		v = []byte{}
	}
	return v
}

// single makes one of every doubled quotation mark.
func (c *csvReader) single(v []byte) []byte {
	start := len(c.text)
	for {
		i := c.find(v, 0, c.quote)
		if i < 0 {
			break
		}
		c.text = append(c.text, v[:i+1]...)
		v = v[i+2:]
	}
	c.text = append(c.text, v...)
	return c.text[start:len(c.text):len(c.text)]
}

// record is the next record with its line end, its fields in c.fields. With a rule it is
// the bytes that are refused. io.EOF is the end.
func (c *csvReader) record() (b []byte, lines int64, rule string, err error) {
	for {
		b, eof := c.lines.bytes()
		if len(b) == 0 && eof {
			return nil, 0, "", io.EOF
		}
		n, rule, whole := c.parse(b, eof)
		switch {
		case whole && rule == "" && n > c.limit:
			return b[:n], c.countLines(b[:n]), ruleTooLong, nil
		case whole && rule == "":
			return b[:n], c.countLines(b[:n]), "", nil
		case whole: // refuse the line in which the quotation began
			n = bytes.IndexByte(b, '\n') + 1
			if n == 0 {
				n = len(b)
			}
			return b[:n], 1, rule, nil
		case len(b) > c.limit:
			n = bytes.IndexByte(b, '\n') + 1
			if n > 0 {
				return b[:n], 1, ruleQuote, nil
			}
			return b, 0, ruleTooLong, nil
		}
		if err := c.lines.fill(); err != nil {
			return nil, 0, "", err
		}
	}
}

func (c *csvReader) countLines(b []byte) int64 {
	if c.multi {
		return max(1, int64(bytes.Count(b, []byte{'\n'})))
	}
	return 1
}

// field takes one value of the record at hand.
func (c *csvReader) field(f span) {
	most := c.columns
	if most == 0 {
		most = maxColumns // the header
	}
	if c.found++; c.found <= most {
		c.fields = append(c.fields, f)
	}
	c.multi = c.multi || f.quoted
}

// parse splits the record b begins with; whole is false if it needs more bytes.
func (c *csvReader) parse(b []byte, eof bool) (n int, rule string, whole bool) {
	c.fields, c.found, c.multi = c.fields[:0], 0, false
	for i := 0; ; {
		if c.quote != 0 && i < len(b) && b[i] == c.quote {
			f, next, state := c.quoted(b, i, eof)
			switch state {
			case needMore:
				return 0, "", false
			case broken:
				return 0, ruleQuote, true
			}
			c.field(f)
			if state == endOfRecord {
				return next, "", true
			}
			i = next
			continue
		}
		end := c.plain(b, i)
		switch {
		case end < 0 && !eof:
			return 0, "", false
		case end < 0:
			c.field(span{from: i, to: max(i, len(bytes.TrimSuffix(b[:len(b):len(b)], []byte{'\r'})))})
			return len(b), "", true
		}
		f := span{from: i, to: end}
		if b[end] == '\n' {
			if end > i && b[end-1] == '\r' {
				f.to--
			}
			c.field(f)
			return end + 1, "", true
		}
		c.field(f)
		i = end + 1
	}
}

type fieldEnd int

const (
	endOfField fieldEnd = iota
	endOfRecord
	needMore
	broken
)

// quoted is the quotation that begins at i, and where the next field or record begins.
func (c *csvReader) quoted(b []byte, i int, eof bool) (f span, next int, end fieldEnd) {
	f = span{from: i + 1, quoted: true}
	unclosed := needMore
	if eof {
		unclosed = broken
	}
	j := i + 1
	for {
		at := c.find(b, j, c.quote)
		if at < 0 {
			return f, 0, unclosed
		}
		if j = at + 1; j == len(b) {
			if f.to = at; eof {
				return f, j, endOfRecord
			}
			return f, 0, needMore
		}
		if b[j] != c.quote {
			f.to = at
			break
		}
		f.doubled = true
		j++
	}
	switch {
	case b[j] == c.delim:
		return f, j + 1, endOfField
	case b[j] == '\n':
		return f, j + 1, endOfRecord
	case b[j] == '\r' && j+1 == len(b):
		if eof {
			return f, j + 1, endOfRecord
		}
		return f, 0, needMore
	case b[j] == '\r' && b[j+1] == '\n':
		return f, j + 2, endOfRecord
	}
	return f, 0, broken
}

// plain is where the value that begins at i ends: at a delimiter or a line end; -1: not in b.
func (c *csvReader) plain(b []byte, i int) int {
	for ; i < len(b); i++ {
		switch v := b[i]; {
		case v == c.delim || v == '\n':
			return i
		case c.wide && v >= 0x81 && i+1 < len(b) && b[i+1] >= 0x40 && b[i+1] != 0x7F:
			i++
		}
	}
	return -1
}

// find is where the character c stands in b from i, -1: nowhere.
func (c *csvReader) find(b []byte, i int, what byte) int {
	if !c.wide {
		n := bytes.IndexByte(b[i:], what)
		if n < 0 {
			return -1
		}
		return i + n
	}
	for ; i < len(b); i++ {
		switch v := b[i]; {
		case v == what:
			return i
		case v >= 0x81 && i+1 < len(b) && b[i+1] >= 0x40 && b[i+1] != 0x7F:
			i++
		}
	}
	return -1
}
