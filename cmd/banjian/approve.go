package main

import (
	"context"
	"slices"
	"strconv"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// shownList is --approve-deletes without a number.
const shownList = "shown"

// list is the number of the list that is approved, 0: none is named.
func (o *runOptions) list() int64 {
	n, err := strconv.ParseInt(o.deletes, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// approval is what the flag says of deletes in the ledger.
func (o *runOptions) approval() *jobs.Approval {
	if o.deletes == "" {
		return nil
	}
	return &jobs.Approval{List: o.list(), Who: whoami()}
}

// checkList refuses a list that is not of these pipelines, or does not wait any more: what a
// person saw is not what would be deleted.
func (o *runOptions) checkList(ctx context.Context, store ledger.DeleteLists, specs []pipelines.Spec) error {
	number := o.list()
	if number == 0 {
		return nil
	}
	bad := func(what, hint text.Text) error {
		return fault.New(fault.Config, "approve deletes", "", what, hint)
	}
	l, err := store.DeleteList(ctx, number)
	switch {
	case err != nil:
		return err
	case l == nil:
		return bad(text.F("没有名单 %d", "there is no list %d", number), text.T("banjian deletes list 列出待批准的名单", "banjian deletes list shows the lists that wait"))
	case !slices.ContainsFunc(specs, func(s pipelines.Spec) bool { return s.Pipeline == l.Pipeline }):
		return bad(text.F("名单 %d 是管道 %s 的", "list %d is of pipeline %s", number, l.Pipeline), text.F("banjian run %[1]s --approve-deletes=%[2]d", "banjian run %[1]s --approve-deletes=%[2]d", l.Pipeline, number))
	case l.State == ledger.ListReplaced:
		return bad(text.F("名单 %d 已被后来的一次比对换掉：要删的不再是那些记录", "list %d was replaced by a later run: what would be deleted is not the same any more", number), text.T("banjian deletes list 看现在的名单，核实后按新号批准", "look at the list there is now, banjian deletes list, and approve that one"))
	case l.State == ledger.ListSettled:
		return bad(text.F("名单 %d 已了结，没有什么要批准的", "list %d is settled: there is nothing to approve", number), text.Text{})
	}
	return nil
}

// shown is what a run found absent, keys as a person may see them.
func (w *work) shown(pipeline string, a *collect.Absence) *collect.Absence {
	if a == nil {
		return nil
	}
	out := *a
	out.Which = make([]collect.Absent, len(a.Which))
	for i, one := range a.Which {
		out.Which[i] = collect.Absent{Subject: one.Subject, Key: w.house.ShownKey(pipeline, one.Subject, one.Key)}
	}
	return &out
}

// approvedAt is the deletes that may go to a receiver: those of the lists that are approved
// and, unless one list is named, those that are held there. nil: nobody approves any.
func (o *runOptions) approvedAt(ctx context.Context, store ledger.Store, receiver string, specs []pipelines.Spec) (*ledger.Approved, error) {
	if o.deletes == "" {
		return nil, nil
	}
	var lists []*ledger.DeleteList
	for _, s := range specs {
		for _, state := range []string{ledger.ListOpen, ledger.ListApproved} {
			found, err := store.ListDeletes(ctx, s.Pipeline, state)
			if err != nil {
				return nil, err
			}
			for i := range found {
				if o.list() != 0 && found[i].Number != o.list() {
					continue
				}
				l, err := store.DeleteList(ctx, found[i].Number)
				if err != nil {
					return nil, err
				}
				lists = append(lists, l)
			}
		}
	}
	if o.list() != 0 {
		return ledger.Approve(lists...).Deletes(nil), nil
	}
	held, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver, State: ledger.Held, Rule: "waits_delete"})
	if err != nil {
		return nil, err
	}
	held = slices.DeleteFunc(held, func(e ledger.Exception) bool {
		return !slices.ContainsFunc(specs, func(s pipelines.Spec) bool { return s.Pipeline == e.Pipeline })
	})
	return ledger.Approve(lists...).Deletes(held), nil
}
