package ledger

import (
	"context"
	"time"
)

// resumed is what is stored of a pipeline that is no longer paused.
var resumed = time.UnixMilli(0)

// pauseName is where Schedules keeps since when a continuous pipeline is paused; no job
// has such a name.
func pauseName(pipeline string) string { return "paused stream " + pipeline }

// PausedSince is since when a continuous pipeline is to be left alone (暂停); zero: it is
// not.
func PausedSince(ctx context.Context, store Schedules, pipeline string) (time.Time, error) {
	at, err := store.Due(ctx, pauseName(pipeline))
	if at.Equal(resumed) {
		at = time.Time{}
	}
	return at, err
}

// Pause has a continuous pipeline left alone by whoever serves it, from now on.
func Pause(ctx context.Context, store Schedules, pipeline string, now time.Time) error {
	return store.SetDue(ctx, pauseName(pipeline), now)
}

// Resume ends a pause.
func Resume(ctx context.Context, store Schedules, pipeline string) error {
	return store.SetDue(ctx, pauseName(pipeline), resumed)
}
