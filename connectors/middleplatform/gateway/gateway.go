package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// System (审批系统) is one approval system as a platform knows it.
type System struct {
	Name       string
	Platform   string // platform_id: which platform, and which environment of it
	Path       string // of ours, before the paths of the interfaces
	Profile    *middleplatform.Profile
	Intake     *middleplatform.Intake
	Keys       []middleplatform.Keys // of calls to us: one set, or two while they change
	Shut       bool                  // its keys are not to be had: who calls is told to come back
	Signed     bool                  // calls carry the signed headers, or are refused: all, where the profile goes by tokens
	OnlySealed bool                  // plain messages are refused
}

// Options is what a Gateway is made of.
type Options struct {
	Journal *Journal
	Systems []System
	Decided DecidedFunc
	Log     *slog.Logger
	Now     func() time.Time
}

// Gateway answers the calls of platforms. It is an http.Handler.
type Gateway struct {
	opts  Options
	calls map[string]*call
	room  chan struct{} // calls under way
}

// mostCalls is how many calls are under way at a time; one more is told to come back.
const mostCalls = 128

// call is one interface of one system.
type call struct {
	system    *System
	in        *middleplatform.Inbound
	ciphers   []*middleplatform.Cipher
	verifiers []*middleplatform.Verifier
}

// New is ready for calls. Faults are Config.
func New(o Options) (*Gateway, error) {
	g := &Gateway{opts: o, calls: map[string]*call{}, room: make(chan struct{}, mostCalls)}
	for i := range o.Systems {
		if err := g.add(&o.Systems[i]); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Gateway) add(s *System) error {
	shared := call{system: s}
	for _, k := range s.Keys {
		c, err := middleplatform.NewCipher(s.Profile, k.SM4Key, nil)
		if err != nil {
			return err
		}
		shared.ciphers = append(shared.ciphers, c)
		shared.verifiers = append(shared.verifiers, middleplatform.NewVerifier(s.Profile, k.Credentials, g.opts.Now))
	}
	for _, in := range s.Intake.ByNumber() {
		if in.Direction != "called" {
			continue
		}
		at := s.Path + in.Path
		if other := g.calls[at]; other != nil {
			return fault.New(fault.Config, "open gateway", at, text.F("审批系统 %s 和 %s 的路径相同", "systems %s and %s have the same path", other.system.Name, s.Name), text.T("给其中一个写 path", "give one of them a path"))
		}
		one := shared
		one.in = in
		g.calls[at] = &one
	}
	return nil
}

// Paths is where calls are taken, sorted.
func (g *Gateway) Paths() []string {
	var list []string
	for at := range g.calls {
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

// reply is what goes back.
type reply struct {
	http  int
	ok    bool
	words text.Text
}

var (
	done  = reply{http: http.StatusOK, ok: true, words: text.T("成功", "done")}
	shut  = reply{http: http.StatusServiceUnavailable, words: text.T("收件方尚未就绪，请稍后再来", "not ready to take calls, come back later")}
	later = reply{http: http.StatusServiceUnavailable, words: text.T("收件太多，请稍后再来", "too much comes in, come back later")}
)

// retryAfter is when one who was told to come back may do so, in seconds.
const retryAfter = 2

// ServeHTTP answers one call.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := g.calls[r.URL.Path]
	switch {
	case c == nil:
		g.send(w, reply{http: http.StatusNotFound, words: text.T("没有这个接口", "there is no such interface")})
		return
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		w.Header().Set("Allow", "POST, GET")
		g.send(w, reply{http: http.StatusMethodNotAllowed, words: text.T("只接受 POST 和 GET", "POST and GET only")})
		return
	case c.system.Shut:
		g.send(w, shut)
		return
	}
	select {
	case g.room <- struct{}{}:
		defer func() { <-g.room }()
	default:
		g.send(w, later)
		return
	}
	a, err := g.take(w, r, c)
	if err != nil {
		g.opts.Log.Warn("call not taken", "system", c.system.Name, "interface", c.in.Name, "why", fault.Say(err, text.EN))
		a = refusal(err)
	}
	g.send(w, a)
}

// refusal is the answer to what went wrong: a message that is wrong is told so, everything
// else to come back.
func refusal(err error) reply {
	var f *fault.Error
	switch {
	case errors.Is(err, errLarge):
		return reply{http: http.StatusRequestEntityTooLarge, words: errLarge.What}
	case fault.Is(err, fault.Data) && errors.As(err, &f):
		return reply{http: http.StatusOK, words: f.What}
	}
	return later
}

// take judges a call and carries it out.
func (g *Gateway) take(w http.ResponseWriter, r *http.Request, c *call) (reply, error) {
	var ticket ticket
	if c.system.Signed {
		var reason middleplatform.Reason
		if ticket, reason = c.verify(r); reason == middleplatform.Crowded {
			return reply{http: http.StatusServiceUnavailable, words: reason.Text()}, nil
		} else if reason != "" {
			return g.unsigned(c, reason), nil
		}
	}
	m, err := c.messageOf(w, r)
	if err != nil {
		return reply{}, err
	}
	if wrong := c.wrong(m); !wrong.IsZero() {
		return reply{http: http.StatusOK, words: wrong}, nil
	}
	message, err := textOf(m)
	if err != nil {
		return reply{}, err
	}
	failpoint.Hit(failpoint.BeforeJournal)
	carryOut := g.withdrawn
	if c.in.Number == 1 {
		carryOut = g.announced
	}
	a, err := carryOut(r.Context(), c, m, message, ticket)
	if errors.Is(err, errSpent) {
		return g.unsigned(c, middleplatform.Replayed), nil
	}
	return a, err
}

// unsigned is the answer to a call whose signature is not taken.
func (g *Gateway) unsigned(c *call, reason middleplatform.Reason) reply {
	g.opts.Log.Warn("call refused", "system", c.system.Name, "interface", c.in.Name, "reason", string(reason))
	return reply{http: http.StatusUnauthorized, words: reason.Text()}
}

// verify tries the sets of keys; the reason is that of the one whose key was meant.
func (c *call) verify(r *http.Request) (ticket, middleplatform.Reason) {
	for i, v := range c.verifiers {
		if why := v.VerifyRequest(r); why != middleplatform.UnknownKey {
			return ticket{caller: c.system.Keys[i].Credentials.Key, nonce: v.Nonce(r), good: v.Good()}, why
		}
	}
	return ticket{}, middleplatform.UnknownKey
}

// wrong is why a message cannot be taken at all: without its number, or what it is about,
// nothing can be done with it. Whatever else is wrong is for the department's rejects.
func (c *call) wrong(m *middleplatform.Element) text.Text {
	flowNo, kind := c.system.Profile.Body.Case[0], "EXPRESSTYPE"
	fatal := []string{flowNo}
	switch c.in.Number {
	case 1:
		fatal = append(fatal, kind, "SXBM")
	case 10:
		fatal = append(fatal, "CXRXM")
	}
	for _, p := range c.system.Intake.CheckRequest(c.in, m) {
		if p.Rule == "root" || slices.Contains(fatal, p.Field) {
			return p.Text
		}
	}
	return text.Text{}
}

func (g *Gateway) announced(ctx context.Context, c *call, m *middleplatform.Element, message string, t ticket) (reply, error) {
	a := announcementOf(c.system, m, message)
	a.ticket = t
	if err := g.opts.Journal.announce(ctx, a); err != nil {
		return reply{}, err
	}
	return done, nil
}

func (g *Gateway) withdrawn(ctx context.Context, c *call, m *middleplatform.Element, message string, t ticket) (reply, error) {
	x := &withdrawal{ticket: t, system: c.system.Name, platform: c.system.Platform, flowNo: m.Value(c.system.Profile.Body.Case[0]), message: message}
	if err := g.opts.Journal.withdraw(ctx, x, g.opts.Decided); err != nil {
		return reply{}, err
	}
	switch {
	case x.answer == answerUnknown:
		return reply{http: http.StatusOK, words: text.T("没有这个申报流水号", "the flow number is not known")}, nil
	case x.answer == answerRefused && x.finished:
		return reply{http: http.StatusOK, words: text.T("已办结，不能撤销", "it was finished already")}, nil
	case x.answer == answerRefused:
		return reply{http: http.StatusOK, words: text.T("已受理，不能撤销", "it was accepted already")}, nil
	}
	return done, nil
}

// send writes an answer: {"status","data"}, data being a RESULT in XML, in Chinese.
func (g *Gateway) send(w http.ResponseWriter, a reply) {
	status := "0"
	if a.ok {
		status = "200"
	}
	result := &middleplatform.Element{Name: "RESULT"}
	result.Add("STATUS", status)
	result.Add("DESC", a.words.ZH)
	result.Add("TIME", strconv.FormatInt(g.opts.Now().UnixMilli(), 10))
	result.Add("data", "")
	written, err := middleplatform.EncodeXML(result)
	if err != nil {
		written = fmt.Sprintf("<RESULT><STATUS>%s</STATUS></RESULT>", status)
	}
	var body struct {
		Status string `json:"status"`
		Data   string `json:"data"`
	}
	body.Status, body.Data = status, written
	if a.http == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.http)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // a caller that has gone is its own trouble
}
