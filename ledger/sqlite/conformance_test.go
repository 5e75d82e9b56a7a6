package sqlite_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"banjian/ledger"
	"banjian/ledger/ledgertest"
	"banjian/ledger/sqlite"
)

func TestConformance(t *testing.T) {
	var files sync.Map
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		path, _ := files.LoadOrStore(t, filepath.Join(t.TempDir(), "台账 1.db"))
		return openAt(t, path.(string))
	})
}

func openAt(t testing.TB, path string, opts ...sqlite.Option) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
