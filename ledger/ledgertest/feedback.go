package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

var feedbackTests = []test{
	{"WhatCameBackIsRefusedAndItsReceiptNoLongerCounts", returnedRefused},
	{"ARowIsTakenOnceAndItsPositionWithIt", returnedOnce},
	{"AnOlderVersionStaysTheReceiversWhenTheNewestCameBack", returnedBefore},
	{"WhatWasGivenAnewSinceIsNotRefused", returnedLate},
	{"WhatCameBackBeforeItsReceiptWasStoredStaysRefused", returnedEarly},
	{"WhatIsNobodysIsKeptAndCounted", returnedUnknown},
	{"ABatchIsWatchedUntilItIsTakenOver", watched},
	{"AnAdoptedRecordGoesAsUUnderTheIdentityItTookOver", adoptedIdentity},
	{"WhatWasSentOrBelongsToAnotherIsNotAdopted", adoptedNot},
}

// back is a row about a version of a record, sent in a batch.
func back(row, batch string, e ledger.Entry, version uint32) ledger.Return {
	return ledger.Return{Receiver: national, From: "dn_audit_abnormal", Row: row, Table: "up_pro_accept", Named: "x", Batch: batch, Kind: "代码错误", Words: "不在代码项之中",
		At: epoch, Seen: epoch.Add(time.Hour), State: ledger.Returned, Stream: accepts, Key: e.Key, Rec: e.Rec, Version: version, Place: e.At, Run: e.Run, Source: pipeline}
}

func (k *kit) take(position string, rows ...ledger.Return) int64 {
	k.Helper()
	n, err := k.s.TakeReturns(k.ctx, &ledger.Take{Name: "returns:a", Position: pipelines.Position(position), Receiver: national, Rows: rows})
	k.ok(err)
	return n
}

func (k *kit) returns(q ledger.ReturnQuery) []string {
	k.Helper()
	q.Receiver = national
	list, err := k.s.Returns(k.ctx, q)
	k.ok(err)
	return each(list, func(r ledger.Return) string { return fmt.Sprint(r.Row, " ", r.State, " ", r.Version) })
}

func (k *kit) returnedRejects() []string {
	k.Helper()
	list, err := k.s.Rejects(k.ctx, ledger.RejectQuery{Receiver: national, Rule: ledger.RuleReturned, State: "open"})
	k.ok(err)
	return each(list, func(r ledger.Reject) string { return fmt.Sprint(ledger.FirstOfKey(r.Key), " ", r.Args) })
}

func returnedRefused(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	k.settle(b)
	if got, err := k.s.Batch(k.ctx, national, "f1"); err != nil || got == nil || len(got.Members) != 2 || got.Stream != accepts {
		k.Fatalf("batch %+v, %v", got, err)
	}
	if got, err := k.s.Batch(k.ctx, "platform-test", "f1"); err != nil || got != nil {
		k.Errorf("another receiver's batch: %+v, %v", got, err)
	}
	if n := k.take("p1", back("e1", "f1", list[0], 1)); n != 1 {
		k.Errorf("%d newly refused", n)
	}
	same(k, "receipts", k.sent(national, list[0].Rec, list[1].Rec), []ledger.Sent{{Frozen: 1}, {Frozen: 1, Delivered: 1}})
	same(k, "rejects", k.returnedRejects(), []string{"A [代码错误 不在代码项之中 f1 dn_audit_abnormal]"})
	e := k.exceptions(ledger.ExceptionQuery{Receiver: national, State: ledger.Rejected, Rule: ledger.RuleReturned})
	if len(e) != 1 || e[0].Rec != list[0].Rec || e[0].At.Seq != list[0].At.Seq || e[0].Pipeline != pipeline {
		k.Fatalf("exceptions %+v", e)
	}
	chosen := k.rejects(ledger.RejectQuery{Receiver: national, State: "open"})
	if len(chosen) != 1 {
		k.Fatalf("rejects %+v", chosen)
	}
	other := chosen[0]
	other.Key = ledger.EncodeKey("B")
	for _, one := range []struct {
		of ledger.Reject
		n  int64
	}{{other, 0}, {chosen[0], 1}, {chosen[0], 0}} {
		n, err := k.s.RedriveOf(k.ctx, national, []ledger.Reject{one.of})
		if k.ok(err); n != one.n {
			k.Errorf("%d driven again, want %d", n, one.n)
		}
	}
	again := k.freeze(national, "f2", accepts, list[0])
	if again.Members[0].Op != pipelines.OpUpdate {
		k.Errorf("it goes as %c", again.Members[0].Op)
	}
	k.settle(again)
	same(k, "closed", k.returnedRejects(), nil)
	same(k, "delivered again", k.sent(national, list[0].Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}})
	totals, err := k.s.ReturnTotals(k.ctx, national)
	if k.ok(err); totals.All != 1 || totals.Open != 0 {
		k.Errorf("totals %+v", totals)
	}
}

