package outbox

import (
	"context"
	"math/rand/v2"
	"slices"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

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

func (o *Outbox) unsettled(ctx context.Context) ([]*ledger.Frozen, error) {
	list, err := o.store.Unsettled(ctx, o.Receiver)
	return slices.DeleteFunc(list, func(b *ledger.Frozen) bool { return b.Stream.Subject != o.Subject }), err
}

// LeaveAll leaves open what the ledger has no receipt of, whatever kept it from it: what
// comes behind it is held.
func (o *Outbox) LeaveAll(ctx context.Context) error {
	list, err := o.unsettled(ctx)
	if err != nil {
		return err
	}
	for _, b := range list {
		going, err := o.rowsOfMembers(ctx, b.Members)
		if err != nil {
			return err
		}
		o.leaveOpen(b.Stream, going)
	}
	return nil
}

func (o *Outbox) recoverBatch(ctx context.Context, b *ledger.Frozen, stage pipelines.Stage) error {
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
	if b.Partly || o.doubtful(b) {
		return o.recoverParts(ctx, b, n, stage)
	}
	if n > 0 {
		going, err := o.rowsOfMembers(ctx, b.Members)
		if err != nil {
			return err
		}
		receipt, err := o.absent(ctx, b, going, n)
		if err != nil {
			return err
		}
		return o.settle(ctx, b, going, receipt, nil)
	}
	if err := o.attempted(ctx, b); err != nil {
		return err
	}
	return o.repeat(ctx, b, stage)
}

// absent is the receipt of a batch that arrived, but whose own receipt was lost: the
// receiver refused the rows it does not have.
func (o *Outbox) absent(ctx context.Context, b *ledger.Frozen, going []ledger.Row, n int) (pipelines.Receipt, error) {
	var receipt pipelines.Receipt
	if keeper, ok := o.Target.(pipelines.RefusalKeeper); ok {
		refused, err := keeper.RefusedRows(ctx, b.ID, b.Table)
		for i := range going {
			if is, ok := refused[going[i].GUID]; ok {
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
	return refusedBut(there, going), nil
}

// rowsOfMembers finds the rows of members in the log, in the members' order.
func (o *Outbox) rowsOfMembers(ctx context.Context, members []ledger.Member) ([]ledger.Row, error) {
	going := make([]ledger.Row, len(members))
	err := o.eachLogBatch(ctx, members, func(entry *ledger.LogEntry, at []int) error {
		rec, err := ledger.RowsAt(entry, rowsOf(members, at), o.Alloc)
		if err != nil {
			return err
		}
		defer rec.Release()
		rows := ledger.RowsOf(rec)
		if err := ledger.FillAdopted(ctx, o.store, rows); err != nil {
			return err
		}
		for i, r := range rows {
			r.Key = slices.Clone(r.Key)
			going[at[i]] = r
		}
		return nil
	})
	return going, err
}

// repeat maps the members of a frozen batch once more and delivers them, one part
// for each log batch, under the same batch number and with the same operations.
func (o *Outbox) repeat(ctx context.Context, b *ledger.Frozen, stage pipelines.Stage) error {
	parts := &assembly{outbox: o, batch: b, stage: stage}
	defer parts.release()
	if err := o.eachLogBatch(ctx, b.Members, func(entry *ledger.LogEntry, at []int) error { return parts.add(ctx, entry, at) }); err != nil {
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
func (o *Outbox) eachLogBatch(ctx context.Context, members []ledger.Member, f func(*ledger.LogEntry, []int) error) error {
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
		entry, err := ledger.EntryAt(ctx, o.store, seq)
		if err != nil {
			return err
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

func rowsOf(members []ledger.Member, at []int) []int32 {
	rows := make([]int32, len(at))
	for i, m := range at {
		rows[i] = members[m].At.Row
	}
	return rows
}
