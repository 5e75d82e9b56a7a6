package gateway

import (
	"database/sql"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// What lies behind the position is listed when the run begins, and not once more for every
// batch: a backlog of a month would be read from where the batch begins to its end each time.
func TestABacklogIsListedOnce(t *testing.T) {
	w := newWorld(t)
	numbers := []string{"A", "B", "C", "D"}
	for _, no := range numbers {
		w.platform.put(no)
		w.announce(no, "0", "")
		w.fetch(time.Minute)
	}
	s, err := OpenSource(t.Context(), SourceOptions{Journal: w.journal, Platform: "ywzt", Kind: Application, Profile: w.profile, Intake: w.intake, Columns: []string{"SBLSH_SHORT"}, BatchRows: 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var got []string
	for {
		b, err := s.Read(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b.Record.Column(0).(*array.String).Value(0))
		b.Record.Release()
		if err := w.journal.do(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec("DELETE FROM feed")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(got, "") != strings.Join(numbers, "") {
		t.Errorf("got %v", got)
	}
}
