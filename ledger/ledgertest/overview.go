package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
)

var overviewTests = []test{
	{"EveryRecordCountsOnce", standings},
	{"AReceiverNobodyFedYetHasEverythingBeforeIt", standingsOfNobody},
	{"OpenRejectsAreCountedByPipelineAndReceiver", rejectTotals},
	{"OpenRejectsOfAnOlderMappingAreCounted", outdatedRejects},
	{"TheNewestGoodRunIsNotTheNewestRun", goodRuns},
}

func (k *kit) standing(receiver string, s ledger.Stream, heldBefore time.Time) ledger.Standing {
	k.Helper()
	list, err := k.s.Standings(k.ctx, receiver, heldBefore)
	k.ok(err)
	for _, one := range list {
		if one.Stream == s {
			return one
		}
	}
	return ledger.Standing{}
}

func standings(k *kit) {
	names := []string{"A", "B", "C", "D", "E", "F", "G", "H", "I"}
	var records []record
	for _, n := range names {
		records = append(records, record{name: n, hash: 1})
	}
	list := k.collect(accepts, records...)
	k.settle(k.freeze(national, "f1", accepts, list[0]))
	k.freeze(national, "f2", accepts, list[1], list[2]) // outcomes open; C is held as well
	at := func(e ledger.Exception, hours int) ledger.Exception {
		e.Since = epoch.Add(time.Duration(hours) * time.Hour)
		return e
	}
	again, compared := exception(accepts, list[7], ledger.Rejected), exception(accepts, list[6], ledger.NotApplicable)
	compared.Rule = ledger.RuleCompared
	again.Rule = ledger.RuleRedrive
	k.putAside(accepts, at(exception(accepts, list[2], ledger.Held), 1), at(exception(accepts, list[3], ledger.Held), 5), exception(accepts, list[4], ledger.Diverged),
		exception(accepts, list[5], ledger.Rejected), compared, again)
	got := k.standing(national, accepts, epoch.Add(2*time.Hour))
	if !got.OldestHeld.Equal(epoch.Add(time.Hour)) || !got.OldestPending.Equal(epoch) {
		k.Errorf("oldest held %s, pending %s", got.OldestHeld, got.OldestPending)
	}
	if got.Newest.IsZero() {
		k.Errorf("nobody knows when the stream changed last")
	}
	got.OldestHeld, got.OldestPending, got.Newest = time.Time{}, time.Time{}, time.Time{}
	if want := (ledger.Standing{Stream: accepts, Pending: 2, Held: 2, HeldLong: 1, Diverged: 1, Rejected: 1, NotApplicable: 1, Compared: 1}); got != want {
		k.Errorf("got %+v\nwant %+v", got, want)
	}
	before := time.Now().Add(-time.Second)
	k.collect(accepts, record{name: "I", hash: 2}, record{name: "J", hash: 1})
	k.collect(accepts, record{name: "J", hash: 2})
	if got := k.standing(national, accepts, epoch); got.Pending != 4 || got.HeldLong != 0 || got.OldestPending.After(before) {
		k.Errorf("after more was collected: %+v", got)
	}
}

func standingsOfNobody(k *kit) {
	k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	k.collect(steps, record{name: "A", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, k.lookup(accepts, "A", "B")...))
	list, err := k.s.Standings(k.ctx, "nobody", epoch)
	k.ok(err)
	same(k, "pending", each(list, func(s ledger.Standing) string {
		return fmt.Sprint(s.Stream.Subject, s.Pending, s.OldestPending.IsZero())
	}),
		[]string{"case/accept2 false", "case/step1 false"})
	if got := k.standing(national, accepts, epoch); got != (ledger.Standing{Stream: accepts, Newest: got.Newest}) {
		k.Errorf("all delivered: %+v", got)
	}
}

func rejectTotals(k *kit) {
	other := reject("A", "required", 1)
	other.Pipeline = "another"
	k.refuse(1, reject("A", "required", 1), reject("B", "required", 1), reject("C", "required", 1), other)
	k.pass(2, "C")
	atReceiver := reject("A", "too_long", 3)
	atReceiver.Receiver = national
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: accepts, Rejects: []ledger.Reject{atReceiver}})
	k.ok(err)
	list, err := k.s.RejectTotals(k.ctx)
	k.ok(err)
	same(k, "totals", each(list, func(r ledger.RejectTotal) string {
		return fmt.Sprint(r.Pipeline, r.Receiver, r.Open, r.Oldest.IsZero(), r.Newest.Before(r.Oldest))
	}),
		[]string{"another1 false false", pipeline + "2 false false", pipeline + national + "1 false false"})
}

func outdatedRejects(k *kit) {
	outdated := func() []string {
		list, err := k.s.RejectTotals(k.ctx)
		k.ok(err)
		return each(list, func(r ledger.RejectTotal) string { return fmt.Sprint(r.Pipeline, r.Receiver, r.Open, r.Outdated) })
	}
	k.refuse(k.start(pipeline).Num, reject("A", "required", 1), reject("B", "required", 1))
	same(k, "of the newest run's mapping", outdated(), []string{pipeline + "2 0"})
	run, err := k.s.StartRun(k.ctx, pipeline, "incremental", "m2")
	k.ok(err)
	_, err = k.s.StartRun(k.ctx, "another", "full", "m3")
	k.ok(err)
	k.refuse(run.Num, reject("C", "required", 1))
	same(k, "of an older mapping", outdated(), []string{pipeline + "3 2"})
	k.pass(run.Num, "A")
	same(k, "one passed", outdated(), []string{pipeline + "2 1"})
}

func goodRuns(k *kit) {
	k.start("never")
	good := k.start("p")
	good.State = "done"
	k.ok(k.s.EndRun(k.ctx, good))
	bad := k.start("p")
	bad.State, bad.Error = "failed", "no connection"
	k.ok(k.s.EndRun(k.ctx, bad))
	list, err := k.s.GoodRuns(k.ctx)
	k.ok(err)
	if len(list) != 1 || list[0].ID != good.ID || list[0].Ended.IsZero() {
		k.Errorf("got %+v", list)
	}
}
