package simulator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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
	Intake      *middleplatform.Intake // nil: that which ships for the profile, if there is one
	Credentials middleplatform.Credentials
	SM4Key      string
	State       string         // path of the state file; empty: nothing outlives the process
	Faults      *Faults        // nil: none
	Keys        gm.KeyProvider // nil: this process
	Now         func() time.Time
	Sleep       func(context.Context, time.Duration) error // for faults that take time
	// Applications is what was handed in under a flow number, nil if nothing was; without
	// it TryOutApplication.
	Applications func(flow string) *Application
	Break        string // names of Defects, joined by commas
	Quirks       string // names of Quirks, joined by commas, or all
}

// Simulator is an http.Handler that behaves as a middle platform. It may be used
// concurrently.
type Simulator struct {
	opts     Options
	intake   *middleplatform.Intake // nil: nothing is asked for
	cipher   *middleplatform.Cipher
	verifier *middleplatform.Verifier
	state    *state
	chaos    *chaos
	broken   map[string]bool
	quirks   map[string]bool
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
	if o.Applications == nil {
		o.Applications = TryOutApplication
	}
	if _, err := o.Profile.Sign(o.Credentials, "n", o.Profile.Stamp(o.Now())); err != nil {
		return nil, err // nobody could ever be let in
	}
	s := &Simulator{opts: o, intake: o.Intake, chaos: newChaos(o.Faults), verifier: middleplatform.NewVerifier(o.Profile, o.Credentials, o.Now)}
	var err error
	if s.cipher, err = middleplatform.NewCipher(o.Profile, o.SM4Key, o.Keys); err != nil {
		return nil, err
	}
	if s.broken, err = breaks(o.Break); err != nil {
		return nil, err
	}
	if s.quirks, err = chosenQuirks(o.Quirks); err != nil {
		return nil, err
	}
	if s.intake == nil && (o.Profile.Like != "" || slices.Contains(middleplatform.Intakes(), o.Profile.Profile)) {
		if s.intake, err = middleplatform.LoadIntake(o.Profile); err != nil {
			return nil, err
		}
	}
	if s.state, err = openState(o.Profile, o.State, o.Applications, s.broken); err != nil {
		return nil, err
	}
	return s, nil
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
	own    bool          // its data is worded as the profile's messages are, not as the intake's
}

// failure answers before a message was understood, in plain words.
func failure(p *middleplatform.Profile, status int, why text.Text) answer {
	return answer{status: status, reply: middleplatform.Reply{Code: cmp.Or(p.Envelope.Failed, strconv.Itoa(status)), Data: why.ZH}}
}

func (s *Simulator) failure(status int, why text.Text) answer {
	return failure(s.opts.Profile, status, why)
}

// ServeHTTP answers one call in the platform's envelope, in Chinese.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form := s.opts.Profile.FormFor(r.Header.Get("Accept"))
	if s.broken["envelope.json"] {
		form = s.opts.Profile.FormFor("")
	}
	if r.URL.Path == s.opts.Profile.ApplyURL.Path {
		s.page(w, r)
		return
	}
	if s.token(w, r) {
		return
	}
	name, reply := s.called(r.URL.Path)
	switch {
	case name == "" && s.broken["http.unknown_path"]:
		s.send(w, r, form, s.answered(s.opts.Profile.Envelope.OK, "成功"), plan{})
		return
	case name == "":
		s.send(w, r, form, s.failure(http.StatusNotFound, text.T("没有这个接口", "there is no such interface")), plan{})
		return
	case r.Method != http.MethodPost && !s.broken["http.method"]:
		w.Header().Set("Allow", http.MethodPost)
		s.send(w, r, form, s.failure(http.StatusMethodNotAllowed, text.T("只接受 POST", "POST only")), plan{})
		return
	}
	strikes := s.chaos.next(name)
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
		a := s.failure(http.StatusTooManyRequests, middleplatform.Crowded.Text())
		a.after = strikes.retryAfter
		s.send(w, r, form, a, plan{})
		return
	case Status401:
		s.send(w, r, form, s.failure(http.StatusUnauthorized, middleplatform.WrongMAC.Text()), plan{})
		return
	}
	s.send(w, r, form, s.call(w, r, reply), strikes)
}

