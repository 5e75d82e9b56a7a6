package outbox

import (
	"context"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Strand settles what is open of a subject that the receiver is not given any more: nothing
// of it can go again, so nothing else would ever look at it. What is there has arrived. What
// certainly is not was never sent: it is not for the receiver, and goes if the subject comes back.
// What cannot be asked is a person's matter. Subjects are those the receiver is given.
func (o *Outbox) Strand(ctx context.Context, subjects []string) error {
	list, err := o.store.Unsettled(ctx, o.Receiver)
	if err != nil {
		return err
	}
	for _, b := range list {
		if slices.Contains(subjects, b.Stream.Subject) {
			continue
		}
		o.Subject, o.Table = b.Stream.Subject, b.Table
		if err := o.strand(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) strand(ctx context.Context, b *ledger.Frozen) error {
	going, err := o.rowsOfMembers(ctx, b.Members)
	if err != nil {
		return err
	}
	_, asker := o.Target.(pipelines.Asker)
	if o.Target == nil || asker {
		_, err = o.asked(ctx, b, going, strandedFault(b, o.Receiver))
		return err
	}
	n, err := o.Target.Arrived(ctx, b.ID, b.Table)
	if fault.Is(err, fault.Config) { // its table is gone, too
		_, err = o.asked(ctx, b, going, strandedFault(b, o.Receiver))
		return err
	}
	if err != nil {
		return err
	}
	if _, ok := o.Target.(pipelines.RefusalKeeper); ok && n > 0 {
		receipt, err := o.absent(ctx, b, going, n)
		if err != nil {
			return err
		}
		return o.settle(ctx, b, going, receipt, nil)
	}
	there, err := o.thereOf(ctx, b, n)
	if err != nil {
		return err
	}
	arrived, missing, receipts, absent := parted(b, going, there)
	switch {
	case len(absent) == 0:
		return o.settle(ctx, b, going, pipelines.Receipt{}, nil)
	case !o.doubtful(b):
		return o.leftOut(ctx, b, going, there)
	case len(receipts) > 0:
		if err := o.settle(ctx, &arrived, receipts, pipelines.Receipt{}, missing.Members); err != nil {
			return err
		}
	}
	_, err = o.asked(ctx, &missing, absent, purgedFault(b, o.Receiver, o.Purge))
	return err
}

// leftOut closes a batch of which some rows were never written: those are as if their pipeline
// did not deliver to the receiver.
func (o *Outbox) leftOut(ctx context.Context, b *ledger.Frozen, going []ledger.Row, there map[[16]byte]bool) error {
	st := &ledger.Settlement{Lease: o.Lease, Batch: b}
	_, st.Watch = o.Target.(pipelines.Watcher)
	for i := range going {
		now, r := ledger.Delivered, &going[i]
		if !there[r.GUID] {
			now = ledger.NotApplicable
			st.Refused = append(st.Refused, ledger.Exception{Receiver: o.Receiver, Rec: r.Member.Rec, Version: r.Member.Version, State: ledger.NotApplicable, Rule: ledger.RuleNotDelivered,
				Stream: b.Stream, Key: r.Key, At: r.Member.At, Run: r.Run, Pipeline: r.Pipeline, Since: o.Now()})
		}
		o.Tally.Move(r.Pipeline, o.Receiver, r.Run, r.Was, now)
	}
	_, err := o.store.Settle(ctx, st)
	return err
}

func strandedFault(b *ledger.Frozen, receiver string) error {
	return fault.New(fault.Unknown, "deliver", receiver,
		text.F("批次 %[1]s（%[2]s）的结果不明，而主题 %[3]s 已不在接收方档案里，不会再推送", "the outcome of batch %[1]s (%[2]s) is not known, and subject %[3]s is not in the receiver's profile any more: it does not go again", b.ID, b.Table, b.Stream.Subject),
		text.F("与接收方核对后：banjian outcomes settle %s --arrived 或 --give-up；要再推送，先把主题写回档案", "ask the receiver, then: banjian outcomes settle %s with --arrived or --give-up; to send it again put the subject back into the profile", b.ID))
}
