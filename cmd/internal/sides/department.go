package sides

import (
	"context"
	"slices"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
)

// departments lays the departments beside the ledger: where they are asked their views, else
// what the ledger has of them alone.
func (s *Site) departments(ctx context.Context, q *Question, report *reconcile.Report) ([]*reconcile.Side, error) {
	specs, err := s.House.Pipelines(nil)
	if err != nil {
		return nil, err
	}
	var list []*reconcile.Side
	for _, spec := range specs {
		if q.Department != "" && spec.From.SourceID != q.Department || q.Receiver != "" && !slices.Contains(spec.Deliver, q.Receiver) {
			continue
		}
		o, err := s.origin(spec, q.Source)
		if err != nil && !q.Source { // its receivers can be compared all the same
			report.Unasked = append(report.Unasked, reconcile.Unasked{Pipeline: spec.Pipeline, Why: text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN))})
			continue
		}
		if err != nil {
			return nil, err
		}
		if q.Receiver != "" && !s.House.Takes(q.Receiver, o.Stream.Subject) {
			continue
		}
		done := func() {}
		if o.Open != nil {
			o.Progress, done = s.Progress(spec.Pipeline)
		}
		side, err := reconcile.Survey(ctx, s.Store, o, &q.Days, q.Named, report)
		done()
		if err != nil {
			return nil, err
		}
		list = append(list, side)
	}
	return list, nil
}

// unaskable says why what a pipeline reads cannot be read again as a whole.
func unaskable(from *pipelines.From) text.Text {
	switch {
	case from.Topic != "":
		return text.T("主题是变化的流水，没有“现在的全部”可比；各分区读到的位移见 banjian streams", "a topic is a log of changes: there is no whole of it to compare with; banjian streams tells how far each partition was read")
	case from.Files != "":
		return text.T("文件交来一次、读完归档，来源不再留着全部；每个文件收了多少行见 banjian status", "files are handed over once and put away: the source does not keep the whole; what came of each is in banjian status")
	case from.Inbox != "":
		return text.T("这是业务中台推来的，它没有列出全部流水号的接口；拿它导出的清单用 --numbers 比对", "this is what a platform sends, which has no call that lists its numbers: compare with a list it exports, by --numbers")
	}
	return text.Text{}
}

// origin is what a pipeline reads, and how it is read whole.
func (s *Site) origin(spec pipelines.Spec, ask bool) (*reconcile.Origin, error) {
	whole := spec
	whole.From.Mode, whole.From.Splits, whole.From.Compare = "full", 0, nil
	why := unaskable(&spec.From)
	if !why.IsZero() {
		whole.From = spec.From
	}
	plan, err := s.House.CollectPlan(whole)
	if err != nil {
		return nil, err
	}
	plan.Dry = true
	o := &reconcile.Origin{Pipeline: spec.Pipeline, Stream: ledger.Stream{Source: spec.From.SourceID, Subject: plan.Primary}, Collect: plan.Audit()}
	if err := s.dayOf(o, &spec); err != nil {
		return nil, err
	}
	if !ask || !why.IsZero() {
		if ask {
			o.Why = why
		}
		return o, nil
	}
	o.Open = func(ctx context.Context) (pipelines.Source, error) { return plan.Open(ctx, "") }
	if !spec.From.Whole() {
		o.Waits, err = s.next(spec)
	}
	return o, err
}

// next is what the next run of a pipeline reads, were it now.
func (s *Site) next(spec pipelines.Spec) (func(context.Context) (pipelines.Source, error), error) {
	none := pipelines.Duration(0)
	spec.From.Splits, spec.From.Compare, spec.From.Settle, spec.From.Lag = 0, nil, &none, 0
	waits, err := s.House.CollectPlan(spec)
	if err != nil {
		return nil, err
	}
	waits.Dry = true
	return func(ctx context.Context) (pipelines.Source, error) {
		at, err := s.Store.Position(ctx, spec.Pipeline)
		if err != nil {
			return nil, err
		}
		return waits.Open(ctx, at)
	}, nil
}

// dayOf is the field on whose day the rows of a pipeline are counted, and how it is made of
// a row, where the mapping makes it.
func (s *Site) dayOf(o *reconcile.Origin, spec *pipelines.Spec) error {
	subject := s.House.Form(o.Stream.Subject)
	if subject == nil || subject.Day == "" {
		return nil
	}
	o.Day = subject.Day
	m, err := s.House.Mapping(spec.Mapping, nil)
	if err != nil {
		return err
	}
	if _, err := m.KeyColumns(o.Stream.Subject, []string{o.Day}); err != nil {
		return nil
	}
	o.DayOf = wiring.Computed(m, o.Day)
	return nil
}
