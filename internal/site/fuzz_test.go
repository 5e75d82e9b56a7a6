package site_test

import (
	"os"
	"path/filepath"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
)

func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("site: x\nconnections: {a: {kind: mysql, password: geheim}}\n"))
	f.Add([]byte("receivers: {r: {maintenance: [{weekly: \"Sat 22:00-02:00\"}], alert_held_after: 3d}}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, site.FileName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := site.Load(dir); err != nil && !fault.Is(err, fault.Config) {
			t.Errorf("%v is a %s fault", err, fault.KindOf(err))
		}
	})
}
