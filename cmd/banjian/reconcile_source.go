package main

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
)

// sides lays the departments beside the ledger: with --source their views, else what the
// ledger has of them alone.
func (a *app) sides(ctx context.Context, h *house, store ledger.Store, f reconcileFlags, days *reconcile.Days, report *reconcile.Report) ([]*reconcile.Side, error) {
	specs, err := h.Pipelines(nil)
	if err != nil {
		return nil, err
	}
	var list []*reconcile.Side
	for _, spec := range specs {
		if f.department != "" && spec.From.SourceID != f.department || f.receiver != "" && !slices.Contains(spec.Deliver, f.receiver) {
			continue
		}
		o, err := h.origin(store, spec, f.source)
		if err != nil && !f.source { // its receivers can be compared all the same
			report.Unasked = append(report.Unasked, reconcile.Unasked{Pipeline: spec.Pipeline, Why: text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN))})
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.receiver != "" && !h.Takes(f.receiver, o.Stream.Subject) {
			continue
		}
		done := func() {}
		if o.Open != nil {
			bar := a.progress(spec.Pipeline)
			done, o.Progress = bar.finish, func(rows int64) { bar.update(pipelines.Counts{Read: rows}) }
		}
		side, err := reconcile.Survey(ctx, store, o, days, f.named, report)
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
		return text.T("文件交来一次、读完归档，来源不再留着全部；每个文件收了多少行见 banjian status --files", "files are handed over once and put away: the source does not keep the whole; what came of each is in banjian status --files")
	case from.Inbox != "":
		return text.T("这是业务中台推来的，它没有列出全部流水号的接口；拿它导出的清单用 --numbers 比对", "this is what a platform sends, which has no call that lists its numbers: compare with a list it exports, by --numbers")
	}
	return text.Text{}
}

// origin is what a pipeline reads, and how it is read whole.
func (h *house) origin(store ledger.Store, spec pipelines.Spec, ask bool) (*reconcile.Origin, error) {
	whole := spec
	whole.From.Mode, whole.From.Splits, whole.From.Compare = "full", 0, nil
	why := unaskable(&spec.From)
	if !why.IsZero() {
		whole.From = spec.From
	}
	plan, err := h.CollectPlan(whole)
	if err != nil {
		return nil, err
	}
	plan.Dry = true
	o := &reconcile.Origin{Pipeline: spec.Pipeline, Stream: ledger.Stream{Source: spec.From.SourceID, Subject: plan.Primary}, Collect: plan.Audit()}
	if err := h.dayOf(o, &spec); err != nil {
		return nil, err
	}
	if !ask || !why.IsZero() {
		if ask {
			o.Why = why
		}
		return o, nil
	}
	o.Open = func(ctx context.Context) (pipelines.Source, error) { return plan.Open(ctx, "") }
	if spec.From.Whole() {
		return o, nil
	}
	next := spec // what its next run reads, were it now
	none := pipelines.Duration(0)
	next.From.Splits, next.From.Compare, next.From.Settle, next.From.Lag = 0, nil, &none, 0
	waits, err := h.CollectPlan(next)
	if err != nil {
		return nil, err
	}
	waits.Dry = true
	o.Waits = func(ctx context.Context) (pipelines.Source, error) {
		at, err := store.Position(ctx, spec.Pipeline)
		if err != nil {
			return nil, err
		}
		return waits.Open(ctx, at)
	}
	return o, nil
}

// failedToAsk says that a source or a receiver could not be read now.
func failedToAsk(r *reconcile.Report) bool {
	return slices.ContainsFunc(r.Unasked, func(u reconcile.Unasked) bool { return u.Failed })
}

// beside lays a receiver beside the ledger.
func (a *app) beside(ctx context.Context, h *house, store ledger.Store, f *reconcileFlags, plan *jobs.DeliverPlan, p *reconcile.Plan, report *reconcile.Report) error {
	looker, can := plan.Caller.(pipelines.Looker)
	can = can && slices.ContainsFunc(plan.Subjects, func(s jobs.SubjectPlan) bool { return looker.Looks(s.Table) })
	done := func() {}
	switch {
	case p.Holder != nil:
	case f.ask && can:
		bar := a.progress(plan.Receiver)
		done = bar.finish
		p.Asking = &reconcile.Asking{Looker: looker, AtOnce: atOnce(plan), Progress: func(n int64) { bar.update(pipelines.Counts{Read: n}) }}
		p.Asking.Ours = func(ctx context.Context, subject string, each func(*ledger.Projected, arrow.Record, int) error) error {
			at := slices.IndexFunc(plan.Subjects, func(s jobs.SubjectPlan) bool { return s.Order.Subject == subject })
			return project(ctx, store, plan, at, each)
		}
	case can:
		report.Unasked = append(report.Unasked, reconcile.Unasked{Receiver: plan.Receiver, Why: text.T("它可以逐条问：加 --ask，宜用 --day 或 --since 限定日期", "it can be asked record by record: --ask, best with --day or --since")})
	default:
		report.Unasked = append(report.Unasked, reconcile.Unasked{Receiver: plan.Receiver, Why: h.unreadable(plan)})
	}
	err := reconcile.Run(ctx, store, p, report)
	done()
	return errors.Join(err, plan.Close())
}

// project gives the records of a subject as they would go to the receiver.
func project(ctx context.Context, store ledger.Store, plan *jobs.DeliverPlan, at int, each func(*ledger.Projected, arrow.Record, int) error) error {
	sp := &plan.Subjects[at]
	return ledger.Project(ctx, &ledger.DeliverStage{Order: sp.Order, Store: store, Mapping: sp.Stage, From: plan.From, Alloc: memory.DefaultAllocator}, each)
}

// atOnce is how many calls of a receiver may be under way together.
func atOnce(plan *jobs.DeliverPlan) int {
	most := 1
	for i := range plan.Subjects {
		most = max(most, plan.Subjects[i].Calls)
	}
	return most
}

// unreadable says why a receiver is not asked.
func (h *house) unreadable(plan *jobs.DeliverPlan) text.Text {
	if plan.Caller != nil {
		return text.T("这个中台没有查询接口；拿它导出的清单用 --export 比对", "this platform has no call by which it could be asked: compare with a list it exports, by --export")
	}
	return text.T("这种接收方不能回读，只列台账一边", "this kind of receiver cannot be read back: the ledger's side is told alone")
}

// dayOf is the field on whose day the rows of a pipeline are counted, and how it is made of
// a row, where the mapping makes it.
func (h *house) dayOf(o *reconcile.Origin, spec *pipelines.Spec) error {
	subject, ok := h.Schemas().Subject(o.Stream.Subject)
	if !ok || subject.Day == "" {
		return nil
	}
	o.Day = subject.Day
	m, err := h.Mapping(spec.Mapping, nil)
	if err != nil {
		return err
	}
	if _, err := m.KeyColumns(o.Stream.Subject, []string{o.Day}); err != nil {
		return nil
	}
	o.DayOf = wiring.Computed(m, o.Day)
	return nil
}
