package doctor

import (
	"context"
	"slices"
	"time"

	"banjian/cmd/internal/wiring"
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

// Examine looks at a connection, at the views behind it and at the receivers it leads to.
func (s *Site) Examine(ctx context.Context, name string) ([]Line, error) {
	var lines []Line
	if c := s.House.Site().Connections[name]; c.Drop() {
		lines = s.drop(ctx, name)
	}
	d, err := s.department(name)
	if err != nil {
		return nil, err
	}
	for _, r := range s.House.Receivers() {
		if s.House.Site().Receivers[r].Connection == name && s.House.Profile(r) != nil {
			lines = append(lines, s.receiver(ctx, r)...)
		}
	}
	if conn := s.House.Site().Connections[name]; len(d.Views) > 0 || len(lines) == 0 && databaseKind(conn.Kind) {
		lines = append(d.Examine(ctx, s.Bounds), lines...)
	}
	return append(lines, s.attachments(ctx, name)...), nil
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
		if v.Source, err = s.House.View(spec); err != nil {
			return nil, err
		}
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
	if len(got.Notes) == 0 {
		r.Add("", "tables", OK, text.T("与档案相符", "as its profile says"), text.Text{})
	}
	return r.Lines
}
