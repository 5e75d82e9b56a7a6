package datax

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// maxDepth is how deep a job may be nested.
const maxDepth = 40

// value is one value of a job with the place it stands at.
type value struct {
	text string // of a text, number or truth value
	leaf bool
	keys []string
	vals []*value
	line int
	used bool // carried over, or spoken of
}

// get is the value that the keys lead to, nil if there is none; it counts as used.
func (v *value) get(keys ...string) *value {
	for _, k := range keys {
		if v == nil {
			return nil
		}
		var next *value
		for i, name := range v.keys {
			if name == k {
				next = v.vals[i]
			}
		}
		if v = next; v != nil {
			v.used = true
		}
	}
	return v
}

// str is the text of a leaf, empty for anything else.
func (v *value) str() string {
	if v == nil || !v.leaf {
		return ""
	}
	v.used = true
	return v.text
}

// strs is the texts of a list, or of the one text that stands in its place.
func (v *value) strs() []string {
	if v == nil {
		return nil
	}
	v.used = true
	if v.leaf {
		return []string{v.text}
	}
	var out []string
	for _, e := range v.vals {
		if e.leaf {
			out = append(out, e.str())
		}
	}
	return out
}

// parse reads a job as people write them: comments, a comma too many and ${variables}
// without quotes are taken.
func parse(file string, data []byte) (*value, error) {
	data, err := yamlfile.Text(file, data)
	if err != nil {
		return nil, err
	}
	p := &parser{file: file, data: data}
	p.dec = json.NewDecoder(bytes.NewReader(plain(data)))
	p.dec.UseNumber()
	v, err := p.value(0)
	if err == nil && p.dec.More() {
		err = p.fail(p.dec.InputOffset(), text.T("JSON 结束之后还有内容", "something follows the end of the JSON"))
	}
	return v, err
}

type parser struct {
	file string
	data []byte
	dec  *json.Decoder
	at   int // a byte whose line is known
	line int // lines before it
}

func (p *parser) fail(offset int64, what text.Text) error {
	before := p.data[:min(int(offset), len(p.data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fault.New(fault.Config, "read DataX job", fmt.Sprintf("%s:%d:%d", p.file, line, max(column, 1)), what,
		text.T("检查逗号、引号和括号", "look at commas, quotes and brackets")).Quoting(hidden(p.data))
}

func (p *parser) value(depth int) (*value, error) {
	tk, err := p.dec.Token()
	if err != nil {
		return nil, p.broken(err)
	}
	offset := min(int(p.dec.InputOffset()), len(p.data))
	p.line += bytes.Count(p.data[p.at:offset], []byte("\n"))
	p.at = offset
	v := &value{line: p.line + 1}
	delim, nested := tk.(json.Delim)
	if !nested {
		v.leaf = true
		if tk != nil {
			v.text = fmt.Sprint(tk)
		}
		return v, nil
	}
	if depth > maxDepth {
		return nil, p.fail(p.dec.InputOffset(), text.T("嵌套太深", "nested too deeply"))
	}
	for p.dec.More() {
		if delim == '{' {
			key, err := p.dec.Token()
			if err != nil {
				return nil, p.broken(err)
			}
			v.keys = append(v.keys, fmt.Sprint(key))
		}
		one, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.vals = append(v.vals, one)
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, p.broken(err)
	}
	return v, nil
}

func (p *parser) broken(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.fail(int64(len(p.data)), text.T("JSON 没有写完：少了右括号或引号", "the JSON ends too early: a bracket or a quote is missing"))
	case errors.As(err, &syntax):
		return p.fail(max(syntax.Offset, p.dec.InputOffset()), text.F("JSON 语法错误：%s", "JSON syntax: %s", syntax.Error()))
	}
	return p.fail(p.dec.InputOffset(), text.T("JSON 语法错误", "JSON syntax"))
}

// plain is data as strict JSON of the same length: comments and commas before a closing
// bracket are blanks, ${name} without quotes is a text.
func plain(data []byte) []byte {
	out := bytes.Clone(data)
	comma := -1 // the last thing that counts was this comma
	for i := 0; i < len(out); {
		rest := out[i:]
		switch c := out[i]; {
		case c == '"':
			i += quotedLen(rest)
			comma = -1
			continue
		case bytes.HasPrefix(rest, []byte("//")), c == '#':
			i += blank(rest, bytes.IndexByte(rest, '\n'))
			continue
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest, []byte("*/"))
			if end >= 0 {
				end += 2
			}
			i += blank(rest, end)
			continue
		case bytes.HasPrefix(rest, []byte("${")):
			if end := bytes.IndexByte(rest, '}'); end > 0 && !bytes.ContainsAny(rest[2:end], "\"\n\\{") {
				out[i], out[i+1], out[i+end] = '"', '$', '"'
				i += end
			}
			comma = -1
		case c == ',':
			comma = i
		case (c == '}' || c == ']') && comma >= 0:
			out[comma] = ' '
			comma = -1
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			comma = -1
		}
		i++
	}
	return out
}

// quotedLen is the length of the text in quotes that b begins with.
func quotedLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"', '\n':
			return i + 1
		}
	}
	return len(b)
}

// blank makes blanks of the first n bytes of b, line ends left; all of them if n is -1.
func blank(b []byte, n int) int {
	if n < 0 {
		n = len(b)
	}
	for i := range n {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	return n
}

// hidden is a job whose lines may be quoted: what may be a secret is masked.
func hidden(data []byte) []byte {
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		low := strings.ToLower(line)
		for _, word := range secretWords {
			if at := strings.Index(low, word); at >= 0 && at < len(line) {
				lines[i] = line[:at] + "***"
				break
			}
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

// secretWords begin what is never shown.
var secretWords = []string{"passw", "pwd", "token", "secret", "accesskey", "jdbc:"}
