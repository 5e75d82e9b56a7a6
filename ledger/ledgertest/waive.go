package ledgertest

import (
	"fmt"

	"banjian/ledger"
)

var waiveTests = []test{
	{"AWaivedRejectSaysWhoWhenAndWhy", waived},
	{"AWaivedRejectStaysSoWhileTheRowIsAsItWas", waivedSeenAgain},
	{"AWaivedRowThatChangedAndIsRefusedIsOpen", waivedChanged},
	{"WaivingARefusalLeavesTheRecordAsItIsAtTheReceiver", waivedAtReceiver},
	{"ASecondRowWithAKeyStaysRefusedThoughWaived", waivedDuplicate},
}

func (k *kit) waive(want int64, ids ...int64) {
	k.Helper()
	n, err := k.s.Waive(k.ctx, ids, "王科", "历史数据，无法补录")
	if n != want || err != nil {
		k.Errorf("waived %d, %v, want %d", n, err, want)
	}
}

func waived(k *kit) {
	k.refuse(1, reject("A", "required", 1), reject("B", "required", 1), reject("C", "required", 1))
	k.pass(2, "C")
	list := k.rejects(ledger.RejectQuery{})
	k.waive(1, list[0].ID, list[2].ID, 1<<40)
	k.waive(0, list[0].ID)
	same(k, "states", k.states(), []string{ledger.Waived, "open", "closed"})
	if r := k.rejects(ledger.RejectQuery{State: ledger.Waived}); len(r) != 1 || r[0].ClosedAt.IsZero() {
		k.Errorf("waived: %+v", r)
	}
	got, err := k.second().s.Waivers(k.ctx, []int64{list[0].ID, list[1].ID, list[2].ID})
	k.ok(err)
	if len(got) != 1 || got[0].Reject != list[0].ID || got[0].Who != "王科" || got[0].Why != "历史数据，无法补录" || got[0].At.IsZero() {
		k.Errorf("waivers: %+v", got)
	}
}

func waivedSeenAgain(k *kit) {
	k.refuse(1, reject("A", "required", 1))
	k.waive(1, k.rejects(ledger.RejectQuery{})[0].ID)
	if n := k.refuse(2, reject("A", "required", 1)); n != 0 {
		k.Errorf("%d are new", n)
	}
	same(k, "seen again", k.states(), []string{ledger.Waived})
	open, err := k.s.OpenRejects(k.ctx, pipeline)
	if len(open) != 0 || err != nil {
		k.Errorf("open: %+v, %v", open, err)
	}
}

func waivedChanged(k *kit) {
	k.refuse(1, reject("A", "required", 1))
	k.waive(1, k.rejects(ledger.RejectQuery{})[0].ID)
	if n := k.refuse(2, reject("A", "required", 2)); n != 1 {
		k.Errorf("%d are new", n)
	}
	same(k, "changed", k.states(), []string{ledger.Waived, "open"})
}

func waivedAtReceiver(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	r := reject("A", "too_long", 1)
	r.Receiver = national
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: accepts, Rejects: []ledger.Reject{r}, Exceptions: []ledger.Exception{exception(accepts, e, ledger.Rejected)}})
	k.ok(err)
	k.waive(1, k.rejects(ledger.RejectQuery{})[0].ID)
	got := k.exceptions(ledger.ExceptionQuery{Receiver: national})
	same(k, "exceptions", each(got, func(e ledger.Exception) string { return fmt.Sprint(e.Rec, e.State) }), []string{fmt.Sprint(e.Rec, ledger.Rejected)})
	if totals, err := k.s.RejectTotals(k.ctx); len(totals) != 0 || err != nil {
		k.Errorf("counted as open: %+v, %v", totals, err)
	}
}

func waivedDuplicate(k *kit) {
	k.refuse(1, reject("A", "duplicate_key", 2))
	k.waive(1, k.rejects(ledger.RejectQuery{})[0].ID)
	open, err := k.s.OpenRejects(k.ctx, pipeline)
	if len(open) != 1 || err != nil {
		k.Errorf("the collect knows %+v, %v", open, err)
	}
}