func returnedOnce(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	k.settle(k.freeze(national, "f1", accepts, e))
	k.take("p1", back("e1", "f1", e, 1))
	if n := k.take("p2", back("e1", "f1", e, 1), back("e2", "f1", e, 1)); n != 1 {
		k.Errorf("%d newly refused", n)
	}
	known, err := k.second().s.KnownReturns(k.ctx, national, "dn_audit_abnormal", []string{"e1", "e2", "e3"})
	if k.ok(err); len(known) != 2 || !known["e1"] || !known["e2"] {
		k.Errorf("known %v", known)
	}
	p, err := k.s.Position(k.ctx, "returns:a")
	if k.ok(err); p != "p2" {
		k.Errorf("stands at %q", p)
	}
	same(k, "rows", k.returns(ledger.ReturnQuery{}), []string{"e2 returned 1", "e1 returned 1"})
	if got := k.returnedRejects(); len(got) != 2 {
		k.Errorf("two faults of one row: %v", got)
	}
}

func returnedBefore(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	k.settle(k.freeze(national, "f1", accepts, e))
	newer := k.collect(accepts, record{name: "A", hash: 2})[0]
	k.settle(k.freeze(national, "f2", accepts, newer))
	r := back("e1", "f2", newer, 2)
	r.Before = 1
	k.take("p1", r)
	same(k, "receipts", k.sent(national, e.Rec), []ledger.Sent{{Frozen: 2, Delivered: 1}})
}

func returnedLate(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	k.settle(k.freeze(national, "f1", accepts, e))
	newer := k.collect(accepts, record{name: "A", hash: 2})[0]
	k.settle(k.freeze(national, "f2", accepts, newer))
	if n := k.take("p1", back("e1", "f1", e, 1)); n != 0 {
		k.Errorf("%d newly refused", n)
	}
	same(k, "rows", k.returns(ledger.ReturnQuery{}), []string{"e1 replaced 1"})
	same(k, "receipts", k.sent(national, e.Rec), []ledger.Sent{{Frozen: 2, Delivered: 2}})
	same(k, "rejects", k.returnedRejects(), nil)
}

func returnedEarly(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	if n := k.take("p1", back("e1", "f1", list[0], 1)); n != 1 {
		k.Errorf("%d newly refused", n)
	}
	if got := k.unsettled(national); len(got) != 1 || !got[0].Answered {
		k.Errorf("that it arrived is not known: %+v", got)
	}
	k.settle(b)
	same(k, "receipts", k.sent(national, list[0].Rec, list[1].Rec), []ledger.Sent{{Frozen: 1}, {Frozen: 1, Delivered: 1}})
	if got := k.returnedRejects(); len(got) != 1 {
		k.Errorf("rejects %q", got)
	}
	if e := k.exceptions(ledger.ExceptionQuery{Receiver: national, State: ledger.Rejected, Rule: ledger.RuleReturned}); len(e) != 1 || e[0].Rec != list[0].Rec {
		k.Errorf("exceptions %+v", e)
	}
}

func returnedUnknown(k *kit) {
	k.collect(accepts, record{name: "A", hash: 1})
	wild := ledger.Return{Receiver: national, From: "dn_audit_abnormal", Row: "e1", Named: "x", Batch: "b", State: ledger.ReturnedWild, At: epoch, Seen: epoch}
	k.take("p1", wild)
	same(k, "rows", k.returns(ledger.ReturnQuery{State: ledger.ReturnedWild}), []string{"e1 unknown 0"})
	totals, err := k.s.ReturnTotals(k.ctx, national)
	if k.ok(err); totals.Unknown != 1 || totals.Open != 0 {
		k.Errorf("totals %+v", totals)
	}
	e := k.lookup(accepts, "A")[0]
	found, err := k.s.FindGUIDs(k.ctx, accepts, [][16]byte{e.GUID, {1}})
	if k.ok(err); len(found) != 1 || found[0].Rec != e.Rec {
		k.Errorf("found %+v", found)
	}
}

