package middleplatform

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"banjian/internal/text"
)

// Reason is why a signature was not taken.
type Reason string

const (
	HeaderMissing Reason = "header_missing" // or there twice
	UnknownKey    Reason = "unknown_key"
	BadTimestamp  Reason = "bad_timestamp" // not a stamp at all
	Stale         Reason = "stale"         // outside the window, either way
	WrongMAC      Reason = "wrong_signature"
	Replayed      Reason = "replayed"    // the nonce was seen before
	Crowded       Reason = "crowded"     // no room to remember another nonce: come back later
	BadToken      Reason = "wrong_token" // never given, or no longer good
)

var reasons = map[Reason]text.Text{
	HeaderMissing: text.T("缺少签名请求头，或请求头重复", "a signature header is missing or repeated"),
	UnknownKey:    text.T("接入者标识不认识", "the app key is not known"),
	BadTimestamp:  text.T("时间戳格式不对", "the timestamp is malformed"),
	Stale:         text.T("时间戳超出允许的时间差", "the timestamp is outside the clock window"),
	WrongMAC:      text.T("签名不对", "the signature is wrong"),
	Replayed:      text.T("随机数已用过", "the nonce was used before"),
	Crowded:       text.T("请求过多，请稍后再试", "too many calls, come back later"),
	BadToken:      text.T("访问令牌无效或已过期", "the access token is not good, or no longer"),
}

// Text is the reason in words.
func (r Reason) Text() text.Text { return reasons[r] }

// Verifier judges the signatures of calls. It may be used concurrently. Its memory of
// nonces and of tokens does not outlive it: one who restarts keeps the Nonce of what took
// effect for as long as Good. A scheme without a nonce has no defence against replays at
// all.
type Verifier struct {
	profile *Profile
	who     Credentials
	now     func() time.Time

	mu       sync.Mutex
	current  map[string]bool // nonces since turned
	previous map[string]bool // those before
	turned   time.Time
	tokens   map[string]time.Time // until when they are good
}

// NewVerifier takes the calls of one caller; now is the clock.
func NewVerifier(p *Profile, who Credentials, now func() time.Time) *Verifier {
	return &Verifier{profile: p, who: who, now: now, current: map[string]bool{}, turned: now(), tokens: map[string]time.Time{}}
}

// Verify is VerifyRequest of a call whose scheme places everything in its headers and
// signs neither method nor address.
func (v *Verifier) Verify(h http.Header) Reason {
	return v.VerifyRequest(&http.Request{Method: http.MethodPost, URL: &url.URL{}, Header: h})
}

// VerifyRequest is empty for a call that is signed rightly, in time and for the first
// time. The nonce of any other call is not remembered.
func (v *Verifier) VerifyRequest(r *http.Request) Reason {
	scheme := v.profile.Signer.scheme
	call := v.profile.call(v.who, "", "", "")
	call.Method, call.Path = r.Method, r.URL.EscapedPath()
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
		call.Query = r.URL.RawQuery
	}
	var key, signature string
	for i := range scheme.Place {
		place := &scheme.Place[i]
		where, name := place.Name()
		list := r.Header[textproto.CanonicalMIMEHeaderKey(name)]
		if where == "query" {
			list = query[name]
			call.Query = without(call.Query, name)
		}
		if len(list) != 1 || list[0] == "" {
			return HeaderMissing
		}
		switch value := list[0]; place {
		case scheme.At("key"):
			key = value
		case scheme.At("nonce"):
			call.Nonce = value
		case scheme.At("time"):
			call.Time = value
		case scheme.At("token"):
			call.Token = value
		case scheme.At("signature"):
			signature = value
		}
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(v.who.Key)) != 1 {
		return UnknownKey
	}
	at, ok := scheme.Moment(call.Time)
	if !ok && scheme.Time != "" {
		return BadTimestamp
	}
	if scheme.Hash != "" && subtle.ConstantTimeCompare([]byte(signature), []byte(scheme.Signature(call))) != 1 {
		return WrongMAC
	}
	now := v.now()
	if scheme.Time != "" && now.Sub(at).Abs() > v.profile.Signer.Window.Duration {
		return Stale
	}
	if scheme.Token != nil && !v.good(call.Token, now) {
		return BadToken
	}
	if call.Nonce == "" {
		return ""
	}
	return v.remember(call.Nonce, now)
}

// Nonce is that of a call, empty where the scheme has none.
func (v *Verifier) Nonce(r *http.Request) string {
	place := v.profile.Signer.scheme.At("nonce")
	if place == nil {
		return ""
	}
	where, name := place.Name()
	if where == "query" {
		return r.URL.Query().Get(name)
	}
	return r.Header.Get(name)
}

// Good is how long after it was taken a call's stamp can still be inside the window: a stamp
// may be a window ahead.
func (v *Verifier) Good() time.Duration { return 2 * v.profile.Signer.Window.Duration }

// without is a query less the pairs of one name.
func without(query, name string) string {
	pairs := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		n, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(n)
		return err == nil && plain == name
	})
	return strings.Join(pairs, "&")
}

// Issue gives a token to one who shows key and secret; empty to any other.
func (v *Verifier) Issue(given url.Values) string {
	want := v.profile.Signer.scheme.Token.Parameters(v.profile.call(v.who, "", "", ""))
	for name := range want {
		if subtle.ConstantTimeCompare([]byte(given.Get(name)), []byte(want.Get(name))) != 1 {
			return ""
		}
	}
	token, now := rand.Text(), v.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for old, until := range v.tokens {
		if now.After(until) || len(v.tokens) >= v.profile.Signer.Nonces {
			delete(v.tokens, old)
		}
	}
	v.tokens[token] = now.Add(v.profile.Signer.scheme.Token.Lifetime())
	return token
}

func (v *Verifier) good(token string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	until, given := v.tokens[token]
	return given && !now.After(until)
}

// remember keeps a nonce for as long as its stamp can be good, at least.
func (v *Verifier) remember(nonce string, now time.Time) Reason {
	v.mu.Lock()
	defer v.mu.Unlock()
	span := v.Good()
	if age := now.Sub(v.turned); age > 2*span {
		v.current, v.previous, v.turned = map[string]bool{}, nil, now
	} else if age > span {
		v.current, v.previous, v.turned = map[string]bool{}, v.current, now
	}
	switch {
	case v.current[nonce] || v.previous[nonce]:
		return Replayed
	case len(v.current) >= v.profile.Signer.Nonces:
		return Crowded
	}
	v.current[nonce] = true
	return ""
}

// same compares in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
