package middleplatform

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Form is how an envelope is written.
type Form string

const (
	XML  Form = "xml"
	JSON Form = "json"
)

// Reply is an answer of the platform. Code is the envelope's; where it is not the
// profile's ok, nothing was decided about the message, and Data is a plain sentence.
// Otherwise Status and Data are what was said inside, and Answer is what it brought,
// nil for an acknowledgement.
type Reply struct {
	Code, Status, Data string
	Answer             *Element // DATA
}

// Done says that the message was taken.
func (p *Profile) Done(r Reply) bool { return r.Code == p.Envelope.OK && r.Status == p.Envelope.OK }

// FormFor is how an answer is written to a caller who accepts that.
func (p *Profile) FormFor(accept string) Form {
	var asked []Form
	if strings.Contains(accept, "json") {
		asked = append(asked, JSON)
	}
	if strings.Contains(accept, "xml") {
		asked = append(asked, XML)
	}
	return p.form(asked...)
}

// part is a member of an answer: a text, or an element.
type member struct {
	name, text string
	element    *Element
}

// says is the parts of what is said, in their order.
func (p *Profile) says(s *Saying, r Reply, at time.Time) []member {
	status := r.Status
	if r.Code != p.Envelope.OK {
		status = r.Code
	}
	list := []member{{name: s.Status, text: status}}
	if s.Words != "" {
		list = append(list, member{name: s.Words, text: r.Data})
	}
	if s.Time != "" {
		stamp := strconv.FormatInt(at.UnixMilli(), 10)
		if s.Clock == "compact" {
			stamp = at.In(chinaTime).Format("20060102150405")
		}
		list = append(list, member{name: s.Time, text: stamp})
	}
	if s.Data != "" && (r.Answer != nil || p.Envelope.Code == "") {
		list = append(list, member{name: s.Data, element: r.Answer})
	}
	return list
}

// EncodeReply writes an answer and says its content type.
func (p *Profile) EncodeReply(r Reply, form Form, c *Cipher) (contentType string, body []byte, err error) {
	return p.EncodeReplyAt(r, form, c, time.Now())
}

// EncodeReplyAt is EncodeReply for a platform whose answers carry the moment.
func (p *Profile) EncodeReplyAt(r Reply, form Form, c *Cipher, at time.Time) (contentType string, body []byte, err error) {
	e := &p.Envelope
	if p.Cipher.Scope == "fields" && c.block != nil && r.Answer != nil {
		if r.Answer, err = p.eachSecret(r.Answer, c.Encrypt); err != nil {
			return "", nil, err
		}
	}
	if e.Code == "" {
		return p.written(p.says(&e.Says, r, at), form)
	}
	outer := []member{{name: e.Code, text: r.Code}}
	for _, name := range slices.Sorted(maps.Keys(e.Fixed)) {
		said := e.Fixed[name]
		if other, is := e.Failing[name]; is && r.Code != e.OK {
			said = other
		}
		outer = append(outer, member{name: name, text: said})
	}
	data := r.Data
	if r.Code == e.OK {
		if r.Answer != nil && e.Document != nil {
			if r.Data, err = p.EncodeDocument(r, at); err != nil {
				return "", nil, err
			}
			r.Answer = nil
		}
		_, plain, err := p.written(p.says(&e.Says, r, at), JSON)
		if err != nil {
			return "", nil, err
		}
		if data, err = p.whole(c).Encrypt(string(plain)); err != nil {
			return "", nil, err
		}
	}
	return p.written(append(outer, member{name: e.Body, text: data}), form)
}

// EncodeDocument is an answer with data as the XML document that stands for its words,
// of a profile that has one.
func (p *Profile) EncodeDocument(r Reply, at time.Time) (string, error) {
	_, text, err := p.writtenAs(p.Envelope.Document.Root, p.says(p.Envelope.Document, r, at), XML)
	return string(text), err
}

func (p *Profile) written(list []member, form Form) (string, []byte, error) {
	return p.writtenAs(p.Envelope.Root, list, form)
}

func (p *Profile) writtenAs(root string, list []member, form Form) (contentType string, body []byte, err error) {
	if form == XML {
		e := &Element{Name: root}
		for _, m := range list {
			child := e.Add(m.name, m.text)
			if m.element != nil {
				child.Children = m.element.Children
			}
		}
		text, err := EncodeXML(e)
		return "application/xml; charset=utf-8", []byte(text), err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		of := &Element{Name: m.name}
		if err := writeText(&b, m.name, of); err != nil {
			return "", nil, err
		}
		b.WriteByte(':')
		if m.element != nil {
			err = p.writeObject(&b, m.element, "", 1, false)
		} else {
			err = writeText(&b, m.text, of)
		}
		if err != nil {
			return "", nil, err
		}
	}
	b.WriteByte('}')
	return "application/json; charset=utf-8", b.Bytes(), nil
}

