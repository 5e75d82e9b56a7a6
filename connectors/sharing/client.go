package sharing

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/pace"
	"banjian/internal/remote"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// Question is what a service is asked. Values are personal; inputs stand by name.
type Question struct {
	Service string
	With    []Input
}

// Input is one thing a service is told.
type Input struct{ Name, Value string }

// Client (核验客户端) asks services. It may be used concurrently; there is one to a process,
// so that its limits and what it remembers hold for all.
type Client struct {
	clock    Clock
	log      *slog.Logger
	services map[string]*service
	memory   *memory
	all      []*gateway
}

type gateway struct {
	Gateway
	schemes   []*signing.Scheme
	transport *http.Transport
	slots     chan struct{}
	turns     *pace.Turns
}

type service struct {
	Service
	gateway *gateway
	secrets *secrets
	turns   *pace.Turns
	rest    rest
}

// New prepares the way to gateways and their services; nothing is called. Faults are Config.
func New(gateways []Gateway, services []Service, clock Clock, log *slog.Logger) (*Client, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Client{clock: clock, log: log, services: map[string]*service{}, memory: newMemory(mostRemembered)}
	byName := map[string]*gateway{}
	for _, o := range gateways {
		o.fill()
		if err := o.check(); err != nil {
			return nil, err
		}
		g := &gateway{Gateway: o, slots: make(chan struct{}, o.Most), turns: pace.NewTurns(o.PerSecond)}
		for _, family := range o.Families {
			s, err := signing.Load(family, o.Signers...)
			if err != nil {
				return nil, err
			}
			for i := range s.Place {
				if where, _ := s.Place[i].Name(); where != "header" {
					return nil, fault.New(fault.Config, "open gateway", o.Name, text.F("签名方式 %s 的值不都在请求头里", "signer %s places values elsewhere than in headers", family), text.T("共享网关的签名放在请求头", "signatures of a sharing gateway stand in headers"))
				}
			}
			g.schemes = append(g.schemes, s)
		}
		var err error
		if g.transport, err = remote.Transport(remote.TLS{CAFile: o.CAFile, ServerName: o.ServerName}, o.Most); err != nil {
			return nil, err
		}
		byName[o.Name] = g
		c.all = append(c.all, g)
	}
	for _, o := range services {
		g := byName[o.Gateway]
		if g == nil {
			return nil, fault.New(fault.Config, "open service", o.Name, text.F("没有网关 %s", "there is no gateway %s", o.Gateway), text.Text{})
		}
		c.services[o.Name] = &service{Service: o, gateway: g, secrets: newSecrets(), turns: pace.NewTurns(o.PerSecond)}
	}
	return c, nil
}

// Close gives idle connections back.
func (c *Client) Close() {
	for _, g := range c.all {
		g.transport.CloseIdleConnections()
	}
}

// Verify asks all questions, as many side by side as their gateways allow; what is
// remembered is not asked. There is one answer to each, in their order. Errors: that of
// ctx; Config, a service nobody declared.
func (c *Client) Verify(ctx context.Context, questions []Question) ([]Answer, error) {
	answers := make([]Answer, len(questions))
	left := map[*service][]int{}
	for i := range questions {
		sv, err := c.service(questions[i].Service)
		if err != nil {
			return nil, err
		}
		if a, known := c.memory.get(c.memory.digest(&questions[i]), c.clock.Now()); known {
			answers[i] = a
			continue
		}
		left[sv] = append(left[sv], i)
	}
	var wg sync.WaitGroup
	for sv, list := range left {
		wg.Go(func() { c.ask(ctx, sv, questions, list, answers) })
	}
	wg.Wait()
	return answers, ctx.Err()
}

// ask asks one service. While it rests the first question goes alone, to see whether it is
// back.
func (c *Client) ask(ctx context.Context, sv *service, questions []Question, list []int, answers []Answer) {
	if sv.resting() {
		answers[list[0]] = c.one(ctx, sv, &questions[list[0]])
		list = list[1:]
	}
	next := make(chan int, len(list))
	for _, i := range list {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(cap(sv.gateway.slots), len(list)) {
		wg.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				answers[i] = c.one(ctx, sv, &questions[i])
			}
		})
	}
	wg.Wait()
}

func (sv *service) resting() bool {
	sv.rest.mu.Lock()
	defer sv.rest.mu.Unlock()
	return sv.rest.why != ""
}

// one asks one question and remembers the answer.
func (c *Client) one(ctx context.Context, sv *service, q *Question) Answer {
	if why, ok := sv.rest.begin(c.clock.Now()); !ok {
		return Answer{Why: why}
	}
	select {
	case sv.gateway.slots <- struct{}{}:
	case <-ctx.Done():
		sv.rest.abandon()
		return Answer{Why: Down}
	}
	defer func() { <-sv.gateway.slots }()
	a, err := c.call(ctx, sv, q)
	if ctx.Err() != nil {
		sv.rest.abandon()
		return Answer{Why: Down}
	}
	why := a.Why
	if why == "" {
		why = whyOf(err)
	}
	ill := why
	if why == Garbled || why == Refused {
		ill = "" // it answered
	}
	if sv.rest.end(c.clock.Now(), ill, fault.AfterOf(err)) {
		c.turned(sv, ill, err)
	}
	if why != "" {
		return Answer{Why: why}
	}
	if keep := sv.keeps(a.Verdict); keep > 0 {
		c.memory.put(c.memory.digest(q), a, c.clock.Now().Add(keep))
	}
	return a
}

