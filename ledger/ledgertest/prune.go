package ledgertest

import (
	"fmt"
	"sync"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

var pruneTests = []test{
	{"TheNewestVersionsStay", pruneNewest},
	{"AReceiverThatIsBehindKeepsThem", pruneBehind},
	{"AnExceptionKeepsItsRow", pruneException},
	{"AFrozenBatchKeepsItsRows", pruneFrozen},
	{"KeptSourceRowsGoWhenTheirTimeHasCome", pruneKept},
	{"HoweverManyThereAreTheyAllGo", pruneMany},
}

var sharedTests = []test{
	{"WhatOneWritesTheOtherReads", shared},
	{"TwoThatWriteAtOnceLoseNothing", together},
	{"AClosedStoreRefusesToWrite", closed},
}

// long ago, so that kept source rows are never pruned by it.
var longAgo = time.UnixMilli(0)

func (k *kit) prune(before time.Time) {
	k.Helper()
	_, err := k.s.Prune(k.ctx, before)
	k.ok(err)
}

// wantPayloads checks which batches of the accepts still have their payload.
func (k *kit) wantPayloads(what string, want ...bool) {
	k.Helper()
	same(k, what, each(k.log(accepts), func(e *ledger.LogEntry) bool { return e.Payload != nil }), want)
}

// twice collects two records, then both again, and lets the receiver have everything.
func (k *kit) twice() (old, now []ledger.Entry) {
	k.Helper()
	old = k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	now = k.collect(accepts, record{name: "A", hash: 2}, record{name: "B", hash: 2})
	return old, now
}

func (k *kit) pass1(seq int64) {
	k.Helper()
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: accepts, Offset: seq})
	k.ok(err)
}

func pruneNewest(k *kit) {
	k.twice()
	k.collect(accepts, record{name: "B", hash: 3})
	k.pass1(1 << 30)
	k.prune(longAgo)
	k.wantPayloads("after pruning", false, true, true)
	if e := k.lookup(accepts, "A")[0]; e.Version != 2 {
		k.Errorf("the index forgot: %+v", e)
	}
	k.collect(accepts, record{name: "A", hash: 4})
	k.prune(longAgo)
	k.wantPayloads("after another change", false, false, true, true)
}

func pruneBehind(k *kit) {
	k.collect(accepts, record{name: "Z", hash: 1}) // so that there is an offset before the next
	old, _ := k.twice()
	k.pass1(old[0].At.Seq - 1)
	k.prune(longAgo)
	k.wantPayloads("behind", true, true, true)
	k.pass1(old[0].At.Seq)
	k.prune(longAgo)
	k.wantPayloads("passed", true, false, true)
}

func pruneException(k *kit) {
	old, now := k.twice()
	k.putAside(accepts, exception(accepts, old[1], ledger.Held))
	k.pass1(1 << 30)
	k.prune(longAgo)
	k.wantPayloads("held", true, true)
	k.putAside(accepts, exception(accepts, now[1], ledger.Held))
	k.prune(longAgo)
	k.wantPayloads("held in its newer version", false, true)
}

func pruneFrozen(k *kit) {
	old, _ := k.twice()
	b := k.freeze(national, "f1", accepts, old...)
	k.pass1(1 << 30)
	k.prune(longAgo)
	k.wantPayloads("frozen", true, true)
	k.settle(b)
	k.prune(longAgo)
	k.wantPayloads("settled", false, true)
}

func pruneKept(k *kit) {
	c := k.change(accepts, record{name: "A", hash: 1})
	c.Kept, c.KeptRows, c.Rejects = []byte("x"), 1, []ledger.Reject{reject("B", "required", 1)}
	k.commit(c)
	id := k.rejects(ledger.RejectQuery{})[0].Kept
	for _, want := range []bool{true, false} {
		before := time.Now().Add(-time.Hour)
		if !want {
			before = time.Now().Add(time.Hour)
		}
		k.prune(before)
		got, err := k.s.Kept(k.ctx, id)
		k.ok(err)
		if (got != nil) != want {
			k.Errorf("kept %q, want it there: %t", got, want)
		}
	}
	k.wantPayloads("the log", true)
}

