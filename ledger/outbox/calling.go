package outbox

import (
	"context"
	"errors"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// errUndecided marks a call that may have taken effect, and of which neither asking nor
// sending it again is safe.
var errUndecided = errors.New("a person is to settle the outcome of the call")

// undecided is an errUndecided with its cause.
type undecided struct{ error }

func (e *undecided) Unwrap() []error { return []error{e.error, errUndecided} }

// repeats says whether the receiver takes the same record twice as once.
func (o *Outbox) repeats() bool {
	inquirer, ok := o.Caller.(pipelines.Inquirer)
	return !ok || inquirer.Repeats(o.Table)
}

// remember reads what earlier deliveries noted of calls without an answer.
func (o *Outbox) remember(ctx context.Context) error {
	list, err := o.store.Outcomes(ctx, ledger.OutcomeQuery{Receiver: o.Receiver})
	if err != nil {
		return err
	}
	noted := map[int64]ledger.Outcome{}
	for _, one := range list {
		if one.Stream.Subject == o.Subject {
			noted[one.Rec] = one
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.noted = noted
	return nil
}

// notedOf is what is noted of one member; its State is empty where nothing is.
func (o *Outbox) notedOf(m *ledger.Member) ledger.Outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	if one := o.noted[m.Rec]; one.Version == m.Version {
		return one
	}
	return ledger.Outcome{}
}

// calling is one call with what is known of its outcome.
type calling struct {
	outbox *Outbox
	d      *pipelines.Delivery
	batch  *ledger.Frozen
	going  []ledger.Row
	rows   pipelines.Together
	doubt  error // an earlier call of the same may have taken effect
}

// from is where the i-th record of the call comes from.
func (c *calling) from(i int) *ledger.Row { return &c.going[c.rows[i]] }

// errSentBefore is the doubt about what an earlier delivery may have sent.
var errSentBefore = fault.New(fault.Unknown, "deliver", "", text.T("以前的推送中断了，不知道是否收下", "an earlier delivery broke off; whether it was taken is not known"), text.Text{})

// begin says whether the record may have been sent before: one that is being recovered,
// unless a person had it sent again, or an intent would tell if it had.
func (c *calling) begin() {
	if !c.outbox.recovering {
		return
	}
	for i := range c.rows {
		switch noted := c.outbox.notedOf(&c.from(i).Member); {
		case noted.State == ledger.OutcomeAgain:
		case c.outbox.repeats(), noted.State != ledger.OutcomeNone:
			c.doubt = errSentBefore
		}
	}
}

// once asks about what is in doubt and makes the call if it may be made. A doubt is not
// repeated blindly: the same goes again only to a receiver that counts it once.
func (c *calling) once(ctx context.Context) ([]pipelines.Issue, error) {
	ctx = context.WithoutCancel(ctx)
	if inquirer, ok := c.outbox.Caller.(pipelines.Inquirer); ok && c.doubt != nil {
		arrival, err := c.inquire(ctx, inquirer)
		failpoint.Hit(failpoint.AfterInquiry)
		switch {
		case err != nil:
			return nil, err
		case arrival == pipelines.Arrived:
			return nil, nil
		case arrival == pipelines.ArrivalUnclear && !c.outbox.repeats():
			return nil, &undecided{pipelines.NotTried(c.doubt)}
		}
	}
	c.doubt = nil
	if !c.outbox.repeats() {
		if err := c.intend(ctx); err != nil {
			return nil, err
		}
	}
	failpoint.Hit(failpoint.BeforeCall)
	refused, err := c.outbox.tell(ctx, c.d, c.rows)
	if fault.Is(err, fault.Unknown) {
		c.doubt = err
	}
	return refused, err
}

// inquire asks for every record of the call; where some are there and others not it is as
// unclear as it was.
func (c *calling) inquire(ctx context.Context, inquirer pipelines.Inquirer) (pipelines.Arrival, error) {
	all, err := inquirer.Inquire(ctx, c.d, c.rows[0])
	for _, row := range c.rows[1:] {
		if err != nil || all == pipelines.ArrivalUnclear {
			break
		}
		var one pipelines.Arrival
		if one, err = inquirer.Inquire(ctx, c.d, row); one != all {
			all = pipelines.ArrivalUnclear
		}
	}
	return all, err
}

// intend stores that the call begins: after a crash it is known which ones did.
func (c *calling) intend(ctx context.Context) error {
	list := make([]ledger.Outcome, len(c.rows))
	for i := range c.rows {
		list[i] = c.outbox.outcome(c.batch, c.from(i), ledger.OutcomeCalling, nil)
	}
	err := c.outbox.store.PutOutcomes(ctx, c.outbox.Lease, list)
	failpoint.Hit(failpoint.AfterIntent)
	if err != nil {
		return pipelines.NotTried(err)
	}
	return nil
}

func (o *Outbox) outcome(b *ledger.Frozen, from *ledger.Row, state ledger.OutcomeState, why error) ledger.Outcome {
	one := ledger.Outcome{Receiver: o.Receiver, Rec: from.Member.Rec, Version: from.Member.Version, Batch: b.ID, Stream: b.Stream, Key: from.Key, Pipeline: from.Pipeline, Run: from.Run, State: state, Since: o.Now()}
	if why != nil {
		one.Why = ledger.ReasonOf(why)
	}
	return one
}

// lose notes a call that was given up with its outcome open; a person's matter if nothing
// else is safe. Of a call that certainly had no effect nothing stays noted.
func (c *calls) lose(a answer) {
	o := c.outbox
	for _, row := range a.rows {
		switch from := &c.going[row]; {
		case errors.Is(a.err, errUndecided):
			o.Tally.Trouble(o.Receiver)
			c.lost = append(c.lost, o.outcome(c.batch, from, ledger.OutcomeUnknown, a.doubt))
		case a.doubt != nil:
			c.lost = append(c.lost, o.outcome(c.batch, from, ledger.OutcomeOpen, a.doubt))
		case !o.repeats():
			c.lost = append(c.lost, o.outcome(c.batch, from, ledger.OutcomeNone, nil))
		}
	}
}

// note stores what was lost.
func (c *calls) note(ctx context.Context) error {
	if len(c.lost) == 0 {
		return nil
	}
	lost := c.lost
	c.lost = nil
	return c.outbox.store.PutOutcomes(context.WithoutCancel(ctx), c.outbox.Lease, lost)
}
