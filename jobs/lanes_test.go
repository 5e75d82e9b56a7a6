package jobs_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"banjian/connectors/memory"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// backlogPlan has what is over so many rows count as a backlog.
func (w *world) backlogPlan(c pipelines.Caller, over int64) *jobs.DeliverPlan {
	plan := w.callPlan(c)
	plan.Backlog = jobs.BacklogSpec{Over: over, Share: 20}
	return plan
}

// While two thousand records wait, a case that comes in is told within seconds, its step
// behind it; a change of a record that waits goes once, in its newest version; a step of a
// case that waits does not overtake it.
func TestNewRecordsGoBeforeABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		w.collectCases(2000)
		began := time.Now()
		told := map[string]time.Duration{}
		var order []string
		collected := false
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if !collected && time.Since(began) > 10*time.Second {
				collected = true
				w.put(subjectAccept, "FRESH", "x")
				w.put(subjectStep, "FRESH", "s")
				w.put(subjectAccept, "C01900", "changed")
				w.put(subjectStep, "C01950", "s")
			}
			name := d.Table[len("up_"):] + " " + localOf(d, row)
			told[name] = time.Since(began)
			order = append(order, name)
			time.Sleep(100 * time.Millisecond)
			return memory.Fault{}
		})
		if err := w.runner.Deliver(context.Background(), w.backlogPlan(caller, 500), jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		// A call takes 100 ms, one at a time; a look comes every second, and what was begun ends first.
		t.Logf("new case told %s, its step %s, the changed record %s, the step of a waiting case %s, all %s after the start", told[subjectAccept+" FRESH"], told[subjectStep+" FRESH"],
			told[subjectAccept+" C01900"], told[subjectStep+" C01950"], time.Since(began))
		if at := told[subjectAccept+" FRESH"]; at == 0 || at > 2*time.Minute {
			t.Errorf("the new case was told %s after the start", at)
		}
		if at := told[subjectStep+" FRESH"]; at == 0 || at > 2*time.Minute || at < told[subjectAccept+" FRESH"] {
			t.Errorf("its step was told %s after the start", at)
		}
		if told[subjectStep+" C01950"] < told[subjectAccept+" C01950"] {
			t.Error("a step overtook its case")
		}
		if calls, repeats := caller.Calls(); calls != 2003 || repeats != 0 || len(caller.Effects()) != 2003 {
			t.Errorf("%d calls, %d of them again, %d effects", calls, repeats, len(caller.Effects()))
		}
		if v := versionsOf(caller, "C01900"); v != "2" && v != "1 2" {
			t.Errorf("the changed record took effect in versions %s", v)
		}
		w.nothingLeft()
	})
}

// nothingLeft says that every record has its receipt, and that nothing is left of what
// went before the backlog.
func (w *world) nothingLeft() {
	w.Helper()
	for _, subject := range []string{subjectAccept, subjectStep} {
		offset, ahead, err := w.store.Ahead(context.Background(), receiver, ledger.Stream{Source: sourceID, Subject: subject})
		if err != nil || ahead != (ledger.Ahead{}) {
			w.Errorf("%s: offset %d, %+v, %v", subject, offset, ahead, err)
		}
	}
	list, err := w.store.Standings(context.Background(), receiver, time.Time{})
	for _, s := range list {
		if err != nil || s.Pending+s.Held+s.Rejected != 0 {
			w.Errorf("%+v, %v", s, err)
		}
	}
}

// However many new records come, the backlog keeps its share.
func TestABacklogIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		w.collectCases(3000)
		began, n, next := time.Now(), 0, time.Now().Add(2*time.Second)
		fresh, old := 0, 0
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if time.Now().After(next) && time.Since(began) < 5*time.Minute {
				next = time.Now().Add(time.Second)
				view := memory.NewView(sourceSchema)
				for range 40 { // twice what the receiver can take
					n++
					view.Append(memory.Row{fmt.Sprintf("N%05d", n), int64(1), "x", nil})
				}
				if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
					w.Fatalf("collect: %v", rep.Err)
				}
			}
			if time.Since(began) < 5*time.Minute {
				if localOf(d, row)[0] == 'N' {
					fresh++
				} else {
					old++
				}
			}
			time.Sleep(50 * time.Millisecond)
			return memory.Fault{}
		})
		if err := w.runner.Deliver(context.Background(), w.backlogPlan(caller, 500), jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		t.Logf("in five minutes %d old and %d new records went", old, fresh)
		if fresh < old/4 || old < (fresh+old)*15/100 {
			t.Errorf("in five minutes %d old and %d new records went", old, fresh)
		}
		if calls, repeats := caller.Calls(); calls != 3000+n || repeats != 0 {
			t.Errorf("%d calls for %d records, %d of them again", calls, 3000+n, repeats)
		}
		w.nothingLeft()
	})
}

// What a person had sent again is a backlog like any other.
func TestNewRecordsGoBeforeWhatIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		w.collectCases(3000)
		if err := w.call(memory.NewCaller(nil)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.Rewind(context.Background(), ledger.RewindQuery{Receiver: receiver}); err != nil {
			t.Fatal(err)
		}
		began, collected := time.Now(), false
		var told time.Duration
		calls := 0
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			calls++
			if !collected && time.Since(began) > 5*time.Second {
				collected = true
				w.put(subjectAccept, "FRESH", "x")
			}
			if localOf(d, row) == "FRESH" {
				told = time.Since(began)
			}
			time.Sleep(10 * time.Millisecond)
			return memory.Fault{}
		})
		if err := w.runner.Deliver(context.Background(), w.backlogPlan(caller, 500), jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		if told == 0 || told > 25*time.Second || calls != 3001 {
			t.Errorf("told %s after the start of %s, %d calls", told, time.Since(began), calls)
		}
	})
}

