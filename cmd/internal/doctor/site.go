package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/internal/site"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Site is an open site as it is examined.
type Site struct {
	House *wiring.House
	Specs []pipelines.Spec
	Runs  []ledger.Run // what tells the cost of a run; newest first
	Bounds
}

// Files is what is wrong with the site's files as a whole, which does not keep what is whole
// from being examined.
func (s *Site) Files(wrong error) []Line {
	r := &Report{About: site.FileName}
	r.Mistakes("", wrong)
	return r.Lines
}

// Examine looks at a connection, at the views behind it and at the receivers it leads to. A
// mistake of the site's files is told, and what it does not concern is examined all the same.
func (s *Site) Examine(ctx context.Context, name string) []Line {
	var lines []Line
	conn := s.House.Site().Connections[name]
	if conn.Drop() {
		lines = s.drop(ctx, name)
	}
	d, err := s.department(name)
	if err != nil {
		r := &Report{About: name}
		r.Mistakes("", err)
		return r.Lines
	}
	if s.House.Schemas() != nil { // told with the files
		for _, r := range s.House.Receivers() {
			if s.House.Site().Receivers[r].Connection == name && s.House.Profile(r) != nil {
				lines = append(lines, s.receiver(ctx, r)...)
			}
		}
	}
	if len(d.Views) > 0 || len(lines) == 0 && databaseKind(conn.Kind) {
		lines = append(d.Examine(ctx, s.Bounds), lines...)
	}
	return append(lines, s.attachments(ctx, name)...)
}

// databaseKind says that a connection leads to a database.
func databaseKind(kind string) bool { return slices.Contains(sqldialect.Kinds(), kind) }

// shownRuns is how many runs stand for what a run costs.
const shownRuns = 10

// department is a connection with the pipelines that read it.
func (s *Site) department(name string) (*Department, error) {
	d := &Department{Name: name}
	conn := s.House.Site().Connections[name]
	if !databaseKind(conn.Kind) {
		return d, nil
	}
	var err error
	if d.Look, err = s.House.Look(name); err != nil {
		return nil, err
	}
	for _, spec := range s.Specs {
		if spec.From.Connection != name || spec.Continuous() {
			continue
		}
		v := View{Pipeline: spec.Pipeline}
		if s.House.Schemas() != nil { // told with the files
			v.Source, v.Mistake = s.House.View(spec)
		}
		v.Source.From = spec.From
		for _, r := range s.Runs {
			if r.Pipeline == spec.Pipeline && r.Counts.Load.Queries > 0 && len(v.Ran) < shownRuns {
				v.Ran = append(v.Ran, r.Counts.Load)
			}
		}
		d.Views = append(d.Views, v)
	}
	return d, nil
}

func (s *Site) receiver(ctx context.Context, name string) []Line {
	r := &Report{About: name}
	plan, err := s.House.DeliverPlan(name)
	if err != nil {
		r.Mistakes("", err)
		return r.Lines
	}
	plan.Close()
	got, err := s.House.Ask(ctx, name)
	if err != nil {
		r.Wrong("", "connect", err)
		return r.Lines
	}
	r.Add("", "connect", OK, text.F("%s，%s 内应答", "%s, answered in %s", got.Address, got.Took.Round(time.Millisecond)), text.Text{})
	r.Clock(got.Clock)
	for _, n := range got.Notes {
		r.Add("", "tables", Warn, n, text.Text{})
	}
	switch {
	case len(got.Notes) > 0:
	case len(got.Without) > 0:
		without := strings.Join(got.Without, ", ")
		r.Add("", "tables", OK, text.F("用得到的与档案相符；%s 没有表，现在没有管道送它", "those that are used are as its profile says; there is none for %s, which no pipeline sends yet", without), text.Text{})
	default:
		r.Add("", "tables", OK, text.T("与档案相符", "as its profile says"), text.Text{})
	}
	return r.Lines
}
