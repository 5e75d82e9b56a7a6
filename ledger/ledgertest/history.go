package ledgertest

import (
	"fmt"

	"banjian/ledger"
	"banjian/pipelines"
)

var historyTests = []test{
	{"EveryVersionThatWentIsFoundWithItsBatch", passages},
	{"LogBatchesSayWhereTheyComeFrom", origins},
}

func passages(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, list...))
	second := k.collect(accepts, record{name: "A", hash: 2})[0]
	k.freeze(national, "f2", accepts, second)
	k.freeze("platform-test", "f3", accepts, list...)
	got, err := k.s.Passages(k.ctx, national, accepts, []int64{second.Rec})
	k.ok(err)
	if len(got) != 2 {
		k.Fatalf("got %+v", got)
	}
	first, open := got[0], got[1]
	if first.Version > open.Version { // both were frozen at the same time
		first, open = open, first
	}
	if first.Arrived.IsZero() || first.Open || first.Batch != "f1" || first.Version != 1 || first.Op != pipelines.OpInsert || first.Seq != list[0].At.Seq || !first.Frozen.Equal(epoch) || first.Table != "up_pro_accept" {
		k.Errorf("delivered: %+v", first)
	}
	if !open.Arrived.IsZero() || !open.Open || open.Batch != "f2" || open.Version != 2 || open.Op != pipelines.OpUpdate {
		k.Errorf("open: %+v", open)
	}
	for _, none := range []ledger.Stream{steps, others} {
		if got, err := k.s.Passages(k.ctx, national, none, []int64{second.Rec}); len(got) != 0 || err != nil {
			k.Errorf("%v: %+v, %v", none, got, err)
		}
	}
	if got, err := k.s.Passages(k.ctx, "nobody", accepts, []int64{second.Rec}); len(got) != 0 || err != nil {
		k.Errorf("nobody: %+v, %v", got, err)
	}
}

func origins(k *kit) {
	a := k.collect(accepts, record{name: "A", hash: 1})[0]
	b := k.collect(steps, record{name: "A", hash: 1})[0]
	got, err := k.s.Origins(k.ctx, []int64{b.At.Seq, a.At.Seq, 1 << 40})
	k.ok(err)
	same(k, "origins", each(got, func(o ledger.Origin) string { return fmt.Sprint(o.Seq, o.Pipeline, o.Run, o.Mapping, o.At.IsZero()) }),
		[]string{fmt.Sprint(a.At.Seq, pipeline, 1, "m1", false), fmt.Sprint(b.At.Seq, pipeline, 1, "m1", false)})
}
