package middleplatform

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Bounds of a message that is read.
const (
	MaxBody     = 32 << 20 // bytes of a request or an answer
	maxDepth    = 16
	maxElements = 10_000
)

// Element is one element of a message: text, or children. Attributes, comments and the
// white space between elements are not kept.
type Element struct {
	Name     string
	Text     string
	Children []*Element
}

// isName says that s is ASCII letters, digits and underscores and begins with no digit.
func isName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '_', i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return s != ""
}

// Add puts a child at the end and returns it.
func (e *Element) Add(name, text string) *Element {
	child := &Element{Name: name, Text: text}
	e.Children = append(e.Children, child)
	return child
}

// Child is the first child of that name, nil if there is none.
func (e *Element) Child(name string) *Element {
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Value is the text at BLOCK/FIELD without the white space around it, empty if it is
// not there.
func (e *Element) Value(path string) string {
	for name := range strings.SplitSeq(path, "/") {
		if e = e.Child(name); e == nil {
			return ""
		}
	}
	return strings.TrimSpace(e.Text)
}

// EncodeXML writes a message on one line, without a prolog: line breaks and tabs in
// values become character references, so that nothing is lost where the platform's
// cipher drops line breaks. A text XML cannot carry is a Data fault, never changed.
func EncodeXML(root *Element) (string, error) {
	var b strings.Builder
	b.Grow(1024 + root.longest())
	if err := root.write(&b, 1); err != nil {
		return "", err
	}
	return b.String(), nil
}

// longest is the length of the longest text.
func (e *Element) longest() int {
	n := len(e.Text)
	for _, c := range e.Children {
		n = max(n, c.longest())
	}
	return n
}

func (e *Element) write(b *strings.Builder, depth int) error {
	if depth > maxDepth || !isName(e.Name) || e.Text != "" && len(e.Children) > 0 {
		return badStructure()
	}
	if !utf8.ValidString(e.Text) || strings.ContainsFunc(e.Text, notXML) {
		return badText(e.Name)
	}
	writeTag(b, "<", e.Name)
	if isPlain(e.Text) {
		b.WriteString(e.Text)
	} else if err := xml.EscapeText(b, []byte(e.Text)); err != nil {
		return err
	}
	for _, c := range e.Children {
		if err := c.write(b, depth+1); err != nil {
			return err
		}
	}
	writeTag(b, "</", e.Name)
	return nil
}

func badStructure() error {
	return fault.New(fault.Bug, "write message", "", text.T("报文结构写不出来", "the message's structure cannot be written"), text.Text{})
}

func badText(name string) error {
	return fault.New(fault.Data, "write message", name, text.T("含有 XML 不能表示的字符", "it holds a character XML cannot carry"), text.Text{})
}

// isPlain says that a text goes as it is: base64 does, and a file in it is not copied once
// more to find out.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
		default:
			return false
		}
	}
	return true
}

func writeTag(b *strings.Builder, open, name string) {
	b.WriteString(open)
	b.WriteString(name)
	b.WriteByte('>')
}

// notXML says that XML 1.0 has no such character.
func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// DecodeXML reads one document of UTF-8. A document type, an entity of its own, text
// beside elements, more than maxDepth levels or maxElements elements are Data faults.
func DecodeXML(data string) (*Element, error) {
	if len(data) > MaxBody {
		return nil, malformed(text.T("报文太大", "the message is too large"))
	}
	dec := xml.NewDecoder(strings.NewReader(data))
	r := reader{}
	for {
		tok, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF) && r.root != nil && len(r.open) == 0:
			return r.root, nil
		case err != nil:
			return nil, malformed(text.T("不是完整的 XML（要求 UTF-8）", "it is no complete XML in UTF-8"))
		}
		if wrong := r.take(tok); !wrong.IsZero() {
			return nil, malformed(wrong)
		}
	}
}

// stray is a < or & that begins nothing.
var stray = regexp.MustCompile(`<([^A-Za-z_/!?]|$)|&([^A-Za-z#]|$)`)

// DecodeLoose is DecodeXML of a text that people wrote programs for: where it is no
// XML, a < or & that can begin nothing is taken for itself.
func DecodeLoose(data string) (*Element, error) {
	e, err := DecodeXML(data)
	if err == nil || len(data) > MaxBody {
		return e, err
	}
	mended := stray.ReplaceAllStringFunc(data, func(s string) string {
		if s[0] == '<' {
			return "&lt;" + s[1:]
		}
		return "&amp;" + s[1:]
	})
	if mended == data {
		return nil, err
	}
	return DecodeXML(mended)
}

func malformed(what text.Text) error {
	return fault.New(fault.Data, "read message", "", what, text.Text{})
}

// reader builds a tree of elements.
type reader struct {
	root  *Element
	open  []opened
	count int
}

// opened is an element whose end has not come.
type opened struct {
	e    *Element
	text []byte
}

// take is what is wrong with a token, nothing if it was taken.
func (r *reader) take(tok xml.Token) text.Text {
	switch tok := tok.(type) {
	case xml.Directive:
		return text.T("不接受文档类型声明", "a document type is not taken")
	case xml.StartElement:
		return r.start(tok.Name)
	case xml.EndElement:
		last := r.open[len(r.open)-1]
		r.open = r.open[:len(r.open)-1]
		if len(last.e.Children) == 0 {
			last.e.Text = string(last.text)
		} else if len(bytes.TrimSpace(last.text)) > 0 {
			return text.F("元素 %s 里既有文字又有元素", "element %s holds both text and elements", last.e.Name)
		}
	case xml.CharData:
		if len(r.open) > 0 {
			last := &r.open[len(r.open)-1]
			last.text = append(last.text, tok...)
		} else if len(bytes.TrimSpace(tok)) > 0 {
			return text.T("根元素之外有文字", "there is text outside the root element")
		}
	}
	return text.Text{}
}

func (r *reader) start(name xml.Name) text.Text {
	r.count++
	switch {
	case r.count > maxElements || len(r.open) >= maxDepth:
		return text.T("元素太多或层次太深", "there are too many elements or levels")
	case len(r.open) == 0 && r.root != nil:
		return text.T("根元素不止一个", "there is more than one root element")
	case name.Space != "" || !isName(name.Local):
		return text.T("元素名不合要求", "an element has a name that is not taken")
	}
	e := &Element{Name: name.Local}
	if len(r.open) == 0 {
		r.root = e
	} else {
		parent := r.open[len(r.open)-1].e
		parent.Children = append(parent.Children, e)
	}
	r.open = append(r.open, opened{e: e})
	return text.Text{}
}