// DecodeReply reads an answer in either form, whatever its content type says. A body
// that is neither, is cut short or cannot be opened is a Data fault: what became of the
// call is then not known.
func (p *Profile) DecodeReply(body []byte, c *Cipher) (Reply, error) {
	if len(body) > MaxBody {
		return Reply{}, malformed(text.T("回应太大", "the answer is too large"))
	}
	if !utf8.Valid(body) { // the JSON reader would put other characters in
		return Reply{}, notReply()
	}
	e := &p.Envelope
	trimmed := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	if e.Code == "" {
		said, err := p.members(trimmed)
		if err != nil {
			return Reply{}, err
		}
		r, err := p.said(&e.Says, said, c)
		if err == nil && r.Status != e.OK && r.Status != e.Refused {
			r.Code, r.Status = r.Status, "" // the number of a call nothing was decided of
		}
		return r, err
	}
	code, data, ok := "", "", false
	if e.Code == "code" && e.Body == "data" {
		code, data, ok = plainEnvelope(trimmed)
	}
	if !ok {
		outer, err := p.members(trimmed)
		if err != nil {
			return Reply{}, err
		}
		code, data = outer.text(e.Code), outer.text(e.Body)
	}
	if code == "" {
		return Reply{}, notReply()
	}
	if code != e.OK {
		return Reply{Code: code, Data: data}, nil
	}
	plain, err := p.whole(c).Decrypt(data)
	if err != nil {
		return Reply{}, err
	}
	inner, err := p.members(plain)
	if err != nil {
		return Reply{}, err
	}
	return p.said(&e.Says, inner, c)
}

// decodeAnswer is DecodeReply for an answer whose outer members may stand in the headers,
// where a gateway put them; the body is then what is said.
func (p *Profile) decodeAnswer(header http.Header, body []byte, c *Cipher) (Reply, error) {
	r, err := p.DecodeReply(body, c)
	code := header.Get(p.Envelope.Code)
	if err == nil || p.Envelope.Code == "" || code == "" {
		return r, err
	}
	if code != p.Envelope.OK {
		return Reply{Code: code, Data: header.Get(p.Envelope.Body)}, nil
	}
	plain, failed := p.whole(c).Decrypt(string(body))
	if failed != nil {
		return r, err
	}
	inner, failed := p.members(strings.TrimSpace(plain))
	if failed != nil {
		return r, err
	}
	return p.said(&p.Envelope.Says, inner, c)
}

// said reads what is said inside.
func (p *Profile) said(s *Saying, parts members, c *Cipher) (Reply, error) {
	r := Reply{Code: p.Envelope.OK, Status: parts.text(s.Status), Data: parts.text(s.Words)}
	if r.Status == "" {
		return Reply{}, notReply()
	}
	var err error
	if s.Data != "" {
		r.Answer, err = parts.answer(p, s.Data)
	}
	if d := p.Envelope.Document; err == nil && d != nil && strings.Contains(r.Data, "<"+d.Root+">") {
		var doc *Element
		if doc, err = DecodeLoose(withoutProlog(r.Data)); err != nil {
			return Reply{}, err
		}
		inside := members{xml: doc}
		if status := inside.text(d.Status); r.Status == p.Envelope.OK && status != "" {
			r.Status = status
		}
		r.Answer, err = inside.answer(p, d.Data)
	}
	if err == nil && r.Answer != nil {
		r.Answer, err = p.unsealed(r.Answer, c)
	}
	return r, err
}

// members is an object of either form, taken apart.
type members struct {
	plain []plainMember // or
	json  map[string]json.RawMessage
	xml   *Element
}

func (p *Profile) members(s string) (members, error) {
	switch {
	case strings.HasPrefix(s, "{"):
		if plain, ok := plainObject(s); ok {
			return members{plain: plain}, nil
		}
		var m members
		if json.Unmarshal([]byte(s), &m.json) != nil {
			return members{}, notReply()
		}
		return m, nil
	case strings.HasPrefix(s, "<"):
		root, err := DecodeXML(s)
		return members{xml: root}, err
	}
	return members{}, notReply()
}

// text is a member that others write as a number too, or as an object, which is kept as
// JSON.
func (m members) text(name string) string {
	if name == "" {
		return ""
	}
	if m.xml != nil {
		return m.xml.Value(name)
	}
	for i := range slices.Backward(m.plain) { // the last one counts
		if m.plain[i].name == name {
			return m.plain[i].text
		}
	}
	raw := m.json[name]
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return ""
	}
	if raw[0] == '"' {
		var s string
		_ = json.Unmarshal(raw, &s) // it is a part of what was read
		return s
	}
	return string(raw)
}

// answer is the data of an answer, nil where there is none.
func (m members) answer(p *Profile, name string) (*Element, error) {
	if m.xml != nil {
		e := m.xml.Child(name)
		if e == nil {
			e = m.xml.Child(strings.ToLower(name))
		}
		if e == nil || len(e.Children) == 0 {
			return nil, nil
		}
		return &Element{Name: AnswerRoot, Children: e.Children}, nil
	}
	raw := strings.TrimSpace(m.text(name))
	if !strings.HasPrefix(raw, "{") {
		return nil, nil
	}
	return p.decodeJSON(raw, AnswerRoot)
}

func notReply() error {
	return fault.New(fault.Data, "read answer", "", text.T("不是中台格式的回应", "it is no answer in the platform's form"),
		text.T("看看中间是否有代理或网关改了回应", "see whether a proxy or gateway in between changed it"))
}
