package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
)

var doubtTests = []test{
	{"RecordsAreDoubtedFromTheirTransactionOn", doubtedWithTheirRecord},
	{"ADoubtIsReplacedAndKeepsItsAge", doubtedAgain},
	{"AnAnswerAboutAnOlderVersionSaysNothingOfANewerOne", doubtOfAnOlderVersion},
	{"DoubtsComeByRecordAndFieldOnceTheyAreDue", doubtsDue},
	{"DoubtsAboutRecordsAreFoundAmongMany", doubtsAbout},
	{"AnAnswerClosesWhatItMendsAndNothingElse", doubtMends},
}

// doubtOf is a doubt about a field of a record.
func (k *kit) doubtOf(e ledger.Entry, field, service string, failed bool, since, next time.Time) ledger.Doubt {
	return ledger.Doubt{DoubtOf: ledger.DoubtOf{Rec: e.Rec, Field: field}, Pipeline: pipeline, Stream: steps, Version: e.Version, Key: e.Key, Row: key("row"), Service: service, Failed: failed, Rule: "verify_unknown", Since: since, Next: next, Tries: 1}
}

func said(d ledger.Doubt) string {
	return fmt.Sprintf("%s v%d %s %s %v %d since %s %s", d.Stream.Subject, d.Version, d.Field, d.Service, d.Failed, d.Tries, d.Since.Sub(epoch), ledger.FirstOfKey(d.Row))
}

func (k *kit) doubts(due time.Time, but ...string) []string {
	k.Helper()
	list, err := k.s.DueDoubts(k.ctx, pipeline, due, but, ledger.DoubtOf{}, 100)
	k.ok(err)
	return each(list, said)
}

func doubtedWithTheirRecord(k *kit) {
	c := k.change(steps, record{name: "A", hash: 1})
	e := c.Batches[0].Entries[0]
	c.Doubts = []ledger.Doubt{k.doubtOf(e, "handler_id_no", "person", false, epoch, epoch), k.doubtOf(e, "opinion", "person", true, epoch, epoch)}
	wrong := *c
	wrong.Lease = ledger.Lease{Name: "collect:" + pipeline, Owner: "nobody", Epoch: 7}
	if _, err := k.s.Commit(k.ctx, &wrong); err == nil || len(k.doubts(epoch)) != 0 {
		k.Errorf("a change that was refused left %v, %v", k.doubts(epoch), err)
	}
	k.commit(c)
	same(k, "doubts", k.second().doubts(epoch), []string{"case/step v1 handler_id_no person false 1 since 0s row", "case/step v1 opinion person true 1 since 0s row"})
	sure := k.change(steps, record{name: "A", hash: 2})
	sure.Sure = []ledger.Settled{{DoubtOf: ledger.DoubtOf{Rec: e.Rec, Field: "opinion"}, Version: 2}, {DoubtOf: ledger.DoubtOf{Rec: 4711, Field: "opinion"}, Version: 1}}
	k.commit(sure)
	same(k, "what is left", k.doubts(epoch), []string{"case/step v1 handler_id_no person false 1 since 0s row"})
}

func doubtedAgain(k *kit) {
	e := k.collect(steps, record{name: "A", hash: 1})[0]
	for i := range 2 {
		d := k.doubtOf(e, "opinion", "person", i == 1, epoch.Add(time.Duration(i)*time.Hour), epoch.Add(time.Duration(i)*time.Hour))
		d.Tries = i + 1
		k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Doubts: []ledger.Doubt{d}})
	}
	same(k, "doubts", k.doubts(epoch.Add(time.Hour)), []string{"case/step v1 opinion person true 2 since 0s row"})
	same(k, "due before", k.doubts(epoch), nil)
}

// A stream writes the second version while somebody asks about the first.
func doubtOfAnOlderVersion(k *kit) {
	first := k.collect(steps, record{name: "A", hash: 1})[0]
	c := k.change(steps, record{name: "A", hash: 2})
	second := c.Batches[0].Entries[0]
	c.Doubts = []ledger.Doubt{k.doubtOf(second, "opinion", "person", false, epoch, epoch)}
	k.commit(c)
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Sure: []ledger.Settled{{DoubtOf: ledger.DoubtOf{Rec: first.Rec, Field: "opinion"}, Version: first.Version}}})
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Doubts: []ledger.Doubt{k.doubtOf(first, "opinion", "person", true, epoch, epoch)}})
	same(k, "doubts", k.doubts(epoch), []string{"case/step v2 opinion person false 1 since 0s row"})
}