// turned tells that a service went to rest, or came back.
func (c *Client) turned(sv *service, ill string, err error) {
	if ill == "" {
		c.log.Info("verification service is back", "service", sv.Name, "gateway", sv.gateway.Name)
		return
	}
	c.log.Warn("verification service is left alone for a while", "service", sv.Name, "gateway", sv.gateway.Name, "why", ill, "error", err)
}

// call makes a call, and once more with a renewed secret where it was refused.
func (c *Client) call(ctx context.Context, sv *service, q *Question) (Answer, error) {
	r, err := c.reply(ctx, sv, q)
	if err != nil {
		return Answer{}, err
	}
	a := sv.Answer.read(r.json)
	if a.Verdict == Unknown {
		return a, fault.New(fault.Data, "call service", sv.Name, text.T("答复与声明的不符", "the answer is not as declared"), text.T("核对服务的 answer；banjian verification ask 列出答复里有什么", "compare answer of the service: banjian verification ask lists what an answer has"))
	}
	return a, nil
}

func (c *Client) reply(ctx context.Context, sv *service, q *Question) (reply, error) {
	secret, err := c.secret(ctx, sv, "")
	for try := 0; ; try++ {
		if err != nil {
			return reply{}, err
		}
		var r reply
		if r, err = c.try(ctx, sv, q, secret); !fault.Is(err, fault.Blocked) || try > 0 {
			return r, err
		}
		secret, err = c.secret(ctx, sv, secret)
	}
}

func (c *Client) try(ctx context.Context, sv *service, q *Question, secret string) (reply, error) {
	for _, t := range []*pace.Turns{sv.gateway.turns, sv.turns} {
		if wait := t.Take(c.clock.Now()); wait > 0 {
			if err := c.clock.Wait(ctx, wait); err != nil {
				return reply{}, err
			}
		}
	}
	placed, headers, err := c.signed(sv, secret, sv.Direct)
	if err != nil {
		return reply{}, err
	}
	contentType, body, err := sv.question(q, placed)
	if err != nil {
		return reply{}, err
	}
	r, err := c.post(ctx, sv.gateway, sv.gateway.address(sv.Path), contentType, body, headers)
	if err != nil {
		return reply{}, err
	}
	return r, sv.gateway.classify(r)
}

// whyOf is the word for a call that brought no answer.
func whyOf(err error) string {
	switch {
	case err == nil:
		return ""
	case fault.Is(err, fault.Transient) && fault.AfterOf(err) > 0:
		return Throttled
	case fault.Is(err, fault.Transient):
		return Down
	case fault.Is(err, fault.Data):
		return Garbled
	}
	return Key // Blocked, or Config: a person must look at it
}

// keeps is how long an answer is remembered.
func (sv *service) keeps(v Verdict) time.Duration {
	if v == Yes {
		return sv.Keep
	}
	return sv.KeepNo
}

// Services lists the services, by name.
func (c *Client) Services() []string { return slices.Sorted(maps.Keys(c.services)) }

// Ask asks one question whatever is remembered or at rest, for a person who tries a service:
// the answer as it is read, and the whole of it by path, in order. Faults: as those of a
// call; Data, with the whole, where the answer is not as declared.
func (c *Client) Ask(ctx context.Context, q Question) (Answer, []Told, error) {
	sv, err := c.service(q.Service)
	if err != nil {
		return Answer{}, nil, err
	}
	r, err := c.reply(ctx, sv, &q)
	if err != nil {
		return Answer{Why: whyOf(err)}, nil, err
	}
	return sv.Answer.read(r.json), told(r.json, "", nil), nil
}

// Inputs are what a service is told, by the names mappings have for them; nil: it does not say.
func (c *Client) Inputs(name string) []string {
	if sv := c.services[name]; sv != nil {
		return slices.Sorted(maps.Keys(sv.Send))
	}
	return nil
}

func (c *Client) service(name string) (*service, error) {
	if sv := c.services[name]; sv != nil {
		return sv, nil
	}
	hint := nearest.Hint(name, c.Services())
	if hint.IsZero() {
		hint = text.T("写在 banjian.yaml 的 verification.services 里", "declare it under verification.services of banjian.yaml")
	}
	return nil, fault.New(fault.Config, "find service", name, text.F("没有声明核验服务 %s", "service %s is not declared", name), hint)
}

// Probe fetches the secret of a service, asking nothing about anybody: whether key and
// address are right. Faults: Transient, Blocked, Config.
func (c *Client) Probe(ctx context.Context, name string) error {
	sv, err := c.service(name)
	if err != nil {
		return err
	}
	_, err = c.secret(ctx, sv, "")
	return err
}
