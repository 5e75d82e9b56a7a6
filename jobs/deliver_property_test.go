package jobs_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// Cases and steps change between deliveries that fail in every way, on our side and on
// the receiver's. In the end every record has the effect of its newest version, none
// twice, in order, and no step before its case (invariants 4 and 5).
func TestDeliveringHasOneEffectPerVersionInOrderWhateverFails(t *testing.T) {
	throughFaults(t, deliverThroughFaults)
}

func deliverThroughFaults(t *rapid.T, w *world, accepts, steps *history) {
	target := refusesMarked()
	for range rapid.IntRange(1, 4).Draw(t, "rounds") {
		w.collectSome(t, subjectAccept, accepts)
		w.collectSome(t, subjectStep, steps)
		target.Next(drawFaults(t)...)
		for range rapid.IntRange(0, 2).Draw(t, "ask faults") {
			target.NextAsk(memory.Transient(1))
		}
		w.store.crashAt(rapid.IntRange(0, 6).Draw(t, "crash at write"), rapid.Bool().Draw(t, "crash after it"))
		if err := w.deliver(target); err != nil {
			w.reopen()
		}
		w.store.crashAt(0, false)
	}
	w.untilDone(t, func() error { return w.deliver(target) })
	e := effectsOf(t, target.Effects())
	e.checkNewest(t, accepts, subjectAccept, func(string) bool { return true })
	e.checkNewest(t, steps, subjectStep, func(key string) bool { return e.first[subjectAccept][caseOf(key)] > 0 })
	w.checkSettled(t)
}

// throughFaults holds a property of deliveries, each time in a world of its own with a clock
// of its own, over the histories of cases and of their steps.
func throughFaults(t *testing.T, property func(t *rapid.T, w *world, accepts, steps *history)) {
	dir := fastDir(t)
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			w := newWorld(t, dir)
			defer w.close()
			property(t, w, newHistory(), newHistory())
		})
	})
}

// untilDone delivers until it ends well, each time in a new process.
func (w *world) untilDone(t *rapid.T, deliver func() error) {
	for tries := 0; ; tries++ {
		err := deliver()
		if err == nil {
			return
		}
		if tries > 600 {
			t.Fatalf("it never ends: %v", err)
		}
		time.Sleep(fault.AfterOf(err)) // a receiver that is left alone is not fed before
		w.reopen()
	}
}

// faults are what happens to one call after the other.
type faults []memory.Fault

// next is what happens to this call; none once all have been.
func (s *faults) next() memory.Fault {
	if len(*s) == 0 {
		return memory.Fault{}
	}
	f := (*s)[0]
	if (*s)[0].Times--; (*s)[0].Times <= 0 {
		*s = (*s)[1:]
	}
	return f
}

// history is every version of each record that was collected, by key.
type history struct {
	view *memory.View
	rows map[string]memory.Row
	last map[string]string
	n    map[string]int
}

func newHistory() *history {
	return &history{view: memory.NewView(sourceSchema), rows: map[string]memory.Row{}, last: map[string]string{}, n: map[string]int{}}
}

// collectSome changes some records and collects them.
func (w *world) collectSome(t *rapid.T, subject string, h *history) { w.drawSome(t, subject, h)() }

// drawSome is collectSome at a later time, by whatever goroutine.
func (w *world) drawSome(t *rapid.T, subject string, h *history) (collect func()) {
	changes := map[string]memory.Row{}
	for range rapid.IntRange(0, 5).Draw(t, subject+" changes") {
		local, n := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "case"), int64(1)
		if subject == subjectStep {
			n = rapid.Int64Range(1, 2).Draw(t, "n")
		}
		key := fmt.Sprint(local, "/", n)
		what := rapid.SampledFrom([]string{"x", "y", "z", isRefused}).Draw(t, "what")
		changes[key] = memory.Row{local, n, what, nil}
	}
	o := memory.Options{Batches: rapid.SliceOfN(rapid.IntRange(1, 4), 1, 3).Draw(t, "batches")}
	return func() { w.collectChanges(subject, h, changes, o) }
}

func (w *world) collectChanges(subject string, h *history, changes map[string]memory.Row, o memory.Options) {
	maps.Copy(h.rows, changes)
	var list []memory.Row
	for key, row := range h.rows {
		list = append(list, row)
		if what := row[2].(string); h.last[key] != what {
			h.last[key] = what
			h.n[key]++
		}
	}
	slices.SortFunc(list, func(a, b memory.Row) int {
		return slices.Compare(ledger.EncodeKey(a[0].(string), fmt.Sprint(a[1])), ledger.EncodeKey(b[0].(string), fmt.Sprint(b[1])))
	})
	h.view.Set(list...)
	if rep := w.collect(subject, h.view, o, again); rep.Err != nil {
		w.Fatalf("collect: %v", rep.Err)
	}
}

