package jobs

import (
	"context"
	"slices"

	"banjian/ledger"
)

// Approval is a person's word on what a fuse kept from being deleted.
type Approval struct {
	List int64 // number of the list; 0: those that are open, whichever they are
	Who  string
}

// approve stores a person's word and gives the fuse what was approved, now or by a run that
// did not come to its end. A source without an end has no list: there the word is on all.
func (r *Runner) approve(ctx context.Context, plan *CollectPlan, lease ledger.Lease) error {
	if plan.slot != "" {
		if plan.Approve != nil && plan.Spec.Stream() {
			plan.Deletes.Approved = ledger.ApproveAll()
		}
		return nil
	}
	lists, err := r.Store.ListDeletes(ctx, plan.Spec.Pipeline, ledger.ListApproved)
	if err != nil {
		return err
	}
	if plan.Approve != nil {
		open, err := r.Store.ListDeletes(ctx, plan.Spec.Pipeline, ledger.ListOpen)
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(l ledger.DeleteList) bool { return plan.Approve.List != 0 && l.Number != plan.Approve.List })
		for i := range open {
			if plan.Dry {
				continue
			}
			if err := r.Store.ApproveDeletes(ctx, lease, open[i].Number, plan.Approve.Who); err != nil {
				return err
			}
			r.Log.Info("deletes approved", "pipeline", plan.Spec.Pipeline, "list", open[i].Number, "records", open[i].Records, "by", plan.Approve.Who)
		}
		lists = append(lists, open...)
	}
	var whole []*ledger.DeleteList
	for i := range lists {
		l, err := r.Store.DeleteList(ctx, lists[i].Number)
		if err != nil {
			return err
		}
		if l != nil {
			whole = append(whole, l)
		}
	}
	if len(whole) > 0 {
		plan.Deletes.Approved = ledger.Approve(whole...)
	}
	return nil
}

// settleLists closes lists that a run which ended well has made good: one that compared the
// whole view has seen everything, any has seen what was marked.
func (r *Runner) settleLists(ctx context.Context, plan *CollectPlan, lease ledger.Lease, compared bool) error {
	if plan.Dry || plan.Remap || plan.slot != "" {
		return nil
	}
	kinds := []string{ledger.ListMarked}
	if compared {
		kinds = append(kinds, ledger.ListAbsent)
	}
	return r.Store.SettleDeletes(ctx, lease, plan.Spec.Pipeline, kinds...)
}
