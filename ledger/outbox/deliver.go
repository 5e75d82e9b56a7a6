package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// How long a receiver that does not answer is tried within one run, and one that asks
// for a pause; afterwards its batches stay frozen and the next run begins with them.
const (
	deliverPatience  = 30 * time.Second
	throttlePatience = 2 * time.Minute
)

// deliver writes one frozen batch and stores the receipt. A batch whose outcome is
// unknown is asked for before it is repeated, unchanged (invariant 4).
func (o *Outbox) deliver(ctx context.Context, d *pipelines.Delivery, b *ledger.Frozen, going []ledger.Row) error {
	if o.Caller != nil {
		return o.call(ctx, d, b, going, nil)
	}
	waits, work, stop := o.stopping(ctx)
	defer stop()
	if o.Pace != nil && o.Pace(waits, len(going)) != nil {
		return o.untried(ctx, b, context.Canceled)
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 200 * time.Millisecond
	try := attempt{outbox: o, d: d, partly: b.Partly}
	receipt, err := backoff.Retry(waits, func() (pipelines.Receipt, error) {
		turn, err := o.Breaker.enter(waits, o.Done)
		if err != nil {
			return try.receipt, backoff.Permanent(err)
		}
		err = try.once(work)
		o.Breaker.leave(turn, 0, err)
		if err == nil || fault.Is(err, fault.Transient) {
			return try.receipt, err
		}
		return try.receipt, backoff.Permanent(err)
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(deliverPatience))
	if err != nil {
		var p *backoff.PermanentError
		if errors.As(err, &p) {
			err = p.Err
		}
		if try.doubt == nil {
			return o.untried(ctx, b, err)
		}
		return err
	}
	failpoint.Hit(failpoint.AfterDeliver)
	return o.settle(context.WithoutCancel(ctx), b, going, receipt, nil)
}

// attempt is a delivery being tried. doubt is an outcome nobody knows: while it
// stands the receiver is asked, never written to.
type attempt struct {
	outbox  *Outbox
	d       *pipelines.Delivery
	receipt pipelines.Receipt
	doubt   error
	began   time.Time
	partly  bool // of a batch of which other members have their receipt
}

func (a *attempt) once(ctx context.Context) error {
	if a.doubt == nil {
		var err error
		a.began = a.outbox.Now()
		if a.receipt, err = a.outbox.Target.Deliver(ctx, a.d); !fault.Is(err, fault.Unknown) {
			return err
		}
		a.doubt = err
	}
	return a.ask(ctx)
}

// ask finds out whether the delivery arrived; nothing there is a transient failure, so
// that the same frozen batch goes again.
func (a *attempt) ask(ctx context.Context) error {
	n, err := a.outbox.has(ctx, a.d, a.partly)
	if err == nil && n == 0 && a.outbox.purged(a.began) {
		return a.doubt // this machine slept for days; see recoverParts
	}
	if err != nil {
		return fault.Wrap(err, fault.Transient, "ask receiver", a.outbox.Receiver,
			text.T("提交结果不明，且暂时问不到接收方", "the outcome of the commit is unknown and the receiver cannot be asked"), text.Text{})
	}
	cause := a.doubt
	a.doubt = nil
	if n == 0 {
		return fault.Wrap(cause, fault.Transient, "deliver", a.outbox.Receiver,
			text.T("接收方没有收到这一批，原样重发", "the receiver does not have the batch; it goes again unchanged"), text.Text{})
	}
	return nil
}

func (o *Outbox) arrived(ctx context.Context, d *pipelines.Delivery) (int, error) {
	if asker, ok := o.Target.(pipelines.Asker); ok {
		return asker.Has(ctx, d)
	}
	return o.Target.Arrived(ctx, d.ID, d.Table)
}

// settle stores the receipt: delivered, but for the rows the receiver refused. left are
// members of the same frozen batch whose outcome is open.
func (o *Outbox) settle(ctx context.Context, b *ledger.Frozen, going []ledger.Row, receipt pipelines.Receipt, left []ledger.Member, said ...ledger.Heard) error {
	_, watch := o.Target.(pipelines.Watcher)
	st := &ledger.Settlement{Lease: o.Lease, Batch: b, Left: left, Watch: watch, Told: said}
	if o.Subject == ledger.SubjectAccept {
		for i := range going {
			if going[i].Member.Version > 1 {
				st.Parents = append(st.Parents, ledger.FirstOfKey(going[i].Key))
			} else if ledger.LaterRound(going[i].Key) {
				st.Rounds = append(st.Rounds, ledger.FirstOfKey(going[i].Key))
			}
		}
	}
	refused := make([]bool, len(going))
	for _, is := range receipt.Refused {
		r := &going[is.Row]
		st.Rejects = append(st.Rejects, o.reject(r, is))
		if refused[is.Row] {
			continue
		}
		refused[is.Row] = true
		st.Refused = append(st.Refused, ledger.Exception{Receiver: o.Receiver, Rec: r.Member.Rec, Version: r.Member.Version, State: ledger.Rejected,
			Rule: is.Rule, Field: is.Field, Args: is.Args, Stream: b.Stream, Key: r.Key, At: r.Member.At, Run: r.Run, Pipeline: r.Pipeline, Since: o.Now()})
	}
	if _, err := o.store.Settle(ctx, st); err != nil {
		return err
	}
	failpoint.Hit(failpoint.AfterSettle)
	o.settled.Add(int64(len(going)))
	for i := range going {
		now := ledger.Delivered
		if refused[i] {
			now = ledger.Rejected
		}
		o.Tally.Move(going[i].Pipeline, o.Receiver, going[i].Run, going[i].Was, now)
	}
	return nil
}
