package ledger

import (
	"testing"
	"time"

	"banjian/pipelines"
)

// What is not there was cleaned up if as much had been taken over, or after that age.
func TestRowsAReceiverHasCleanedUpAreNotMissing(t *testing.T) {
	const purge = 7 * 24 * time.Hour
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	type see struct {
		there, waiting int64
		after          time.Duration
		missing        int64
		done           bool
	}
	for name, looks := range map[string][]see{
		"taken over, then cleaned up":           {{10, 10, time.Hour, 0, false}, {10, 4, 2 * time.Hour, 0, false}, {4, 4, 3 * time.Hour, 0, false}, {0, 0, 4 * time.Hour, 4, false}},
		"all taken over":                        {{10, 0, time.Hour, 0, true}},
		"gone before anybody looked, and old":   {{0, 0, 8 * 24 * time.Hour, 0, true}},
		"gone before anybody looked, and new":   {{0, 0, time.Hour, 10, false}, {0, 0, 8 * 24 * time.Hour, 0, true}},
		"one gone, the rest taken over":         {{10, 10, time.Hour, 0, false}, {9, 9, 2 * time.Hour, 1, false}, {9, 0, 3 * time.Hour, 1, false}, {9, 0, 4 * time.Hour, 1, false}},
		"one gone, the rest cleaned up in time": {{9, 9, time.Hour, 1, false}, {0, 0, 9 * 24 * time.Hour, 0, true}},
	} {
		w := Watched{Sent: 10, Waiting: 10, At: at}
		for i, l := range looks {
			if w.See(pipelines.Uptake{There: l.there, Waiting: l.waiting}, at.Add(l.after), purge); w.Missing != l.missing || w.Done != l.done {
				t.Errorf("%s, look %d: missing %d, done %v", name, i+1, w.Missing, w.Done)
			}
		}
	}
}
