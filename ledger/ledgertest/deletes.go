package ledgertest

import (
	"banjian/internal/fault"
	"banjian/ledger"
)

var deleteTests = []test{
	{"ADeleteListComesBackWithItsMembers", listWhole},
	{"TheSameRecordsKeepTheNumberOfTheirList", listSame},
	{"AnotherListReplacesTheOneThatIsOpen", listReplaced},
	{"OnlyAnOpenListIsApproved", listApproved},
	{"SettlingClosesListsOfAKind", listSettled},
	{"TheNewestRunAndTheNewestComparisonAreFound", lastCompared},
}

// list stores one of records 1 to n.
func (k *kit) list(kind string, n int) *ledger.DeleteList {
	k.Helper()
	var members []ledger.Doomed
	for i := n; i > 0; i-- {
		members = append(members, ledger.Doomed{Rec: int64(i) * 1000, Version: uint32(i)})
	}
	l := ledger.NewDeleteList(pipeline, kind, k.run, members)
	k.ok(k.s.SaveDeletes(k.ctx, ledger.Lease{}, l))
	return l
}

func (k *kit) deleteLists() (out []string) {
	k.Helper()
	list, err := k.second().s.ListDeletes(k.ctx, pipeline, "")
	k.ok(err)
	for _, l := range list {
		out = append(out, l.Kind+" "+l.State)
	}
	return out
}

func listWhole(k *kit) {
	l := k.list(ledger.ListAbsent, 3)
	got, err := k.second().s.DeleteList(k.ctx, l.Number)
	k.ok(err)
	if got == nil || got.Pipeline != pipeline || got.Records != 3 || got.Digest != l.Digest || got.State != ledger.ListOpen || len(got.Members) != 3 || got.Members[2] != (ledger.Doomed{Rec: 3000, Version: 3}) {
		k.Errorf("got %+v", got)
	}
	if got, err := k.s.DeleteList(k.ctx, l.Number+1); got != nil || err != nil {
		k.Errorf("one that is not there: %+v, %v", got, err)
	}
}

func listSame(k *kit) {
	a, b := k.list(ledger.ListAbsent, 3), k.list(ledger.ListAbsent, 3)
	other := k.list(ledger.ListMarked, 3)
	if a.Number == 0 || a.Number != b.Number || other.Number == a.Number {
		k.Errorf("numbers %d %d %d", a.Number, b.Number, other.Number)
	}
	same(k, "lists", k.deleteLists(), []string{"marked open", "absent open"})
}

func listReplaced(k *kit) {
	k.list(ledger.ListAbsent, 3)
	k.list(ledger.ListAbsent, 2)
	same(k, "lists", k.deleteLists(), []string{"absent open", "absent replaced"})
	open, err := k.s.ListDeletes(k.ctx, "", ledger.ListOpen)
	k.ok(err)
	if len(open) != 1 || open[0].Records != 2 || open[0].Members != nil {
		k.Errorf("open: %+v", open)
	}
}

func listApproved(k *kit) {
	l := k.list(ledger.ListAbsent, 3)
	k.ok(k.s.ApproveDeletes(k.ctx, ledger.Lease{}, l.Number, "张三"))
	k.wantKind(k.s.ApproveDeletes(k.ctx, ledger.Lease{}, l.Number, "李四"), fault.Blocked)
	got, err := k.s.DeleteList(k.ctx, l.Number)
	k.ok(err)
	if got.Who != "张三" || got.Decided.IsZero() || got.State != ledger.ListApproved {
		k.Errorf("got %+v", got)
	}
	k.list(ledger.ListAbsent, 1)
	same(k, "lists", k.deleteLists(), []string{"absent open", "absent settled"})
}

func listSettled(k *kit) {
	k.list(ledger.ListAbsent, 3)
	k.list(ledger.ListMarked, 3)
	k.ok(k.s.SettleDeletes(k.ctx, ledger.Lease{}, pipeline, ledger.ListMarked))
	same(k, "lists", k.deleteLists(), []string{"marked settled", "absent open"})
	k.ok(k.s.SettleDeletes(k.ctx, ledger.Lease{}, "another", ledger.ListAbsent))
	same(k, "lists", k.deleteLists(), []string{"marked settled", "absent open"})
}

func lastCompared(k *kit) {
	if r, err := k.s.LastCompared(k.ctx, "p"); r.Num != 0 || err != nil {
		k.Errorf("none: %+v, %v", r, err)
	}
	a := k.start("p")
	a.State, a.Compared = "done", true
	k.ok(k.s.EndRun(k.ctx, a))
	b := k.start("p")
	k.start("q")
	last, err := k.s.LastRun(k.ctx, "p")
	k.ok(err)
	compared, err := k.s.LastCompared(k.ctx, "p")
	k.ok(err)
	if last.Num != b.Num || compared.Num != a.Num || !compared.Compared {
		k.Errorf("last %+v, compared %+v", last, compared)
	}
}