// Records change while others wait, calls fail in every way and the process dies: every
// record has the effect of its newest version once and in order, no step before its case.
func TestGoingBeforeABacklogHasOneEffectPerVersionWhateverFails(t *testing.T) {
	throughFaults(t, lanesThroughFaults)
}

func lanesThroughFaults(t *rapid.T, w *world, accepts, steps *history) {
	w.collectSome(t, subjectAccept, accepts)
	w.collectSome(t, subjectStep, steps)
	w.collectSome(t, subjectAccept, accepts)
	var script faults
	var later []func() // collects while it is fed
	var at []int       // after so many calls
	for range rapid.IntRange(0, 4).Draw(t, "collects while it is fed") {
		first, second := w.drawSome(t, subjectAccept, accepts), w.drawSome(t, subjectStep, steps)
		later, at = append(later, func() { first(); second() }), append(at, rapid.IntRange(0, 6).Draw(t, "calls before it"))
	}
	calls := 0
	caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
		time.Sleep(700 * time.Millisecond)
		if len(later) > 0 && calls >= at[0] {
			w.store.crashAt(0, false)
			later[0]()
			later, at, calls = later[1:], at[1:], 0
		}
		calls++
		if whatOf(d, row) == isRefused {
			return memory.Refused()
		}
		return script.next()
	})
	deliver := func() error {
		return w.runner.Deliver(context.Background(), w.backlogPlan(caller, 1), jobs.NewCollecting())
	}
	for range rapid.IntRange(1, 3).Draw(t, "rounds") {
		script = drawFaults(t)
		w.store.crashAt(rapid.IntRange(0, 8).Draw(t, "crash at write"), rapid.Bool().Draw(t, "crash after it"))
		if err := deliver(); err != nil {
			w.reopen()
		}
		w.store.crashAt(0, false)
	}
	for tries := 0; ; tries++ {
		err := deliver()
		if err == nil {
			break
		}
		if tries > 600 {
			t.Fatalf("it never ends: %v", err)
		}
		time.Sleep(10 * time.Minute)
		w.reopen()
	}
	e := effectsOf(t, caller.Effects())
	e.checkNewest(t, accepts, subjectAccept, func(string) bool { return true })
	e.checkNewest(t, steps, subjectStep, func(key string) bool { return e.first[subjectAccept][caseOf(key)] > 0 })
	w.checkSettled(t)
}

// Delivering a backlog costs what it did when nothing new comes; run it with and without.
func BenchmarkDeliverABacklog(b *testing.B) {
	for _, over := range []int64{1 << 40, 5000} {
		b.Run("backlog over "+strconv.FormatInt(over, 10), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w := newWorld(b, b.TempDir())
				w.collectCases(20000)
				plan := w.deliverPlan(memory.NewTarget())
				plan.Backlog = jobs.BacklogSpec{Over: over}
				b.StartTimer()
				if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				w.close()
				b.StartTimer()
			}
		})
	}
}

// A receiver that lost what had gone before its backlog is given that again as well.
func TestWhatWentBeforeABacklogIsGivenAgainAfterARewind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		w.collectCases(2000)
		var told atomic.Bool // it is asked by another goroutine
		began, collected := time.Now(), false
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if !collected && time.Since(began) > 10*time.Second {
				collected = true
				w.put(subjectAccept, "FRESH", "x")
			}
			if localOf(d, row) == "FRESH" {
				told.Store(true)
			}
			time.Sleep(100 * time.Millisecond)
			return memory.Fault{}
		})
		plan := w.backlogPlan(caller, 500)
		plan.Leave = func(context.Context) bool { return told.Load() }
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		if n := len(caller.Effects()); !told.Load() || n == 2001 {
			t.Fatalf("%d effects", n)
		}
		if _, err := w.store.Rewind(context.Background(), ledger.RewindQuery{Receiver: receiver}); err != nil {
			t.Fatal(err)
		}
		restored := memory.NewCaller(nil)
		if err := w.runner.Deliver(context.Background(), w.backlogPlan(restored, 500), jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		if calls, _ := restored.Calls(); calls != 2001 || len(restored.Effects()) != 2001 {
			t.Errorf("%d calls, %d effects", calls, len(restored.Effects()))
		}
		w.nothingLeft()
	})
}

// A delivery that ended in the middle of a log batch goes on there, though no record goes
// before another any more.
func TestABatchOfferedInPartIsNotOfferedAgainWithoutABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		w.collectCases(1000)
		began := time.Now()
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			time.Sleep(100 * time.Millisecond)
			return memory.Fault{}
		})
		plan := w.backlogPlan(caller, 500)
		plan.Leave = func(context.Context) bool { return time.Since(began) > 20*time.Second }
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		if n := len(caller.Effects()); n == 0 || n == 1000 {
			t.Fatalf("%d effects", n)
		}
		if err := w.call(caller); err != nil {
			t.Fatal(err)
		}
		if calls, repeats := caller.Calls(); calls != 1000 || repeats != 0 {
			t.Errorf("%d calls, %d of them again", calls, repeats)
		}
	})
}
