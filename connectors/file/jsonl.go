package file

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"banjian/internal/charset"
)

// jsonReader reads one JSON object a line. A key that a line lacks is NULL there; numbers
// are the digits that are written, objects and lists their JSON.
type jsonReader struct {
	lines   lineBuffer
	charset *charset.Charset
	places  map[string]int // place of each mapped column
	limit   int
	text    []byte
	seen    map[string]bool
	rows    int64
}

// ruleBytes is a line with bytes that are no character; args: column, bytes. See schemas.
const ruleBytes = "bad_bytes"

func newJSON(o *Options, in *input, from mark) (*jsonReader, error) {
	j := &jsonReader{lines: lineBuffer{in: in}, places: map[string]int{}, limit: o.rowLimit, seen: map[string]bool{}}
	var err error
	if j.charset, err = charsetOf(o); err != nil {
		return nil, err
	}
	if err := j.lines.begin(o.Layout.Charset); err != nil {
		return nil, err
	}
	for i, name := range o.Columns {
		j.places[name] = i
	}
	if from.Row > 0 {
		j.rows = from.Row
		j.lines.seek(from)
	}
	return j, nil
}

func (j *jsonReader) at() mark {
	return mark{Row: j.rows, Offset: j.lines.offset(), Line: j.lines.line}
}

func (j *jsonReader) close() error { return nil }

func (j *jsonReader) next(r *row) error {
	for {
		b, eof := j.lines.bytes()
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 && !eof && len(b) <= j.limit {
			if err := j.lines.fill(); err != nil {
				return err
			}
			continue
		}
		if n == 0 {
			n = len(b)
		}
		if n == 0 {
			return io.EOF
		}
		line := bytes.TrimSpace(b[:n])
		if len(line) == 0 {
			j.lines.consume(n, 1)
			continue
		}
		r.clear(j.lines.line + 1)
		r.size = int64(n)
		j.rows++
		if n > j.limit {
			r.refuse(b[:n], ruleTooLong, strconv.Itoa(j.limit))
			whole := b[n-1] == '\n'
			if j.lines.consume(n, int64(bytes.Count(b[:n], []byte{'\n'}))); whole {
				return nil
			}
			return j.lines.skip()
		}
		j.fill(r, line)
		j.lines.consume(n, 1)
		return nil
	}
}

// fill sets the values of a row, or refuses it.
func (j *jsonReader) fill(r *row, line []byte) {
	raw := line
	if j.charset != nil && !isASCII(line) {
		j.text = j.charset.Append(j.text[:0], line)
		line = j.text
	}
	if !utf8.Valid(line) {
		bad, _ := charset.Spot(string(line))
		r.refuse(raw, ruleBytes, "", bad)
		return
	}
	if !j.object(r, line) {
		r.refuse(raw, ruleJSON)
	}
}

// object reads a whole object; false: it is none, or has a key twice.
func (j *jsonReader) object(r *row, line []byte) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	clear(j.seen)
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok || j.seen[key] {
			return false
		}
		j.seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return false
		}
		if i, mapped := j.places[key]; mapped {
			if r.cells[i], ok = jsonText(value); !ok {
				return false
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

// jsonText is a value as text; nil for null.
func jsonText(value json.RawMessage) ([]byte, bool) {
	switch value[0] {
	case 'n':
		return nil, true
	case '{', '[':
		var b bytes.Buffer
		err := json.Compact(&b, value)
		return b.Bytes(), err == nil
	case '"':
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return nil, false
		}
		// half a character, which the library replaces
		if n := strings.Count(s, "\uFFFD"); n > bytes.Count(value, []byte("\uFFFD"))+strings.Count(strings.ToLower(string(value)), `\ufffd`) {
			return nil, false
		}
		return []byte(s), true
	}
	return value, true
}