// called is who answers a path: an interface that takes messages, or one that is asked.
func (s *Simulator) called(path string) (string, func(body []byte) answer) {
	if in := s.opts.Profile.ByPath(path); in != nil {
		return in.Name, func(body []byte) answer { return s.message(in, body) }
	}
	if in := s.opts.Profile.ByQuestion(path); in != nil {
		return in.Name + "?", func(body []byte) answer { return s.whether(in, body) }
	}
	name, reply := s.asked(path)
	return name, func(body []byte) answer {
		if name == "download" && s.quirks["no_download"] {
			return s.failure(http.StatusInternalServerError, text.T("文件服务不可用", "the files cannot be had"))
		}
		a := answer{status: http.StatusOK, reply: reply(body)}
		if a.reply.Code != s.opts.Profile.Envelope.OK {
			a.status = http.StatusBadRequest
		}
		return a
	}
}

// call judges one call.
func (s *Simulator) call(w http.ResponseWriter, r *http.Request, reply func([]byte) answer) answer {
	reason := s.verify(r)
	if reason == middleplatform.Crowded {
		a := s.failure(http.StatusTooManyRequests, reason.Text())
		a.after = s.opts.Profile.Signer.Window.Duration
		return a
	}
	if reason != "" && !s.broken["sign.no_effect"] {
		return s.failure(http.StatusUnauthorized, reason.Text())
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, middleplatform.MaxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return s.failure(http.StatusRequestEntityTooLarge, text.T("请求体太大", "the body is too large"))
	}
	if err != nil {
		return s.failure(http.StatusBadRequest, text.T("请求体不完整", "the body is not complete"))
	}
	a := reply(body)
	if reason != "" {
		return s.failure(http.StatusUnauthorized, reason.Text()) // too late: it was applied
	}
	return a
}

// message judges one message of interfaces 4 to 9.
func (s *Simulator) message(in *middleplatform.Interface, body []byte) answer {
	ok := s.opts.Profile.Envelope.OK
	opened, m, err := s.opts.Profile.DecodeCall(body, s.cipher)
	switch {
	case !opened && s.broken["cipher.other_key"], !opened && s.broken["cipher.plain"] && bytes.Contains(body, []byte(s.opts.Profile.Body.Root)):
		return s.answered(ok, "成功")
	case !opened:
		return s.failure(http.StatusBadRequest, text.T("请求体解不开：要是加密后的报文", "the body cannot be opened: it is not a sealed message"))
	case err != nil && s.broken["body.doctype"]:
		return s.answered(ok, "成功")
	case err != nil:
		return s.refuse(in, "报文不是合格的 XML")
	}
	if problems := s.overlook(in, m, s.opts.Profile.Check(in, m)); len(problems) > 0 {
		if s.broken[in.Name+".refused_no_effect"] {
			s.state.smuggle(in, m, s.opts.Now())
		}
		return s.refuse(in, sentence(problems).ZH)
	}
	refusal, err := s.state.take(in, m, s.opts.Now())
	switch {
	case err != nil:
		return s.failure(http.StatusInternalServerError, text.T("中台内部错误，请稍后再试", "internal error, try again later"))
	case !refusal.IsZero():
		return s.answered(s.opts.Profile.Envelope.Refused, refusal.ZH)
	}
	return s.answered(ok, "成功")
}

// overlook is the problems but those a broken simulator does not see.
func (s *Simulator) overlook(in *middleplatform.Interface, m *middleplatform.Element, problems []middleplatform.Problem) []middleplatform.Problem {
	if len(s.broken) == 0 {
		return problems
	}
	return slices.DeleteFunc(problems, func(p middleplatform.Problem) bool {
		names := problemNames(in, p)
		if slices.Contains(s.opts.Profile.Body.Placeholders, m.Value(p.Field)) {
			names = append(names, "body.placeholder")
		}
		return s.tolerates(names...)
	})
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

func (s *Simulator) refuse(in *middleplatform.Interface, why string) answer {
	s.state.refused(in)
	return s.answered(s.opts.Profile.Envelope.Refused, why)
}

func (s *Simulator) answered(status, data string) answer {
	return answer{status: http.StatusOK, reply: middleplatform.Reply{Code: s.opts.Profile.Envelope.OK, Status: status, Data: data}}
}

// pieces is how many a slow answer comes in.
const pieces = 10

// send writes an answer, or what a plan leaves of it.
func (s *Simulator) send(w http.ResponseWriter, r *http.Request, form middleplatform.Form, a answer, strikes plan) {
	profile, cipher := s.opts.Profile, s.cipher
	if a.reply.Answer != nil && !a.own {
		profile = s.intake.Wire()
	}
	if s.broken["cipher.answer"] {
		cipher = &middleplatform.Cipher{}
	}
	kind, body, err := profile.EncodeReplyAt(a.reply, form, cipher, s.opts.Now())
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	if strikes.drop {
		panic(http.ErrAbortHandler) // net/http breaks the connection and says nothing
	}
	if strikes.forge {
		s.forge(w.Header())
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
