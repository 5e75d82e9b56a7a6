package ledgertest

import (
	"slices"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var sumTests = []test{
	{"SumsComeBackUntilTheyAreReplaced", sumsComeBack},
	{"AChangeStirsThePartItsRecordLiesIn", changeStirs},
	{"AChangeOfARecordThatLiesNowhereMakesSumsForgotten", changeForgets},
	{"SumsUnderALeaseOfSomebodyElseAreRefused", sumsFenced},
}

func (k *kit) saveSums(mapping string, rows uint32) {
	k.Helper()
	s := pipelines.NewSums("v")
	s.Rows[7], s.Hash[7] = rows, 1<<40
	k.ok(k.s.SaveSums(k.ctx, ledger.Lease{}, &ledger.Summed{Pipeline: pipeline, Mapping: mapping, Run: k.run, Sums: s}))
}

func (k *kit) summed() *ledger.Summed {
	k.Helper()
	s, err := k.s.Summed(k.ctx, pipeline)
	k.ok(err)
	return s
}

func sumsComeBack(k *kit) {
	if s := k.summed(); s != nil {
		k.Fatalf("nothing was added up: %+v", s)
	}
	for rows := uint32(1); rows < 3; rows++ {
		k.saveSums("m1", rows)
		if s := k.summed(); s.Mapping != "m1" || s.Run != k.run || s.Sums.Of != "v" || s.Sums.Rows[7] != rows || s.Sums.Hash[7] != 1<<40 || len(s.Stirred) != 0 {
			k.Errorf("got %+v", s)
		}
	}
	if s, err := k.s.Summed(k.ctx, "other"); s != nil || err != nil {
		k.Errorf("of another pipeline: %+v, %v", s, err)
	}
}

// lying is a change of a record that lies in a part of the view.
func (k *kit) lying(name string, hash byte, leaf uint32) *ledger.Change {
	c := k.change(accepts, record{name: name, hash: hash})
	c.Batches[0].Entries[0].Leaf = leaf
	return c
}

func changeStirs(k *kit) {
	k.commit(k.lying("A", 1, 8)) // before there are sums nothing is noted
	k.saveSums("m1", 1)
	for _, leaf := range []uint32{8, 3, 8} {
		k.commit(k.lying("A", byte(10+leaf), leaf))
	}
	if e := k.lookup(accepts, "A")[0]; e.Leaf != 8 {
		k.Errorf("it lies in %d", e.Leaf)
	}
	same(k, "stirred", k.summed().Stirred, []uint32{2, 7})
	if list, some := k.summed().Reread(k.summed().Sums, "m1"); !some || !slices.Equal(list, []uint32{2, 7}) {
		k.Errorf("to be read again: %v, %t", list, some)
	}
	if _, some := k.summed().Reread(k.summed().Sums, "m2"); some {
		k.Error("under another mapping everything is read again")
	}
	e := k.lookup(accepts, "A")[0]
	e.Leaf, e.Key = 5, key("A")
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Touched: []ledger.TouchedEntries{{Stream: accepts, Entries: []ledger.Entry{e}}}})
	if e := k.lookup(accepts, "A")[0]; e.Leaf != 5 || e.Version != 4 {
		k.Errorf("touched: %+v", e)
	}
	k.saveSums("m1", 1)
	same(k, "stirred since", k.summed().Stirred, nil)
}

func changeForgets(k *kit) {
	k.commit(k.lying("A", 1, 8))
	k.saveSums("m1", 1)
	c := k.lying("A", 2, 0)
	c.Pipeline = "other"
	k.commit(c)
	if k.summed() == nil {
		k.Fatal("another pipeline spoils nothing")
	}
	k.commit(k.lying("A", 3, 0))
	if s := k.summed(); s != nil {
		k.Errorf("still there: %+v", s)
	}
	if e := k.lookup(accepts, "A")[0]; e.Leaf != 0 {
		k.Errorf("records beside it may lie nowhere, so must it: %d", e.Leaf)
	}
}

func sumsFenced(k *kit) {
	k.wantKind(k.s.SaveSums(k.ctx, ledger.Lease{Name: "collect:" + pipeline, Owner: "somebody", Epoch: 7}, &ledger.Summed{Pipeline: pipeline, Sums: pipelines.NewSums("v")}), fault.Blocked)
}
