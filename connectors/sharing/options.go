package sharing

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// Clock tells time and lets it pass.
type Clock interface {
	Now() time.Time
	// Wait returns when d has passed, or earlier with the error of ctx.
	Wait(ctx context.Context, d time.Duration) error
}

// Gateway (网关) is where services are called. Zero values mean the default.
type Gateway struct {
	Name       string
	URL        string   // https://host/path; paths of services follow
	RID        string   // what the gateway calls us
	Families   []string // signing schemes whose headers a call carries; default gjzwfwpt
	Signers    []fs.FS  // with signers/NAME.yaml of the site's own, beside those that ship
	InBody     bool     // the same values are members of the body as well
	Refresh    string   // path of the call that hands out secrets
	Plain      bool     // it is asked with the app key itself and answers in plain
	Lasts      time.Duration
	Refused    Conditions // of an answer: key, signature or clock; default code 401, 403
	Throttled  Conditions // of an answer: too many calls; default code 429
	Timeout    time.Duration
	Most       int     // calls under way at a time; default 4
	PerSecond  float64 // calls begun a second; 0 = no limit
	CAFile     string
	ServerName string
}

// Service (服务) is one interface of a gateway.
type Service struct {
	Name      string
	Gateway   string
	SID       string
	AppKey    func() (string, error) // asked when a secret is fetched
	Path      string
	Direct    bool              // the secret itself stands where a signature would
	Form      bool              // the body is a form, else JSON
	Within    string            // member of the body that holds what is sent, as a JSON text in a form; empty: the body itself
	Send      map[string]string // name on the wire by input; others go by their own
	Beside    map[string]string // sent with every question
	Answer    AnswerForm
	Keep      time.Duration // how long a Yes is remembered; 0 = not at all
	KeepNo    time.Duration // the same of No and None
	PerSecond float64       // calls begun a second; 0 = as the gateway
}

// Conditions are values by path: all hold when each path has one of its values.
type Conditions map[string][]string

// AnswerForm says how an answer is read. A path is members of JSON, and places of lists
// from 0, with dots between; a text on the way that is JSON itself is looked into.
type AnswerForm struct {
	OK     Conditions        // it was answered at all
	None   Conditions        // and there is no such person or licence: an absent path reads as empty
	Match  Conditions        // and it is so; a path that is absent makes the answer unreadable
	Values map[string]string // path by name
}

// Defaults of a gateway.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMost    = 4
	DefaultLasts   = 30 * time.Minute // of a secret whose end is not told, or cannot be read
	DefaultFamily  = "gjzwfwpt"
)

func (g *Gateway) fill() {
	if len(g.Families) == 0 {
		g.Families = []string{DefaultFamily}
	}
	if g.Timeout == 0 {
		g.Timeout = DefaultTimeout
	}
	if g.Most == 0 {
		g.Most = DefaultMost
	}
	if g.Lasts == 0 {
		g.Lasts = DefaultLasts
	}
	if g.Refused == nil {
		g.Refused = Conditions{"code": {"401", "403"}}
	}
	if g.Throttled == nil {
		g.Throttled = Conditions{"code": {"429"}}
	}
}

// address is a path of the gateway.
func (g *Gateway) address(path string) string {
	return strings.TrimSuffix(g.URL, "/") + "/" + strings.TrimPrefix(path, "/")
}

func (g *Gateway) check() error {
	if _, ok := remote.Address(g.URL); !ok {
		return fault.New(fault.Config, "open gateway", g.Name, text.T("网关地址要写成 https://主机/路径，不带用户名和参数", "a gateway's address is https://host/path, without user and parameters"), text.Text{})
	}
	return nil
}

// holds says that every path has one of its values; absent that one is not there at all.
func (c Conditions) holds(in any) (all, absent bool) {
	all = true
	for path, values := range c {
		got, there := at(in, path)
		absent = absent || !there
		all = all && slices.Contains(values, got)
	}
	return all, absent
}
