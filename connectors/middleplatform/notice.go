package middleplatform

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
)

// Notice is how a platform hands over a call to us (interfaces 1 and 10): each has been
// seen.
type Notice struct {
	Place  string // form | query | json: where the parameter stands
	Sealed bool   // its text is sealed
	Prolog string // before the message, such as <?xml version="1.0" encoding="GBK"?>
}

// NoticeParameter holds the message where a profile's own calls have no parameter.
const NoticeParameter = "xmlStr"

// Notify is a call to us at an address, not yet signed.
func (i *Intake) Notify(address string, m *Element, how Notice, c *Cipher) (*http.Request, error) {
	p := i.profile
	plain, err := p.write(m)
	if err != nil {
		return nil, err
	}
	if plain = how.Prolog + plain; how.Sealed {
		if plain, err = c.Encrypt(plain); err != nil {
			return nil, err
		}
	}
	return i.NotifyText(address, plain, how.Place)
}

// NotifyText is Notify of a text as it is.
func (i *Intake) NotifyText(address, text, place string) (*http.Request, error) {
	name := i.profile.Body.Parameter
	if name == "" {
		name = NoticeParameter
	}
	kind, body := "application/x-www-form-urlencoded; charset=utf-8", []byte(url.Values{name: {text}}.Encode())
	switch place {
	case "json":
		kind = "application/json; charset=utf-8"
		var err error
		if body, err = json.Marshal(map[string]string{name: text}); err != nil {
			return nil, err
		}
	case "query":
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		query := u.Query()
		query.Set(name, text)
		u.RawQuery = query.Encode()
		address, body = u.String(), nil
	}
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	return r, nil
}

// Acknowledged reads our answer to a notice: {"status","data"}, open, or the form of the
// profile's envelope. ok is false for anything else.
func (i *Intake) Acknowledged(body []byte, c *Cipher) (status string, ok bool) {
	var said map[string]json.RawMessage
	if json.Unmarshal(body, &said) == nil {
		if status = (members{json: said}).text("status"); status != "" {
			return status, true
		}
	}
	r, err := i.profile.DecodeReply(body, c)
	if err != nil {
		return "", false
	}
	if i.profile.Done(r) {
		return "200", true
	}
	return "0", true
}
