package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/site"
)

const withReceiver = `site: t
connections:
  ex: {kind: sqlite, path: ex.db}
receivers:
  national:
    system: national
    environment: test
    kind: exchange
    connection: ex
    profile: national-2020
    data_source: "144"
`

func loaded(t *testing.T, more string) (*site.Site, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, site.FileName), []byte(withReceiver+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return site.Load(dir)
}

func TestMaintenanceRemembersItsPlaceForMessages(t *testing.T) {
	s, err := loaded(t, `    maintenance: [{weekly: "Sat 22:00-02:00"}, {from: "2026-12-01 20:00", to: "2026-12-02 06:00", why: 升级}]
    catch_up: 200
    alert_held_after: 1d
`)
	if err != nil {
		t.Fatal(err)
	}
	r := s.Receivers["national"]
	if len(r.Maintenance) != 2 || r.Maintenance[0].Weekly != "Sat 22:00-02:00" || r.Maintenance[1].Why != "升级" || r.CatchUp != 200 || r.HeldLimit() != 24*time.Hour {
		t.Fatalf("got %+v", r)
	}
	if r.Maintenance[0].Place != "12:20" || r.Maintenance[1].Place != "12:49" {
		t.Errorf("places %q and %q", r.Maintenance[0].Place, r.Maintenance[1].Place)
	}
}

func TestHoldsAreLongAfterThreeDaysWhereNothingIsSaid(t *testing.T) {
	s, err := loaded(t, "")
	if err != nil || s.Receivers["national"].HeldLimit() != 72*time.Hour {
		t.Errorf("%v, %v", s, err)
	}
}

func TestWrongReceiverKeysAreToldWithTheirPlace(t *testing.T) {
	for more, want := range map[string]string{
		"    maintenance: [{weekly: \"Sat 22:00-02:00\", wekly: x}]\n": "banjian.yaml:12:47: unknown key wekly",
		"    maintenance: {weekly: x}\n":                               "banjian.yaml:12:19",
		"    alert_held_after: soon\n":                                 "banjian.yaml:12:23",
		"    alert_held_after: -3h\n":                                  "banjian.yaml:12:23",
		"    catch_up: fast\n":                                         "banjian.yaml:12:15",
	} {
		_, err := loaded(t, more)
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", more, err, want)
		}
	}
}
