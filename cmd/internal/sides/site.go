package sides

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
)

// Site is an open site with its ledger. It belongs to whoever opened them.
type Site struct {
	House *wiring.House
	Store ledger.Store
	// Progress begins to tell how far the reading of a pipeline or a receiver has come: told
	// is called with a growing number of rows, done when it ends.
	Progress func(what string) (told func(rows int64), done func())
}

// Question is what is to be laid side by side.
type Question struct {
	Department, Receiver string // empty: all
	Days                 reconcile.Days
	Source               bool // departments' views too, whole
	Ask                  bool // platforms that can be asked, record by record
	Named                int  // name at most so many differences
	Now                  time.Time
}

// Run lays departments and receivers beside the ledger. With a list it is the receiver's
// side, and Receiver is its.
func (s *Site) Run(ctx context.Context, q *Question, list *List) (*reconcile.Report, error) {
	report := reconcile.Empty()
	departments, err := s.departments(ctx, q, report)
	if err != nil {
		return nil, err
	}
	for _, name := range s.House.Receivers() {
		if q.Receiver != "" && name != q.Receiver || s.House.Profile(name) == nil {
			continue
		}
		plan, err := s.House.DeliverPlan(name)
		if err != nil {
			return nil, err
		}
		p := s.beside(plan)
		s.leaveOut(ctx, plan, p)
		p.Source, p.Days, p.Sides, p.Now, p.Named = q.Department, q.Days, departments, q.Now, q.Named
		if list != nil {
			if err := s.listed(ctx, list, plan, p); err != nil {
				return nil, errors.Join(err, plan.Close())
			}
		}
		if err := s.receiver(ctx, q, plan, p, report); err != nil {
			return nil, err
		}
	}
	if list == nil {
		report.AddUnfed(departments, &q.Days)
	}
	return report, nil
}

// beside is how a receiver is laid beside the ledger.
func (s *Site) beside(plan *jobs.DeliverPlan) *reconcile.Plan {
	p := &reconcile.Plan{Receiver: plan.Receiver, From: plan.From}
	p.Holder, _ = plan.Target.(pipelines.Holder)
	for _, sp := range plan.Subjects {
		one := reconcile.Subject{Name: sp.Order.Subject, Table: sp.Table}
		if subject := s.House.Form(one.Name); subject != nil {
			one.Day = subject.Day
		}
		if !slices.Contains(p.Subjects, one) {
			p.Subjects = append(p.Subjects, one)
		}
	}
	return p
}

// leaveOut takes from p the subjects that no pipeline sends the receiver and that it has no
// table for. A receiver that does not answer is told when it is read.
func (s *Site) leaveOut(ctx context.Context, plan *jobs.DeliverPlan, p *reconcile.Plan) {
	if p.Holder == nil {
		return
	}
	_, shut, err := s.House.Ready(ctx, plan)
	if err != nil {
		return
	}
	p.Subjects = slices.DeleteFunc(p.Subjects, func(one reconcile.Subject) bool {
		wanted, absent := shut[one.Name]
		return absent && wanted == nil
	})
}

// receiver compares a receiver, and closes the way to it.
func (s *Site) receiver(ctx context.Context, q *Question, plan *jobs.DeliverPlan, p *reconcile.Plan, report *reconcile.Report) error {
	looker, can := plan.Caller.(pipelines.Looker)
	can = can && slices.ContainsFunc(plan.Subjects, func(s jobs.SubjectPlan) bool { return looker.Looks(s.Table) })
	done := func() {}
	switch {
	case p.Holder != nil:
	case q.Ask && can:
		var told func(int64)
		told, done = s.Progress(plan.Receiver)
		p.Asking = &reconcile.Asking{Looker: looker, AtOnce: atOnce(plan), Progress: told}
		p.Asking.Ours = func(ctx context.Context, subject string, each func(*ledger.Projected, arrow.Record, int) error) error {
			at := slices.IndexFunc(plan.Subjects, func(s jobs.SubjectPlan) bool { return s.Order.Subject == subject })
			return s.project(ctx, plan, at, each)
		}
	case can:
		report.Unasked = append(report.Unasked, reconcile.Unasked{Receiver: plan.Receiver, Why: text.T("它可以逐条问：加 --ask，宜用 --day 或 --since 限定日期", "it can be asked record by record: --ask, best with --day or --since")})
	default:
		report.Unasked = append(report.Unasked, reconcile.Unasked{Receiver: plan.Receiver, Why: unreadable(plan)})
	}
	err := reconcile.Run(ctx, s.Store, p, report)
	done()
	return errors.Join(err, plan.Close())
}

// project gives the records of a subject as they would go to the receiver.
func (s *Site) project(ctx context.Context, plan *jobs.DeliverPlan, at int, each func(*ledger.Projected, arrow.Record, int) error) error {
	sp := &plan.Subjects[at]
	return ledger.Project(ctx, &ledger.DeliverStage{Order: sp.Order, Store: s.Store, Mapping: sp.Stage, From: plan.From, Alloc: memory.DefaultAllocator}, each)
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
func unreadable(plan *jobs.DeliverPlan) text.Text {
	if plan.Caller != nil {
		return text.T("这个中台没有查询接口；拿它导出的清单用 --export 比对", "this platform has no call by which it could be asked: compare with a list it exports, by --export")
	}
	return text.T("这种接收方不能回读，只列台账一边", "this kind of receiver cannot be read back: the ledger's side is told alone")
}
