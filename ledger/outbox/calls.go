package outbox

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

// Receipts of calls are stored together: after so many, or after so long.
const (
	receiptsTogether = 512
	receiptsWait     = time.Second
)

// calls takes the members of one frozen batch to a receiver one by one. The batch was
// stored before the first call (the intent); receipts are stored in groups, after which
// only the members without one are left of it. What has no receipt after a crash is
// sent again, unchanged, which a receiver of this kind takes as one (invariant 4).
type calls struct {
	outbox *Outbox
	d      *pipelines.Delivery
	batch  *ledger.Frozen
	going  []ledger.Row
	parked []ledger.Row // members of the batch that are not called for now
	told   *told

	answers answers
	open    []bool // rows without a stored receipt
	fresh   []outcome
	lost    []ledger.Outcome // calls given up, to be noted
	stuck   error            // why a row was given up for now while others went through
}

func (o *Outbox) call(ctx context.Context, d *pipelines.Delivery, b *ledger.Frozen, going, parked []ledger.Row) error {
	keeper := &told{outbox: o, ops: d.Ops, going: going, whole: map[int]pipelines.Hash{}}
	d.Pieces, d.Told = &pieces{outbox: o, going: going, at: map[int]time.Time{}}, keeper
	c := &calls{outbox: o, told: keeper, d: d, batch: b, going: going, parked: parked, answers: answers{due: make(chan struct{}, 1)}, open: make([]bool, len(going))}
	for i := range c.open {
		c.open[i] = true
	}
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case <-o.Done:
			stop(context.Canceled)
		case <-work.Done():
		}
	}()
	made := make(chan struct{})
	go func() {
		defer close(made)
		c.start(work)
	}()
	err := c.collect(ctx, made, stop)
	if err == nil {
		err = context.Cause(work)
	}
	o.giveUp(c)
	return err
}

