package gateway

import (
	"testing"
	"time"
)

// What was announced, or put off, while the clock was a year ahead is not put off for a year.
func TestWhatCameWhileTheClockWasAheadIsFetchedOnceItIsSetBack(t *testing.T) {
	w := newWorld(t)
	w.announce("late", "0", "") // nobody has it: it is asked for again and again
	w.fetch(time.Minute)
	const year = 365 * 24 * time.Hour
	w.clock.turn(year)
	w.platform.put("A")
	w.platform.files = nil
	w.announce("A", "0", "")
	w.announce("B", "0", "")
	w.fetch(time.Minute)
	w.wantSubmissions("A", "0:0:fetched:1") // but for its file
	w.wantSubmissions("B", "0:0:announced:1")
	w.clock.turn(-year)
	w.platform.files = map[string][]byte{}
	w.platform.put("A")
	w.platform.put("B")
	w.fetch(time.Minute)
	w.wantSubmissions("B", "0:0:fetched:1")
	stands, err := w.journal.Stands(t.Context(), []string{"gjj"})
	if err != nil || stands[0].Files != 0 {
		t.Errorf("%+v, %v", stands, err)
	}
}
