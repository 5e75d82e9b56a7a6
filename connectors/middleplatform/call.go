package middleplatform

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/gm"
	"banjian/internal/text"
)

// letter is a message on its way: written once, sealed for each call.
type letter struct {
	m     *Element
	plain string // as it is written before it is sealed
}

// write is a message in the profile's format.
func (p *Profile) write(m *Element) (string, error) {
	if p.Body.Format == "json" {
		return p.EncodeJSON(m)
	}
	return EncodeXML(m)
}

// read is the reverse.
func (p *Profile) read(plain string) (*Element, error) {
	if p.Body.Format == "json" {
		return p.DecodeJSON(plain)
	}
	return DecodeXML(plain)
}

// EncodeCall is the body of a call: the message, sealed as the profile seals.
func (p *Profile) EncodeCall(m *Element, c *Cipher) ([]byte, error) {
	plain, err := p.write(m)
	if err != nil {
		return nil, err
	}
	return p.seal(letter{m, plain}, c)
}

// EncodeText is the body of a call that carries a text in the place of a message, for
// those who try what becomes of it.
func (p *Profile) EncodeText(plain string, c *Cipher) ([]byte, error) {
	return p.carry(plain, c)
}

func (p *Profile) seal(l letter, c *Cipher) ([]byte, error) {
	if p.Cipher.Scope == "fields" && c.block != nil {
		sealed, err := p.eachSecret(l.m, c.Encrypt)
		if err != nil {
			return nil, err
		}
		if l.plain, err = p.write(sealed); err != nil {
			return nil, err
		}
	}
	return p.carry(l.plain, c)
}

// whole is the cipher of whole texts: c, or none where single values are sealed.
func (p *Profile) whole(c *Cipher) *Cipher {
	if p.Cipher.Scope == "fields" {
		return &Cipher{}
	}
	return c
}

// carry puts a text where the profile's bodies have it.
func (p *Profile) carry(plain string, c *Cipher) ([]byte, error) {
	c = p.whole(c)
	if p.Body.Carrier == "member" && c.block != nil {
		// Base64 and the parameter's name need no escapes.
		body := make([]byte, 0, base64.StdEncoding.EncodedLen(len(plain)+gm.BlockSize)+len(p.Body.Parameter)+8)
		body, err := c.appendSealed(append(append(append(body, `{"`...), p.Body.Parameter...), `":"`...), plain)
		if err != nil {
			return nil, err
		}
		return append(body, `"}`...), nil
	}
	sealed, err := c.Encrypt(plain)
	if err != nil {
		return nil, err
	}
	switch p.Body.Carrier {
	case "form":
		return []byte(url.Values{p.Body.Parameter: {sealed}}.Encode()), nil
	case "member":
		return json.Marshal(map[string]string{p.Body.Parameter: sealed})
	}
	if p.Body.Within == "" {
		return []byte(sealed), nil
	}
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range p.Body.Beside {
		b.WriteString(`"` + name + `":{},`)
	}
	b.WriteString(`"` + p.Body.Within + `":` + sealed + `}`)
	return []byte(b.String()), nil
}

// DecodeCall is the message inside the body of a call. Faults are Data; whether the
// text could be decrypted is the first result.
func (p *Profile) DecodeCall(body []byte, c *Cipher) (opened bool, m *Element, err error) {
	sealed, err := p.unpack(body)
	if err != nil {
		return false, nil, err
	}
	plain, err := p.whole(c).Decrypt(sealed)
	if err != nil {
		return false, nil, err
	}
	if m, err = p.read(plain); err != nil {
		return true, nil, err
	}
	if m, err = p.unsealed(m, c); err != nil {
		return false, nil, err
	}
	return true, m, nil
}

// unpack is what a body carries.
func (p *Profile) unpack(body []byte) (string, error) {
	if !utf8.Valid(body) {
		return "", p.notCall()
	}
	switch p.Body.Carrier {
	case "form":
		values, err := url.ParseQuery(string(body))
		if err != nil || len(values) != 1 || len(values[p.Body.Parameter]) != 1 {
			return "", p.notCall()
		}
		return values.Get(p.Body.Parameter), nil
	case "member":
		var members map[string]string
		if json.Unmarshal(body, &members) != nil || len(members) != 1 {
			return "", p.notCall()
		}
		sealed, ok := members[p.Body.Parameter]
		if !ok {
			return "", p.notCall()
		}
		return sealed, nil
	}
	if p.Body.Within == "" {
		return string(body), nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members[p.Body.Within] == nil {
		return "", p.notCall()
	}
	return string(members[p.Body.Within]), nil
}

func (p *Profile) notCall() error {
	name := p.Body.Parameter
	if p.Body.Carrier == "body" {
		name = p.Body.Within
	}
	return malformed(text.F("请求体要是只含 %s 的 %[2]s", "the body is %[2]s with %[1]s and nothing else", name, map[string]string{"form": "form", "member": "JSON", "body": "JSON"}[p.Body.Carrier]))
}

// unsealed is a message with its single values opened, where the profile seals those.
func (p *Profile) unsealed(m *Element, c *Cipher) (*Element, error) {
	if p.Cipher.Scope != "fields" || c.block == nil {
		return m, nil
	}
	return p.eachSecret(m, c.Decrypt)
}

// eachSecret is a copy of a message with do done to the values that are sealed one by
// one. An empty value stays empty.
func (p *Profile) eachSecret(e *Element, do func(string) (string, error)) (*Element, error) {
	out := &Element{Name: e.Name, Text: e.Text}
	if len(e.Children) == 0 && strings.TrimSpace(e.Text) != "" && slices.Contains(p.Cipher.Fields, e.Name) {
		var err error
		if out.Text, err = do(e.Text); err != nil {
			return nil, err
		}
	}
	if p.loose[e.Name] {
		out.Children = e.Children
		return out, nil
	}
	for _, c := range e.Children {
		done, err := p.eachSecret(c, do)
		if err != nil {
			return nil, err
		}
		out.Children = append(out.Children, done)
	}
	return out, nil
}
