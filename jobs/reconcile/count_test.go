package reconcile

import (
	"testing"
	"time"
)

func TestABareDayIsOverWhenTheNextOneIs(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for accepted, want := range map[string]string{
		"2026-11-20 17:30:00": "2026-11-21 17:30:00",
		"2026-11-20 23:59:59": "2026-11-21 23:59:59",
		"2026-11-20 00:00:01": "2026-11-21 00:00:01",
		"2026-11-20 00:00:00": "2026-11-22 00:00:00", // may have been accepted until the 21st began
	} {
		at, err := time.ParseInLocation(time.DateTime, accepted, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Unix(timelyUntil(at.Unix()), 0).In(zone).Format(time.DateTime); got != want {
			t.Errorf("%s: until %s, want %s", accepted, got, want)
		}
	}
}