func pruneMany(k *kit) {
	const batches = 150
	for i := range batches {
		c := k.change(accepts, record{name: "A", hash: byte(i)})
		c.Kept, c.KeptRows = []byte("x"), 1
		k.commit(c)
	}
	ids := []int64{1, batches / 2, batches}
	for _, id := range ids {
		if kept, err := k.s.Kept(k.ctx, id); err != nil || kept == nil {
			k.Fatalf("nothing is kept under %d, %v", id, err)
		}
	}
	k.pass1(1 << 30)
	n, err := k.s.Prune(k.ctx, time.Now().Add(time.Hour))
	if k.ok(err); n != batches-1 {
		k.Errorf("%d of %d batches were emptied", n, batches)
	}
	for _, id := range ids {
		if kept, err := k.s.Kept(k.ctx, id); err != nil || kept != nil {
			k.Errorf("%d is still kept, %v", id, err)
		}
	}
	if e := k.log(accepts)[batches-1]; e.Payload == nil {
		k.Error("the newest version is gone")
	}
}

func shared(k *kit) {
	other := k.second()
	k.collect(accepts, record{name: "A", hash: 1, kase: &ledger.Case{CaseNo: "N", Round: 1}})
	if e := other.lookup(accepts, "A")[0]; !e.Known() {
		k.Error("the other does not know the record")
	}
	other.collect(accepts, record{name: "A", hash: 2})
	if e := k.lookup(accepts, "A")[0]; e.Version != 2 {
		k.Errorf("the first sees version %d", e.Version)
	}
	k.freeze(national, "f1", accepts, k.lookup(accepts, "A")[0])
	if list := other.unsettled(national); len(list) != 1 {
		k.Errorf("the other sees %d frozen batches", len(list))
	}
}

func together(k *kit) {
	const writers, changes, rows = 4, 15, 20
	kits := []*kit{k, k.second()}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			s := kits[w%2].s
			first, err := s.ReserveRecords(k.ctx, changes*rows)
			if err != nil {
				k.Errorf("reserve: %v", err)
				return
			}
			for i := range changes {
				b := ledger.LogBatch{Stream: accepts, Payload: []byte("x")}
				for r := range rows {
					name := fmt.Sprintf("%d-%03d", w, i*rows+r)
					b.Entries = append(b.Entries, ledger.Entry{Key: key(name), Rec: first + int64(i*rows+r), Version: 1, At: ledger.Place{Row: int32(r)}, Run: int64(w)})
					b.Before = append(b.Before, ledger.Place{})
				}
				c := &ledger.Change{Run: int64(w), Pipeline: fmt.Sprint("p", w), Position: pipelines.Position(fmt.Sprint(i)), Batches: []ledger.LogBatch{b}}
				if _, err := s.Commit(k.ctx, c); err != nil {
					k.Errorf("commit: %v", err)
				}
			}
		})
	}
	wg.Wait()
	recs := map[int64]bool{}
	for w := range writers {
		for i := range changes * rows {
			e := k.lookup(accepts, fmt.Sprintf("%d-%03d", w, i))[0]
			if !e.Known() || recs[e.Rec] {
				k.Fatalf("record %d of writer %d: %+v", i, w, e)
			}
			recs[e.Rec] = true
		}
		if p, err := k.s.Position(k.ctx, fmt.Sprint("p", w)); p != pipelines.Position(fmt.Sprint(changes-1)) || err != nil {
			k.Errorf("writer %d stands at %q, %v", w, p, err)
		}
	}
	if n := len(k.log(accepts)); n != writers*changes {
		k.Errorf("%d batches in the log, want %d", n, writers*changes)
	}
}

func closed(k *kit) {
	other := k.open(k.T)
	k.ok(other.Close())
	if _, err := other.Commit(k.ctx, &ledger.Change{Pipeline: pipeline}); err == nil {
		k.Error("a closed store writes")
	}
	if _, err := other.Lookup(k.ctx, accepts, keys("A")); err == nil {
		k.Error("a closed store reads")
	}
}
