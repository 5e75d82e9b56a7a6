package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

var rewindTests = []test{
	{"WhatArrivedSinceIsOfferedAgain", rewindSince},
	{"ABatchFrozenBeforeAndArrivedSinceIsAmongIt", rewindArrived},
	{"ADryRewindOnlyCounts", rewindDry},
	{"ASecondRewindFindsNothingMore", rewindTwice},
	{"TheNewestVersionGoesADeletedRecordDoesNot", rewindVersions},
	{"HeldRefusedAndDivergedVersionsAreTold", rewindExceptions},
	{"OfAnOpenBatchThatPartGoesWhichHadAReceipt", rewindOpen},
	{"WhatWentBeforeABacklogIsAmongIt", rewindAhead},
}

// rewind is everything a receiver lost since a time, as subject:records,waiting,deleted.
func (k *kit) rewind(q ledger.RewindQuery) []string {
	k.Helper()
	q.Receiver = national
	list, err := k.s.Rewind(k.ctx, q)
	k.ok(err)
	return each(list, func(r ledger.Rewound) string {
		return fmt.Sprintf("%s:%d,%d,%d", r.Subject, r.Records, r.Waiting, r.Deleted)
	})
}

// offered is the records that the next delivery takes along, with their version.
func (k *kit) offered() []string {
	k.Helper()
	return each(k.exceptions(ledger.ExceptionQuery{Receiver: national, State: ledger.Rejected, Rule: ledger.RuleRedrive}), func(e ledger.Exception) string {
		return fmt.Sprint(ledger.FirstOfKey(e.Key), e.Version)
	})
}

func rewindSince(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	step := k.collect(steps, record{name: "A", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, list...))
	k.settle(k.freeze(national, "f2", steps, step...))
	k.settle(k.freeze("platform-test", "f3", accepts, list...))
	same(k, "later", k.rewind(ledger.RewindQuery{Since: time.Now().Add(time.Hour)}), nil)
	same(k, "one subject", k.rewind(ledger.RewindQuery{Subject: steps.Subject}), []string{"case/step:1,0,0"})
	same(k, "all", k.rewind(ledger.RewindQuery{}), []string{"case/accept:2,0,0"})
	same(k, "offered", k.offered(), []string{"A1", "B1", "A1"})
	same(k, "receipts", k.sent(national, list[0].Rec, list[1].Rec, step[0].Rec), []ledger.Sent{{Frozen: 1}, {Frozen: 1}, {Frozen: 1}})
	same(k, "another receiver", k.sent("platform-test", list[0].Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}})
	e := k.exceptions(ledger.ExceptionQuery{Receiver: national, Recs: []int64{list[1].Rec}})[0]
	if e.At.Seq != list[1].At.Seq || e.At.Row != list[1].At.Row || e.Pipeline != pipeline || e.Run != list[1].Run || e.Stream != accepts || len(e.Args) != 0 {
		k.Errorf("got %+v", e)
	}
	b := k.freeze(national, "f4", accepts, list...)
	if op := b.Members[0].Op; op != pipelines.OpUpdate {
		k.Errorf("it goes as %c", op)
	}
	k.settle(b)
	same(k, "delivered again", k.sent(national, list[0].Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}})
	same(k, "left", k.offered(), []string{"A1"})
}

func rewindArrived(k *kit) {
	k.settle(k.freeze(national, "f1", accepts, k.collect(accepts, record{name: "A", hash: 1})...)) // frozen at epoch
	if !epoch.Before(time.Now().Add(-time.Hour)) {
		k.Fatal("epoch must lie in the past")
	}
	same(k, "frozen long ago, arrived now", k.rewind(ledger.RewindQuery{Since: time.Now().Add(-time.Hour)}), []string{"case/accept:1,0,0"})
}

func rewindDry(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	k.settle(k.freeze(national, "f1", accepts, e))
	same(k, "counted", k.rewind(ledger.RewindQuery{Dry: true}), []string{"case/accept:1,0,0"})
	same(k, "offered", k.offered(), nil)
	same(k, "receipts", k.sent(national, e.Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}})
}

