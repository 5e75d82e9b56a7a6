package middleplatform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
	"banjian/pipelines"
)

// exchange sends a written message and reads what the answer means. An error is a
// fault as Call gives it.
func (t *Target) exchange(ctx context.Context, in *Interface, l letter) (answer, error) {
	pace := t.paces[in.Name]
	if err := pace.enter(ctx); err != nil {
		return answer{}, t.waited(err, in)
	}
	defer pace.leave()
	for {
		p, err := t.door.enter(ctx)
		if err != nil {
			return answer{}, t.waited(err, in)
		}
		if err := pace.turn(ctx); err != nil {
			t.door.unused(p)
			return answer{}, t.waited(err, in)
		}
		if !t.door.good(p) {
			t.door.unused(p)
			continue
		}
		key := t.keys[p.key]
		token, err := key.admit(ctx, t)
		if err != nil {
			t.door.leave(p, false)
			return answer{}, err
		}
		a, err := t.try(ctx, in, key, token.text, l, pace.timeout)
		if a.meaning == forbidden && key.stale(token) {
			t.door.leave(p, false)
			continue // the token is no longer good: the next one is judged
		}
		if a.meaning == forbidden {
			if err := t.door.refuse(p, err); err != nil {
				return answer{}, err
			}
			continue
		}
		t.door.leave(p, a.judged)
		return a, err
	}
}

// waited is the error of a call that was not begun.
func (t *Target) waited(err error, in *Interface) error {
	if fault.Is(err, fault.Blocked) {
		return err
	}
	if errors.Is(err, errUnanswered) {
		return pipelines.NotTried(fault.New(fault.Transient, "call platform", t.where(in.Name), text.T("中台还没有回应过，先不推送", "the platform has not answered yet, nothing was sent"),
			text.T("检查网络、地址和防火墙", "check the network, the address and the firewall")))
	}
	return pipelines.NotTried(fault.Wrap(err, fault.Transient, "call platform", t.where(in.Name), text.T("推送还没开始就停下了", "the call was stopped before it began"), text.Text{}))
}

// try makes one request, signed for this moment, and judges its answer.
func (t *Target) try(ctx context.Context, in *Interface, key *sealer, token string, l letter, timeout time.Duration) (answer, error) {
	body, err := t.profile.seal(l, key.cipher)
	if err != nil {
		return answer{}, err
	}
	req := &http.Request{Method: http.MethodPost, URL: t.urls[in.Name], Host: t.urls[in.Name].Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {t.profile.Body.ContentType}, "User-Agent": {"banjian"}}, ContentLength: int64(len(body))}
	sent := t.opts.Now()
	if err := t.profile.SignRequest(req, key.who, uuid.NewString(), sent, token); err != nil {
		return answer{}, err
	}
	got, err := t.post(ctx, req, body, timeout)
	at := t.opts.Now()
	if got != nil {
		t.clock.see(got.Header, sent, at)
	}
	if err != nil && (got == nil || !slices.Contains(tellsByStatus, got.Status)) {
		return answer{}, t.lost(err, in)
	}
	a, err := t.judge(in, key, reply{status: got.Status, header: got.Header, body: got.Body, at: at})
	a.key, a.took = key, at.Sub(sent)
	return a, err
}

// post makes a request and reads all of its answer, or more than MaxBody of it. A small one
// goes directly. Where the answer broke off both results are set.
func (t *Target) post(ctx context.Context, req *http.Request, body []byte, timeout time.Duration) (*remote.Answer, error) {
	if t.direct != nil && len(body) <= remote.DirectBody {
		a, err := t.direct.Do(ctx, req, body, time.Now().Add(timeout), MaxBody)
		if errors.Is(err, remote.ErrTooMuch) {
			err = nil // it came whole and cannot be read
		}
		return a, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var steps trail
	req = req.WithContext(httptrace.WithClientTrace(ctx, steps.hooks()))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	resp, err := t.transport.RoundTrip(req)
	if err != nil {
		return nil, steps.told(err)
	}
	defer resp.Body.Close()
	data, err := readBody(resp)
	return &remote.Answer{Status: resp.StatusCode, Header: resp.Header, Body: data}, err
}

// readBody is all of an answer, or more than MaxBody of it.
func readBody(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= 1<<16 {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, MaxBody+1))
	return b.Bytes(), err
}

// tellsByStatus are statuses that say all there is to know without a body.
var tellsByStatus = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusTooManyRequests}

// trail is how far a request came, as the transport tells.
type trail struct{ asked, connected atomic.Bool }

func (s *trail) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.connected.Store(true) },
	}
}

// told is the error of a request, as a remote.Unsent where no connection was had. A transport
// that tells nothing leaves it open.
func (s *trail) told(err error) error {
	if s.asked.Load() && !s.connected.Load() {
		return &remote.Unsent{Err: err}
	}
	return err
}

// lost is a call without a whole answer. Only what certainly was not written is
// Transient.
func (t *Target) lost(err error, in *Interface) error {
	where := t.where(in.Name)
	var f *fault.Error
	var unsent *remote.Unsent
	switch {
	case errors.As(err, &f): // a transport of our own says it itself
		return err
	case remote.Distrusted(err):
		return fault.Wrap(err, fault.Config, "call platform", where, text.T("中台的证书不被信任", "the platform's certificate is not trusted"),
			text.T("核对地址、ca_file 和 server_name；是 http 还是 https", "compare the address, ca_file and server_name; is it http or https?"))
	case errors.As(err, &unsent), isUnsent(err):
		return fault.Wrap(err, fault.Transient, "call platform", where, text.T("连不上中台，没有推送", "the platform cannot be reached, nothing was sent"),
			text.T("检查网络、地址和防火墙", "check the network, the address and the firewall"))
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(err, fault.Unknown, "call platform", where, text.T("没有等到中台的回应，不知道是否收下", "no answer came in time; whether it was taken is not known"), unknownHint)
	}
	return fault.Wrap(err, fault.Unknown, "call platform", where, text.T("中台的回应断了，不知道是否收下", "the answer broke off; whether it was taken is not known"), unknownHint)
}

var unknownHint = text.T("会原样重发；中台对相同报文只算一次", "the same will be sent again; the platform counts equal messages once")
