package sides

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors"
	"banjian/connectors/middleplatform"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// List is a file that a platform's people exported.
type List struct {
	File    connectors.Listing
	Subject string            // whose records it lists
	Named   map[string]string // headings that somebody named, by field; empty: the field is not compared

	Matched func(headings []string) // is told what is compared; nil: nobody asks
}

// match matches the columns of a file.
func (l *List) match(ctx context.Context, candidates []reconcile.Candidate) (*reconcile.Listing, error) {
	headings, err := l.File.Headings(ctx)
	if err != nil {
		return nil, err
	}
	columns, err := reconcile.Match(l.File.Name(), headings, candidates, l.Named)
	if err != nil {
		return nil, err
	}
	read := make([]string, len(columns))
	for i := range columns {
		read[i] = columns[i].Heading
	}
	if l.Matched != nil {
		l.Matched(slices.Clone(read))
	}
	return &reconcile.Listing{Name: l.File.Name(), Columns: columns, Open: func(ctx context.Context) (pipelines.Source, error) {
		return l.File.Open(ctx, slices.Compact(slices.Sorted(slices.Values(read))))
	}}, nil
}

// listed has a platform's exported list stand for what it holds.
func (s *Site) listed(ctx context.Context, list *List, plan *jobs.DeliverPlan, p *reconcile.Plan) error {
	var subjects []string
	at := slices.IndexFunc(plan.Subjects, func(s jobs.SubjectPlan) bool {
		subjects = append(subjects, s.Order.Subject)
		return s.Order.Subject == list.Subject
	})
	if at < 0 {
		return nearest.None("种记录", "subject", list.Subject, subjects, text.F("这个接收方有：%s", "the receiver has: %s", strings.Join(subjects, ", ")))
	}
	messages := s.House.Messages(s.House.Profile(plan.Receiver).Protocol)
	in := messages.Interfaces[plan.Subjects[at].Table]
	l, err := list.match(ctx, s.exported(messages, in))
	if err != nil {
		return err
	}
	l.Ours = func(ctx context.Context, _ string, each func(*ledger.Projected, arrow.Record, int) error) error {
		return s.project(ctx, plan, at, each)
	}
	l.Halves, l.Elsewhere = halvesOf(in), in.Elsewhere
	l.Also = func(ctx context.Context, each func(arrow.Record, int) error) error {
		return s.alsoListed(ctx, plan, messages, in, each)
	}
	p.Listing, p.Holder = l, l
	p.Subjects = slices.DeleteFunc(p.Subjects, func(s reconcile.Subject) bool { return s.Name != list.Subject })
	return nil
}

// halvesOf says how records of an interface go as several messages, nil where they do not.
func halvesOf(in *middleplatform.Interface) *reconcile.Halves {
	if in.Halves == nil {
		return nil
	}
	halves := &reconcile.Halves{Column: in.Halves.Field, Present: map[string]string{}}
	for code, block := range in.Halves.Blocks {
		halves.Present[code] = in.KeyColumnIn(block)
	}
	return halves
}

// alsoListed gives records of other kinds that were delivered as messages of an interface.
func (s *Site) alsoListed(ctx context.Context, plan *jobs.DeliverPlan, messages *middleplatform.Profile, in *middleplatform.Interface, each func(arrow.Record, int) error) error {
	for at := range plan.Subjects {
		other := messages.Interfaces[plan.Subjects[at].Table]
		if other == nil || other.Instead == nil || other.Instead.Interface != in.Name {
			continue
		}
		err := s.project(ctx, plan, at, func(p *ledger.Projected, rec arrow.Record, row int) error {
			if !other.Elsewhere(rec, row) {
				return nil
			}
			sent, err := s.Store.Sent(ctx, plan.Receiver, []int64{p.Rec})
			if err != nil || sent[0].Frozen == 0 {
				return err
			}
			return each(rec, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// exported is what a list of the messages of an interface may show of them. Of one whose
// records go in halves the key of the first tells records apart.
func (s *Site) exported(messages *middleplatform.Profile, in *middleplatform.Interface) []reconcile.Candidate {
	subject := s.House.Form(messages.SubjectName(in))
	keys, halves := in.KeyColumns(), halvesOf(in)
	if halves != nil {
		first := slices.Min(slices.Collect(maps.Keys(halves.Present)))
		keys = slices.DeleteFunc(keys, func(name string) bool {
			return name == halves.Column || in.HalfOf(name) != "" && in.HalfOf(name) != first
		})
	}
	var list []reconcile.Candidate
	for i := range subject.Fields {
		f := &subject.Fields[i]
		key, half := slices.Contains(keys, f.Name), in.HalfOf(f.Name)
		if f.Type == schemas.File || in.Borrowed(f.Name) || half != "" && !key && halves.Present[half] == f.Name {
			continue
		}
		if key {
			half = ""
		}
		c := reconcile.Candidate{Title: f.Title, Asked: f.Personal && !key, Column: reconcile.Column{Name: f.Name, Key: key, Half: half, Zone: s.House.Zone(),
			Time: f.Type == schemas.Time || f.Type == schemas.Date, Number: f.Type == schemas.Int || f.Type == schemas.Decimal}}
		if set, ok := s.House.Schemas().CodeSet(f.CodeSet); ok && f.CodeSet != "region" {
			c.Codes = map[string]string{}
			for _, code := range set.Codes {
				c.Codes[code.Title.ZH], c.Codes[code.Title.EN] = code.Code, code.Code
			}
		}
		list = append(list, c)
	}
	return list
}
