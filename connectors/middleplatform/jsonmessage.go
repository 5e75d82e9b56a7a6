package middleplatform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"banjian/internal/text"
)

// In JSON a message has the names of its elements in camel case: SBLSH_SHORT is
// sblshShort. A name with small letters of its own stays as it is, and so does
// everything below a field that may hold anything.

// camel is an element's name as JSON has it.
func camel(name string) string {
	if strings.ContainsFunc(name, unicode.IsLower) {
		return name
	}
	var b strings.Builder
	for i, word := range strings.Split(name, "_") {
		if i == 0 || word == "" {
			b.WriteString(strings.ToLower(word))
			continue
		}
		b.WriteString(word[:1])
		b.WriteString(strings.ToLower(word[1:]))
	}
	return b.String()
}

// tag is the reverse.
func (p *Profile) tag(name string) string {
	if own, ok := p.spelt[name]; ok {
		return own
	}
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// learn remembers the names of blocks that camel case does not give back, and the
// fields that may hold anything.
func (p *Profile) learn(blocks []Block) {
	if p.spelt == nil {
		p.spelt, p.loose = map[string]string{}, map[string]bool{}
	}
	keep := func(name string) {
		if c := camel(name); p.tag(c) != name {
			p.spelt[c] = name
		}
	}
	for i := range blocks {
		for part := range strings.SplitSeq(blocks[i].Block, "/") {
			keep(part)
		}
		for _, f := range blocks[i].Fields {
			keep(f.Name)
			for _, a := range f.Aliases {
				keep(a)
			}
			if f.Type == "any" {
				p.loose[f.Name] = true
			}
		}
	}
}

// EncodeJSON writes a message as one JSON object, its root element left out. A text
// that is no UTF-8 is a Data fault, never changed.
func (p *Profile) EncodeJSON(root *Element) (string, error) {
	var b bytes.Buffer
	if err := p.writeObject(&b, root, "", 1, false); err != nil {
		return "", err
	}
	return b.String(), nil
}

func (p *Profile) writeObject(b *bytes.Buffer, e *Element, path string, depth int, verbatim bool) error {
	if depth > maxDepth || !isName(e.Name) || e.Text != "" && len(e.Children) > 0 {
		return badStructure()
	}
	b.WriteByte('{')
	for i, c := range e.Children {
		if repeated(e, i) {
			continue
		}
		if b.Bytes()[b.Len()-1] != '{' {
			b.WriteByte(',')
		}
		if err := p.writeMember(b, e, c, path, depth, verbatim); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// writeMember writes a child with those of the same name.
func (p *Profile) writeMember(b *bytes.Buffer, e, c *Element, path string, depth int, verbatim bool) error {
	name, list, full := camel(c.Name), sameNamed(e.Children, c.Name), join(path, c.Name)
	if verbatim {
		name = c.Name
	}
	array := len(list) > 1
	if !verbatim && len(list) == 1 && len(c.Children) > 0 {
		if member, ok := p.Body.Arrays[join(full, c.Children[0].Name)]; ok && len(sameNamed(c.Children, c.Children[0].Name)) == len(c.Children) {
			name, list, full, array = member, c.Children, join(full, c.Children[0].Name), true
		}
	}
	if err := writeText(b, name, c); err != nil {
		return err
	}
	b.WriteByte(':')
	if array {
		b.WriteByte('[')
	}
	for i, one := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		var err error
		if len(one.Children) > 0 {
			err = p.writeObject(b, one, full, depth+1, verbatim || p.loose[one.Name])
		} else {
			err = writeText(b, one.Text, one)
		}
		if err != nil {
			return err
		}
	}
	if array {
		b.WriteByte(']')
	}
	return nil
}

func sameNamed(list []*Element, name string) []*Element {
	var same []*Element
	for _, e := range list {
		if e.Name == name {
			same = append(same, e)
		}
	}
	return same
}

func writeText(b *bytes.Buffer, s string, of *Element) error {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, notXML) {
		return badText(of.Name)
	}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line end
	return nil
}

// DecodeJSON reads one JSON object as a message with the profile's root. Numbers and
// booleans are read as their text, null as nothing. More than maxDepth levels or
// maxElements values are Data faults.
func (p *Profile) DecodeJSON(data string) (*Element, error) { return p.decodeJSON(data, p.Body.Root) }

func (p *Profile) decodeJSON(data, root string) (*Element, error) {
	if len(data) > MaxBody || !utf8.ValidString(data) {
		return nil, malformed(text.T("报文太大，或不是 UTF-8", "the message is too large or no UTF-8"))
	}
	r := jsonReader{p: p, dec: json.NewDecoder(strings.NewReader(data))}
	r.dec.UseNumber()
	e := &Element{Name: root}
	t, err := r.dec.Token()
	if err != nil || t != json.Delim('{') || !r.object(e, "", 1, false) {
		return nil, malformed(text.T("不是合格的 JSON 对象", "it is no well-formed JSON object"))
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed(text.T("JSON 对象之后还有内容", "something follows the JSON object"))
	}
	return e, nil
}

type jsonReader struct {
	p     *Profile
	dec   *json.Decoder
	count int
}

// object reads the members behind an opening brace into e, which stands at path.
func (r *jsonReader) object(e *Element, path string, depth int, verbatim bool) bool {
	for r.dec.More() {
		t, err := r.dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return false
		}
		into, tag := e, name
		if !verbatim {
			tag = r.p.tag(name)
			for at, member := range r.p.Body.Arrays {
				if parent, below, _ := strings.Cut(at, "/"); member == name && path == "" {
					into, tag = e.Add(parent, ""), below
				}
			}
		}
		if !isName(tag) || !r.value(into, tag, path, depth, verbatim) {
			return false
		}
	}
	t, err := r.dec.Token()
	return err == nil && t == json.Delim('}')
}

func (r *jsonReader) value(into *Element, tag, path string, depth int, verbatim bool) bool {
	r.count++
	t, err := r.dec.Token()
	if err != nil || r.count > maxElements || depth >= maxDepth {
		return false
	}
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return r.object(into.Add(tag, ""), join(path, tag), depth+1, verbatim || r.p.loose[tag])
		}
		for r.dec.More() {
			if !r.value(into, tag, path, depth+1, verbatim) {
				return false
			}
		}
		t, err := r.dec.Token()
		return err == nil && t == json.Delim(']')
	case string:
		into.Add(tag, v)
	case json.Number:
		into.Add(tag, v.String())
	case bool:
		into.Add(tag, map[bool]string{true: "true", false: "false"}[v])
	case nil:
		into.Add(tag, "")
	}
	return true
}
