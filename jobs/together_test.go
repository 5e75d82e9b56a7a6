package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// joined is a receiver that takes two records a call, and those of one hundred one after the
// other.
type joined struct {
	*memory.Caller
	mu    sync.Mutex
	calls []string // local numbers that went together
	whole func(names string) error
}

func (j *joined) Join(d *pipelines.Delivery, rows []int) [][]pipelines.Together {
	chains := map[string][]pipelines.Together{}
	var order []string
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b int) int { return strings.Compare(localOf(d, a), localOf(d, b)) })
	for _, row := range rows {
		hundred := localOf(d, row)[:4]
		calls := chains[hundred]
		if n := len(calls); n > 0 && len(calls[n-1]) < 2 {
			calls[n-1] = append(calls[n-1], row)
			continue
		}
		if calls == nil {
			order = append(order, hundred)
		}
		chains[hundred] = append(calls, pipelines.Together{row})
	}
	list := make([][]pipelines.Together, len(order))
	for i, hundred := range order {
		list[i] = chains[hundred]
	}
	return list
}

func (j *joined) CallTogether(ctx context.Context, d *pipelines.Delivery, rows pipelines.Together) ([]pipelines.Issue, error) {
	var names []string
	for _, row := range rows {
		names = append(names, localOf(d, row))
	}
	all := strings.Join(names, "+")
	j.mu.Lock()
	j.calls = append(j.calls, all)
	err := j.whole(all)
	j.mu.Unlock()
	if err != nil {
		return nil, err
	}
	var issues []pipelines.Issue
	for _, row := range rows {
		is, err := j.Call(ctx, d, row)
		if err != nil {
			return nil, err
		}
		if is != nil {
			issues = append(issues, *is)
		}
	}
	return issues, nil
}

// Records that go in one call have their receipts together; what comes behind them in its
// chain waits for their answer, other chains do not.
func TestRecordsThatGoTogetherAreAnsweredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(206) // C00000 to C00205
		silent := true
		caller := &joined{Caller: memory.NewCaller(func(d *pipelines.Delivery, row int) memory.Fault {
			if localOf(d, row) == "C00003" {
				return memory.Refused()
			}
			return memory.Fault{}
		})}
		caller.whole = func(names string) error {
			if silent && names == "C00104+C00105" {
				return memory.UnknownBefore().Err
			}
			return nil
		}
		if err := w.call(caller); !fault.Is(err, fault.Unknown) {
			t.Fatalf("got %v", err)
		}
		open, err := w.store.Unsettled(context.Background(), receiver)
		if left := 0; err != nil || len(open) != 1 || len(open[0].Members) != 96 {
			for _, b := range open {
				left += len(b.Members)
			}
			t.Fatalf("%d batches with %d records are open, %v: all behind the silent call of its chain, and nothing else", len(open), left, err)
		}
		if slices.ContainsFunc(caller.calls, func(names string) bool { return strings.HasPrefix(names, "C00106") }) {
			t.Error("a call went before the one it follows was answered")
		}
		silent, caller.calls = false, nil
		if err := w.call(caller); err != nil {
			t.Fatal(err)
		}
		if len(caller.calls) != 48 || caller.calls[0] != "C00104+C00105" || !slices.IsSorted(caller.calls) {
			t.Errorf("what was left goes as %v", caller.calls)
		}
		if _, repeats := caller.Calls(); repeats != 0 || len(caller.Effects()) != 205 {
			t.Errorf("%d effects, %d told twice", len(caller.Effects()), repeats)
		}
		refused, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.Rejected})
		if err != nil || len(refused) != 1 || ledger.FirstOfKey(refused[0].Key) != "C00003" {
			t.Errorf("%+v, %v", refused, err)
		}
	})
}

// divided is a receiver that takes every record in five pieces.
type divided struct {
	pipelines.Caller
	pieces []int
	after  func(piece int) error
}

func (c *divided) Call(ctx context.Context, d *pipelines.Delivery, row int) (*pipelines.Issue, error) {
	p, done, err := d.Pieces.Pieces(ctx, row)
	if p.Count == 0 && err == nil {
		p = pipelines.Pieces{Count: 5, Size: 10, MD5: "x"}
		err = d.Pieces.Keep(ctx, row, p, 0)
	}
	for n := done + 1; n <= p.Count && err == nil; n++ {
		c.pieces = append(c.pieces, n)
		if err = c.after(n); err == nil {
			err = d.Pieces.Keep(ctx, row, p, n)
		}
	}
	if err != nil {
		return nil, err
	}
	return c.Caller.Call(ctx, d, row)
}

// A stop ends a file between two pieces, and time spent on pieces that go through is no time
// without an answer.
func TestAFileInPiecesGoesOnWhereItWasStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		defer w.close()
		w.collectCases(1)
		ctx, stop := context.WithCancel(context.Background())
		caller := &divided{Caller: memory.NewCaller(nil)}
		caller.after = func(piece int) error {
			if piece == 2 {
				stop()
			}
			return nil
		}
		if err := w.runner.Deliver(ctx, w.callPlan(caller), jobs.NewCollecting()); err == nil || len(caller.pieces) != 2 {
			t.Fatalf("%v, pieces %v", err, caller.pieces)
		}
		lost := 0
		caller.after = func(piece int) error {
			if lost++; lost%2 == 1 {
				return memory.UnknownAfter().Err
			}
			time.Sleep(time.Minute)
			return nil
		}
		if err := w.call(caller); err != nil || fmt.Sprint(caller.pieces) != "[1 2 3 3 4 4 5 5]" {
			t.Errorf("%v, pieces %v", err, caller.pieces)
		}
		if n, repeats := caller.Caller.(*memory.Caller).Calls(); n != 1 || repeats != 0 {
			t.Errorf("%d calls, %d again", n, repeats)
		}
	})
}