func doubtsDue(k *kit) {
	entries := k.collect(steps, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	c := &ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1"}
	for i, e := range entries {
		for _, field := range []string{"a", "b"} {
			c.Doubts = append(c.Doubts, k.doubtOf(e, field, map[string]string{"a": "person", "b": "licence"}[field], field == "b", epoch.Add(time.Duration(-i)*time.Hour), epoch.Add(time.Duration(i)*time.Minute)))
		}
	}
	k.commit(c)
	first, err := k.s.DueDoubts(k.ctx, pipeline, epoch.Add(time.Minute), nil, ledger.DoubtOf{}, 1)
	k.ok(err)
	rest, err := k.s.DueDoubts(k.ctx, pipeline, epoch.Add(time.Minute), nil, first[0].DoubtOf, 100)
	k.ok(err)
	if len(first) != 1 || first[0].Field != "a" || len(rest) != 3 || rest[0].Field != "b" || rest[0].Rec != first[0].Rec {
		k.Errorf("first %v, then %v", first, rest)
	}
	if got := k.doubts(epoch); len(got) != 2 {
		k.Errorf("due now: %v", got)
	}
	if got := k.doubts(epoch.Add(time.Hour), "person", "other"); len(got) != 2 {
		k.Errorf("without a service: %v", got)
	}
	if list, err := k.s.DueDoubts(k.ctx, "another", epoch.Add(time.Hour), nil, ledger.DoubtOf{}, 100); err != nil || len(list) != 0 {
		k.Errorf("another pipeline's: %+v, %v", list, err)
	}
	totals, err := k.s.DoubtTotals(k.ctx)
	k.ok(err)
	same(k, "totals", each(totals, func(t ledger.DoubtTotal) string {
		return fmt.Sprintf("%s %s %v %d %s", t.Pipeline, t.Service, t.Failed, t.Records, t.Oldest.Sub(epoch))
	}), []string{pipeline + " licence true 2 -1h0m0s", pipeline + " person false 2 -1h0m0s"})
}

func doubtsAbout(k *kit) {
	if list, err := k.s.DoubtsAbout(k.ctx, []int64{1, 2}); err != nil || len(list) != 0 {
		k.Errorf("of none: %v, %v", list, err)
	}
	e := k.collect(steps, record{name: "A", hash: 1})[0]
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Position: "p1", Doubts: []ledger.Doubt{k.doubtOf(e, "opinion", "person", false, epoch, epoch)}})
	recs := []int64{}
	for i := range int64(600) {
		recs = append(recs, e.Rec+1000+i)
	}
	list, err := k.s.DoubtsAbout(k.ctx, append(recs, e.Rec))
	k.ok(err)
	same(k, "about", each(list, said), []string{"case/step v1 opinion person false 1 since 0s row"})
	list, err = k.s.DoubtsAbout(k.ctx, recs)
	if k.ok(err); len(list) != 0 {
		k.Errorf("about others: %v", list)
	}
}

// A change about single fields leaves what else the row was refused for, and a verification
// stays refused while anything of the row is in doubt.
func doubtMends(k *kit) {
	e := k.collect(steps, record{name: "A", hash: 1})[0]
	d := k.doubtOf(e, "opinion", "person", true, epoch, epoch)
	d.Row = key("A")
	k.refuse(1, reject("A", "verify_none", 1), reject("A", "file_wrong", 1), reject("A", "file_wrong", 2))
	k.commit(&ledger.Change{Run: 2, Pipeline: pipeline, Position: "p1", Fields: true, Doubts: []ledger.Doubt{d}, Rejects: []ledger.Reject{reject("A", "verify_mismatch", 1)},
		Mended: []ledger.Finding{{Key: key("A"), Rule: "verify_none", Source: hash(1)}}})
	same(k, "while another field is in doubt", k.states(), []string{"open", "open", "open", "open"})
	k.commit(&ledger.Change{Run: 3, Pipeline: pipeline, Position: "p1", Fields: true, Sure: []ledger.Settled{{DoubtOf: d.DoubtOf, Version: d.Version}},
		Mended: []ledger.Finding{{Key: key("A"), Rule: "verify_none", Source: hash(1)}, {Key: key("A"), Rule: "verify_mismatch", Source: hash(1)}}})
	same(k, "once none is", k.states(), []string{"closed", "open", "open", "closed"})
	k.commit(&ledger.Change{Run: 4, Pipeline: pipeline, Position: "p1", Fields: true, Mended: []ledger.Finding{{Key: key("A"), Rule: "file_wrong", Source: hash(1)}}})
	same(k, "of one row", k.states(), []string{"closed", "closed", "open", "closed"})
}
