package gateway

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"banjian/connectors/middleplatform"
	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// mostCall bounds the body of a call, in bytes.
const mostCall = 1 << 20

// errLarge is a body beyond mostCall.
var errLarge = fault.New(fault.Data, "read call", "", text.T("请求体太大", "the body is too large"), text.Text{})

// defaultParameter holds the message where a profile's own calls have no parameter.
const defaultParameter = "xmlStr"

// messageOf is the message of a call, whichever way the platform hands it over: as a
// parameter of the address, a field of a form, a member of JSON, or as the body itself.
func (c *call) messageOf(w http.ResponseWriter, r *http.Request) (*middleplatform.Element, error) {
	wire := c.system.Intake.Wire()
	name := cmp.Or(wire.Body.Parameter, defaultParameter)
	value, body, err := parameterOf(w, r, name)
	if err != nil && body != nil && wire.Body.Carrier == "body" && !c.system.OnlySealed {
		for _, key := range c.ciphers {
			if _, m, err := wire.DecodeCall(body, key); err == nil {
				return m, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	plain, err := c.plain(value)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(plain, "{") {
		return wire.DecodeJSON(plain)
	}
	return middleplatform.DecodeXML(inUTF8(plain))
}

// parameterOf finds a parameter; without one body is what there was instead.
func parameterOf(w http.ResponseWriter, r *http.Request, name string) (value string, body []byte, err error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	limited := http.MaxBytesReader(w, r.Body, mostCall)
	if values := r.URL.Query()[name]; len(values) == 1 && values[0] != "" {
		_, err := io.Copy(io.Discard, limited)
		return values[0], nil, tooLarge(err)
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what it says wrongly is looked at below
	if kind == "multipart/form-data" && params["boundary"] != "" {
		r.Body = limited
		if err := r.ParseMultipartForm(mostCall); err != nil {
			return "", nil, tooLarge(err)
		}
		defer r.MultipartForm.RemoveAll()
		value, err := one(r.MultipartForm.Value[name], name)
		return value, nil, err
	}
	if body, err = io.ReadAll(limited); err != nil {
		return "", nil, tooLarge(err)
	}
	if trimmed := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))); bytes.HasPrefix(trimmed, []byte("{")) {
		var members map[string]json.RawMessage
		if json.Unmarshal(trimmed, &members) != nil || json.Unmarshal(members[name], &value) != nil || value == "" {
			return "", trimmed, noParameter(name)
		}
		return value, nil, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", body, noParameter(name)
	}
	value, err = one(form[name], name)
	return value, body, err
}

func one(values []string, name string) (string, error) {
	if len(values) != 1 || values[0] == "" {
		return "", noParameter(name)
	}
	return values[0], nil
}

func tooLarge(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errLarge
	case err != nil:
		return fault.New(fault.Data, "read call", "", text.T("请求体不完整", "the body is not complete"), text.Text{})
	}
	return nil
}

func noParameter(name string) error {
	return fault.New(fault.Data, "read call", "", text.F("请求里要有一个参数 %[1]s", "the call has one parameter %[1]s", name), text.Text{})
}

// plain is a parameter's text, opened where it is sealed.
func (c *call) plain(value string) (string, error) {
	plain := strings.TrimSpace(strings.TrimPrefix(value, "\ufeff"))
	if !isMessage(plain) {
		return unseal(plain, c.ciphers)
	}
	if c.system.OnlySealed {
		return "", fault.New(fault.Data, "read call", "", text.T("报文要加密", "the message must be sealed"), text.Text{})
	}
	return plain, nil
}

// isMessage says that a text begins like one, not like base64.
func isMessage(s string) bool { return strings.HasPrefix(s, "<") || strings.HasPrefix(s, "{") }

func unseal(value string, ciphers []*middleplatform.Cipher) (plain string, err error) {
	// A form that was not escaped has lost the plus signs of base64.
	value = strings.ReplaceAll(value, " ", "+")
	err = fault.New(fault.Data, "read call", "", text.T("报文解不开", "the message cannot be opened"), text.Text{})
	for _, c := range ciphers {
		if plain, err = c.Decrypt(value); err == nil && isMessage(strings.TrimSpace(plain)) {
			return strings.TrimSpace(plain), nil
		}
	}
	if err == nil {
		err = fault.New(fault.Data, "read call", "", text.T("解出来的不是报文", "what it opens to is no message"), text.Text{})
	}
	return "", err
}

var prolog = regexp.MustCompile(`^<\?xml[^>]*?\?>`)

// inUTF8 is a message without its declaration. Some declare GBK; bytes that are no UTF-8
// are read as such.
func inUTF8(s string) string {
	if !utf8.ValidString(s) {
		if c, ok := charset.ByName("gb18030"); ok {
			s = string(c.Append(nil, []byte(s)))
		}
	}
	return prolog.ReplaceAllString(s, "")
}
