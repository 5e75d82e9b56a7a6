package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"banjian/ledger"
	"banjian/ledger/outbox"
	"banjian/pipelines"
)

// idle is how long delivery waits for collects to add something.
const idle = 20 * time.Millisecond

// DeliverPlan is one receiver ready to be fed.
type DeliverPlan struct {
	Receiver string
	Identity string           // system and environment
	Subjects []SubjectPlan    // parents first
	Target   pipelines.Target // takes a batch at a time; or
	Caller   pipelines.Caller // takes one record a call
	Ready    ReadyFunc        // asks the receiver whether it is as described; nil = no question
	Workers  int
	From     ledger.FromFunc                              // which pipelines deliver to it; nil = all
	Pace     func(ctx context.Context, records int) error // waits until so many may go; nil = at once
	Purge    time.Duration                                // age from which it may have cleaned rows up, of a Target that counts them; 0 = it keeps them
	Clock    func() (offset time.Duration, known bool)    // the receiver's clock less ours; nil = it shows none
	Fed      *ledger.Fed                                  // whether From may have changed since the last time; nil = it may
	Routing  *ledger.Routing                              // that of its subjects; nil = there is none
	// Precedence is whose word counts where several systems report a case; nil = no two do.
	Precedence *ledger.Precedence
	Breaker    outbox.BreakerSpec // when the receiver is left alone for a while; zero = the defaults
	Backlog    BacklogSpec        // what new records go before; zero = they go in their turn
	// Leave is asked every second: true has the delivery end at the next record or batch,
	// which is no failure. nil: it goes on.
	Leave func(ctx context.Context) bool
	// Again is asked after each round; moved says whether it found anything. It may wait for
	// more to be there. False: the delivery ends, though more may be there. nil: it goes on
	// until nothing is left.
	Again func(ctx context.Context, moved bool) bool
}

// ReadyFunc asks a receiver whether it is as described. Subjects in shut cannot go there
// and wait in the ledger: the error is why, nil if nobody sends them.
type ReadyFunc func(ctx context.Context) (shut map[string]error, err error)

// Close ends the way to the receiver.
func (p *DeliverPlan) Close() error {
	if p.Caller != nil {
		return p.Caller.Close()
	}
	return p.Target.Close()
}

// SubjectPlan is one subject at a receiver.
type SubjectPlan struct {
	Order   ledger.Order
	Table   string
	Calls   int             // calls under way together, of a Caller
	Columns []string        // canonical columns that the mapping reads; nil = all
	Stage   pipelines.Stage // mapping from canonical to the receiver's table
}

// Deliver feeds a receiver from the ledger until it has everything that is there and
// nothing more is being collected, or for as long as the plan has it go on. Subjects that wait for accept records are left
// alone while those are still being collected, so that few records need be held.
func (r *Runner) Deliver(ctx context.Context, plan *DeliverPlan, collecting *Collecting) error {
	// Another process that feeds the receiver takes our records along; it is waited for.
	var ways []*way
	left := false
	err := r.underLease(ctx, ledger.DeliverLease(plan.Receiver), leaseTTL, func(ctx context.Context, lease *hold) error {
		ctx, stop := untilLeft(ctx, plan.Leave)
		defer stop()
		shut, err := r.begin(ctx, plan, lease, &ways)
		if err == nil {
			err = r.rounds(ctx, plan, ways, shut, collecting)
		}
		left = wasLeft(ctx, err)
		return err
	})
	if left {
		return ledger.RecordDelivery(ctx, r.Store, plan.Receiver, context.Canceled, took(ways), plan.clock())
	}
	return errors.Join(err, ledger.RecordDelivery(ctx, r.Store, plan.Receiver, err, took(ways), plan.clock()))
}

// begin asks the receiver whether it is as described and prepares a way for each subject;
// shut are those that cannot go there.
func (r *Runner) begin(ctx context.Context, plan *DeliverPlan, lease *hold, ways *[]*way) (shut map[string]error, err error) {
	breaker, err := r.breaker(ctx, plan)
	if err != nil {
		return nil, err
	}
	if err := ledger.BeginDelivery(ctx, r.Store, plan.Receiver, plan.Identity); err != nil {
		return nil, err
	}
	if plan.Fed != nil {
		if err := plan.Fed.Begin(ctx, r.Store, plan.Receiver); err != nil {
			return nil, err
		}
	}
	if plan.Routing != nil {
		if err := plan.Routing.Begin(ctx, r.Store, plan.Receiver); err != nil {
			return nil, err
		}
	}
	if plan.Precedence != nil {
		if err := plan.Precedence.Begin(ctx, r.Store, plan.Receiver); err != nil {
			return nil, err
		}
	}
	if plan.Ready != nil {
		if err := breaker.Ask(ctx, func() error { shut, err = plan.Ready(ctx); return err }); err != nil {
			return nil, err
		}
	}
	stamps, err := r.stamps(ctx, plan.Receiver)
	if err != nil {
		return nil, err
	}
	if err := r.outbox(ctx.Done(), plan, &SubjectPlan{}, lease, breaker, stamps).Strand(ctx, plan.subjects()); err != nil {
		return nil, err
	}
	for i := range plan.Subjects {
		*ways = append(*ways, r.way(ctx.Done(), plan, &plan.Subjects[i], lease, breaker, stamps, *ways))
	}
	var served []*way
	for _, w := range *ways {
		if _, is := shut[w.subject.Order.Subject]; !is {
			served = append(served, w)
		}
	}
	lanes := r.lanes(plan, lease, served)
	for _, w := range *ways {
		w.lanes = lanes
	}
	return shut, nil
}

