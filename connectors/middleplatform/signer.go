package middleplatform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Credentials is what a platform allots to one caller. Secret never goes on the wire.
type Credentials struct{ Key, Secret string }

// Header is one header of a request, as written on the wire.
type Header struct{ Name, Value string }

// Stamp is a moment as the timestamp header has it.
func (p *Profile) Stamp(at time.Time) string {
	if p.Signer.Unit == "s" {
		return strconv.FormatInt(at.Unix(), 10)
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// moment is the reverse of Stamp: digits as many as a stamp of our time has, no sign.
func (p *Profile) moment(stamp string) (time.Time, bool) {
	digits := 13
	if p.Signer.Unit == "s" {
		digits = 10
	}
	n, err := strconv.ParseUint(stamp, 10, 63)
	if err != nil || len(stamp) != digits {
		return time.Time{}, false
	}
	if p.Signer.Unit == "s" {
		return time.Unix(int64(n), 0), true
	}
	return time.UnixMilli(int64(n)), true
}

// Sign gives the four headers of a call: key, nonce and timestamp in the order they
// are signed in, then the signature. A nonce is used once; a repeated call is signed
// anew. A value a header cannot carry is a Config fault.
func (p *Profile) Sign(c Credentials, nonce, stamp string) ([]Header, error) {
	if c.Key == "" || c.Secret == "" || nonce == "" || stamp == "" {
		return nil, fault.New(fault.Config, "sign", "", text.T("签名要有 key、secret、nonce 和时间戳", "a signature needs key, secret, nonce and timestamp"), text.Text{})
	}
	for _, v := range []string{c.Key, nonce, stamp} {
		if strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fault.New(fault.Config, "sign", "", text.T("key、nonce、时间戳只能是可见 ASCII 字符", "key, nonce and timestamp are visible ASCII"), text.Text{})
		}
	}
	pairs := p.pairs(c.Key, nonce, stamp)
	return append(pairs, Header{p.Signer.SignatureHeader, p.mac(c.Secret, pairs)}), nil
}

// pairs is what is signed, by name.
func (p *Profile) pairs(key, nonce, stamp string) []Header {
	pairs := []Header{{p.Signer.KeyHeader, key}, {p.Signer.NonceHeader, nonce}, {p.Signer.TimestampHeader, stamp}}
	slices.SortFunc(pairs, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

func (p *Profile) mac(secret string, pairs []Header) string {
	message := make([]byte, 0, 192)
	for _, h := range pairs {
		if h.Value == "" {
			continue
		}
		if len(message) > 0 {
			message = append(message, '&')
		}
		message = append(append(append(message, h.Name...), '='), h.Value...)
	}
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(message)
	sum := m.Sum(message[:0])
	if p.Signer.Encoding == "base64" {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}
