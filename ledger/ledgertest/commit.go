package ledgertest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var commitTests = []test{
	{"APipelineWithoutCommitStandsAtTheBeginning", noPosition},
	{"ThePositionIsThatOfTheLastCommit", lastPosition},
	{"AWriteUnderALostLeaseIsRefusedWhole", lostLease},
	{"TheLogKeepsTheOrderOfCommits", logOrder},
	{"APayloadComesBackByteForByte", payload},
	{"ReplacedRowsAreDeadInTheLog", deadRows},
	{"StreamsAreListedOldestFirst", listStreams},
	{"AnEndedContextWritesNothing", endedContext},
	{"WhatAnotherProcessWroteIsSeen", wroteElsewhere},
	{"KeptSourceRowsComeBack", keptRows},
}

func noPosition(k *kit) {
	p, err := k.s.Position(k.ctx, pipeline)
	if p != "" || err != nil {
		k.Errorf("%q, %v", p, err)
	}
}

func wroteElsewhere(k *kit) {
	other := k.second()
	if list, last, err := k.s.Wrote(k.ctx, -1); len(list) > 0 || last != 0 || err != nil {
		k.Errorf("of an empty ledger: %v, %d, %v", list, last, err)
	}
	other.collect(accepts, record{name: "A", hash: 1})
	other.commit(&ledger.Change{Run: 1, Pipeline: "silent", Position: "x"})
	list, last, err := k.s.Wrote(k.ctx, 0)
	if !slices.Equal(list, []string{pipeline}) || last == 0 || err != nil {
		k.Errorf("got %v, %d, %v", list, last, err)
	}
	if list, again, err := k.s.Wrote(k.ctx, -1); len(list) > 0 || again != last || err != nil {
		k.Errorf("the last alone: %v, %d, %v", list, again, err)
	}
	if list, again, err := k.s.Wrote(k.ctx, last); len(list) > 0 || again != last || err != nil {
		k.Errorf("after that: %v, %d, %v", list, again, err)
	}
}

func lastPosition(k *kit) {
	for _, p := range []pipelines.Position{"1", "2", `{"v":1,"cursor":"张"}`} {
		k.commit(&ledger.Change{Run: 1, Pipeline: pipeline, Position: p})
		k.commit(&ledger.Change{Run: 1, Pipeline: "another", Position: "x"})
		if got, err := k.s.Position(k.ctx, pipeline); got != p || err != nil {
			k.Errorf("got %q, %v, want %q", got, err, p)
		}
	}
}

func lostLease(k *kit) {
	lost, err := k.s.Acquire(k.ctx, "collect:x", -1)
	k.ok(err)
	now, err := k.s.Acquire(k.ctx, "collect:x", -1)
	k.ok(err)
	before := k.state()
	c := k.change(accepts, record{name: "A", hash: 1, kase: &ledger.Case{Round: 1}})
	c.Lease = lost
	_, err = k.s.Commit(k.ctx, c)
	k.wantKind(err, fault.Blocked)
	_, err = k.s.Freeze(k.ctx, &ledger.Freeze{Lease: lost, Receiver: national, Stream: accepts, Offset: 7,
		Exceptions: []ledger.Exception{exception(accepts, ledger.Entry{Rec: 1, Version: 1, Key: key("A")}, ledger.Held)}})
	k.wantKind(err, fault.Blocked)
	_, err = k.s.Settle(k.ctx, &ledger.Settlement{Lease: lost, Batch: &ledger.Frozen{ID: "f", Receiver: national, Stream: accepts}})
	k.wantKind(err, fault.Blocked)
	if after := k.state(); after != before {
		k.Errorf("something was written:\n%s\n%s", before, after)
	}
	c.Lease = now
	k.commit(c)
}

