package ledgertest

import (
	"slices"

	"banjian/ledger"
)

var memberTests = []test{
	{"MembersAreThePipelinesLivingRecordsByKey", membersByKey},
	{"ARecordBelongsToThePipelineThatWroteItLast", membersOfTheLastWriter},
}

// members pages through a stream and gives the names of what it has.
func (k *kit) members(s ledger.Stream, of string, limit int) []string {
	k.Helper()
	var names []string
	for after := []byte(nil); ; {
		page, err := k.s.Members(k.ctx, s, of, after, limit)
		k.ok(err)
		if len(page) > limit {
			k.Errorf("a page of %d, asked for %d", len(page), limit)
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			names = append(names, ledger.FirstOfKey(page[i].Key))
		}
		after = page[len(page)-1].Key
	}
	n, err := k.s.CountMembers(k.ctx, s, of)
	k.ok(err)
	if n != int64(len(names)) {
		k.Errorf("%d members are counted, %d listed", n, len(names))
	}
	return names
}

// startRun makes the run that the kit writes under one of the pipeline.
func (k *kit) startRun() {
	k.Helper()
	run, err := k.s.StartRun(k.ctx, pipeline, "full", "m1")
	k.ok(err)
	k.run = run.Num
}

func membersByKey(k *kit) {
	k.startRun()
	same(k, "of a stream nobody wrote to", k.members(accepts, pipeline, 2), nil)
	k.collect(accepts, record{name: "C", hash: 1}, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	k.collect(steps, record{name: "S", hash: 1})
	k.collect(accepts, record{name: "D", hash: 1})
	for limit := 1; limit < 6; limit++ {
		same(k, "members", k.members(accepts, pipeline, limit), []string{"A", "B", "C", "D"})
	}
	c := k.change(accepts, record{name: "B", hash: 2})
	c.Batches[0].Entries[0].Deleted = true
	k.commit(c)
	same(k, "less the deleted one", k.members(accepts, pipeline, 2), []string{"A", "C", "D"})
	page, err := k.s.Members(k.ctx, accepts, pipeline, nil, 10)
	k.ok(err)
	if want := k.lookup(accepts, "A", "C", "D"); !slices.EqualFunc(page, want, func(a, b ledger.Entry) bool { return a.Rec == b.Rec && a.At == b.At && a.GUID == b.GUID }) {
		k.Errorf("got %+v, want %+v", page, want)
	}
}

func membersOfTheLastWriter(k *kit) {
	k.startRun()
	k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	run, err := k.s.StartRun(k.ctx, "other", "full", "m1")
	k.ok(err)
	c := k.change(accepts, record{name: "B", hash: 2})
	c.Run, c.Pipeline, c.Batches[0].Entries[0].Run = run.Num, "other", run.Num
	k.commit(c)
	same(k, "of the first", k.members(accepts, pipeline, 2), []string{"A"})
	same(k, "of the other", k.members(accepts, "other", 2), []string{"B"})
}
