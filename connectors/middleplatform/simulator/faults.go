package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// Faults is what goes wrong on purpose, as its file says.
type Faults struct {
	Seed   uint64  `yaml:"seed"`
	Faults []Fault `yaml:"faults"`
}

// Fault strikes some calls of one interface, or of all; without share and nth, each.
type Fault struct {
	Do         string              `yaml:"do"`
	Interface  string              `yaml:"interface"`
	Share      float64             `yaml:"share"`       // of the calls, above 0, at most 1
	Nth        []int               `yaml:"nth"`         // these calls, counted from 1
	For        middleplatform.Span `yaml:"for"`         // of delay and slow
	RetryAfter middleplatform.Span `yaml:"retry_after"` // of 429, whole seconds, default 1s
}

// The faults there are.
const (
	Delay      = "delay"            // waits before anything else
	Drop       = "drop_after_apply" // the message is taken, the connection breaks without an answer
	Status401  = "401"
	Status429  = "429"
	Status502  = "502"             // a proxy's page, not the platform's envelope; nothing is taken
	Truncated  = "truncated"       // the message is taken, half of the answer comes
	SlowAnswer = "slow"            // the message is taken, the answer comes in pieces
	Forged     = "wrong_signature" // the message is taken, the answer is signed wrongly
)

var faultNames = []string{Delay, Drop, Status401, Status429, Status502, Truncated, SlowAnswer, Forged}

// questions are the calls that bring something, beside a profile's interfaces.
var questions = []string{"apply_info", "apply_materials", "download"}

// ParseFaults reads a faults file for a profile; name names it in faults, which are
// Config with file:line:column.
func ParseFaults(name string, data []byte, p *middleplatform.Profile) (*Faults, error) {
	f := new(Faults)
	if err := yamlfile.Decode(name, data, f); err != nil {
		return nil, err
	}
	for i := range f.Faults {
		if what, hint := f.Faults[i].wrong(p); !what.IsZero() {
			return nil, fault.New(fault.Config, "read faults", yamlfile.Where(name, data, fmt.Sprintf("$.faults[%d]", i)), what, hint)
		}
	}
	return f, nil
}

func (f *Fault) wrong(p *middleplatform.Profile) (what, hint text.Text) {
	timed := f.Do == Delay || f.Do == SlowAnswer
	switch {
	case !slices.Contains(faultNames, f.Do):
		all := strings.Join(faultNames, " | ")
		return text.F("没有 %q 这种故障", "there is no fault %q", f.Do), text.F("可用：%s", "there are: %s", all)
	case f.Interface != "" && p.Interfaces[f.Interface] == nil && !slices.Contains(questions, f.Interface):
		names := slices.Clone(questions)
		for _, in := range p.ByNumber() {
			names = append(names, in.Name)
		}
		return text.F("没有接口 %q", "there is no interface %q", f.Interface), nearest.Hint(f.Interface, names)
	case f.Share < 0 || f.Share > 1 || f.Share > 0 && len(f.Nth) > 0:
		return text.T("share 在 0 与 1 之间，与 nth 二选一", "share is between 0 and 1, and not beside nth"), text.Text{}
	case len(f.Nth) > 0 && slices.Min(f.Nth) < 1:
		return text.T("nth 从 1 数起", "nth counts from 1"), text.Text{}
	case f.For.Bad || f.RetryAfter.Bad:
		return text.T("时间要写成 500ms、2s、1m 这样", "a time is written 500ms, 2s or 1m"), text.Text{}
	case timed != (f.For.Duration > 0) || f.For.Duration < 0:
		return text.T("delay 和 slow 要写 for，其他不写", "delay and slow need for:, others do not"), text.Text{}
	case f.RetryAfter.Duration != 0 && f.Do != Status429, f.RetryAfter.Duration < 0, f.RetryAfter.Duration%time.Second != 0:
		return text.T("retry_after 只用于 429，按整秒", "retry_after is for 429 only, in whole seconds"), text.Text{}
	}
	return text.Text{}, text.Text{}
}

// plan is what strikes one call.
type plan struct {
	delay, slow time.Duration
	refuse      string // Status401, Status429, Status502
	retryAfter  time.Duration
	drop, half  bool
	forge       bool
}

// chaos deals plans. It may be used concurrently; which call gets which plan follows
// from the order of calls alone.
type chaos struct {
	mu    sync.Mutex
	dices []dice
}

type dice struct {
	Fault
	calls  int
	random *rand.Rand
}

func newChaos(f *Faults) *chaos {
	c := &chaos{}
	if f == nil {
		return c
	}
	for i, one := range f.Faults {
		c.dices = append(c.dices, dice{Fault: one, random: rand.New(rand.NewPCG(f.Seed, uint64(i)))})
	}
	return c
}

func (c *chaos) next(name string) plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p plan
	for i := range c.dices {
		d := &c.dices[i]
		if (d.Interface == "" || d.Interface == name) && d.strikes() {
			d.into(&p)
		}
	}
	return p
}

func (d *dice) strikes() bool {
	d.calls++
	switch {
	case len(d.Nth) > 0:
		return slices.Contains(d.Nth, d.calls)
	case d.Share > 0:
		return d.random.Float64() < d.Share
	}
	return true
}

func (d *dice) into(p *plan) {
	switch d.Do {
	case Delay:
		p.delay += d.For.Duration
	case SlowAnswer:
		p.slow += d.For.Duration
	case Drop:
		p.drop = true
	case Truncated:
		p.half = true
	case Forged:
		p.forge = true
	default:
		if p.refuse == "" {
			p.refuse, p.retryAfter = d.Do, max(d.RetryAfter.Duration, time.Second)
		}
	}
}
