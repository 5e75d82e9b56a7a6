package reconcile

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Asking has a receiver asked for record after record that was delivered. What it has besides
// nobody learns that way.
type Asking struct {
	Looker pipelines.Looker
	AtOnce int // records asked for together
	// Ours gives every record as it would go to the receiver.
	Ours func(ctx context.Context, subject string, each func(p *ledger.Projected, rec arrow.Record, row int) error) error
	// Progress is told after each answer; nil = nobody looks.
	Progress func(records int64)

	away bool // it could not be asked
}

// ask asks for every delivered record of the days asked for. Of a record whose newest version
// was not delivered only that it is there is asked.
func (w *sheet) ask(ctx context.Context) error {
	a := w.plan.Asking
	var mu sync.Mutex
	answers := int64(0)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(a.AtOnce, 1))
	err := a.Ours(gctx, w.subject.Name, func(p *ledger.Projected, rec arrow.Record, row int) error {
		e := w.ofRec(p.Rec)
		if e == nil || e.delivered == 0 || !w.plan.has(w.lines[e.line].Day) {
			return gctx.Err()
		}
		current := e.delivered == p.Version && e.flags&underway == 0
		rec.Retain()
		g.Go(func() error {
			defer rec.Release()
			got, err := a.Looker.Look(gctx, &pipelines.Delivery{Table: w.subject.Table, Record: rec}, row)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			w.answered(e, got, current)
			if answers++; a.Progress != nil {
				a.Progress(answers)
			}
			return nil
		})
		return gctx.Err()
	})
	if wrong := g.Wait(); wrong != nil {
		err = wrong
	}
	if fault.Is(err, fault.Blocked) || fault.Is(err, fault.Transient) && ctx.Err() == nil {
		a.away = true
		w.report.Unasked = append(w.report.Unasked, Unasked{Receiver: w.plan.Receiver, Failed: true, Why: text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN))})
		for i := range w.n {
			w.slot(i).flags &^= told
		}
		return nil
	}
	return err
}

// answered notes what the receiver says of a record.
func (w *sheet) answered(e *slot, got pipelines.Found, current bool) {
	e.flags |= told
	switch {
	case got == pipelines.FoundUnclear:
		e.flags &^= told
	case got == pipelines.FoundNone:
	case got == pipelines.FoundOther && current:
		e.flags |= found
	default:
		e.flags |= found | same
	}
}
