package pace

import (
	"testing"
	"time"
)

func TestTurnsAreSpacedEvenlyAndIdleTimeIsNotSaved(t *testing.T) {
	turns, now := NewTurns(4), time.Unix(100, 0)
	for i, want := range []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond} {
		if got := turns.Take(now); got != want {
			t.Errorf("turn %d: %v", i, got)
		}
	}
	now = now.Add(time.Hour)
	if a, b := turns.Take(now), turns.Take(now); a != 0 || b != 250*time.Millisecond {
		t.Errorf("after a pause: %v, %v", a, b)
	}
	if NewTurns(0).Take(now) != 0 {
		t.Error("no limit waits")
	}
}
