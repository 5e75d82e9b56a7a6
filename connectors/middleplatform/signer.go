package middleplatform

import (
	"net/http"
	"net/textproto"
	"net/url"
	"time"

	"banjian/internal/fault"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// Credentials is what a platform allots to one caller. Secret never goes on the wire.
type Credentials struct{ Key, Secret string }

// Header is one header of a request, as written on the wire.
type Header struct{ Name, Value string }

// Stamp is a moment as calls have it, empty for a platform whose calls have none.
func (p *Profile) Stamp(at time.Time) string { return p.Signer.scheme.Stamp(at) }

// call is what the signer of a profile is told of a call of c.
func (p *Profile) call(c Credentials, nonce, stamp, token string) *signing.Call {
	return &signing.Call{Key: c.Key, Secret: c.Secret, Nonce: nonce, Time: stamp, Token: token, Service: p.Signer.Service, Business: p.Signer.Business}
}

// Sign gives the signed headers of a call in the order of the scheme; what a scheme
// places elsewhere is left to SignRequest. A nonce is used once; a repeated call is
// signed anew. A value a header cannot carry is a Config fault.
func (p *Profile) Sign(c Credentials, nonce, stamp string) ([]Header, error) {
	if c.Key == "" || c.Secret == "" || nonce == "" || stamp == "" && p.Signer.scheme.Time != "" {
		return nil, fault.New(fault.Config, "sign", "", text.T("签名要有 key、secret、nonce 和时间戳", "a signature needs key, secret, nonce and timestamp"), text.Text{})
	}
	placed, err := p.Signer.scheme.Sign(p.call(c, nonce, stamp, "-"))
	if err != nil {
		return nil, err
	}
	headers := make([]Header, 0, len(placed))
	for _, v := range placed {
		if v.Where == "header" {
			headers = append(headers, Header{v.Name, v.Value})
		}
	}
	return headers, nil
}

// SignRequest signs a request for this moment: in its headers, and in its address where
// the scheme places values there. A token is of schemes that fetch one.
func (p *Profile) SignRequest(r *http.Request, c Credentials, nonce string, at time.Time, token string) error {
	call := p.call(c, nonce, p.Stamp(at), token)
	call.Method, call.Path, call.Query = r.Method, r.URL.EscapedPath(), r.URL.RawQuery
	placed, err := p.Signer.scheme.Sign(call)
	if err != nil {
		return err
	}
	place(r, placed)
	return nil
}

// place puts values on a request.
func place(r *http.Request, placed []signing.Placed) {
	var query url.Values
	for _, v := range placed {
		switch v.Where {
		case "header":
			r.Header[textproto.CanonicalMIMEHeaderKey(v.Name)] = []string{v.Value}
		case "query":
			if query == nil {
				query = r.URL.Query()
			}
			query.Set(v.Name, v.Value)
		}
	}
	if query != nil {
		target := *r.URL
		target.RawQuery = query.Encode()
		r.URL = &target
	}
}

// forged says that an answer carries a signature and that it is wrong. An answer without
// one, as most are, is taken.
func (p *Profile) forged(h http.Header, who Credentials) bool {
	s := p.Signer.scheme
	at := s.At("signature")
	if at == nil || at.Header == "" || h.Get(at.Header) == "" {
		return false
	}
	call := p.call(who, "", "", "")
	for value, to := range map[string]*string{"nonce": &call.Nonce, "time": &call.Time} {
		if place := s.At(value); place != nil {
			*to = h.Get(place.Header)
		}
	}
	return !same(h.Get(at.Header), s.Signature(call))
}
