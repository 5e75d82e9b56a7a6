package middleplatform

import (
	"net/url"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// SignApplyURL is the address an application is handed in at (申报地址): base with key,
// timestamp and signature in its query, before what the query had. The secret is in it
// only where the profile says so. base without a path stands for the profile's own.
func (p *Profile) SignApplyURL(base string, c Credentials, at time.Time) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", fault.New(fault.Config, "sign address", "", text.T("申报地址要写成 https://主机/路径", "the address of an application is https://host/path"), text.T("例如 https://ywzt.example.cn/apply", "such as https://ywzt.example.cn/apply"))
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = p.ApplyURL.Path
	}
	s := p.ApplyURL.scheme
	placed, err := s.Sign(&signing.Call{Key: c.Key, Secret: c.Secret, Time: s.Stamp(at)})
	if err != nil {
		return "", err
	}
	if p.ApplyURL.EmitSecretParam {
		placed = append(placed, signing.Placed{Where: "query", Name: p.ApplyURL.SecretParam, Value: c.Secret})
	}
	var pairs []string
	for _, v := range placed {
		pairs = append(pairs, url.QueryEscape(v.Name)+"="+url.QueryEscape(v.Value))
	}
	if u.RawQuery != "" {
		pairs = append(pairs, u.RawQuery)
	}
	u.RawQuery = strings.Join(pairs, "&")
	return u.String(), nil
}

// VerifyApplyURL judges an address of an application: empty when it is signed rightly
// and in time.
func (p *Profile) VerifyApplyURL(query url.Values, who Credentials, now time.Time) Reason {
	s := p.ApplyURL.scheme
	call := &signing.Call{Secret: who.Secret}
	var signature string
	for i := range s.Place {
		_, name := s.Place[i].Name()
		if len(query[name]) != 1 || query.Get(name) == "" {
			return HeaderMissing
		}
		switch &s.Place[i] {
		case s.At("key"):
			call.Key = query.Get(name)
		case s.At("time"):
			call.Time = query.Get(name)
		case s.At("signature"):
			signature = query.Get(name)
		}
	}
	at, ok := s.Moment(call.Time)
	switch {
	case call.Key != who.Key:
		return UnknownKey
	case !ok:
		return BadTimestamp
	case !same(signature, s.Signature(call)):
		return WrongMAC
	case now.Sub(at).Abs() > s.Skew():
		return Stale
	}
	return ""
}

// Window is how far the moment of an address may be off, either way.
func (a *ApplyURLProfile) Window() time.Duration { return a.scheme.Skew() }

// Names are the parameters of key, moment and signature.
func (a *ApplyURLProfile) Names() [3]string {
	var names [3]string
	for i, value := range []string{"key", "time", "signature"} {
		_, names[i] = a.scheme.At(value).Name()
	}
	return names
}

// Moment reads a timestamp as addresses have it.
func (a *ApplyURLProfile) Moment(stamp string) (time.Time, bool) { return a.scheme.Moment(stamp) }
