package wiring

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/site"
)

// opened is a house of these files, closed with the test.
func opened(t *testing.T, files map[string]string) *House {
	t.Helper()
	dir := laid(t, files)
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := Open(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// One log batch may hold more records than the default.
func TestCatchingUpTakesALargeBatchInItsTime(t *testing.T) {
	now := time.Now()
	window := "{from: \"" + now.Add(-2*time.Hour).Format(time.RFC3339) + "\", to: \"" + now.Add(-time.Minute).Format(time.RFC3339) + "\"}"
	h := opened(t, map[string]string{"banjian.yaml": `site: test
connections:
  exchange: {kind: sqlite, path: exchange.db}
receivers:
  national: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020, data_source: "001", catch_up: 1000000, maintenance: [` + window + `]}
`})
	pace, err := h.paceOf("national", now)
	if err != nil || pace == nil {
		t.Fatalf("it is not catching up: %v", err)
	}
	if err := pace(t.Context(), 2_500_000); err != nil {
		t.Error(err)
	}
}

// A ledger that begins anew sends everything again.
func TestALedgerIsNotBegunOnADiskThatIsNotMounted(t *testing.T) {
	away := filepath.Join(t.TempDir(), "disk", "ledger.db")
	h := opened(t, map[string]string{"banjian.yaml": "site: test\nledger: {path: " + away + "}\n"})
	if store, err := h.OpenLedger(t.Context()); !fault.Is(err, fault.Config) {
		t.Errorf("got %v", err)
		if err == nil {
			store.Close()
		}
	}
	if _, err := os.Stat(filepath.Dir(away)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}
