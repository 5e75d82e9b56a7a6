package conformance

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Options is what a check is made of.
type Options struct {
	Profile  *middleplatform.Profile
	Intake   *middleplatform.Intake
	Base     string // the platform; empty: only the callback is checked
	Callback string // an approval system's base address; empty: interfaces 1 and 10 are left out
	// CallbackOpen says that the approval system does not check signatures.
	CallbackOpen bool
	Keys         middleplatform.Keys
	Client       *http.Client // nil: one with a time limit for each call
	Now          func() time.Time
	Flow         func() (flow, item string) // a fresh flow number of an application; nil: try-out numbers
	Workers      int                        // assertions at a time, 4 when nobody says
	Within       time.Duration              // 28s when nobody says
}

// Result is what became of one assertion.
type Result struct {
	Name   string    `json:"assertion"`
	Number int       `json:"interface"` // 1 to 10; 0: of every interface, or of the address of an application
	Says   text.Text `json:"says"`
	OK     bool      `json:"ok"`
	Detail text.Text `json:"detail"` // what was wrong
	Took   int64     `json:"ms"`
}

// Report is the results in the order of the list.
type Report struct {
	Profile  string    `json:"profile"`
	Base     string    `json:"base,omitempty"`
	Callback string    `json:"callback,omitempty"`
	At       time.Time `json:"at"`
	Results  []Result  `json:"results"`
}

// Failed is how many assertions did not hold.
func (r *Report) Failed() int {
	n := 0
	for _, one := range r.Results {
		if !one.OK {
			n++
		}
	}
	return n
}

// assertion is one thing that must hold. Its check says what is wrong, nothing if it
// holds.
type assertion struct {
	name   string
	number int
	says   text.Text
	check  func(*checker) text.Text
}

// Names lists what is checked with a profile: name, number and sentence, in order.
func Names(p *middleplatform.Profile, callback bool) []Result {
	var list []Result
	for _, a := range assertions(p, true, callback) {
		list = append(list, Result{Name: a.name, Number: a.number, Says: a.says})
	}
	return list
}

// assertions lists those that make sense with a profile.
func assertions(p *middleplatform.Profile, platform, callback bool) []assertion {
	var list []assertion
	if platform {
		for _, group := range []func(*middleplatform.Profile) []assertion{signatures, ciphers, bodies, accepts, courses, corrections, suspends, finishes, resultFiles, details, materials, addresses} {
			list = append(list, group(p)...)
		}
	}
	if callback {
		list = append(list, callbacks(p)...)
	}
	return list
}

// Run checks. An error means that nothing could be checked: nobody answers, or the keys
// cannot be used.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer o.Client.CloseIdleConnections()
	}
	if o.Workers < 1 {
		o.Workers = 4
	}
	if o.Within <= 0 {
		o.Within = 28 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	if err := b.reach(ctx); err != nil {
		return nil, err
	}
	list := assertions(o.Profile, o.Base != "", o.Callback != "")
	report := &Report{Profile: o.Profile.Profile, Base: o.Base, Callback: o.Callback, At: o.Now(), Results: make([]Result, len(list))}
	next := make(chan int, len(list))
	for i := range list {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range o.Workers {
		wg.Go(func() {
			for i := range next {
				report.Results[i] = b.try(ctx, list[i])
			}
		})
	}
	wg.Wait()
	return report, nil
}

// try is one assertion.
func (b *bench) try(ctx context.Context, a assertion) Result {
	r := Result{Name: a.name, Number: a.number, Says: a.says}
	if ctx.Err() != nil {
		r.Detail = text.T("时间到了，没有检查", "no time was left to check")
		return r
	}
	began := time.Now()
	r.Detail = a.check(&checker{bench: b, ctx: ctx})
	r.OK, r.Took = r.Detail.IsZero(), time.Since(began).Milliseconds()
	return r
}

// reach asks whether anybody is there.
func (b *bench) reach(ctx context.Context) error {
	for _, base := range []string{b.Base, b.Callback} {
		if base == "" {
			continue
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base, nil)
		if err != nil || !strings.HasPrefix(base, "http") {
			return fault.New(fault.Config, "verify platform", base, text.T("地址要写成 http(s)://主机/路径", "the address is http(s)://host/path"), text.Text{})
		}
		resp, err := b.Client.Do(r)
		if err != nil {
			return fault.Wrap(err, fault.Transient, "verify platform", base, text.T("连不上", "it cannot be reached"), text.T("检查地址、网络和防火墙", "check the address, the network and the firewall"))
		}
		_ = resp.Body.Close() // whatever it says
	}
	return nil
}
