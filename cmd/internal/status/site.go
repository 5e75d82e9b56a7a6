package status

import (
	"context"
	"slices"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/ledger"
)

// Site is an open site, its ledger and the moment at which they are looked at. It belongs
// to whoever opened them.
type Site struct {
	House *wiring.House
	Store ledger.Store
	Now   time.Time
}

// Scope is what of a site is looked at. The zero value is all of it.
type Scope struct {
	Department string // source_id
	Receiver   string // without pipelines, then
}

// source is the system that a pipeline reads, if it is in scope.
func (f Scope) source(h *wiring.House, pipeline string) (string, bool) {
	source, known := h.SourceOf(pipeline)
	return source, f.Department == "" || known && source == f.Department
}

// Report gathers how everything is.
func (s *Site) Report(ctx context.Context, of Scope) (*Report, error) {
	r := &Report{At: Moment{s.Now}, Pipelines: []*Pipeline{}, Receivers: []*Receiver{}}
	for _, gather := range []func(context.Context, Scope, *Report) error{s.openRejects, s.pipelines, s.waitingDeletes, s.allReceivers, s.inbox, s.unverified, s.owedFiles, s.silentSystems} {
		if err := gather(ctx, of, r); err != nil {
			return nil, err
		}
	}
	r.sum()
	s.concerns(r, of)
	return r, s.judgeNews(ctx, r)
}

// openRejects counts open rejects: with a receiver those that it refused.
func (s *Site) openRejects(ctx context.Context, of Scope, r *Report) error {
	list, err := s.Store.RejectTotals(ctx)
	if err != nil {
		return err
	}
	r.rejects = slices.DeleteFunc(list, func(t ledger.RejectTotal) bool {
		_, in := of.source(s.House, t.Pipeline)
		return of.Receiver != "" && t.Receiver != of.Receiver || !in
	})
	r.blocked, err = s.blockedTotals(ctx, r.rejects)
	return err
}

// waitingDeletes is the lists that a person should look at.
func (s *Site) waitingDeletes(ctx context.Context, of Scope, r *Report) error {
	if of.Receiver != "" {
		return nil
	}
	list, err := s.Store.ListDeletes(ctx, "", ledger.ListOpen)
	r.deletes = slices.DeleteFunc(list, func(l ledger.DeleteList) bool {
		source, known := s.House.SourceOf(l.Pipeline)
		return !known || of.Department != "" && source != of.Department
	})
	return err
}

func (s *Site) allReceivers(ctx context.Context, of Scope, r *Report) error {
	list, err := s.Receivers(ctx, of)
	r.Receivers = append(r.Receivers, list...)
	return err
}

// AnyOpen says whether any reject is open or any record held.
func AnyOpen(ctx context.Context, store Open) (bool, error) {
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{State: "open", Limit: 1})
	if err != nil || len(rejects) > 0 {
		return len(rejects) > 0, err
	}
	held, err := store.Exceptions(ctx, ledger.ExceptionQuery{State: ledger.Held, Limit: 1})
	return len(held) > 0, err
}

// Open is what in a ledger may be open.
type Open interface {
	Rejects(ctx context.Context, q ledger.RejectQuery) ([]ledger.Reject, error)
	Exceptions(ctx context.Context, q ledger.ExceptionQuery) ([]ledger.Exception, error)
}
