package sharing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// largestAnswer bounds what is read of an answer.
const largestAnswer = 1 << 20

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	json   any
	isJSON bool
	at     time.Time     // when it came
	ahead  time.Duration // our clock before the gateway's, where its answer tells
}

// signed is what stands on a call, by name: the values of every family, under its own
// names. direct puts the secret itself in the place of the signature; the call that asks
// for a secret then has no time either.
func (c *Client) signed(sv *service, secret string, direct bool) (body, headers map[string]string, err error) {
	headers = map[string]string{}
	for _, s := range sv.gateway.schemes {
		placed, err := s.Sign(&signing.Call{Key: sv.gateway.RID, Service: sv.SID, Time: s.Stamp(c.clock.Now()), Secret: secret})
		if err != nil {
			return nil, nil, err
		}
		for _, p := range placed {
			if at := s.At("signature"); direct && at != nil {
				if _, name := at.Name(); name == p.Name {
					p.Value = secret
				}
			}
			headers[p.Name] = p.Value
		}
	}
	return headers, headers, nil
}

// post makes one call. Its faults say what became of it: Transient (not reached, no whole
// answer), Config (the server's certificate).
func (c *Client) post(ctx context.Context, g *gateway, to, contentType string, body []byte, headers map[string]string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return reply{}, fault.New(fault.Config, "call service", g.Name, text.T("服务的地址写得不对", "the service's address is not right"), text.Text{})
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "banjian")
	for name, value := range headers {
		r.Header[name] = []string{value} // as they are written: some gateways tell case apart
	}
	resp, err := g.transport.RoundTrip(r)
	if err != nil {
		return reply{}, g.lost(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	if err != nil {
		return reply{}, g.lost(err)
	}
	got := reply{status: resp.StatusCode, header: resp.Header, at: c.clock.Now()}
	if date, told := remote.Date(resp.Header); told {
		got.ahead = got.at.Sub(date)
	}
	if len(data) <= largestAnswer {
		got.json, got.isJSON = decode(data)
	}
	return got, nil
}

// lost is a call without an answer. The cause may name the address, and nothing else.
func (g *gateway) lost(err error) error {
	if remote.Distrusted(err) {
		return fault.New(fault.Config, "call service", g.Name, text.T("网关的证书通不过验证", "the gateway's certificate does not hold"), text.T("写上 ca_file 或 server_name；证书总是要验证的", "give ca_file or server_name: certificates are always judged"))
	}
	what := text.T("连不上网关，或没有完整的回应", "the gateway is not reached, or gives no whole answer")
	if errors.Is(err, context.DeadlineExceeded) {
		what = text.T("网关没有及时回应", "the gateway did not answer in time")
	}
	return fault.New(fault.Transient, "call service", g.Name, what, text.T("检查网络、地址和防火墙；核验会自动重试", "check the network, the address and the firewall; it is tried again by itself"))
}

// classify tells what an answer is that is none: Transient (trouble of its own, or too many
// calls), Blocked (key, signature or clock refused), Data (it cannot be read, or the
// question was not taken).
func (g *gateway) classify(r reply) error {
	what := text.F("网关的回应是 %d", "the gateway answers %d", r.status)
	switch {
	case r.status == http.StatusTooManyRequests, r.isJSON && met(g.Throttled, r.json):
		err := fault.New(fault.Transient, "call service", g.Name, text.T("调用过于频繁", "too many calls"), text.T("在 verification 里调低 rate", "lower rate under verification"))
		if err.After, _ = remote.RetryAfter(r.header, r.at, restMost); err.After == 0 {
			err.After = restThrottle
		}
		return err
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden, r.isJSON && met(g.Refused, r.json):
		return fault.Refused(nil, "call service", g.Name, text.T("网关不认密钥、签名或时间", "the gateway does not take the key, the signature or the time"),
			r.keyHint())
	case r.status >= 500:
		return fault.New(fault.Transient, "call service", g.Name, what, text.Text{})
	case r.status != http.StatusOK:
		return fault.New(fault.Data, "call service", g.Name, what, text.T("核对服务的 path", "compare the service's path"))
	case !r.isJSON:
		return fault.New(fault.Data, "call service", g.Name, text.T("网关的回应不是 JSON，或过长", "the gateway's answer is no JSON, or too long"), text.T("核对服务的 path；多半来自中间的代理", "compare the service's path: it probably comes from a proxy in between"))
	}
	return nil
}

// skewed is how far clocks may be apart before that is what to look at.
const skewed = time.Minute

// keyHint says what to look at where key, signature or time are refused.
func (r *reply) keyHint() text.Text {
	if r.ahead.Abs() > skewed {
		return text.F("本机时钟与网关相差 %s，先校时", "this machine's clock is %s off the gateway's: set it first", r.ahead.Abs().Round(time.Second))
	}
	return text.T("与网关核对 rid、sid 和 appkey", "compare rid, sid and app key with the gateway")
}

func met(c Conditions, in any) bool {
	all, _ := c.holds(in)
	return len(c) > 0 && all
}

// question is the body of a call.
func (sv *service) question(q *Question, placed map[string]string) (contentType string, body []byte, err error) {
	sent := map[string]string{}
	for k, v := range sv.Beside {
		sent[k] = v
	}
	for _, in := range q.With {
		name := in.Name
		if wire := sv.Send[name]; wire != "" {
			name = wire
		}
		sent[name] = in.Value
	}
	around := map[string]any{}
	if sv.gateway.InBody {
		for k, v := range placed {
			around[k] = v
		}
	}
	if sv.Within == "" {
		for k, v := range sent {
			around[k] = v
		}
	}
	if sv.Form {
		values := url.Values{}
		for k, v := range around {
			values.Set(k, v.(string))
		}
		if sv.Within != "" {
			inner, err := json.Marshal(sent)
			if err != nil {
				return "", nil, err
			}
			values.Set(sv.Within, string(inner))
		}
		return "application/x-www-form-urlencoded", []byte(values.Encode()), nil
	}
	if sv.Within != "" {
		around[sv.Within] = sent
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err = enc.Encode(around)
	return "application/json; charset=UTF-8", []byte(b.String()), err
}
