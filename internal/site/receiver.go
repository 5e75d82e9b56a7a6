package site

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"banjian/internal/fault"
	"banjian/internal/pace"
	"banjian/internal/text"
)

// Maintenance (维护窗口) is a time in which a receiver is left alone: every week, or once.
// Times are in the site's zone.
type Maintenance struct {
	Weekly string `yaml:"weekly"` // "Sat 22:00-02:00"
	From   string `yaml:"from"`   // "2026-12-01 20:00"
	To     string `yaml:"to"`
	Why    string `yaml:"why"`
	Place  string `yaml:"-"` // line:column
}

// UnmarshalYAML remembers where the entry stands.
func (m *Maintenance) UnmarshalYAML(n ast.Node) error {
	type plain Maintenance
	err := yaml.NodeToValue(n, (*plain)(m), yaml.Strict())
	m.Place = place(n)
	return err
}

// place is line:column of a value, of a mapping that of its first key.
func place(n ast.Node) string {
	tk := n.GetToken()
	if mapping, ok := n.(*ast.MappingNode); ok && len(mapping.Values) > 0 {
		tk = mapping.Values[0].Key.GetToken()
	}
	if tk == nil || tk.Position == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", tk.Position.Line, tk.Position.Column)
}

// Breaker (断路) is when a receiver that fails is left alone by itself, and for how long.
type Breaker struct {
	Failures int      `yaml:"failures"` // calls or batches in a row without an answer; default 10
	Wait     Duration `yaml:"wait"`     // until one is tried, twice as long after each try that fails; default 5s
	Most     Duration `yaml:"at_most"`  // but no longer than this; default 10m
}

// Backlog (积压) is what new records go before, and the share it keeps.
type Backlog struct {
	Over  int `yaml:"over"`  // rows of one subject and source that wait; default 5000
	Share int `yaml:"share"` // percent of the records that go, while new ones come; default 20
}

// LimitsOf are limits by interface.
type LimitsOf map[string]InterfaceLimit

// InterfaceLimit is how gently one interface is called; what is not said is as the
// connection or the profile says.
type InterfaceLimit struct {
	Connections int      `yaml:"connections"` // calls under way at a time
	Rate        float64  `yaml:"rate"`        // calls a second, evenly spaced
	Timeout     Duration `yaml:"timeout"`     // of one call with its answer
}

// Duration is written 72h, 90m or 3d.
type Duration time.Duration

// UnmarshalYAML refuses what is no length of time, or not longer than none.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	written := n.GetToken().Value
	parsed, ok := pace.Duration(written)
	if !ok || parsed == 0 {
		return fault.New(fault.Config, "read duration", place(n), text.F("%q 不是一段时间", "%q is no length of time", written), text.T("例如 72h、90m、3d", "for instance 72h, 90m, 3d"))
	}
	*d = Duration(parsed)
	return nil
}

// heldLong is how long a record may be held before somebody should look, where the site
// does not say.
const heldLong = 72 * time.Hour

// How often feedback is looked for and how long rows may wait, where the site does not say.
const (
	feedbackEvery = 10 * time.Minute
	waitLong      = 24 * time.Hour
	purgedAfter   = 7 * 24 * time.Hour
)

// Interval is how often serve looks.
func (f *Feedback) Interval() time.Duration { return or(f.Every, feedbackEvery) }

// WaitLimit is how long a row may wait to be taken over.
func (f *Feedback) WaitLimit() time.Duration { return or(f.Waiting, waitLong) }

// PurgeAge is from what age on a row that is not there may have been cleaned up.
func (f *Feedback) PurgeAge() time.Duration { return or(f.Purged, purgedAfter) }

// Watches says whether is_sync is looked at.
func (f *Feedback) Watches() bool { return f.Uptake == nil || *f.Uptake }

func or(d Duration, otherwise time.Duration) time.Duration {
	if d > 0 {
		return time.Duration(d)
	}
	return otherwise
}

// HeldLimit is how long a record may be held before somebody should look.
func (r Receiver) HeldLimit() time.Duration {
	if r.AlertHeldAfter > 0 {
		return time.Duration(r.AlertHeldAfter)
	}
	return heldLong
}