// start makes a call for each row, as the receiver has connections free. Its goroutines
// stay for all of the batch: a call needs a deep stack.
func (c *calls) start(ctx context.Context) {
	chains := c.order()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(cap(c.outbox.slots), len(chains)) {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(chains) || !c.walk(ctx, chains[n]) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// slot waits for a connection; false = the run is being stopped.
func (o *Outbox) slot(ctx context.Context) bool {
	select {
	case o.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if ctx.Err() != nil {
		<-o.slots
		return false
	}
	return true
}

// collect waits for the answers of all calls until they are made, and stores them in groups.
// The first failure that concerns the receiver as a whole stops the others.
func (c *calls) collect(ctx context.Context, made <-chan struct{}, stop context.CancelCauseFunc) error {
	var failed error
	fail := func(err error) {
		if failed == nil && err != nil {
			failed = err
			stop(err)
		}
	}
	tick := time.NewTicker(receiptsWait)
	defer tick.Stop()
	for over, late := false, false; !over; late = false {
		select {
		case <-made:
			over = true
		case <-c.answers.due:
		case <-tick.C:
			late = true
		}
		for _, a := range c.answers.take() {
			fail(c.heard(a))
			if len(c.fresh) >= receiptsTogether {
				fail(c.store(ctx))
			}
		}
		if late {
			fail(c.store(ctx))
		}
	}
	for _, err := range []error{c.store(ctx), c.note(ctx)} {
		if failed == nil {
			failed = err
		}
	}
	return failed
}

// heard sorts an answer in; the failure is one that concerns the receiver as a whole.
func (c *calls) heard(a answer) error {
	if a.err == nil {
		c.fresh = append(c.fresh, a.outcomes()...)
		return nil
	}
	c.lose(a)
	switch {
	case errors.Is(a.err, errUndecided):
		return nil
	case errors.Is(a.err, errOneRow):
		c.stuck = a.err
		return nil
	}
	return a.err
}

// store settles the calls answered since the last time.
func (c *calls) store(ctx context.Context) error {
	if len(c.fresh) == 0 {
		return nil
	}
	failpoint.Hit(failpoint.AfterDeliver)
	part := *c.batch
	part.Members = nil
	var going []ledger.Row
	var receipt pipelines.Receipt
	var said []ledger.Heard
	for i, a := range c.fresh {
		said = append(said, c.told.of(a.row)...)
		for _, is := range a.refused {
			is.Row = int32(i)
			receipt.Refused = append(receipt.Refused, is)
		}
		part.Members, going = append(part.Members, c.batch.Members[a.row]), append(going, c.going[a.row])
		c.open[a.row] = false
	}
	rows := c.fresh
	c.fresh = nil
	err := c.outbox.settle(context.WithoutCancel(ctx), &part, going, receipt, c.left(), said...)
	if err != nil { // a later receipt of the batch must not close it without these
		for _, a := range rows {
			c.open[a.row] = true
		}
	}
	return err
}

// left is the members without a stored receipt.
func (c *calls) left() []ledger.Member {
	var left []ledger.Member
	for i := range c.parked {
		left = append(left, c.parked[i].Member)
	}
	for row, open := range c.open {
		if open {
			left = append(left, c.batch.Members[row])
		}
	}
	return left
}

// errOneRow marks a call that was given up for now, which says nothing of the others.
var errOneRow = errors.New("the outcome of one call stays open")

// silences is how many calls in a row are given up before the receiver counts as silent
// altogether: all that are under way together, and three at least.
func (o *Outbox) silences() int64 { return int64(max(cap(o.slots), 3)) }

// try makes one call, again and unchanged while its outcome is open, for as long as the
// receiver is worth trying. A call under way is not abandoned when the run is stopped:
// the receiver's own time limit ends it.
func (o *Outbox) try(ctx context.Context, call *calling) ([]pipelines.Issue, error) {
	began := time.Now()
	keeper, _ := call.d.Pieces.(*pieces)
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 200 * time.Millisecond
	wait.MaxInterval = 10 * time.Second
	if o.Pace != nil {
		if err := o.Pace(ctx, 1); err != nil {
			return nil, context.Canceled
		}
	}
	var last error
	refused, err := backoff.Retry(ctx, func() ([]pipelines.Issue, error) {
		turn, err := o.Breaker.enter(ctx, o.Done)
		if err != nil {
			last = err
			return nil, backoff.Permanent(err)
		}
		turn.old = o.recovering
		if o.Fence != nil {
			if err := o.Fence(); err != nil {
				o.Breaker.leave(turn, 0, pipelines.NotTried(err))
				last = err
				return nil, backoff.Permanent(err)
			}
		}
		refused, err := call.once(ctx)
		o.Breaker.leave(turn, call.from(0).Member.Rec, err)
		last = err
		switch {
		case err == nil:
			failpoint.Hit(failpoint.AfterCall)
			o.silent.Store(0)
			return refused, nil
		case !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Unknown), errors.Is(err, errUndecided), turn.alone && turn.old:
			return nil, backoff.Permanent(err)
		}
		switch after := fault.AfterOf(err); {
		case after > throttlePatience && o.Breaker != nil: // nobody waits for that, neither do the others
			last = &brokenOff{err}
			return nil, backoff.Permanent(last)
		case after > 0:
			return nil, &backoff.RetryAfterError{Duration: after}
		}
		if time.Since(keeper.moved(call.rows, began)) > deliverPatience {
			return nil, backoff.Permanent(err)
		}
		return nil, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(throttlePatience))
	switch {
	case err == nil:
		return refused, nil
	case last == nil, errors.Is(last, context.Canceled): // stopped before a try
		return nil, err
	case Broken(last), errors.Is(last, errUndecided):
		return nil, last
	case (fault.Is(last, fault.Unknown) || fault.Is(last, fault.Transient)) && o.silent.Add(1) < o.silences():
		return nil, &oneRow{last}
	}
	return nil, last
}

// oneRow is an errOneRow with its cause.
type oneRow struct{ error }

func (e *oneRow) Unwrap() []error { return []error{e.error, errOneRow} }

// giveUp remembers the records whose outcome stays open: no later version of them, and
// no later record of their case, may go before.
func (o *Outbox) giveUp(c *calls) {
	var going []ledger.Row
	for row, open := range c.open {
		if open {
			going = append(going, c.going[row])
		}
	}
	o.leaveOpen(c.batch.Stream, going)
	if c.stuck != nil {
		o.doubted(c.stuck)
	}
}

func (o *Outbox) leaveOpen(s ledger.Stream, going []ledger.Row) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range going {
		o.open[going[i].Member.Rec] = true
		o.cases[caseKey(s.Source, ledger.FirstOfKey(going[i].Key))] = true
	}
}

// forget ends what LeaveAll noted, so that Recover may look at it.
func (o *Outbox) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.open)
	clear(o.cases)
}

func caseKey(source, localNo string) string { return source + "\x00" + localNo }

func (o *Outbox) doubted(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.doubt == nil {
		o.doubt = err
	}
}

// Open says that a version of the record went to the receiver whose outcome nobody
// knows.
func (o *Outbox) Open(rec int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.open[rec]
}

// OpenCase says that a record of the case is open.
func (o *Outbox) OpenCase(source, localNo string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cases[caseKey(source, localNo)]
}

// Settled is how many records have an answer.
func (o *Outbox) Settled() int64 { return o.settled.Load() }

// Took says whether the receiver gave an answer about any record.
func (o *Outbox) Took() bool { return o.settled.Load() > 0 }

// Doubt is why outcomes stay open although the receiver takes other records; nil = none
// do.
func (o *Outbox) Doubt() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.doubt
}
