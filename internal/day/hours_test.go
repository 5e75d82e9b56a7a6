package day_test

import (
	"testing"
	"time"

	"banjian/internal/day"
	"banjian/internal/fault"
)

func TestHoursMayPassMidnight(t *testing.T) {
	h, err := day.ParseHours("22:00-06:00, 12:00-13:30")
	if err != nil {
		t.Fatal(err)
	}
	for at, in := range map[string]bool{"22:00": true, "23:59": true, "00:00": true, "05:59": true, "06:00": false, "12:00": true, "13:29": true, "13:30": false, "21:59": false} {
		moment, _ := time.Parse("2006-01-02 15:04", "2026-03-01 "+at)
		if h.Has(moment) != in {
			t.Errorf("%s: %t", at, !in)
		}
	}
	for at, next := range map[string]string{"06:00": "2026-03-01 12:00", "13:30": "2026-03-01 22:00"} {
		moment, _ := time.Parse("2006-01-02 15:04", "2026-03-01 "+at)
		if got := h.Next(moment).Format("2006-01-02 15:04"); got != next {
			t.Errorf("after %s: %s", at, got)
		}
	}
}

func TestNoHoursAreTheWholeDay(t *testing.T) {
	h, err := day.ParseHours("")
	if err != nil || !h.Has(time.Now()) {
		t.Error(h, err)
	}
}

func TestHoursThatAreNotWellFormedAreRefused(t *testing.T) {
	for _, written := range []string{"8-9", "08:00", "08:00-08:00", "24:00-25:00", "08:60-09:00", "20:00-24:01"} {
		if _, err := day.ParseHours(written); !fault.Is(err, fault.Config) {
			t.Errorf("%q: %v", written, err)
		}
	}
}
