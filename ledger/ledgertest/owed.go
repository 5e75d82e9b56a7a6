package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
)

var owedTests = []test{
	{"FilesAreOwedFromTheTransactionOfTheirRecordOn", owedWithTheirRecord},
	{"ADebtIsReplacedAndKeepsItsAge", owedAgain},
	{"WhatAnOlderVersionOwedChangesNoNewerDebt", owedOlder},
	{"DebtsComeByRecordOnceTheyAreDue", owedDue},
	{"RunsThatReadNoRowsAreNoCollects", runsForFiles},
}

// debt is what a record owes.
func (k *kit) debt(e ledger.Entry, why string, since, next time.Time) ledger.Owed {
	return ledger.Owed{Pipeline: pipeline, Stream: steps, Rec: e.Rec, Version: e.Version, Key: e.Key, Row: key("row"), Field: "content", Ref: `{"s":"a.pdf"}`, Why: why, Since: since, Next: next, Tries: 1}
}

func (k *kit) owed(due time.Time) []string {
	k.Helper()
	list, err := k.s.OwedFiles(k.ctx, pipeline, due, 0, 100)
	k.ok(err)
	return each(list, func(o ledger.Owed) string {
		return fmt.Sprintf("%s v%d %s %d since %s %s %s %s", o.Stream.Subject, o.Version, o.Why, o.Tries, o.Since.Sub(epoch), o.Field, o.Ref, ledger.FirstOfKey(o.Row))
	})
}

func owedWithTheirRecord(k *kit) {
	c := k.change(steps, record{name: "A", hash: 1})
	c.Owed = []ledger.Owed{k.debt(c.Batches[0].Entries[0], "missing", epoch, epoch)}
	wrong := *c
	wrong.Lease = ledger.Lease{Name: "collect:" + pipeline, Owner: "nobody", Epoch: 7}
	if _, err := k.s.Commit(k.ctx, &wrong); err == nil || len(k.owed(epoch)) != 0 {
		k.Errorf("a change that was refused left %v, %v", k.owed(epoch), err)
	}
	k.commit(c)
	same(k, "owed", k.second().owed(epoch), []string{`case/step v1 missing 1 since 0s content {"s":"a.pdf"} row`})
	paid := k.change(steps, record{name: "A", hash: 2})
	paid.Paid = []ledger.Paid{{Rec: c.Batches[0].Entries[0].Rec, Version: 1}, {Rec: 4711, Version: 1}}
	k.commit(paid)
	same(k, "owed once paid", k.owed(epoch), nil)
}

func owedOlder(k *kit) {
	old := k.collect(steps, record{name: "A", hash: 1})[0]
	newer := k.change(steps, record{name: "A", hash: 2})
	newer.Owed = []ledger.Owed{k.debt(newer.Batches[0].Entries[0], "missing", epoch, epoch)}
	k.commit(newer)
	want := k.owed(epoch)
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Paid: []ledger.Paid{{Rec: old.Rec, Version: old.Version}}})
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Owed: []ledger.Owed{k.debt(old, "down", epoch, epoch)}})
	if same(k, "owed", k.owed(epoch), want); len(want) != 1 {
		k.Errorf("nothing was owed")
	}
}

func owedAgain(k *kit) {
	e := k.collect(steps, record{name: "A", hash: 1})[0]
	for i, why := range []string{"missing", "down"} {
		o := k.debt(e, why, epoch.Add(time.Duration(i)*time.Hour), epoch.Add(time.Duration(i)*time.Hour))
		o.Tries = i + 1
		k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Owed: []ledger.Owed{o}})
	}
	same(k, "owed", k.owed(epoch.Add(time.Hour)), []string{`case/step v1 down 2 since 0s content {"s":"a.pdf"} row`})
	same(k, "due before", k.owed(epoch), nil)
}

func owedDue(k *kit) {
	entries := k.collect(steps, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1})
	c := &ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1"}
	for i, e := range entries {
		c.Owed = append(c.Owed, k.debt(e, []string{"missing", "down", "missing"}[i], epoch.Add(time.Duration(-i)*time.Hour), epoch.Add(time.Duration(i)*time.Minute)))
	}
	k.commit(c)
	list, err := k.s.OwedFiles(k.ctx, pipeline, epoch.Add(time.Minute), 0, 1)
	k.ok(err)
	if len(list) != 1 || list[0].Rec != entries[0].Rec {
		k.Errorf("first %+v", list)
	}
	if list, err = k.s.OwedFiles(k.ctx, pipeline, epoch.Add(time.Minute), entries[0].Rec, 100); err != nil || len(list) != 1 || list[0].Rec != entries[1].Rec || !list[0].Next.Equal(epoch.Add(time.Minute)) {
		k.Errorf("then %+v, %v", list, err)
	}
	if list, err = k.s.OwedFiles(k.ctx, "another", epoch.Add(time.Hour), 0, 100); err != nil || len(list) != 0 {
		k.Errorf("another pipeline's: %+v, %v", list, err)
	}
	totals, err := k.s.OwedTotals(k.ctx)
	k.ok(err)
	same(k, "totals", each(totals, func(t ledger.OwedTotal) string {
		return fmt.Sprintf("%s %s %d %s %s", t.Pipeline, t.Why, t.Files, t.Oldest.Sub(epoch), t.Next.Sub(epoch))
	}), []string{pipeline + " down 1 -1h0m0s 1m0s", pipeline + " missing 2 -2h0m0s 0s"})
}

func runsForFiles(k *kit) {
	for _, mode := range []string{"incremental", "files", "verify"} {
		run, err := k.s.StartRun(k.ctx, pipeline, mode, "m1")
		k.ok(err)
		run.State = "done"
		k.ok(k.s.EndRun(k.ctx, run))
	}
	last, err := k.s.LastRuns(k.ctx)
	k.ok(err)
	good, err := k.s.GoodRuns(k.ctx)
	k.ok(err)
	if len(last) != 1 || last[0].Mode != "incremental" || len(good) != 1 || good[0].Mode != "incremental" {
		k.Errorf("last %+v, good %+v", last, good)
	}
}
