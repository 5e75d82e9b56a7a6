package jobs

import (
	"context"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// BacklogSpec says what a backlog (积压) is and what share of a delivery it keeps while new
// records go before it.
type BacklogSpec struct {
	Over  int64 // rows of one subject and source; what came between two looks and is more is backlog too
	Share int   // percent of the records that go
}

// What holds where nobody says otherwise.
const (
	backlogOver  = 5000
	backlogShare = 20
)

// lanesLook is how often a delivery with a backlog looks for new records.
const lanesLook = time.Second

// lanes has new records go before a backlog: a first load, what a person had sent again, what
// gathered during an outage. While the backlog of a subject is read, the log is looked at now
// and then; where few rows came since, reading rests, what came goes, subject by subject, and
// reading goes on, for as many records at least as the backlog's share says.
type lanes struct {
	runner *Runner
	plan   *DeliverPlan
	lease  *hold
	ways   []*way
	spec   BacklogSpec

	looked time.Time
	seen   int64 // last log batch there was then
	fresh  []*way
	owed   int64 // records that the backlog has a claim to before the next look
}

func (r *Runner) lanes(plan *DeliverPlan, lease *hold, ways []*way) *lanes {
	l := &lanes{runner: r, plan: plan, lease: lease, ways: ways, spec: plan.Backlog, looked: time.Now(), seen: -1}
	if l.spec.Over <= 0 {
		l.spec.Over = backlogOver
	}
	if l.spec.Share <= 0 || l.spec.Share >= 100 {
		l.spec.Share = backlogShare
	}
	return l
}

// pause says that new records came and are to go now. It is asked between batches of a
// backlog by the goroutine that reads it.
func (l *lanes) pause(ctx context.Context, w *way, rows int64) bool {
	if time.Since(l.looked) < lanesLook || rows < l.owed {
		return false
	}
	l.looked = time.Now()
	err := l.look(ctx, w)
	if err != nil {
		l.runner.Log.Warn("new records not looked for", "receiver", l.plan.Receiver, "error", err)
	}
	return err == nil && len(l.fresh) > 0
}

// How many rows of a log batch are frozen together for a receiver that is called: as many as
// it answers in chunkTime, few before that is known. What is to go before the others waits for
// the chunks that were begun, eight at most; and each freezing costs.
const (
	chunkTime  = 2500 * time.Millisecond
	chunkFirst = 64
	chunkLeast = 32
	chunkMost  = pipelines.DefaultBatchRows
)

// joins says that records may go together in one call: those that do lie in one batch, which
// is then not divided.
func (w *way) joins() bool {
	if _, ok := w.plan.Caller.(pipelines.Joiner); !ok {
		return false
	}
	sometimes, ok := w.plan.Caller.(interface{ Joins(table string) bool })
	return !ok || sometimes.Joins(w.subject.Table)
}

func (w *way) chunk() int64 {
	took, n := time.Since(w.began), w.out.Settled()-w.settled
	if took < 2*time.Second || n == 0 {
		return chunkFirst
	}
	return min(max(int64(float64(n)*chunkTime.Seconds()/took.Seconds()), chunkLeast), chunkMost)
}

// look finds the subjects with new records, and what is backlog.
func (l *lanes) look(ctx context.Context, reading *way) error {
	l.fresh = nil
	_, last, err := l.runner.Store.Wrote(ctx, -1)
	if err != nil || last == l.seen {
		return err
	}
	l.seen = last
	for _, w := range l.ways {
		subject := w.subject.Order.Subject
		streams, err := l.runner.Store.Streams(ctx, subject)
		if err != nil {
			return err
		}
		some := false
		for _, s := range streams {
			fresh, err := l.stream(ctx, s, w == reading && w.source.InAsides())
			if err != nil {
				return err
			}
			some = some || fresh
		}
		if some {
			l.fresh = append(l.fresh, w)
		}
	}
	return nil
}

// begin notes where the backlog of a subject ends that is about to be read.
func (l *lanes) begin(ctx context.Context, w *way) error {
	streams, err := l.runner.Store.Streams(ctx, w.subject.Order.Subject)
	if err != nil {
		return err
	}
	for _, s := range streams {
		offset, ahead, err := l.runner.Store.Ahead(ctx, l.plan.Receiver, s)
		if err != nil {
			return err
		}
		if ahead.From > 0 {
			continue
		}
		rows, last, err := l.runner.Store.Backlog(ctx, s, offset, l.spec.Over)
		if err == nil && rows > l.spec.Over {
			err = l.runner.Store.SetAhead(ctx, l.lease.Lease, l.plan.Receiver, s, ledger.Ahead{From: last, To: last})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stream says whether few rows of a stream are new, and stores where the backlog ends. inAsides
// says that what was put aside is the backlog.
func (l *lanes) stream(ctx context.Context, s ledger.Stream, inAsides bool) (bool, error) {
	store := l.runner.Store
	offset, ahead, err := store.Ahead(ctx, l.plan.Receiver, s)
	if err != nil {
		return false, err
	}
	from := max(offset, ahead.From, ahead.To)
	rows, last, err := store.Backlog(ctx, s, from, l.spec.Over)
	switch {
	case err != nil:
		return false, err
	case rows > l.spec.Over: // it is a backlog, or one more
		if ahead.From == 0 {
			ahead.From = last
		}
		ahead.To = last
		return false, store.SetAhead(ctx, l.lease.Lease, l.plan.Receiver, s, ahead)
	case rows == 0:
		return false, nil
	case ahead.From > 0:
		return true, nil
	case offset == 0 && !inAsides: // nothing was ever offered of it and it is little: all of it is new
		return true, store.SetAhead(ctx, l.lease.Lease, l.plan.Receiver, s, ledger.Ahead{From: 1, To: 1})
	}
	// The records before it are of another subject, or were put aside.
	return true, store.SetAhead(ctx, l.lease.Lease, l.plan.Receiver, s, ledger.Ahead{From: max(offset, 1), To: max(offset, 1)})
}

// serve gives the receiver what is new, subject by subject.
func (l *lanes) serve(ctx context.Context) error {
	var went int64
	for _, w := range l.fresh {
		if err := w.recover(ctx); err != nil {
			return err
		}
		n, err := w.offerFresh(ctx)
		if err != nil {
			return err
		}
		went += n
	}
	l.fresh = nil
	l.looked = time.Now()
	l.owed = went * int64(l.spec.Share) / int64(100-l.spec.Share)
	return nil
}

// end forgets what went before the backlog of a subject once that has come as far.
func (l *lanes) end(ctx context.Context, w *way) error {
	streams, err := l.runner.Store.Streams(ctx, w.subject.Order.Subject)
	if err != nil {
		return err
	}
	for _, s := range streams {
		offset, ahead, err := l.runner.Store.Ahead(ctx, l.plan.Receiver, s)
		if err != nil {
			return err
		}
		if ahead.From > 0 && offset >= ahead.To {
			if err := l.runner.Store.SetAhead(ctx, l.lease.Lease, l.plan.Receiver, s, ledger.Ahead{}); err != nil {
				return err
			}
		}
	}
	return nil
}