// rounds offers every subject in turn until nothing is left and nothing more comes.
func (r *Runner) rounds(ctx context.Context, plan *DeliverPlan, ways []*way, shut map[string]error, collecting *Collecting) error {
	for {
		more := collecting.Any()
		accepts := collecting.Any(ledger.SubjectAccept)
		moved := int64(0)
		for i := range plan.Subjects {
			if o := &plan.Subjects[i].Order; o.Parent && accepts || len(o.WaitsFor()) > 0 && collecting.Any(o.WaitsFor()...) || o.InOrder != "" && collecting.Any(o.Subject) {
				continue
			}
			if _, is := shut[plan.Subjects[i].Order.Subject]; is {
				continue
			}
			n, err := ways[i].feed(ctx, collecting)
			if err != nil {
				return err
			}
			moved += n
		}
		if moved > 0 && (plan.Again == nil || plan.Again(ctx, true)) {
			continue
		}
		if !more {
			err := errors.Join(doubts(ways), whyShut(plan, shut))
			if moved == 0 && err == nil {
				err = r.looked(ctx, plan)
			}
			if moved == 0 && err == nil && plan.Again != nil && plan.Again(ctx, false) {
				continue
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(idle):
		}
	}
}

// looked remembers by which tables everything was looked at.
func (r *Runner) looked(ctx context.Context, plan *DeliverPlan) error {
	var err error
	if plan.Precedence != nil {
		err = plan.Precedence.End(ctx, r.Store, plan.Receiver)
	}
	if err == nil && plan.Routing != nil {
		err = plan.Routing.End(ctx, r.Store)
	}
	if err == nil && plan.Fed != nil {
		err = plan.Fed.End(ctx, r.Store)
	}
	return err
}

func took(ways []*way) bool {
	return slices.ContainsFunc(ways, func(w *way) bool { return w != nil && w.out.Took() })
}

// whyShut is why subjects that somebody sends were left out, the first of them.
func whyShut(plan *DeliverPlan, shut map[string]error) error {
	for i := range plan.Subjects {
		if err := shut[plan.Subjects[i].Order.Subject]; err != nil {
			return err
		}
	}
	return nil
}

// clock is how far the receiver's clock is from ours, where it shows it.
func (p *DeliverPlan) clock() *time.Duration {
	if p.Clock == nil {
		return nil
	}
	if offset, known := p.Clock(); known {
		return &offset
	}
	return nil
}

// way is one subject's way to a receiver for the time of a Deliver.
type way struct {
	runner    *Runner
	plan      *DeliverPlan
	subject   *SubjectPlan
	out       *outbox.Outbox
	stage     *ledger.DeliverStage
	open      ledger.OpenFunc
	breaker   *outbox.Breaker
	recovered bool
	sounded   bool // new records were offered before what an earlier run left open
	lanes     *lanes
	source    *ledger.Source // what is being read
	began     time.Time      // since when
	settled   int64          // records that had an answer by then
}

func (r *Runner) outbox(done <-chan struct{}, plan *DeliverPlan, sp *SubjectPlan, lease *hold, breaker *outbox.Breaker, stamps *outbox.Stamps) *outbox.Outbox {
	return outbox.New(r.Store, outbox.Config{Receiver: plan.Receiver, Subject: sp.Order.Subject, Table: sp.Table, Target: plan.Target, Caller: plan.Caller,
		Calls: sp.Calls, InOrder: sp.Order.InOrder != "", Once: sp.Order.OnUpdate == ledger.Skip || sp.Order.OnUpdate == ledger.Cannot, Workers: plan.Workers, Lease: lease.Lease, Fence: r.fence(plan, lease), Pace: plan.Pace, Breaker: breaker, Done: done, Tally: r.Tally, Log: r.Log, Now: stamps.Now, Purge: plan.Purge, Alloc: r.Alloc})
}

func (r *Runner) way(done <-chan struct{}, plan *DeliverPlan, sp *SubjectPlan, lease *hold, breaker *outbox.Breaker, stamps *outbox.Stamps, before []*way) *way {
	out := r.outbox(done, plan, sp, lease, breaker, stamps)
	open := func(source, localNo string, rec int64) bool {
		return out.Open(rec) || sp.Order.InOrder != "" && out.OpenCase(source, localNo) || slices.ContainsFunc(before, func(w *way) bool { return w.out.OpenCase(source, localNo) })
	}
	return &way{runner: r, plan: plan, subject: sp, out: out, open: open, breaker: breaker,
		stage: &ledger.DeliverStage{Order: sp.Order, Store: r.Store, Mapping: sp.Stage, Open: open, From: plan.From, Subjects: plan.subjects(), Alloc: r.Alloc}}
}

// subjects are those the receiver takes, parents first.
func (p *DeliverPlan) subjects() []string {
	list := make([]string, len(p.Subjects))
	for i := range p.Subjects {
		list[i] = p.Subjects[i].Order.Subject
	}
	return list
}

// feed offers the subject's new and releasable records, as long as the subject is being
// collected, and returns how many rows it looked at or sent again: meanwhile more may have
// come. What an earlier run left open comes first, unless the receiver was left alone: then
// new records are to tell how it is, for those may be left open for what they hold.
func (w *way) feed(ctx context.Context, collecting *Collecting) (int64, error) {
	switch {
	case w.recovered:
	case !w.sounded && w.plan.Caller != nil && !w.breaker.Closed():
		w.sounded = true
		if err := w.out.LeaveAll(ctx); err != nil {
			return 0, err
		}
		n, err := w.offer(ctx, collecting)
		return n + 1, err // what was left open is still to come
	default:
		before := w.out.Settled()
		if err := w.recover(ctx); err != nil {
			return 0, err
		}
		again := w.out.Settled() - before
		n, err := w.offer(ctx, collecting)
		return n + again, err
	}
	return w.offer(ctx, collecting)
}

// recover finds out, once, what became of what an earlier run left open.
func (w *way) recover(ctx context.Context) error {
	if w.recovered {
		return nil
	}
	err := w.out.Recover(ctx, w.stage.AsFrozen())
	w.recovered = err == nil
	return err
}

// offer reads the subject and takes what may go to the receiver; what is new goes before a
// backlog.
func (w *way) offer(ctx context.Context, collecting *Collecting) (read int64, err error) {
	if w.plan.Backlog.Over > 0 && !collecting.Any() {
		if err := w.lanes.begin(ctx, w); err != nil {
			return 0, err
		}
	}
	w.source, w.began = w.reader(collecting, false), time.Now()
	w.settled = w.out.Settled()
	defer func() { w.source.Close() }()
	for {
		n, err := w.pass(ctx, w.source, collecting)
		read += n
		switch {
		case err != nil:
			return read, err
		case w.source.Cut():
			if err := w.lanes.serve(ctx); err != nil {
				return read, err
			}
			continue
		}
		return read, w.lanes.end(ctx, w)
	}
}

// offerFresh takes what is new of the subject to the receiver, and waits for it.
func (w *way) offerFresh(ctx context.Context) (int64, error) {
	source := w.reader(NewCollecting(), true)
	defer source.Close()
	return w.pass(ctx, source, NewCollecting())
}

func (w *way) reader(collecting *Collecting, fresh bool) *ledger.Source {
	subject := w.subject.Order.Subject
	cfg := ledger.SourceConfig{Receiver: w.plan.Receiver, Subject: subject, Order: w.subject.Order, Columns: columnsOf(w.subject), Open: w.open, From: w.plan.From, Fed: w.plan.Fed, Alloc: w.runner.Alloc,
		Fresh: fresh, Until: w.lanes.seen, Called: w.plan.Caller != nil, Tail: func() bool { return collecting.Any(subject) }}
	if w.plan.Backlog.Over > 0 && w.plan.Caller != nil && !w.joins() {
		cfg.Chunk = w.chunk
	}
	if w.plan.Backlog.Over > 0 && !fresh && !collecting.Any() {
		cfg.Pause = func(ctx context.Context, rows int64) bool { return w.lanes.pause(ctx, w, rows) }
	}
	return ledger.NewSource(w.runner.Store, cfg)
}

// pass runs the source to its end.
func (w *way) pass(ctx context.Context, source *ledger.Source, collecting *Collecting) (int64, error) {
	subject := w.subject.Order.Subject
	p := pipelines.Pipeline{Name: w.plan.Receiver + "/" + subject, Source: source, Stage: w.stage, Sink: w.out, Log: w.runner.Log}
	if w.plan.Target != nil && collecting.Any(subject) {
		defer collecting.tail(subject)()
		p.Progress = func(pipelines.Counts) { collecting.took(subject) }
	}
	counts, err := p.Run(ctx)
	if closed := w.out.Close(context.WithoutCancel(ctx)); err == nil || ctx.Err() == nil && closed != nil {
		err = closed
	}
	return counts.Read, err
}

// doubts is why some outcomes stay open although the receiver took everything else.
func doubts(ways []*way) error {
	for _, w := range ways {
		if err := w.out.Doubt(); err != nil {
			return err
		}
	}
	return nil
}

// columnsOf is the canonical columns that mapping and order read.
func columnsOf(sp *SubjectPlan) []string {
	if sp.Columns == nil || sp.Order.Unless.Field == "" {
		return sp.Columns
	}
	return append([]string{sp.Order.Unless.Field}, sp.Columns...)
}
