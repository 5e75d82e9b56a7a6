package outbox

import (
	"context"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// purgeMargin is by how much the receiver's clock may be ahead of ours.
const purgeMargin = time.Hour

// purged says that the receiver may have cleaned up by now what an attempt begun at tried
// wrote: that it is not there then does not tell whether it ever was.
func (o *Outbox) purged(tried time.Time) bool {
	return o.Purge > 0 && !tried.IsZero() && o.Now().Sub(tried) >= max(o.Purge-purgeMargin, o.Purge/2)
}

// doubtful says that rows of an open batch that are not there may have been, and gone since.
func (o *Outbox) doubtful(b *ledger.Frozen) bool { return b.Answered || o.purged(b.Tried) }

// attempted notes before a batch goes again that it may arrive from now on.
func (o *Outbox) attempted(ctx context.Context, b *ledger.Frozen) error {
	if o.Purge == 0 {
		return nil
	}
	return o.store.Attempt(ctx, o.Lease, b.ID, o.Now())
}

// untried notes that certainly nothing of a batch was written, and returns err. Where it cannot
// be stored the batch counts as one that may have been, which is the safe side.
func (o *Outbox) untried(ctx context.Context, b *ledger.Frozen, err error) error {
	if o.Purge == 0 || o.Caller != nil {
		return err
	}
	if lost := o.store.Attempt(context.WithoutCancel(ctx), o.Lease, b.ID, time.Time{}); lost != nil {
		o.Log.Warn("that nothing was written could not be noted", "receiver", o.Receiver, "batch", b.ID, "error", lost)
	}
	return err
}

// recoverParts resolves a batch of which the number of rows that are there does not tell
// enough: rows may have been cleaned up, or some members have their receipt already. What is
// there has arrived. What is not is a person's matter while it may have been cleaned up; else it
// was refused, if others of the same attempt are there, or goes again.
func (o *Outbox) recoverParts(ctx context.Context, b *ledger.Frozen, n int, stage pipelines.Stage) error {
	going, err := o.rowsOfMembers(ctx, b.Members)
	if err != nil {
		return err
	}
	there, err := o.thereOf(ctx, b, n)
	if err != nil {
		return err
	}
	arrived, missing, receipts, absent := parted(b, going, there)
	if len(receipts) > 0 && (len(absent) == 0 || !o.doubtful(b)) {
		return o.settle(ctx, b, going, refusedBut(there, going), nil)
	}
	if len(receipts) > 0 {
		if err := o.settle(ctx, &arrived, receipts, pipelines.Receipt{}, missing.Members); err != nil {
			return err
		}
		missing.Partly = true
	}
	if o.doubtful(b) {
		if again, err := o.asked(ctx, &missing, absent, purgedFault(b, o.Receiver, o.Purge)); err != nil || !again {
			return err
		}
	}
	if err := o.attempted(ctx, b); err != nil {
		return err
	}
	return o.repeat(ctx, &missing, stage)
}

// parted is the members of a batch that are there, and those that are not; there nil = all are.
func parted(b *ledger.Frozen, going []ledger.Row, there map[[16]byte]bool) (arrived, missing ledger.Frozen, receipts, absent []ledger.Row) {
	arrived, missing = *b, *b
	arrived.Members, missing.Members = nil, nil
	for i := range going {
		if there == nil || there[going[i].GUID] {
			arrived.Members, receipts = append(arrived.Members, b.Members[i]), append(receipts, going[i])
		} else {
			missing.Members, absent = append(missing.Members, b.Members[i]), append(absent, going[i])
		}
	}
	return arrived, missing, receipts, absent
}

// thereOf is the row_guids of a batch that the receiver has; nil where it can only count, and
// has some.
func (o *Outbox) thereOf(ctx context.Context, b *ledger.Frozen, n int) (map[[16]byte]bool, error) {
	there := map[[16]byte]bool{}
	if n == 0 {
		return there, nil
	}
	lister, ok := o.Target.(pipelines.RowLister)
	if !ok {
		return nil, nil
	}
	guids, err := lister.ArrivedRows(ctx, b.ID, b.Table)
	for _, g := range guids {
		there[g] = true
	}
	return there, err
}

// refusedBut is the receipt of a delivery of which only these rows are there.
func refusedBut(there map[[16]byte]bool, going []ledger.Row) pipelines.Receipt {
	var receipt pipelines.Receipt
	for i := range going {
		if there != nil && !there[going[i].GUID] {
			receipt.Refused = append(receipt.Refused, pipelines.Issue{Row: int32(i), Rule: "receiver_refused", Args: []string{"other"}})
		}
	}
	return receipt
}

// asked says whether a person had all of these members sent again. Otherwise they stay open,
// for a person to say (why), and what comes behind them is held.
func (o *Outbox) asked(ctx context.Context, b *ledger.Frozen, absent []ledger.Row, why error) (again bool, err error) {
	if err := o.remember(ctx); err != nil {
		return false, err
	}
	again = true
	var lost []ledger.Outcome
	for i := range absent {
		switch o.notedOf(&absent[i].Member).State {
		case ledger.OutcomeAgain:
		case ledger.OutcomeUnknown:
			again = false
		default:
			again = false
			lost = append(lost, o.outcome(b, &absent[i], ledger.OutcomeUnknown, why))
		}
	}
	if again {
		return true, nil
	}
	o.leaveOpen(b.Stream, absent)
	if len(lost) == 0 {
		return false, nil
	}
	o.Tally.Trouble(o.Receiver)
	return false, o.store.PutOutcomes(ctx, o.Lease, lost)
}

func purgedFault(b *ledger.Frozen, receiver string, purge time.Duration) error {
	days := int(purge / (24 * time.Hour))
	hint := text.F("请接收方按 cd_batch 查后：banjian outcomes settle %s --arrived、--again 或 --give-up", "have the receiver look for the cd_batch, then: banjian outcomes settle %s with --arrived, --again or --give-up", b.ID)
	if b.Answered {
		return fault.New(fault.Unknown, "deliver", receiver,
			text.F("批次 %[1]s（%[2]s）的提交结果当时不明；对方退回过其中的行，可见收到过，现在表里却没有这些行", "the outcome of batch %[1]s (%[2]s) was not known; the receiver sent rows of it back, so it had it, but these rows are not there now", b.ID, b.Table), hint)
	}
	return fault.New(fault.Unknown, "deliver", receiver,
		text.F("批次 %[1]s（%[2]s）的提交结果当时不明，现在对方表里没有，但已超过 %[3]d 天的清理期：可能没收到，也可能收到后已清理",
			"the outcome of batch %[1]s (%[2]s) was not known, and its rows are not there now; but after %[3]d days the receiver may have cleaned up what it took", b.ID, b.Table, days), hint)
}

// has counts the rows of d that arrived. Of a batch of which some members have their receipt only
// those of d count.
func (o *Outbox) has(ctx context.Context, d *pipelines.Delivery, partly bool) (int, error) {
	lister, ok := o.Target.(pipelines.RowLister)
	if !partly || !ok {
		return o.arrived(ctx, d)
	}
	guids, err := lister.ArrivedRows(ctx, d.ID, d.Table)
	ours := make(map[[16]byte]bool, len(d.GUIDs))
	for _, g := range d.GUIDs {
		ours[g] = true
	}
	n := 0
	for _, g := range guids {
		if ours[g] {
			n++
		}
	}
	return n, err
}
