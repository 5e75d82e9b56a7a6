package middleplatform

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/objects"
	"banjian/internal/remote"
	"banjian/internal/text"
	"banjian/pipelines"
)

// RuleRefused is the rule of a message whose content the platform refused. Its argument
// is the platform's own words, masked, or "other" when it gave none.
const RuleRefused = "receiver_refused"

// Keys is what a platform allots to one caller.
type Keys struct {
	Credentials Credentials
	SM4Key      string
}

// Options is what a Target is made of.
type Options struct {
	Name        string // of the receiver, for faults
	Profile     *Profile
	Base        string            // the platform's address; paths of interfaces come behind it
	Keys        []Keys            // one, or during a change of keys two: the one in use first
	Limits      map[string]Limit  // by interface, over the profile's
	Transport   http.RoundTripper // nil: one of its own, with TLS
	TLS         remote.TLS
	KeyProvider gm.KeyProvider // of SM4; nil: this process
	// Files reads a stored file by its reference, see schemas.File; nil: there are none.
	Files    func(ctx context.Context, reference string) (*objects.Content, error)
	FileBase string // files are not sent: this and where they are kept is the address that is; empty: they are
	Now      func() time.Time
}

// Target (业务中台) delivers to a platform, one message a call. It is a pipelines.Caller:
// Call may be used concurrently, Delivery.Table is the name of an interface and
// Delivery.Record one of its subject (see Profile.Subjects).
type Target struct {
	opts      Options
	profile   *Profile
	keys      []*sealer
	door      *door
	paces     map[string]*pace
	base      *url.URL
	urls      map[string]*url.URL
	transport http.RoundTripper
	own       *http.Transport // nil when the transport was given
	direct    *remote.Direct  // for small messages; nil when the transport was given, or a proxy stands between
	clock     peerClock
	room      *semaphore.Weighted // for files whose messages are under way
}

var (
	_ pipelines.Caller = (*Target)(nil)
	_ pipelines.Joiner = (*Target)(nil)

	_ pipelines.Inquirer = (*Target)(nil)
)

// sealer is one allotted pair of keys, ready for use.
type sealer struct {
	who    Credentials
	cipher *Cipher
	token  token
	opened atomic.Bool // an answer could be deciphered: the platform's SM4 key is ours
}