func rewindTwice(k *kit) {
	k.settle(k.freeze(national, "f1", accepts, k.collect(accepts, record{name: "A", hash: 1})...))
	same(k, "first", k.rewind(ledger.RewindQuery{}), []string{"case/accept:1,0,0"})
	same(k, "second", k.rewind(ledger.RewindQuery{}), nil)
	same(k, "offered", k.offered(), []string{"A1"})
}

func rewindVersions(k *kit) {
	old := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, old...))
	k.settle(k.freeze(national, "f2", accepts, k.collect(accepts, record{name: "A", hash: 2})[0]))
	c := k.change(accepts, record{name: "B", hash: 9})
	c.Batches[0].Entries[0].Deleted = true
	k.commit(c)
	gone := k.lookup(accepts, "B")[0]
	k.settle(k.freeze(national, "f3", accepts, gone))
	k.collect(accepts, record{name: "C", hash: 2}) // not offered yet
	same(k, "counted", k.rewind(ledger.RewindQuery{}), []string{"case/accept:1,1,1"})
	same(k, "offered", k.offered(), []string{"A2"})
	if got := k.sent(national, gone.Rec)[0]; got.Delivered != gone.Version {
		k.Errorf("the deleted record: %+v", got)
	}
}

func rewindExceptions(k *kit) {
	names := []string{"A", "B", "C", "D"}
	var records, newer []record
	for _, n := range names {
		records, newer = append(records, record{name: n, hash: 1}), append(newer, record{name: n, hash: 2})
	}
	k.settle(k.freeze(national, "f1", accepts, k.collect(accepts, records...)...))
	list := k.collect(accepts, newer...)
	k.pass1(list[0].At.Seq)
	k.putAside(accepts, exception(accepts, list[0], ledger.Held), exception(accepts, list[1], ledger.Rejected),
		exception(accepts, list[2], ledger.NotApplicable), exception(accepts, list[3], ledger.Diverged))
	never := k.collect(accepts, record{name: "N", hash: 1})[0]
	k.settle(k.freeze(national, "f2", accepts, never), exception(accepts, never, ledger.Rejected))
	same(k, "counted", k.rewind(ledger.RewindQuery{}), []string{"case/accept:3,1,0"})
	same(k, "offered", k.offered(), []string{"B2", "C2", "D2"})
	left := k.exceptions(ledger.ExceptionQuery{Receiver: national, Recs: []int64{list[0].Rec, never.Rec}})
	same(k, "left", each(left, func(e ledger.Exception) string { return fmt.Sprint(ledger.FirstOfKey(e.Key), e.State, e.Rule) }),
		[]string{"Aheldwaits_parent", "Nrejectedwaits_parent"})
}

func rewindOpen(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	part := *b
	part.Members = b.Members[:1]
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: &part, Left: b.Members[1:]})
	k.ok(err)
	same(k, "counted", k.rewind(ledger.RewindQuery{}), []string{"case/accept:1,0,0"})
	same(k, "offered", k.offered(), []string{"A1"})
	same(k, "still open", each(k.unsettled(national)[0].Members, func(m ledger.Member) int64 { return m.Rec }), []int64{list[1].Rec})
}

func rewindAhead(k *kit) {
	waits := k.collect(accepts, record{name: "A", hash: 1})[0]
	fresh := k.collect(accepts, record{name: "B", hash: 1})[0]
	b := &ledger.Frozen{ID: "f1", Receiver: national, Stream: accepts, Table: "up_pro_accept", At: epoch, Members: []ledger.Member{{Rec: fresh.Rec, Version: 1, At: fresh.At}}}
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Batch: b, Receiver: national, Stream: accepts, Ahead: fresh.At.Seq})
	k.ok(err)
	k.settle(b)
	if waits.At.Seq >= fresh.At.Seq {
		k.Fatal("the backlog must lie before it")
	}
	same(k, "counted", k.rewind(ledger.RewindQuery{}), []string{"case/accept:1,0,0"})
	same(k, "offered", k.offered(), []string{"B1"})
}
