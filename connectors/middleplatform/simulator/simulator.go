package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// Options is what a simulator is made of.
type Options struct {
	Profile     *middleplatform.Profile
	Credentials middleplatform.Credentials
	SM4Key      string
	State       string         // path of the state file; empty: nothing outlives the process
	Faults      *Faults        // nil: none
	Keys        gm.KeyProvider // nil: this process
	Now         func() time.Time
	Sleep       func(context.Context, time.Duration) error // for faults that take time
}

// Simulator is an http.Handler that behaves as a middle platform. It may be used
// concurrently.
type Simulator struct {
	opts     Options
	cipher   *middleplatform.Cipher
	verifier *middleplatform.Verifier
	state    *state
	chaos    *chaos
}

var errForeign = errors.New("no message of this profile in its order")

// New opens the state file and is ready for calls. Faults are Config.
func New(o Options) (*Simulator, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if _, err := o.Profile.Sign(o.Credentials, "n", o.Profile.Stamp(o.Now())); err != nil {
		return nil, err // nobody could ever be let in
	}
	cipher, err := middleplatform.NewCipher(o.Profile, o.SM4Key, o.Keys)
	if err != nil {
		return nil, err
	}
	state, err := openState(o.Profile, o.State)
	if err != nil {
		return nil, err
	}
	return &Simulator{opts: o, cipher: cipher, verifier: middleplatform.NewVerifier(o.Profile, o.Credentials, o.Now), state: state, chaos: newChaos(o.Faults)}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Effects is what the platform has, each message once, in order of first arrival.
func (s *Simulator) Effects() []Effect { return s.state.effects() }

// Count is what became of the calls of an interface.
func (s *Simulator) Count(name string) Count { return s.state.count(name) }

// Close gives the state file free; calls after it are answered as failures. It may be
// called twice.
func (s *Simulator) Close() error { return s.state.close() }

// answer is what goes back: an HTTP status and a reply.
type answer struct {
	status int
	reply  middleplatform.Reply
	after  time.Duration // Retry-After
}

// failure answers before a message was understood, in plain words.
func failure(status int, why text.Text) answer {
	return answer{status: status, reply: middleplatform.Reply{Code: strconv.Itoa(status), Data: why.ZH}}
}

// ServeHTTP answers one call in the platform's envelope, in Chinese.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form := s.opts.Profile.FormFor(r.Header.Get("Accept"))
	in := s.opts.Profile.ByPath(r.URL.Path)
	switch {
	case in == nil:
		s.send(w, r, form, failure(http.StatusNotFound, text.T("没有这个接口", "there is no such interface")), plan{})
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		s.send(w, r, form, failure(http.StatusMethodNotAllowed, text.T("只接受 POST", "POST only")), plan{})
		return
	}
	strikes := s.chaos.next(in.Name)
	if strikes.delay > 0 && s.opts.Sleep(r.Context(), strikes.delay) != nil {
		return
	}
	switch strikes.refuse {
	case Status502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>") // a broken connection is the caller's trouble
		return
	case Status429:
		a := failure(http.StatusTooManyRequests, middleplatform.Crowded.Text())
		a.after = strikes.retryAfter
		s.send(w, r, form, a, plan{})
		return
	case Status401:
		s.send(w, r, form, failure(http.StatusUnauthorized, middleplatform.WrongMAC.Text()), plan{})
		return
	}
	s.send(w, r, form, s.call(w, r, in), strikes)
}

// call judges one call.
func (s *Simulator) call(w http.ResponseWriter, r *http.Request, in *middleplatform.Interface) answer {
	switch reason := s.verifier.VerifyRequest(r); reason {
	case "":
	case middleplatform.Crowded:
		a := failure(http.StatusTooManyRequests, reason.Text())
		a.after = s.opts.Profile.Signer.Window.Duration
		return a
	default:
		return failure(http.StatusUnauthorized, reason.Text())
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, middleplatform.MaxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failure(http.StatusRequestEntityTooLarge, text.T("请求体太大", "the body is too large"))
	}
	if err != nil {
		return failure(http.StatusBadRequest, text.T("请求体不完整", "the body is not complete"))
	}
	opened, m, err := s.opts.Profile.DecodeCall(body, s.cipher)
	if !opened {
		return failure(http.StatusBadRequest, text.T("请求体解不开：要是加密后的报文", "the body cannot be opened: it is not a sealed message"))
	}
	if err != nil {
		return s.refuse(in, text.T("报文不是合格的 XML", "the message is no well-formed XML"))
	}
	if problems := s.opts.Profile.Check(in, m); len(problems) > 0 {
		return s.refuse(in, sentence(problems))
	}
	refusal, err := s.state.take(in, m, s.opts.Now())
	switch {
	case err != nil:
		return failure(http.StatusInternalServerError, text.T("中台内部错误，请稍后再试", "internal error, try again later"))
	case !refusal.IsZero():
		return s.answered(s.opts.Profile.Envelope.Refused, refusal.ZH)
	}
	return s.answered(s.opts.Profile.Envelope.OK, "成功")
}

// sentence says the first problems of a message.
func sentence(problems []middleplatform.Problem) text.Text {
	const most = 10
	var said []string
	for _, p := range problems[:min(most, len(problems))] {
		said = append(said, p.Text.ZH)
	}
	if more := len(problems) - most; more > 0 {
		said = append(said, fmt.Sprintf("另有 %d 处", more))
	}
	return text.Text{ZH: strings.Join(said, "；")}
}

func (s *Simulator) refuse(in *middleplatform.Interface, why text.Text) answer {
	s.state.refused(in)
	return s.answered(s.opts.Profile.Envelope.Refused, why.ZH)
}

func (s *Simulator) answered(status, data string) answer {
	return answer{status: http.StatusOK, reply: middleplatform.Reply{Code: s.opts.Profile.Envelope.OK, Status: status, Data: data}}
}

// pieces is how many a slow answer comes in.
const pieces = 10

// send writes an answer, or what a plan leaves of it.
func (s *Simulator) send(w http.ResponseWriter, r *http.Request, form middleplatform.Form, a answer, strikes plan) {
	kind, body, err := s.opts.Profile.EncodeReply(a.reply, form, s.cipher)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	if strikes.drop {
		panic(http.ErrAbortHandler) // net/http breaks the connection and says nothing
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if a.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(a.after/time.Second)))
	}
	w.WriteHeader(a.status)
	if strikes.slow > 0 {
		body = s.trickle(w, r, body, strikes.slow)
	}
	if strikes.half {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a caller that has gone is its own trouble
}

// trickle writes all but the last piece with pauses that add up to d, and returns
// what is left.
func (s *Simulator) trickle(w http.ResponseWriter, r *http.Request, body []byte, d time.Duration) []byte {
	size := len(body) / pieces
	for range pieces {
		if size > 0 && len(body) > size {
			_, _ = w.Write(body[:size])
			_ = http.NewResponseController(w).Flush()
			body = body[size:]
		}
		if s.opts.Sleep(r.Context(), d/pieces) != nil {
			return nil
		}
	}
	return body
}