// New prepares the way to a platform; nothing is called. Faults are Config.
func New(o Options) (*Target, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Profile == nil || len(o.Keys) == 0 {
		return nil, fault.New(fault.Config, "open platform", o.Name, text.T("中台要有档案和密钥", "a platform needs a profile and keys"), text.T("在 banjian.yaml 里写上 key、secret 和 sm4_key", "give key, secret and sm4_key in banjian.yaml"))
	}
	base, err := baseOf(o.Base)
	if err != nil {
		return nil, at(err, o.Name)
	}
	t := &Target{opts: o, profile: o.Profile, base: base, door: newDoor(len(o.Keys)), paces: map[string]*pace{}, urls: map[string]*url.URL{}, transport: o.Transport, room: newRoom()}
	for _, k := range o.Keys {
		if _, err := o.Profile.Sign(k.Credentials, "n", o.Profile.Stamp(o.Now())); err != nil {
			return nil, at(err, o.Name)
		}
		cipher, err := NewCipher(o.Profile, k.SM4Key, o.KeyProvider)
		if err != nil {
			return nil, at(err, o.Name)
		}
		t.keys = append(t.keys, &sealer{who: k.Credentials, cipher: cipher, token: token{turn: make(chan struct{}, 1)}})
	}
	most := 0
	for name, in := range o.Profile.Interfaces {
		limit := o.Profile.limitOf(in, o.Limits[name])
		most += limit.Connections
		for _, call := range in.ways() {
			t.paces[call.Name] = newPace(limit)
			full := *base
			full.Path = strings.TrimSuffix(base.Path, "/") + call.Path
			t.urls[call.Name] = &full
		}
	}
	if t.transport == nil {
		if t.own, err = remote.Transport(o.TLS, most); err != nil {
			return nil, err
		}
		t.transport = t.own
		if t.direct, err = remote.NewDirect(o.TLS, base); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// at names the receiver in a fault that has no place.
func at(err error, name string) error {
	if f, ok := err.(*fault.Error); ok && f.Where == "" {
		f.Where = name
	}
	return err
}

// Close gives idle connections back. Calls under way go on.
func (t *Target) Close() error {
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
	if t.direct != nil {
		t.direct.Close()
	}
	return nil
}

// Clock is the platform's clock less ours, as the Date header of its latest answer has
// it: to the second, with half the round trip taken off. It is not known before an
// answer came.
func (t *Target) Clock() (offset time.Duration, known bool) { return t.clock.read() }

// Call sends one row as a message and waits for the answer, see pipelines.Caller. A
// message that the profile's description has something against is refused here and
// never sent.
func (t *Target) Call(ctx context.Context, d *pipelines.Delivery, row int) (*pipelines.Issue, error) {
	in := t.profile.Interfaces[d.Table]
	if in == nil {
		return nil, fault.New(fault.Bug, "call platform", t.where(d.Table), text.T("档案里没有这个接口", "the profile has no such interface"), text.Text{})
	}
	in, messages, err := t.profile.Messages(in, d.Record, row)
	if err != nil {
		return nil, err
	}
	var weight int64
	for _, m := range messages {
		weight += t.weight(in, m)
	}
	done, err := t.claim(ctx, in, weight)
	if err != nil {
		return nil, err
	}
	defer done()
	is, large, err := t.attach(ctx, in, messages, row)
	switch {
	case is != nil || err != nil:
		return is, err
	case large != nil:
		return t.inPieces(ctx, in, d, row, large)
	}
	for _, m := range messages {
		if is := t.objection(in, m, row); is != nil {
			return is, nil
		}
	}
	for _, m := range messages {
		if is, err := t.teller(in, d)(ctx, in, m, row); is != nil || err != nil {
			return is, err
		}
	}
	return nil, nil
}

// objection is what the profile's description has against a message, nil if nothing.
func (t *Target) objection(in *Interface, m *Element, row int) *pipelines.Issue {
	found := t.profile.Check(in, m)
	if len(found) == 0 {
		return nil
	}
	return &pipelines.Issue{Row: int32(row), Field: columnOf(found[0].Field), Rule: found[0].Rule, Args: found[0].Args, Severity: pipelines.Reject}
}

// send is the call of one message.
func (t *Target) send(ctx context.Context, in *Interface, m *Element, row int) (*pipelines.Issue, error) {
	plain, err := t.profile.write(m)
	if err != nil {
		return unwritable(in, err, row)
	}
	return t.mail(ctx, in, letter{m, plain}, row)
}

// mail makes the call of a message that is written.
func (t *Target) mail(ctx context.Context, in *Interface, l letter, row int) (*pipelines.Issue, error) {
	a, err := t.exchange(ctx, in, l)
	if err == nil && a.plainly && !a.key.opened.Load() {
		err = t.provesCipher(ctx, in, a)
	}
	if err == nil && a.before {
		return t.before(ctx, in, l, row, a)
	}
	if err != nil || a.meaning != refused {
		return nil, err
	}
	return t.refusal(in, l, row, a), nil
}

// before compares, where the platform can be asked, what it says it has already with the
// message: another one is its refusal of this one. Where it cannot, the message is taken for
// what it has.
func (t *Target) before(ctx context.Context, in *Interface, l letter, row int, a answer) (*pipelines.Issue, error) {
	if in.Ask == nil || in.Ask.Digest == "" {
		return nil, nil
	}
	has, err := t.has(ctx, in, l.m, false)
	if err != nil || has != pipelines.NotArrived {
		return nil, err
	}
	return t.refusal(in, l, row, a), nil
}

// refusal is what the platform has against a message, in its words.
func (t *Target) refusal(in *Interface, l letter, row int, a answer) *pipelines.Issue {
	words := t.profile.masked(a.words, in, l.m)
	if words == "" {
		words = "other"
	}
	return &pipelines.Issue{Row: int32(row), Rule: RuleRefused, Args: []string{words}, Severity: pipelines.Reject}
}

// unwritable is a text that XML cannot carry, as the refusal of its row.
func unwritable(in *Interface, err error, row int) (*pipelines.Issue, error) {
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.Data {
		return nil, err
	}
	is := &pipelines.Issue{Row: int32(row), Rule: "bad_text", Severity: pipelines.Reject}
	for _, name := range in.columns {
		if name == f.Where || strings.HasSuffix(name, "_"+f.Where) {
			is.Field = name
		}
	}
	return is, nil
}

func (t *Target) where(name string) string { return t.opts.Name + "/" + name }