func watched(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	k.settle(k.freeze(national, "f0", accepts, list...)) // of a receiver that marks nothing
	b := k.freeze(national, "f1", accepts, list...)
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: b, Watch: true})
	k.ok(err)
	open, err := k.s.Untaken(k.ctx, national, 10)
	if k.ok(err); len(open) != 1 || open[0].Batch != "f1" || open[0].Sent != 2 || open[0].Waiting != 2 || !open[0].Looked.IsZero() {
		k.Fatalf("open %+v", open)
	}
	open[0].Waiting, open[0].Looked = 1, epoch
	k.ok(k.s.SetWatched(k.ctx, open))
	totals, err := k.s.WatchTotals(k.ctx, national, time.Now().Add(time.Hour))
	if k.ok(err); totals.Sent != 2 || totals.Waiting != 1 || totals.Taken != 1 || totals.Late != 1 || totals.Oldest.IsZero() || !totals.Looked.Equal(epoch) {
		k.Errorf("totals %+v", totals)
	}
	open[0].Waiting, open[0].Done = 0, true
	k.ok(k.s.SetWatched(k.ctx, open))
	if open, err = k.s.Untaken(k.ctx, national, 10); err != nil || len(open) != 0 {
		k.Errorf("open %+v, %v", open, err)
	}
}

func adoptedIdentity(k *kit) {
	e := k.accept("A", 1, ledger.Case{CaseNo: "OURS", Round: 1})
	guid := [16]byte{1, 2, 3}
	a := &ledger.Adopting{Receiver: national, Dry: true, List: []ledger.Adoption{{Stream: accepts, Key: e.Key, Rec: e.Rec, GUID: guid, Spelled: "ALT-1", CaseNo: "N-1", Table: "up_pro_accept"}}}
	k.ok(k.s.Adopt(k.ctx, a))
	if got := k.lookup(accepts, "A")[0]; a.List[0].Refused != "" || got.GUID != e.GUID {
		k.Fatalf("a dry run: %+v, %v", a.List[0], got.GUID)
	}
	a.Dry = false
	for range 2 {
		k.ok(k.s.Adopt(k.ctx, a))
	}
	if !a.List[0].Known || a.List[0].Refused != "" {
		k.Errorf("the second time: %+v", a.List[0])
	}
	if got := k.lookup(accepts, "A")[0]; got.GUID != guid {
		k.Errorf("row_guid %v", got.GUID)
	}
	guids, err := k.second().s.AdoptedGUIDs(k.ctx, []int64{e.Rec, e.Rec + 1})
	if k.ok(err); len(guids) != 1 || guids[e.Rec].Text() != "ALT-1" {
		k.Errorf("adopted %v", guids)
	}
	guids, err = k.s.AdoptedGUIDs(k.ctx, []int64{e.Rec + 1<<40, e.Rec})
	if k.ok(err); len(guids) != 1 || guids[e.Rec].GUID != guid {
		k.Errorf("adopted, asked with one far away: %v", guids)
	}
	list, err := k.s.Adoptions(k.ctx, national, []int64{e.Rec})
	if k.ok(err); len(list) != 1 || list[0].WasGUID != e.GUID {
		k.Errorf("adoptions %+v", list)
	}
	if b := k.freeze(national, "f1", accepts, e); b.Members[0].Op != pipelines.OpUpdate {
		k.Errorf("it goes as %c", b.Members[0].Op)
	}
	k.accept("A", 2, ledger.Case{CaseNo: "OURS", Round: 1, Again: true})
	if c := k.cases("A")[0]; c.CaseNo != "N-1" {
		k.Errorf("the case is %+v", c)
	}
}

func adoptedNot(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, list[0]))
	take := func(e ledger.Entry, guid byte) ledger.AdoptRefusal {
		k.Helper()
		a := &ledger.Adopting{Receiver: national, List: []ledger.Adoption{{Stream: accepts, Key: e.Key, Rec: e.Rec, GUID: [16]byte{guid}}}}
		k.ok(k.s.Adopt(k.ctx, a))
		return a.List[0].Refused
	}
	gone := list[2]
	gone.Rec += 1000
	same(k, "refusals", []ledger.AdoptRefusal{take(list[0], 9), take(list[1], 1), take(list[1], 2), take(list[2], 1), take(gone, 3)},
		[]ledger.AdoptRefusal{ledger.AdoptSent, "", ledger.AdoptOther, ledger.AdoptTaken, ledger.AdoptGone})
}