func drawFaults(t *rapid.T) []memory.Fault {
	var list []memory.Fault
	for range rapid.IntRange(0, 4).Draw(t, "faults") {
		switch rapid.IntRange(0, 5).Draw(t, "fault") {
		case 0:
			list = append(list, memory.UnknownAfter())
		case 1:
			list = append(list, memory.UnknownBefore())
		case 2:
			list = append(list, memory.Transient(rapid.IntRange(1, 3).Draw(t, "times")))
		case 3:
			list = append(list, memory.Blocked())
		case 4:
			list = append(list, memory.Fault{}) // nothing goes wrong
		case 5:
			list = append(list, memory.Transient(25)) // longer than one run waits
		}
	}
	return list
}

// effects is what happened at the receiver.
type effects struct {
	first map[string]map[string]int // number of a record's first effect, from 1, by subject and key
	last  map[string]map[string]memory.Effect
}

// effectsOf checks what must be true of every effect as it comes.
func effectsOf(t *rapid.T, list []memory.Effect) *effects { return effectsIn(t, list, false) }

// effectsIn is effectsOf; anew: a batch that never arrived may have been closed, and its records
// went in another one, as U.
func effectsIn(t *rapid.T, list []memory.Effect, anew bool) *effects {
	e := &effects{map[string]map[string]int{subjectAccept: {}, subjectStep: {}}, map[string]map[string]memory.Effect{subjectAccept: {}, subjectStep: {}}}
	version := map[[16]byte]int{}
	for i, f := range list {
		subject := f.Table[len("up_"):]
		key := f.Values["local_no"] + "/" + f.Values["n"]
		v, err := strconv.Atoi(f.Values["_version"])
		if err != nil {
			t.Fatalf("%v", err)
		}
		if was := version[f.GUID]; v <= was {
			t.Fatalf("%s %s: version %d took effect after %d", subject, key, v, was)
		}
		version[f.GUID] = v
		if subject == subjectStep && e.first[subjectAccept][caseOf(key)] == 0 {
			t.Fatalf("step %s took effect before its case", key)
		}
		if e.first[subject][key] == 0 {
			e.first[subject][key] = i + 1
		} else if f.Op != pipelines.OpUpdate {
			t.Fatalf("%s %s: a later version is %c", subject, key, f.Op)
		}
		if v == 1 && f.Op != pipelines.OpInsert && !anew {
			t.Fatalf("%s %s: the first version is %c", subject, key, f.Op)
		}
		e.last[subject][key] = f
	}
	return e
}

func caseOf(stepKey string) string { return stepKey[:1] + "/1" }

// checkNewest checks that records that may go have the effect of their newest version.
func (e *effects) checkNewest(t *rapid.T, h *history, subject string, mayGo func(string) bool) {
	for key, what := range h.last {
		if what == isRefused || !mayGo(key) {
			continue
		}
		f := e.last[subject][key]
		if f.Values["what"] != what || f.Values["_version"] != fmt.Sprint(h.n[key]) {
			t.Fatalf("%s %s: the receiver has %v, want version %d %q", subject, key, f.Values, h.n[key], what)
		}
	}
}

// checkSettled checks that nothing is left open and that what was put aside is what
// has no effect.
func (w *world) checkSettled(t *rapid.T) {
	open, err := w.store.Unsettled(context.Background(), receiver)
	if err != nil || len(open) != 0 {
		t.Fatalf("%d batches without a receipt, %v", len(open), err)
	}
	list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, e := range list {
		sent, err := w.store.Sent(context.Background(), receiver, []int64{e.Rec})
		if err != nil || sent[0].Delivered >= e.Version {
			t.Fatalf("record %d is %s in version %d though %+v, %v", e.Rec, e.State, e.Version, sent[0], err)
		}
	}
}

// The receiver cannot be asked after an outcome nobody knows: nothing may be written
// until it can.
func TestADoubtfulDeliveryIsNotRepeatedBeforeItWasAskedFor(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		t.Run(fmt.Sprint("arrived ", arrived), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil})
				if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
					t.Fatal(rep.Err)
				}
				target := memory.NewTarget(memory.UnknownBefore())
				if arrived {
					target = memory.NewTarget(memory.UnknownAfter())
				}
				target.NextAsk(memory.Transient(3))
				if err := w.deliver(target); err != nil {
					t.Fatal(err)
				}
				if n := len(target.Effects()); n != 1 {
					t.Errorf("%d effects", n)
				}
			})
		})
	}
}

