package ledgertest

import (
	"fmt"

	"banjian/ledger"
)

var keptTests = []test{
	{"KeptBatchesComeInOrderWithTheirMapping", keptInOrder},
	{"EarlierMappingsAreThoseRecordsMayStemFrom", earlierMappings},
}

// keep commits a batch with kept rows in a run of its own under a mapping.
func (k *kit) keep(mode, mapping, state, rows string) {
	k.Helper()
	run, err := k.s.StartRun(k.ctx, pipeline, mode, mapping)
	k.ok(err)
	if rows != "" {
		c := k.change(accepts, record{name: "K" + rows, hash: 1})
		c.Run, c.Mapping, c.Kept, c.KeptRows = run.Num, mapping, []byte(rows), 1
		k.commit(c)
	}
	run.State = state
	k.ok(k.s.EndRun(k.ctx, run))
}

func (k *kit) earlier(current string) string {
	k.Helper()
	list, err := k.s.Earlier(k.ctx, pipeline, current)
	k.ok(err)
	return fmt.Sprint(each(list, func(b ledger.KeptBatch) string { return b.Mapping + "=" + string(b.Payload) }))
}

func keptInOrder(k *kit) {
	if b, err := k.s.NewestKept(k.ctx, pipeline); b != nil || err != nil {
		k.Errorf("nothing is kept: %+v, %v", b, err)
	}
	k.keep("full", "m1", "done", "a")
	k.keep("incremental", "m2", "done", "b")
	var got []string
	for after := int64(0); ; {
		b, err := k.s.NextKept(k.ctx, pipeline, after)
		k.ok(err)
		if b == nil {
			break
		}
		got, after = append(got, b.Mapping+"="+string(b.Payload)), b.ID
	}
	same(k, "kept", got, []string{"m1=a", "m2=b"})
	b, err := k.s.NewestKept(k.ctx, pipeline)
	k.ok(err)
	if b == nil || b.Mapping != "m2" {
		k.Errorf("newest: %+v", b)
	}
	if b, err := k.s.NextKept(k.ctx, "another", 0); b != nil || err != nil {
		k.Errorf("another pipeline's: %+v, %v", b, err)
	}
}

func earlierMappings(k *kit) {
	want := func(current, list string) {
		k.Helper()
		if got := k.earlier(current); got != list {
			k.Errorf("earlier than %s: %s, want %s", current, got, list)
		}
	}
	want("m1", "[]")
	k.keep("full", "m1", "done", "a")
	k.keep("incremental", "m2", "done", "b")
	k.keep("incremental", "m2", "done", "c")
	k.keep("incremental", "m3", "failed", "d")
	want("m1", "[m2=c]")
	want("m2", "[m1=a]")
	want("m4", "[m2=c m1=a]")
	k.keep("remap", "m4", "done", "")
	want("m4", "[]")
	want("m5", "[m4=]")
}
