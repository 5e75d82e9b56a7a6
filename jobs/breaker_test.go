package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/outbox"
	"banjian/pipelines"
)

// state is what the ledger knows of the receiver.
func (w *world) state() ledger.ReceiverState {
	w.Helper()
	list, err := w.store.ReceiverStates(context.Background())
	if err != nil || len(list) != 1 {
		w.Fatalf("%+v, %v", list, err)
	}
	return list[0]
}

// outage is a receiver that does not answer as long as down says so, and notes when it
// was called.
func outage(down func() bool, how func() memory.Fault) (*memory.Caller, *[]time.Time) {
	at := new([]time.Time)
	return memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
		*at = append(*at, time.Now())
		if down() {
			return how()
		}
		return memory.Fault{}
	}), at
}

// During an outage of an hour a receiver gets the failures that began it, then single tries
// further and further apart; when it answers one, all that waited goes.
func TestAReceiverThatFailsIsTriedByOneCallAtATime(t *testing.T) {
	for name, how := range map[string]func() memory.Fault{"it cannot be reached": func() memory.Fault { return memory.Transient(1) }, "it never answers": memory.UnknownBefore} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				w.collectCases(200)
				began := time.Now()
				caller, at := outage(func() bool { return time.Since(began) < time.Hour }, how)
				ends := 0
				for {
					err := w.call(caller)
					if err == nil {
						break
					}
					if !outbox.Broken(err) && !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Transient) {
						t.Fatal(err)
					}
					ends++
					b := w.state().Break
					if b.At.IsZero() || time.Until(b.Until) > 10*time.Minute || b.Why.What.In(text.ZH) == "" || b.Why.What.In(text.EN) == "" {
						t.Fatalf("%+v", b)
					}
					w.reopen() // another process goes on where this one stood
					time.Sleep(max(fault.AfterOf(err), time.Second))
				}
				down := 0
				for _, call := range *at {
					if call.Sub(began) < time.Hour {
						down++
					}
				}
				if down > 40 || len(caller.Effects()) != 200 || time.Since(began) > 72*time.Minute {
					t.Errorf("%d calls while it was down, %d effects, after %s", down, len(caller.Effects()), time.Since(began))
				}
				t.Logf("%d calls in the hour, %d deliveries ended, all there %s after it began", down, ends, time.Since(began).Round(time.Second))
				if b := w.state().Break; !b.At.IsZero() || b.Times != 0 {
					t.Errorf("still open: %+v", b)
				}
			})
		})
	}
}

// While a receiver is left alone no call is made, whoever asks for a delivery.
func TestNoCallIsMadeBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(20)
		down := true
		caller, at := outage(func() bool { return down }, func() memory.Fault { return memory.Transient(1) })
		plan := func() *jobs.DeliverPlan {
			p := w.callPlan(caller)
			p.Breaker = outbox.BreakerSpec{Failures: 4, Wait: time.Minute, Most: 4 * time.Minute}
			return p
		}
		run := func() error { return w.runner.Deliver(context.Background(), plan(), jobs.NewCollecting()) }
		err := run()
		wait := func() time.Duration { return w.state().Break.Until.Sub((*at)[len(*at)-1].Truncate(time.Millisecond)) }
		if !outbox.Broken(err) || len(*at) != 4 || wait() != time.Minute {
			t.Fatalf("%v after %d calls, nothing goes for %s", err, len(*at), wait())
		}
		for range 3 {
			if err := run(); !outbox.Broken(err) {
				t.Fatal(err)
			}
		}
		if len(*at) != 4 {
			t.Fatalf("%d calls", len(*at))
		}
		waits := []time.Duration{2 * time.Minute, 4 * time.Minute, 4 * time.Minute}
		for i, want := range waits {
			time.Sleep(w.state().Break.Left(time.Now()))
			if err = run(); !fault.Is(err, fault.Transient) || len(*at) != 5+i || wait() != want {
				t.Fatalf("try %d: %v, %d calls, nothing goes for %s", i, err, len(*at), wait())
			}
		}
		down = false
		time.Sleep(w.state().Break.Left(time.Now()))
		if err := run(); err != nil || len(*at) != 7+20 || len(caller.Effects()) != 20 {
			t.Errorf("%v, %d calls, %d effects", err, len(*at), len(caller.Effects()))
		}
	})
}

// A receiver that refuses us is stopped, not waited for: nothing is tried again by time,
// and the reason is told as that.
func TestARefusedKeyIsNoReasonToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(50)
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault { return memory.Blocked() })
		for range 20 {
			if err := w.call(caller); !fault.Is(err, fault.Blocked) || outbox.Broken(err) {
				t.Fatal(err)
			}
		}
		if s := w.state(); !s.Break.At.IsZero() || s.BlockedAt.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}

