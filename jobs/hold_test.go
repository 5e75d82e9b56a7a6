package jobs

import (
	"testing"
	"testing/synctest"
	"time"

	"banjian/internal/fault"
	"banjian/ledger"
)

func TestALeaseThatRanOutIsNotCommittedUnder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHold(ledger.Lease{Name: "deliver:national"})
		time.Sleep(leaseTTL - time.Second)
		if err := h.fence(); err != nil {
			t.Errorf("a second before its end: %v", err)
		}
		h.renewed(time.Now())
		time.Sleep(leaseTTL - time.Second)
		if err := h.fence(); err != nil {
			t.Errorf("after a renewal: %v", err)
		}
		time.Sleep(2 * time.Second) // as for a process that was stopped meanwhile
		if err := h.fence(); !fault.Is(err, fault.Blocked) {
			t.Errorf("after its end: %v, want Blocked", err)
		}
	})
}
