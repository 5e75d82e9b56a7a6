package simulator

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"banjian/connectors/middleplatform"
	"banjian/internal/signing"
)

// verify judges the signature of a call, or what a broken simulator makes of it.
func (s *Simulator) verify(r *http.Request) middleplatform.Reason {
	reason := s.verifier.VerifyRequest(r)
	if len(s.broken) == 0 {
		return reason
	}
	scheme := s.opts.Profile.Signing()
	at, _ := scheme.Moment(placed(r, scheme, "time"))
	ahead := at.Sub(s.opts.Now())
	forgiven := false
	switch reason {
	case "":
		if s.broken["sign.inside_window"] && ahead.Abs() > 10*time.Second {
			return middleplatform.Stale
		}
	case middleplatform.HeaderMissing:
		for value, name := range map[string]string{"signature": "sign.missing_signature", "nonce": "sign.missing_nonce", "time": "sign.missing_timestamp"} {
			forgiven = forgiven || s.broken[name] && placed(r, scheme, value) == ""
		}
	case middleplatform.UnknownKey:
		forgiven = s.broken["sign.unknown_key"]
	case middleplatform.WrongMAC:
		forgiven = s.broken["sign.wrong_secret"] || s.broken["sign.swapped"] && placed(r, scheme, "signature") == scheme.Swapped(s.callOf(r, scheme))
	case middleplatform.Replayed:
		forgiven = s.broken["sign.replay"]
	case middleplatform.Stale:
		forgiven = s.broken["sign.stale"] && ahead < 0 || s.broken["sign.future"] && ahead > 0
	}
	if forgiven {
		return ""
	}
	return reason
}

// placed is a value as a call has it.
func placed(r *http.Request, scheme *signing.Scheme, value string) string {
	p := scheme.At(value)
	if p == nil {
		return ""
	}
	where, name := p.Name()
	if where == "query" {
		return r.URL.Query().Get(name)
	}
	return r.Header.Get(name)
}

func (s *Simulator) callOf(r *http.Request, scheme *signing.Scheme) *signing.Call {
	o := s.opts.Profile.Signer
	return &signing.Call{Key: placed(r, scheme, "key"), Secret: s.opts.Credentials.Secret, Nonce: placed(r, scheme, "nonce"), Time: placed(r, scheme, "time"),
		Service: o.Service, Business: o.Business, Method: r.Method, Path: r.URL.EscapedPath()}
}

// forge signs an answer as one would who does not have the secret.
func (s *Simulator) forge(h http.Header) {
	p := s.opts.Profile
	who := middleplatform.Credentials{Key: s.opts.Credentials.Key, Secret: s.opts.Credentials.Secret + "-forged"}
	headers, err := p.Sign(who, uuid.NewString(), p.Stamp(s.opts.Now()))
	if err != nil {
		return
	}
	for _, one := range headers {
		h.Set(one.Name, one.Value)
	}
}
