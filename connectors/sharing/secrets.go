package sharing

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// How early a secret is renewed: at a tenth of its life before its end, within these.
const (
	earlyLeast = 10 * time.Second
	earlyMost  = 10 * time.Minute
	renewAgain = 30 * time.Second // after a renewal that failed while the old one is good
)

// secrets is the secret of one service.
type secrets struct {
	turn chan struct{} // whoever renews holds its one token
	held chan held     // the one value
}

// held is a secret and when it is good; text empty: there is none.
type held struct {
	text  string
	early time.Time // renewed from then on
	until time.Time

	tries int   // so many times it was asked for
	err   error // of the last of them; nil: it came
}

func newSecrets() *secrets {
	s := &secrets{turn: make(chan struct{}, 1), held: make(chan held, 1)}
	s.held <- held{}
	return s
}

func (s *secrets) now() held {
	h := <-s.held
	s.held <- h
	return h
}

func (s *secrets) set(h held) {
	<-s.held
	s.held <- h
}

// secret is one that is good now; not is one that was refused. Whoever finds it due renews
// it, one at a time; as long as the old one is good nobody else waits, and its failure is
// nobody's.
func (c *Client) secret(ctx context.Context, sv *service, not string) (string, error) {
	now := c.clock.Now()
	h := sv.secrets.now()
	good := h.text != "" && h.text != not && now.Before(h.until)
	if good && now.Before(h.early) {
		return h.text, nil
	}
	if good {
		select {
		case sv.secrets.turn <- struct{}{}:
		default:
			return h.text, nil
		}
	} else {
		select {
		case sv.secrets.turn <- struct{}{}:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	defer func() { <-sv.secrets.turn }()
	if again := sv.secrets.now(); again.tries != h.tries { // another was faster
		if again.text != "" && again.text != not && c.clock.Now().Before(again.until) {
			return again.text, nil
		}
		if again.err != nil {
			return "", again.err
		}
	}
	fresh, err := c.fetchSecret(ctx, sv)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	fresh.tries, fresh.err = h.tries+1, err
	if err == nil {
		sv.secrets.set(fresh)
		return fresh.text, nil
	}
	h.tries, h.err, h.early = fresh.tries, err, c.clock.Now().Add(renewAgain)
	sv.secrets.set(h)
	if good {
		return h.text, nil
	}
	return "", err
}

// fetchSecret asks the gateway for the secret of a service. Faults: Transient, Blocked
// (the app key is refused, or does not open what came), Config.
func (c *Client) fetchSecret(ctx context.Context, sv *service) (held, error) {
	g := sv.gateway
	appKey, err := sv.AppKey()
	if err != nil {
		return held{}, err
	}
	body, headers, err := c.signed(sv, appKey, g.Plain)
	if err != nil {
		return held{}, err
	}
	if g.Plain { // by headers alone, without a time
		body = map[string]string{}
		for _, s := range g.schemes {
			if at := s.At("time"); at != nil {
				_, name := at.Name()
				delete(headers, name)
			}
		}
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return held{}, err
	}
	asked := c.clock.Now()
	r, err := c.post(ctx, g, g.address(g.Refresh), "application/json; charset=UTF-8", sent, headers)
	if err != nil {
		return held{}, err
	}
	if err := g.classify(r); err != nil {
		return held{}, err
	}
	h, err := g.readSecret(r.json, appKey, asked)
	if f, ok := err.(*fault.Error); ok && r.ahead.Abs() > skewed {
		f.Hint = r.keyHint()
	}
	return h, err
}

// readSecret reads {code, message, data: {secret, secretEndTime}}, or {code, appSecret}
// of a gateway that answers in plain.
func (g *Gateway) readSecret(in any, appKey string, asked time.Time) (held, error) {
	if code, _ := at(in, "code"); code != "0" && code != "200" {
		return held{}, fault.New(fault.Blocked, "fetch secret", g.Name, text.F("网关不给服务密钥（code %s）", "the gateway gives no secret (code %s)", shorten(code)),
			text.T("与网关核对 rid、sid 和 appkey", "compare rid, sid and app key with the gateway"))
	}
	path, end := "data.secret", "data.secretEndTime"
	if g.Plain {
		path, end = "appSecret", "secretEndTime"
		if _, there := at(in, path); !there {
			path, end = "data.appSecret", "data.secretEndTime"
		}
	}
	secret, there := at(in, path)
	if !there || secret == "" {
		return held{}, fault.New(fault.Blocked, "fetch secret", g.Name, text.F("网关的回应里没有 %s", "the gateway's answer has no %s", path), text.T("核对 refresh 的地址和写法", "compare where and how secrets are asked for"))
	}
	if !g.Plain {
		var err error
		if secret, err = OpenSecret(appKey, secret); err != nil {
			return held{}, fault.Wrap(err, fault.Blocked, "fetch secret", g.Name, text.T("网关给的服务密钥解不开", "the secret that the gateway gave cannot be opened"), text.Text{})
		}
	}
	until := asked.Add(g.Lasts)
	if stamp, there := at(in, end); there {
		if told, ok := moment(stamp); ok && told.After(asked) {
			until = told
		}
	}
	life := until.Sub(asked)
	return held{text: secret, until: until, early: until.Add(-min(max(life/10, min(earlyLeast, life/2)), earlyMost))}, nil
}

// moment reads a point in time: milliseconds or seconds since 1970, or wall time of China.
func moment(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		switch len(s) {
		case 10:
			return time.Unix(n, 0), true
		case 13:
			return time.UnixMilli(n), true
		}
	}
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", "2006/01/02 15:04:05", "20060102150405"} {
		if at, err := time.ParseInLocation(layout, s, chinaTime); err == nil {
			return at, true
		}
	}
	at, err := time.Parse(time.RFC3339, s)
	return at, err == nil
}

var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// shorten is a code as it may be told: what is no short code is left out.
func shorten(code string) string {
	if len(code) > 12 {
		return "…"
	}
	for _, r := range code {
		if r < '!' || r > '~' {
			return "…"
		}
	}
	return code
}