// A pause the receiver asks for holds every call, not only the one that was told.
func TestAPauseThatOneCallIsToldHoldsAll(t *testing.T) {
	for _, c := range []struct {
		pause time.Duration
		ends  bool
	}{{90 * time.Second, false}, {time.Hour, true}} {
		t.Run(c.pause.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				defer w.close()
				w.collectCases(40)
				var at []time.Time
				caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
					time.Sleep(time.Millisecond) // what one call is told is known when the next one ends
					if at = append(at, time.Now()); len(at) == 10 {
						return memory.Overloaded(c.pause)
					}
					return memory.Fault{}
				})
				err := w.call(caller)
				if c.ends {
					if !outbox.Broken(err) || fault.AfterOf(err) < 59*time.Minute || w.state().Break.Until.Sub(at[9]) != c.pause {
						t.Fatalf("%v (broken %t), to come back in %s; until %s after %s", err, outbox.Broken(err), fault.AfterOf(err), w.state().Break.Until, at[9])
					}
					time.Sleep(fault.AfterOf(err))
					err = w.call(caller)
				}
				if err != nil || len(caller.Effects()) != 40 {
					t.Fatalf("%v, %d effects", err, len(caller.Effects()))
				}
				for i, one := range at {
					if d := one.Sub(at[9]); i > 9+3 && d < c.pause { // three were under way
						t.Errorf("call %d came %s after it asked for a pause", i, d)
					}
				}
			})
		})
	}
}

// Records that nobody answers for never stand before new ones, however many they are.
func TestNewRecordsTellHowAReceiverIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fastDir(t))
		defer w.close()
		caller := memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if whatOf(d, row) == "poison" {
				return memory.UnknownBefore()
			}
			return memory.Fault{}
		})
		for i := range 12 {
			w.put(subjectAccept, fmt.Sprint("P", i), "poison")
			_ = w.call(caller)
		}
		for i := range 5 {
			if b := w.state().Break; !b.At.IsZero() {
				time.Sleep(b.Left(time.Now()))
			}
			w.put(subjectAccept, fmt.Sprint("N", i), "x")
			_ = w.call(caller)
			if n := len(caller.Effects()); n != i+1 {
				t.Fatalf("%d of %d new records arrived", n, i+1)
			}
		}
	})
}

// A receiver that takes batches is left alone alike, its frozen batches wait.
func TestAReceiverOfBatchesIsLeftAloneToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(1000)
		target := memory.NewTarget(memory.Transient(1 << 20))
		var err error
		for range 30 {
			if err = w.deliver(target); err == nil || w.state().Break.At.IsZero() {
				t.Fatalf("%v, %+v", err, w.state().Break)
			}
			time.Sleep(fault.AfterOf(err))
		}
		if n := target.Calls(); n > 90 { // questions whether a batch arrived among them
			t.Errorf("%d tries", n)
		}
	})
}

// Whoever pauses a receiver, or whose window begins, has the delivery end at the next
// record: what was answered has its receipt, the rest goes later, none of it twice.
func TestAPauseEndsADeliveryAtTheNextRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(1000)
		began := time.Now()
		caller := memory.NewCaller(func(*pipelines.Delivery, int) memory.Fault {
			time.Sleep(100 * time.Millisecond)
			return memory.Fault{}
		})
		plan := w.callPlan(caller)
		plan.Leave = func(context.Context) bool { return time.Since(began) >= 10*time.Second }
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 12*time.Second || len(caller.Effects()) == 0 || len(caller.Effects()) > 120 {
			t.Fatalf("ended after %s with %d effects", took, len(caller.Effects()))
		}
		if s := w.state(); !s.FailedAt.IsZero() || !s.GoodAt.IsZero() {
			t.Errorf("a pause is neither a failure nor a success: %+v", s)
		}
		if err := w.call(caller); err != nil {
			t.Fatal(err)
		}
		if n, repeats := caller.Calls(); n != 1000 || repeats != 0 || len(caller.Effects()) != 1000 {
			t.Errorf("%d calls, %d of them again, %d effects", n, repeats, len(caller.Effects()))
		}
	})
}

// A pause does not wait for a receiver that is silent.
func TestAPauseEndsTheWaitForASilentReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(100)
		began := time.Now()
		caller, _ := outage(func() bool { return true }, func() memory.Fault { return memory.Transient(1) })
		plan := w.callPlan(caller)
		plan.Leave = func(context.Context) bool { return time.Since(began) >= 3*time.Second }
		err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting())
		if took := time.Since(began); took > 5*time.Second || errors.Is(err, context.Canceled) {
			t.Errorf("%v after %s", err, took)
		}
	})
}
