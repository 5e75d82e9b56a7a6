package conformance

import (
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/google/uuid"

	"banjian/connectors/middleplatform"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// empty is a request to interface 4 that says nothing of any case: a platform that lets
// it in refuses its content.
func (c *checker) empty() *http.Request {
	body, err := c.Profile.EncodeCall(&middleplatform.Element{Name: c.Profile.Body.Root}, c.cipher)
	if err != nil {
		body = nil
	}
	return c.request(c.Profile.Interfaces["accept"].Path, body)
}

// judged says that a call was let in and its content looked at.
func (c *checker) judged(o outcome) bool {
	return o.err == nil && o.readable && o.reply.Code == c.Profile.Envelope.OK && o.status < 400
}

func (c *checker) wantJudged(o outcome) text.Text {
	if c.judged(o) {
		return text.Text{}
	}
	said := c.said(o)
	return text.F("签名应当通过，却是：%s", "the signature was to be taken, but: %s", said)
}

func (c *checker) wantDenied(o outcome) text.Text {
	if o.err == nil && !c.judged(o) && o.status < 500 {
		return text.Text{}
	}
	said := c.said(o)
	return text.F("应当在看内容之前拒绝，却是：%s", "it was to be refused before its content was looked at, but: %s", said)
}

// denied is an assertion about a request that was signed and then spoilt.
func denied(name, zh, en string, spoil func(*checker, *http.Request)) assertion {
	return assertion{name, 0, text.T(zh, en), func(c *checker) text.Text {
		r := c.empty()
		c.sign(r)
		spoil(c, r)
		return c.wantDenied(c.do(r))
	}}
}

// at changes a signed value of a request; an empty one takes it out.
func at(r *http.Request, p *signing.Place, value string) {
	where, name := p.Name()
	if where == "query" {
		query := r.URL.Query()
		if query.Set(name, value); value == "" {
			query.Del(name)
		}
		r.URL.RawQuery = query.Encode()
		return
	}
	if r.Header.Set(name, value); value == "" {
		r.Header.Del(name)
	}
}

func valueAt(r *http.Request, p *signing.Place) string {
	where, name := p.Name()
	if where == "query" {
		return r.URL.Query().Get(name)
	}
	return r.Header.Get(name)
}

// signatures are the assertions about who is let in.
func signatures(p *middleplatform.Profile) []assertion {
	s := p.Signing()
	list := []assertion{{"sign.right", 0, text.T("签名正确的调用通过", "a call signed rightly is let in"), func(c *checker) text.Text {
		r := c.empty()
		c.sign(r)
		return c.wantJudged(c.do(r))
	}}}
	for value, name := range map[string]string{"key": "sign.missing_key", "nonce": "sign.missing_nonce", "time": "sign.missing_timestamp", "signature": "sign.missing_signature", "token": "sign.missing_token"} {
		if place := s.At(value); place != nil {
			list = append(list, denied(name, "缺少签名请求头的调用被拒绝", "a call that lacks a signature header is refused", func(_ *checker, r *http.Request) { at(r, place, "") }))
		}
	}
	sortByName(list)
	list = append(list, denied("sign.unknown_key", "不认识的接入者被拒绝", "an unknown app key is refused", func(c *checker, r *http.Request) {
		stranger := middleplatform.Credentials{Key: "unknown-" + uuid.NewString(), Secret: c.Keys.Credentials.Secret}
		c.signAs(r, stranger, uuid.NewString(), c.Now())
	}))
	if place := s.At("token"); place != nil {
		list = append(list, denied("sign.wrong_token", "没有发过的令牌被拒绝", "a token that was never given is refused", func(_ *checker, r *http.Request) { at(r, place, "never-given") }))
	}
	if s.Hash != "" && s.Hash[:2] != "sm" {
		list = append(list, macs(s)...)
	}
	if s.At("nonce") != nil {
		list = append(list, nonces()...)
	}
	if s.Time != "" {
		list = append(list, clocks(p)...)
	}
	return list
}

func sortByName(list []assertion) {
	for i := range list {
		for j := i; j > 0 && list[j].name < list[j-1].name; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// macs are about the value of a signature.
func macs(s *signing.Scheme) []assertion {
	signature := s.At("signature")
	list := []assertion{
		denied("sign.wrong_secret", "别的密钥签的名被拒绝", "a signature with another secret is refused", func(c *checker, r *http.Request) {
			c.signAs(r, middleplatform.Credentials{Key: c.Keys.Credentials.Key, Secret: c.Keys.Credentials.Secret + "-wrong"}, uuid.NewString(), c.Now())
		}),
		denied("sign.cut", "截短的签名被拒绝", "a signature cut short is refused", func(_ *checker, r *http.Request) {
			mac := valueAt(r, signature)
			at(r, signature, mac[:len(mac)-1])
		}),
		{"sign.no_effect", 0, text.T("签名被拒的报文没有生效", "a message whose signature was refused has no effect"), func(c *checker) text.Text {
			l := c.life()
			body, err := c.Profile.EncodeCall(l.accept(), c.cipher)
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			r := c.request(c.Profile.Interfaces["accept"].Path, body)
			c.signAs(r, middleplatform.Credentials{Key: c.Keys.Credentials.Key, Secret: c.Keys.Credentials.Secret + "-wrong"}, uuid.NewString(), c.Now())
			return first(c.wantDenied(c.do(r)), l.walk(refuse("course", l.course())))
		}},
	}
	if strings.HasPrefix(s.Hash, "hmac-") {
		list = append(list, denied("sign.swapped", "密钥与消息颠倒的签名被拒绝", "the signature with secret and message swapped is refused", func(c *checker, r *http.Request) {
			call := c.callOf(r, s)
			at(r, signature, s.Swapped(call))
		}))
	}
	return list
}

// callOf is a signed request as its scheme sees it.
func (c *checker) callOf(r *http.Request, s *signing.Scheme) *signing.Call {
	call := &signing.Call{Key: c.Keys.Credentials.Key, Secret: c.Keys.Credentials.Secret, Service: c.Profile.Signer.Service, Business: c.Profile.Signer.Business, Method: r.Method, Path: r.URL.EscapedPath()}
	for value, to := range map[string]*string{"nonce": &call.Nonce, "time": &call.Time} {
		if p := s.At(value); p != nil {
			*to = valueAt(r, p)
		}
	}
	return call
}

func nonces() []assertion {
	return []assertion{
		{"sign.replay", 0, text.T("随机数只能用一次", "a nonce is taken once"), func(c *checker) text.Text {
			nonce, r := uuid.NewString(), c.empty()
			c.signAs(r, c.Keys.Credentials, nonce, c.Now())
			wrong := c.wantJudged(c.do(r))
			again := c.empty()
			c.signAs(again, c.Keys.Credentials, nonce, c.Now())
			return first(wrong, c.wantDenied(c.do(again)))
		}},
		denied("sign.altered_nonce", "签名之后改了随机数被拒绝", "a nonce changed after signing is refused", func(c *checker, r *http.Request) {
			at(r, c.Profile.Signing().At("nonce"), uuid.NewString())
		}),
		denied("sign.repeated_header", "重复的签名请求头被拒绝", "a signature header that is there twice is refused", func(c *checker, r *http.Request) {
			name := textproto.CanonicalMIMEHeaderKey(c.Profile.Signing().At("nonce").Header)
			r.Header[name] = append(r.Header[name], uuid.NewString())
		}),
	}
}

// clocks are about the moment a call was signed.
func clocks(p *middleplatform.Profile) []assertion {
	window := p.Signer.Window.Duration
	shifted := func(d time.Duration) func(*checker, *http.Request) {
		return func(c *checker, r *http.Request) { c.signAs(r, c.Keys.Credentials, uuid.NewString(), c.Now().Add(d)) }
	}
	return []assertion{
		denied("sign.stale", "过期的时间戳被拒绝", "a timestamp before the window is refused", shifted(-window-time.Minute)),
		denied("sign.future", "超前的时间戳被拒绝", "a timestamp after the window is refused", shifted(window+time.Minute)),
		denied("sign.malformed_timestamp", "格式不对的时间戳被拒绝", "a malformed timestamp is refused", func(c *checker, r *http.Request) {
			at(r, c.Profile.Signing().At("time"), "2024-01-01")
		}),
		denied("sign.altered_timestamp", "签名之后改了时间戳被拒绝", "a timestamp changed after signing is refused", func(c *checker, r *http.Request) {
			at(r, c.Profile.Signing().At("time"), c.Profile.Stamp(c.Now().Add(3*time.Second)))
		}),
		{"sign.inside_window", 0, text.T("时间窗以内的时间戳通过", "a timestamp inside the window is taken"), func(c *checker) text.Text {
			r := c.empty()
			c.signAs(r, c.Keys.Credentials, uuid.NewString(), c.Now().Add(-window/2))
			early := c.empty()
			c.signAs(early, c.Keys.Credentials, uuid.NewString(), c.Now().Add(window/2))
			return first(c.wantJudged(c.do(r)), c.wantJudged(c.do(early)))
		}},
	}
}

// ciphers are about how whole texts are sealed.
func ciphers(p *middleplatform.Profile) []assertion {
	if p.Cipher.Kind == "none" || p.Cipher.Scope != "message" {
		return nil
	}
	unopened := func(name, zh, en string, body func(c *checker, l *life, m *middleplatform.Element) ([]byte, error)) assertion {
		return assertion{name, 0, text.T(zh, en), func(c *checker) text.Text {
			l := c.life()
			sealed, err := body(c, l, l.accept())
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			return first(c.wantRefused(c.post(c.Profile.Interfaces["accept"].Path, sealed)), l.walk(refuse("course", l.course())))
		}}
	}
	return []assertion{
		unopened("cipher.other_key", "别的密钥加密的报文被拒绝，没有生效", "a message sealed with another key is refused and has no effect", func(c *checker, _ *life, m *middleplatform.Element) ([]byte, error) {
			return c.Profile.EncodeCall(m, c.other)
		}),
		unopened("cipher.plain", "没有加密的报文被拒绝，没有生效", "a message that is not sealed is refused and has no effect", func(c *checker, _ *life, m *middleplatform.Element) ([]byte, error) {
			return c.Profile.EncodeCall(m, &middleplatform.Cipher{})
		}),
		unopened("cipher.cut", "截短的密文被拒绝，没有生效", "a ciphertext cut short is refused and has no effect", func(c *checker, _ *life, m *middleplatform.Element) ([]byte, error) {
			plain, err := middleplatform.EncodeXML(m)
			if err != nil {
				return nil, err
			}
			sealed, err := c.cipher.Encrypt(plain)
			if err != nil {
				return nil, err
			}
			return c.Profile.EncodeText(sealed[:len(sealed)-24], &middleplatform.Cipher{})
		}),
		{"cipher.answer", 0, text.T("回应加密，用我们的密钥解得开", "an answer is sealed, and our key opens it"), func(c *checker) text.Text {
			r := c.empty()
			c.sign(r)
			if o := c.do(r); o.err != nil || !o.readable {
				said := c.said(o)
				return text.F("解不开回应：%s", "the answer cannot be opened: %s", said)
			}
			return text.Text{}
		}},
	}
}
