package jobs_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"banjian/connectors/memory"
	"banjian/internal/fault"
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
		if err != nil || len(refused) != 1 || ledger.DecodeKey(refused[0].Key)[0] != "C00003" {
			t.Errorf("%+v, %v", refused, err)
		}
	})
}
