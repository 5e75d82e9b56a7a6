package middleplatform

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/gm"
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
// Otherwise Status and Data are what was sealed inside.
type Reply struct{ Code, Status, Data string }

// Done says that the message was taken.
func (p *Profile) Done(r Reply) bool { return r.Code == p.Envelope.OK && r.Status == p.Envelope.OK }

// EncodeCall is the body of a call: the message, sealed, as the profile's parameter.
func (p *Profile) EncodeCall(m *Element, c *Cipher) ([]byte, error) {
	plain, err := EncodeXML(m)
	if err != nil {
		return nil, err
	}
	return p.sealCall(plain, c)
}

func (p *Profile) sealCall(plain string, c *Cipher) ([]byte, error) {
	if c.block == nil {
		open, err := c.Encrypt(plain)
		if err != nil {
			return nil, err
		}
		return json.Marshal(map[string]string{p.Body.Parameter: open})
	}
	// Base64 and the parameter's name need no escapes.
	body := make([]byte, 0, base64.StdEncoding.EncodedLen(len(plain)+gm.BlockSize)+len(p.Body.Parameter)+8)
	body, err := c.appendSealed(append(append(append(body, `{"`...), p.Body.Parameter...), `":"`...), plain)
	if err != nil {
		return nil, err
	}
	return append(body, `"}`...), nil
}

// DecodeCall is the message inside the body of a call. Faults are Data; whether the
// text could be decrypted is the first result.
func (p *Profile) DecodeCall(body []byte, c *Cipher) (opened bool, m *Element, err error) {
	var members map[string]string
	if err := json.Unmarshal(body, &members); err != nil || len(members) != 1 || !utf8.Valid(body) {
		return false, nil, notJSON(p.Body.Parameter)
	}
	sealed, ok := members[p.Body.Parameter]
	if !ok {
		return false, nil, notJSON(p.Body.Parameter)
	}
	plain, err := c.Decrypt(sealed)
	if err != nil {
		return false, nil, err
	}
	m, err = DecodeXML(plain)
	return true, m, err
}

func notJSON(parameter string) error {
	return malformed(text.F("请求体要是只含 %s 的 JSON", "the body is JSON with %s and nothing else", parameter))
}

// inner is what an envelope holds, sealed.
type inner struct {
	Status word `json:"status"`
	Data   word `json:"data"`
}

// outer is an envelope.
type outer struct {
	Code word `json:"code"`
	Data word `json:"data"`
}

// word is a text that others write as a number too, or, for data, as an object, which
// is kept as JSON.
type word string

func (w *word) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(w))
	}
	*w = word(data)
	return nil
}

// EncodeReply writes an answer and says its content type.
func (p *Profile) EncodeReply(r Reply, form Form, c *Cipher) (contentType string, body []byte, err error) {
	data := r.Data
	if r.Code == p.Envelope.OK {
		plain, err := json.Marshal(inner{word(r.Status), word(r.Data)})
		if err != nil {
			return "", nil, err
		}
		if data, err = c.Encrypt(string(plain)); err != nil {
			return "", nil, err
		}
	}
	if form == JSON {
		body, err = json.Marshal(outer{word(r.Code), word(data)})
		return "application/json; charset=utf-8", body, err
	}
	root := &Element{Name: p.Envelope.Root}
	root.Add("code", r.Code)
	root.Add("data", data)
	written, err := EncodeXML(root)
	return "application/xml; charset=utf-8", []byte(written), err
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
	var o outer
	trimmed := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	switch {
	case strings.HasPrefix(trimmed, "{"):
		if json.Unmarshal([]byte(trimmed), &o) != nil {
			return Reply{}, notReply()
		}
	case strings.HasPrefix(trimmed, "<"):
		if plain, ok := plainEnvelope(trimmed); ok {
			o = plain
			break
		}
		root, err := DecodeXML(trimmed)
		if err != nil {
			return Reply{}, err
		}
		o = outer{word(root.Value("code")), word(root.Value("data"))}
	}
	if o.Code == "" {
		return Reply{}, notReply()
	}
	r := Reply{Code: string(o.Code), Data: string(o.Data)}
	if r.Code != p.Envelope.OK {
		return r, nil
	}
	plain, err := c.Decrypt(r.Data)
	if err != nil {
		return Reply{}, err
	}
	var in inner
	if json.Unmarshal([]byte(plain), &in) != nil || in.Status == "" {
		return Reply{}, notReply()
	}
	r.Status, r.Data = string(in.Status), string(in.Data)
	return r, nil
}

// plainEnvelope reads an answer of the usual form, <ROOT><code>…</code><data>…</data></ROOT>
// without a prolog, references or anything else, which needs no XML reader.
func plainEnvelope(s string) (outer, bool) {
	root, rest, ok := strings.Cut(s[1:], "><code>")
	if !ok || !isName(root) {
		return outer{}, false
	}
	code, rest, ok := strings.Cut(rest, "</code><data>")
	if !ok {
		return outer{}, false
	}
	data, end, ok := strings.Cut(rest, "</data></")
	if !ok || end != root+">" || strings.ContainsAny(code, "<>& \t\r\n") || strings.ContainsAny(data, "<>& \t\r\n") {
		return outer{}, false
	}
	return outer{word(code), word(data)}, true
}

func notReply() error {
	return fault.New(fault.Data, "read answer", "", text.T("不是中台格式的回应", "it is no answer in the platform's form"),
		text.T("看看中间是否有代理或网关改了回应", "see whether a proxy or gateway in between changed it"))
}
