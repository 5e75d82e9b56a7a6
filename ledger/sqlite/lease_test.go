package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger/sqlite"
)

func TestWhoHoldsALeaseIsToldInBeijingTime(t *testing.T) {
	at := time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.WithClock(func() time.Time { return at }))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Acquire(t.Context(), "collect:a", time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err = s.Acquire(t.Context(), "collect:a", time.Minute)
	if !fault.Is(err, fault.Blocked) || !strings.Contains(fault.Say(err, text.EN), "lease until 00:31:00 Beijing time") || !strings.Contains(fault.Say(err, text.ZH), "租约到北京时间 00:31:00") {
		t.Errorf("%v", err)
	}
}
