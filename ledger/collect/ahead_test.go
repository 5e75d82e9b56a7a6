package collect

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// A change of a record waits until the batch before it that changes the same is written, and
// for no other.
func TestAChangeWaitsForTheOneBeforeItOfTheSameRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a ahead
		a.mapped(map[string]int{"A": 0, "B": 1})
		a.mapped(map[string]int{"C": 0})
		waits := func(key string) <-chan error {
			done := make(chan error, 1)
			go func() { done <- a.wait(context.Background(), map[string]int{key: 0}) }()
			synctest.Wait()
			return done
		}
		went := func(done <-chan error) bool {
			synctest.Wait()
			return len(done) == 1
		}
		other, first, second := waits("D"), waits("B"), waits("C")
		if !went(other) || went(first) || went(second) {
			t.Errorf("nothing written: %t %t %t", went(other), went(first), went(second))
		}
		a.written()
		if !went(first) || went(second) {
			t.Errorf("the first written: %t %t", went(first), went(second))
		}
		a.written()
		if !went(second) {
			t.Error("both written: it still waits")
		}
		a.written() // one that was not mapped: the retry of a write
		a.mapped(map[string]int{"A": 0})
		ctx, stop := context.WithCancel(context.Background())
		stop()
		if err := a.wait(ctx, map[string]int{"A": 0}); !errors.Is(err, context.Canceled) {
			t.Errorf("a stopped run waits: %v", err)
		}
	})
}