func TestRowsRefusedInADoubtfulDeliveryAreNotTakenForDelivered(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprint("crash ", crash), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			defer w.close()
			view := memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil}, memory.Row{"B", int64(1), isRefused, nil})
			if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
				t.Fatal(rep.Err)
			}
			target := refusesMarked(memory.UnknownAfter())
			if crash {
				w.store.crashAt(2, false) // at the receipt
				if err := w.deliver(target); err == nil {
					t.Fatal("no crash")
				}
				w.reopen()
			}
			if err := w.deliver(target); err != nil {
				t.Fatal(err)
			}
			list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver})
			if err != nil || len(list) != 1 || list[0].State != ledger.Rejected || ledger.FirstOfKey(list[0].Key) != "B" || len(target.Effects()) != 1 {
				t.Errorf("exceptions %+v, %v, %d effects", list, err, len(target.Effects()))
			}
		})
	}
}

func TestABlockedReceiverStopsAndTheNextRunGoesOn(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := memory.NewView(sourceSchema)
	for _, local := range []string{"A", "B", "C", "D"} {
		view.Append(memory.Row{local, int64(1), "x", nil})
	}
	if rep := w.collect(subjectAccept, view, memory.Options{Batches: []int{1}}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	target := memory.NewTarget(memory.Fault{}, memory.Blocked(), memory.Blocked(), memory.Blocked(), memory.Blocked())
	if err := w.deliver(target); !fault.Is(err, fault.Blocked) || fault.Say(err, text.ZH) == "" {
		t.Fatalf("got %v", err)
	}
	for range 5 {
		_ = w.deliver(target)
	}
	if n := len(target.Effects()); n != 4 {
		t.Errorf("%d effects", n)
	}
	sums := w.runner.Tally.Counts("collect-"+subjectAccept, receiver, 4)
	if err := sums.Check(4); err != nil || sums.Delivered != 4 {
		t.Errorf("%+v, %v", sums, err)
	}
}

func TestAReceiverThatDoesNotAnswerIsGivenUpAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		if rep := w.collect(subjectAccept, memory.NewView(sourceSchema, memory.Row{"A", int64(1), "x", nil}), memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		start := time.Now()
		target := memory.NewTarget(memory.Transient(1_000_000))
		if err := w.deliver(target); !fault.Is(err, fault.Transient) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took < 10*time.Second || took > 40*time.Second { // the last pause, drawn by chance, is left out
			t.Errorf("it took %s", took)
		}
		open, err := w.store.Unsettled(context.Background(), receiver)
		if err != nil || len(open) != 1 || len(target.Effects()) != 0 {
			t.Errorf("%d batches frozen, %v", len(open), err)
		}
	})
}

// Delivery runs beside the collects it waits for, reading the log as it grows.
func TestDeliveringWhileCollectingHasOneEffectPerVersionInOrder(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	target := memory.NewTarget(memory.Transient(1), memory.UnknownAfter())
	collecting := jobs.NewCollecting(subjectAccept)
	done := make(chan error, 1)
	go func() { done <- w.runner.Deliver(context.Background(), w.deliverPlan(target), collecting) }()
	const rounds, records = 12, 30
	view := memory.NewView(sourceSchema)
	for round := range rounds {
		var list []memory.Row
		for i := range records {
			list = append(list, memory.Row{string(rune('A' + i)), int64(1), fmt.Sprint("round ", round*(i%3)), nil})
		}
		view.Set(list...)
		if rep := w.collect(subjectAccept, view, memory.Options{Batches: []int{7}}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
	}
	collecting.Done(subjectAccept)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	last := map[string]int{}
	for _, e := range target.Effects() {
		v, err := strconv.Atoi(e.Values["_version"])
		if err != nil || v <= last[e.Values["local_no"]] {
			t.Errorf("record %s: version %s after %d, %v", e.Values["local_no"], e.Values["_version"], last[e.Values["local_no"]], err)
		}
		last[e.Values["local_no"]] = v
	}
	for i := range records {
		want := rounds
		if i%3 == 0 {
			want = 1
		}
		if got := last[string(rune('A'+i))]; got != want {
			t.Errorf("record %d: the receiver has version %d, want %d", i, got, want)
		}
	}
}
