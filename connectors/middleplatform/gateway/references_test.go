package gateway

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFilesThatTheJournalHasAreTold(t *testing.T) {
	j, err := OpenJournal(t.Context(), filepath.Join(t.TempDir(), "inbox.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.do(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO files(application, seq, path, name, md5, state, reference, due) VALUES(1,'a','/a','a.pdf','','stored','sha256:x',0), (1,'b','/b','b.pdf','','pending','',0)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := j.References(context.Background(), func(r string) error { got = append(got, r); return nil }); err != nil || strings.Join(got, " ") != "sha256:x" {
		t.Errorf("%v, %v", got, err)
	}
}
