package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
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
func (o *Outbox) deliver(ctx context.Context, d *pipelines.Delivery, b *Frozen, going []origin) error {
	if o.Caller != nil {
		return o.call(ctx, d, b, going, nil)
	}
	if err := o.pace(ctx, len(going)); err != nil {
		return err
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 200 * time.Millisecond
	try := attempt{outbox: o, d: d}
	receipt, err := backoff.Retry(ctx, func() (pipelines.Receipt, error) {
		turn, err := o.Breaker.enter(ctx, o.Done)
		if err != nil {
			return try.receipt, backoff.Permanent(err)
		}
		err = try.once(ctx)
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
		return err
	}
	failpoint.Hit(failpoint.AfterDeliver)
	return o.settle(ctx, b, going, receipt, nil)
}

// pace waits until records may go; a stop of the run ends it.
func (o *Outbox) pace(ctx context.Context, records int) error {
	if o.Pace == nil {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-o.Done:
			stop()
		case <-ctx.Done():
		}
	}()
	if err := o.Pace(ctx, records); err != nil {
		return context.Canceled
	}
	return nil
}

// attempt is a delivery being tried. doubt is an outcome nobody knows: while it
// stands the receiver is asked, never written to.
type attempt struct {
	outbox  *Outbox
	d       *pipelines.Delivery
	receipt pipelines.Receipt
	doubt   error
}

func (a *attempt) once(ctx context.Context) error {
	if a.doubt == nil {
		var err error
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
	n, err := a.outbox.arrived(ctx, a.d)
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
func (o *Outbox) settle(ctx context.Context, b *Frozen, going []origin, receipt pipelines.Receipt, left []Member, said ...Heard) error {
	_, watch := o.Target.(pipelines.Watcher)
	st := &Settlement{Lease: o.Lease, Batch: b, Left: left, Watch: watch, Told: said}
	if o.Subject == subjectAccept {
		for i := range going {
			if going[i].member.Version > 1 {
				st.Parents = append(st.Parents, FirstOfKey(going[i].key))
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
		st.Refused = append(st.Refused, Exception{Receiver: o.Receiver, Rec: r.member.Rec, Version: r.member.Version, State: Rejected,
			Rule: is.Rule, Field: is.Field, Args: is.Args, Stream: b.Stream, Key: r.key, At: r.member.At, Run: r.run, Pipeline: r.pipeline, Since: o.Now()})
	}
	if _, err := o.store.Settle(ctx, st); err != nil {
		return err
	}
	failpoint.Hit(failpoint.AfterSettle)
	o.settled.Add(int64(len(going)))
	for i := range going {
		now := delivered
		if refused[i] {
			now = Rejected
		}
		o.Tally.move(going[i].pipeline, o.Receiver, going[i].run, going[i].was, now)
	}
	return nil
}

// Recover resolves what an earlier run left frozen without a receipt: a batch that
// arrived gets its receipt, one that did not is delivered again, unchanged. It must
// be called before the first Write. A Caller that stays silent is no error yet.
func (o *Outbox) Recover(ctx context.Context, stage pipelines.Stage) error {
	list, err := o.unsettled(ctx)
	if err != nil {
		return err
	}
	o.forget()
	if o.Caller != nil {
		if err := o.remember(ctx); err != nil {
			return err
		}
	}
	o.recovering = true
	defer func() { o.recovering = false }()
	if o.Caller != nil { // see calls.order; no two of them hold the same record
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	for _, b := range list {
		err := o.recoverBatch(ctx, b, stage)
		if o.Caller != nil && (fault.Is(err, fault.Transient) || fault.Is(err, fault.Unknown)) && ctx.Err() == nil {
			o.doubted(err)
			o.silent.Store(o.silences() - 1) // newer records tell whether it is silent altogether
			return o.LeaveAll(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) unsettled(ctx context.Context) ([]*Frozen, error) {
	list, err := o.store.Unsettled(ctx, o.Receiver)
	return slices.DeleteFunc(list, func(b *Frozen) bool { return b.Stream.Subject != o.Subject }), err
}

// LeaveAll leaves open what the ledger has no receipt of, whatever kept it from it: what
// comes behind it is held.
func (o *Outbox) LeaveAll(ctx context.Context) error {
	list, err := o.unsettled(ctx)
	if err != nil {
		return err
	}
	for _, b := range list {
		going, err := o.originsOf(ctx, b.Members)
		if err != nil {
			return err
		}
		o.leaveOpen(b.Stream, going)
	}
	return nil
}

func (o *Outbox) recoverBatch(ctx context.Context, b *Frozen, stage pipelines.Stage) error {
	if o.Caller != nil { // it cannot be asked
		failpoint.Hit(failpoint.InRecover)
		return o.repeat(ctx, b, stage)
	}
	if _, ok := o.Target.(pipelines.Asker); ok { // the same again has no second effect
		failpoint.Hit(failpoint.InRecover)
		return o.repeat(ctx, b, stage)
	}
	n, err := o.Target.Arrived(ctx, b.ID, b.Table)
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.InRecover)
	if n > 0 {
		going, err := o.originsOf(ctx, b.Members)
		if err != nil {
			return err
		}
		receipt, err := o.absent(ctx, b, going, n)
		if err != nil {
			return err
		}
		return o.settle(ctx, b, going, receipt, nil)
	}
	return o.repeat(ctx, b, stage)
}

// absent is the receipt of a batch that arrived, but whose own receipt was lost: the
// receiver refused the rows it does not have.
func (o *Outbox) absent(ctx context.Context, b *Frozen, going []origin, n int) (pipelines.Receipt, error) {
	var receipt pipelines.Receipt
	if keeper, ok := o.Target.(pipelines.RefusalKeeper); ok {
		refused, err := keeper.RefusedRows(ctx, b.ID, b.Table)
		for i := range going {
			if is, ok := refused[going[i].guid]; ok {
				is.Row = int32(i)
				receipt.Refused = append(receipt.Refused, is)
			}
		}
		return receipt, err
	}
	lister, ok := o.Target.(pipelines.RowLister)
	if n == len(b.Members) || !ok {
		return receipt, nil
	}
	guids, err := lister.ArrivedRows(ctx, b.ID, b.Table)
	if err != nil {
		return receipt, err
	}
	there := make(map[[16]byte]bool, len(guids))
	for _, g := range guids {
		there[g] = true
	}
	for i := range going {
		if !there[going[i].guid] {
			receipt.Refused = append(receipt.Refused, pipelines.Issue{Row: int32(i), Rule: "receiver_refused", Args: []string{"other"}})
		}
	}
	return receipt, nil
}

// originsOf finds the rows of members in the log, in the members' order.
func (o *Outbox) originsOf(ctx context.Context, members []Member) ([]origin, error) {
	going := make([]origin, len(members))
	err := o.eachLogBatch(ctx, members, func(entry *LogEntry, at []int) error {
		rec, err := deliveryRecord(entry, rowsOf(members, at), "", nil, o.Alloc)
		if err != nil {
			return err
		}
		defer rec.Release()
		rows := originsOf(rec)
		if err := adopted(ctx, o.store, rows); err != nil {
			return err
		}
		for i, r := range rows {
			r.key = slices.Clone(r.key)
			going[at[i]] = r
		}
		return nil
	})
	return going, err
}

// repeat maps the members of a frozen batch once more and delivers them, one part
// for each log batch, under the same batch number and with the same operations.
func (o *Outbox) repeat(ctx context.Context, b *Frozen, stage pipelines.Stage) error {
	parts := &assembly{outbox: o, batch: b, stage: stage}
	defer parts.release()
	if err := o.eachLogBatch(ctx, b.Members, func(entry *LogEntry, at []int) error { return parts.add(ctx, entry, at) }); err != nil {
		return err
	}
	if len(parts.parked) > 0 {
		o.leaveOpen(b.Stream, parts.parked)
		o.doubted(parts.refused)
	}
	if len(parts.going) == 0 {
		return nil
	}
	d, kept, going, err := parts.delivery()
	if err != nil {
		return err
	}
	defer d.Record.Release()
	if o.Caller != nil {
		return o.call(ctx, d, kept, going, parts.parked)
	}
	return o.deliver(ctx, d, kept, going)
}

// eachLogBatch calls f for every log batch that members lie in, with the positions
// of those members, ascending by log row.
func (o *Outbox) eachLogBatch(ctx context.Context, members []Member, f func(*LogEntry, []int) error) error {
	bySeq := map[int64][]int{}
	var seqs []int64
	for i := range members {
		seq := members[i].At.Seq
		if bySeq[seq] == nil {
			seqs = append(seqs, seq)
		}
		bySeq[seq] = append(bySeq[seq], i)
	}
	slices.Sort(seqs)
	for _, seq := range seqs {
		entry, err := o.store.At(ctx, seq)
		if err != nil {
			return err
		}
		if entry == nil || entry.Payload == nil {
			return goneBatch(seq)
		}
		entry.Dead = nil // a frozen member goes as it was frozen, newer version or not
		at := bySeq[seq]
		slices.SortFunc(at, func(a, b int) int { return int(members[a].At.Row - members[b].At.Row) })
		if err := f(entry, at); err != nil {
			return err
		}
	}
	return nil
}

func rowsOf(members []Member, at []int) []int32 {
	rows := make([]int32, len(at))
	for i, m := range at {
		rows[i] = members[m].At.Row
	}
	return rows
}
