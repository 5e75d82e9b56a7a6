package main

import (
	"testing"
	"time"
)

func TestDaysTheWrongWayRoundAreNoDaysInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f    reconcileFlags
		want bool
	}{{reconcileFlags{since: "2026-11-02", until: "2026-11-01"}, false}, {reconcileFlags{since: "2026-11-01", until: "2026-11-01"}, true}, {reconcileFlags{until: "2026-11-01"}, true}, {reconcileFlags{day: "2026-11-31"}, false}} {
		if _, _, err := c.f.days(time.FixedZone("", 8*3600)); (err == nil) != c.want {
			t.Errorf("%+v: %v", c.f, err)
		}
	}
}
