package jobs_test

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	source "banjian/connectors/memory"
	"banjian/ledger"
	"banjian/ledger/outbox"
	"banjian/pipelines"
)

// judged is the nth batch of the log as it is on its way from a stage to the outbox.
func (w *world) judged(stage *ledger.DeliverStage, nth int) *pipelines.Write {
	w.Helper()
	ctx := context.Background()
	src := ledger.NewSource(w.store, ledger.SourceConfig{Receiver: receiver, Subject: stage.Subject, Order: stage.Order, Alloc: memory.DefaultAllocator})
	defer src.Close()
	var b pipelines.Batch
	var err error
	for i := range nth {
		if b, err = src.Read(ctx); err != nil {
			w.Fatalf("%v", err)
		}
		if i+1 < nth {
			b.Record.Release()
		}
	}
	res, err := stage.Apply(ctx, b.Record)
	if err != nil {
		w.Fatalf("%v", err)
	}
	return &pipelines.Write{Input: b.Record, Result: res, Position: b.Position}
}

// A batch is judged while the one before it is being frozen: a delete that finds its record
// not sent yet, and then sees it go, is judged once more.
func TestADeleteJudgedBeforeItsRecordWasFrozenIsDelivered(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	ctx := context.Background()
	target := source.NewTarget()
	rows := func(mark string) []source.Row {
		list := []source.Row{{"A", int64(1), "x", mark}}
		for i := range int64(3) {
			list = append(list, source.Row{"B", i, "x", "0"})
		}
		return list
	}
	lease, err := w.store.Acquire(ctx, ledger.DeliverLease(receiver), 0)
	if err != nil {
		t.Fatal(err)
	}
	order := ledger.Order{Receiver: receiver, Subject: subjectAccept}
	stage := &ledger.DeliverStage{Order: order, Store: w.store, Mapping: pipelines.StageFunc(w.mapDelivery), Alloc: memory.DefaultAllocator}
	out := outbox.New(w.store, outbox.Config{Receiver: receiver, Subject: subjectAccept, Table: "up_" + subjectAccept, Target: target, Lease: lease, Tally: ledger.NewTally()})
	if rep := w.runner.Collect(ctx, w.marking("incremental", rows("0")...), nil); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	first := w.judged(stage, 1)
	if rep := w.runner.Collect(ctx, w.marking("incremental", rows("Y")...), nil); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	for _, b := range []*pipelines.Write{first, w.judged(stage, 2)} {
		if _, err := out.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Release(ctx, lease); err != nil {
		t.Fatal(err)
	}
	if err := w.deliver(target); err != nil {
		t.Fatal(err)
	}
	var ops string
	for _, d := range target.Effects() {
		ops += string(d.Op)
	}
	if ops != "IIIID" {
		t.Errorf("the receiver was told %q", ops)
	}
	for _, state := range []ledger.State{ledger.Held, ledger.Diverged, ledger.NotApplicable} {
		if list, err := w.store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver, State: state}); err != nil || len(list) > 0 {
			t.Errorf("%s: %+v, %v", state, list, err)
		}
	}
}

// A version is judged while the one before it is under way, and written when that has arrived:
// a receiver that takes a record once does not get it.
func TestAVersionJudgedBeforeTheOlderArrivedIsJudgedAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	ctx := context.Background()
	lease, err := w.store.Acquire(ctx, ledger.DeliverLease(receiver), 0)
	if err != nil {
		t.Fatal(err)
	}
	caller := source.NewCaller(nil)
	stage := &ledger.DeliverStage{Order: ledger.Order{Receiver: receiver, Subject: subjectAccept, OnUpdate: ledger.Cannot}, Store: w.store, Mapping: pipelines.StageFunc(w.mapDelivery), Alloc: memory.DefaultAllocator}
	out := outbox.New(w.store, outbox.Config{Receiver: receiver, Subject: subjectAccept, Table: "up_" + subjectAccept, Caller: caller, Once: true, Lease: lease, Tally: ledger.NewTally()})
	w.put(subjectAccept, "A", "x")
	first := w.judged(stage, 1)
	w.put(subjectAccept, "A", "y")
	for _, b := range []*pipelines.Write{first, w.judged(stage, 1)} {
		if _, err := out.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(ctx); err != nil { // its delivery has its receipt
			t.Fatal(err)
		}
	}
	if err := w.store.Release(ctx, lease); err != nil {
		t.Fatal(err)
	}
	plan := w.callPlan(caller)
	plan.Subjects[0].Order.OnUpdate = ledger.Cannot
	w.ends(plan)
	if v := versionsOf(caller, "A"); v != "1" {
		t.Errorf("A took effect in versions %s", v)
	}
	if list, err := w.store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver}); err != nil || len(list) != 1 || list[0].State != ledger.Diverged {
		t.Errorf("%+v, %v", list, err)
	}
}
