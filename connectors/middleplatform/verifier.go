package middleplatform

import (
	"crypto/subtle"
	"net/http"
	"net/textproto"
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
	Replayed      Reason = "replayed" // the nonce was seen before
	Crowded       Reason = "crowded"  // no room to remember another nonce: come back later
)

var reasons = map[Reason]text.Text{
	HeaderMissing: text.T("缺少签名请求头，或请求头重复", "a signature header is missing or repeated"),
	UnknownKey:    text.T("接入者标识不认识", "the app key is not known"),
	BadTimestamp:  text.T("时间戳格式不对", "the timestamp is malformed"),
	Stale:         text.T("时间戳超出允许的时间差", "the timestamp is outside the clock window"),
	WrongMAC:      text.T("签名不对", "the signature is wrong"),
	Replayed:      text.T("随机数已用过", "the nonce was used before"),
	Crowded:       text.T("请求过多，请稍后再试", "too many calls, come back later"),
}

// Text is the reason in words.
func (r Reason) Text() text.Text { return reasons[r] }

// Verifier judges the signatures of calls. It may be used concurrently. Its memory of
// nonces does not outlive it: for one window after a restart a replay could pass.
type Verifier struct {
	profile *Profile
	who     Credentials
	now     func() time.Time

	mu       sync.Mutex
	current  map[string]bool // nonces since turned
	previous map[string]bool // those before
	turned   time.Time
}

// NewVerifier takes the calls of one caller; now is the clock.
func NewVerifier(p *Profile, who Credentials, now func() time.Time) *Verifier {
	return &Verifier{profile: p, who: who, now: now, current: map[string]bool{}, turned: now()}
}

// Verify is empty for a call that is signed rightly, in time and for the first time.
// The nonce of any other call is not remembered.
func (v *Verifier) Verify(h http.Header) Reason {
	s := v.profile.Signer
	var values [4]string
	for i, name := range []string{s.KeyHeader, s.NonceHeader, s.TimestampHeader, s.SignatureHeader} {
		list := h[textproto.CanonicalMIMEHeaderKey(name)]
		if len(list) != 1 || list[0] == "" {
			return HeaderMissing
		}
		values[i] = list[0]
	}
	key, nonce, stamp, mac := values[0], values[1], values[2], values[3]
	if subtle.ConstantTimeCompare([]byte(key), []byte(v.who.Key)) != 1 {
		return UnknownKey
	}
	at, ok := v.profile.moment(stamp)
	if !ok {
		return BadTimestamp
	}
	if subtle.ConstantTimeCompare([]byte(mac), []byte(v.profile.mac(v.who.Secret, v.profile.pairs(key, nonce, stamp)))) != 1 {
		return WrongMAC
	}
	now := v.now()
	if off := now.Sub(at).Abs(); off > s.Window.Duration {
		return Stale
	}
	return v.remember(nonce, now)
}

// remember keeps a nonce for at least two windows, the longest a stamp can be good:
// from a window before its moment to one after it.
func (v *Verifier) remember(nonce string, now time.Time) Reason {
	v.mu.Lock()
	defer v.mu.Unlock()
	span := 2 * v.profile.Signer.Window.Duration
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