func logOrder(k *kit) {
	for i := range 10 {
		k.collect(accepts, record{name: fmt.Sprint("A", i), hash: 1})
		k.collect(steps, record{name: fmt.Sprint("S", i), hash: 1})
	}
	var seq int64
	list := k.log(accepts)
	if len(list) != 10 {
		k.Fatalf("%d batches", len(list))
	}
	for i, e := range list {
		if e.Seq <= seq || e.Stream != accepts || e.Pipeline != pipeline || e.Run != 1 || string(e.Payload) != fmt.Sprint("payload of A", i) {
			k.Errorf("batch %d: %+v", i, e)
		}
		seq = e.Seq
		at, err := k.s.At(k.ctx, e.Seq)
		k.ok(err)
		if at == nil || !bytes.Equal(at.Payload, e.Payload) || at.Stream != accepts {
			k.Errorf("batch %d by number: %+v", i, at)
		}
	}
	if e, err := k.s.At(k.ctx, 1<<40); e != nil || err != nil {
		k.Errorf("a batch nobody wrote: %v, %v", e, err)
	}
	if e, err := k.s.Next(k.ctx, others, 0); e != nil || err != nil {
		k.Errorf("a stream nobody wrote: %v, %v", e, err)
	}
}

func payload(k *kit) {
	c := k.change(accepts, record{name: "A", hash: 1})
	want := make([]byte, 2<<20)
	for i := range want {
		want[i] = byte(i * i >> 7)
	}
	c.Batches[0].Payload = slices.Clone(want)
	k.commit(c)
	if got := k.log(accepts)[0].Payload; !bytes.Equal(got, want) {
		k.Errorf("%d bytes of %d came back changed", len(got), len(want))
	}
}

func deadRows(k *kit) {
	k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1}, record{name: "D", hash: 1})
	if dead := k.log(accepts)[0].Dead; len(dead) != 0 {
		k.Errorf("dead from the start: %v", dead)
	}
	k.collect(accepts, record{name: "D", hash: 2}, record{name: "A", hash: 2})
	k.collect(accepts, record{name: "B", hash: 3}, record{name: "D", hash: 3})
	var dead [][]int32
	for _, e := range k.log(accepts) {
		dead = append(dead, e.Dead)
	}
	if want := [][]int32{{0, 1, 3}, {0}, nil}; fmt.Sprint(dead) != fmt.Sprint(want) {
		k.Errorf("dead rows %v, want %v", dead, want)
	}
}

func listStreams(k *kit) {
	k.collect(others, record{name: "A", hash: 1})
	k.collect(steps, record{name: "A", hash: 1})
	k.collect(accepts, record{name: "A", hash: 1})
	list, err := k.s.Streams(k.ctx, "case/accept")
	k.ok(err)
	same(k, "streams of accept", list, []ledger.Stream{others, accepts})
	list, err = k.s.AllStreams(k.ctx)
	k.ok(err)
	same(k, "all streams", list, []ledger.Stream{others, steps, accepts})
}

func endedContext(k *kit) {
	ctx, cancel := context.WithCancel(k.ctx)
	c := k.change(accepts, record{name: "A", hash: 1})
	cancel()
	for range 20 { // a writer that is idle may take the work or refuse it, but never half
		_, err := k.s.Commit(ctx, c)
		written := k.lookup(accepts, "A")[0].Known()
		if (err == nil) != written {
			k.Fatalf("error %v, written %t", err, written)
		}
		if written {
			return
		}
	}
}

func keptRows(k *kit) {
	c := k.change(accepts, record{name: "A", hash: 1})
	c.Kept, c.KeptRows = []byte("source rows"), 2
	c.Rejects = []ledger.Reject{{Pipeline: pipeline, Key: key("B"), Rule: "required", KeptRow: 1, Run: 1}}
	k.commit(c)
	r := k.rejects(ledger.RejectQuery{})[0]
	got, err := k.s.Kept(k.ctx, r.Kept)
	if string(got) != "source rows" || r.KeptRow != 1 || err != nil {
		k.Errorf("%q, %v of reject %+v", got, err, r)
	}
	if got, err := k.s.Kept(k.ctx, r.Kept+1); got != nil || err != nil {
		k.Errorf("kept by nobody: %q, %v", got, err)
	}
}
