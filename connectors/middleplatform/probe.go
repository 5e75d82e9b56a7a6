package middleplatform

import (
	"context"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Probe is what a platform that is well told of itself.
type Probe struct {
	Answer time.Duration // from the request to the whole answer
	Offset time.Duration // the platform's clock less ours, see Target.Clock
	Dated  bool          // the offset is known
}

// Probe proves address, clock, key and cipher without effect: it sends a message that
// has a root and nothing else to the first interface, which the platform opens and
// refuses. Errors are those of Call.
func (t *Target) Probe(ctx context.Context) (Probe, error) {
	in := t.profile.ByNumber()[0]
	a, err := t.empty(ctx, in)
	if fault.Is(err, fault.Unknown) {
		return Probe{}, fault.Wrap(err, fault.Unknown, "test platform", "", text.T("没有得到看得懂的回应", "there was no answer that can be read"),
			text.T("检查地址和中间的代理，稍后再试；测试不会推送任何办件", "check the address and proxies in between and try later; the test sends no case"))
	}
	if err != nil {
		return Probe{}, err
	}
	if a.plainly {
		return Probe{}, t.unopened(in, a)
	}
	p := Probe{Answer: a.took}
	p.Offset, p.Dated = t.clock.read()
	return p, nil
}

// empty sends a message that says nothing of any case.
func (t *Target) empty(ctx context.Context, in *Interface) (answer, error) {
	m := &Element{Name: t.profile.Body.Root}
	plain, err := t.profile.write(m)
	if err != nil {
		return answer{}, err
	}
	return t.exchange(ctx, in, letter{m, plain})
}

// provesCipher tells a message refused for its content from one the platform could not
// open, when no answer could be deciphered so far: with a wrong SM4 key every record
// would be refused. An error means that this one is not to be taken for refused.
func (t *Target) provesCipher(ctx context.Context, in *Interface, refusal answer) error {
	a, err := t.empty(ctx, in)
	if err == nil && a.plainly {
		err = t.unopened(in, refusal)
	}
	return err
}

func (t *Target) unopened(in *Interface, a answer) error {
	what := text.T("中台没有解开报文", "the platform did not open the message")
	if words := t.profile.masked(a.words, in, &Element{}); words != "" {
		what = text.F("中台没有解开报文：%s", "the platform did not open the message: %s", words)
	}
	return fault.New(fault.Config, "call platform", t.where(in.Name), what, text.T("与中台核对 SM4 密钥和档案的 cipher", "compare the SM4 key and the profile's cipher with the platform"))
}
