package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"banjian/internal/fault"
	"banjian/ledger"
)

// olderLedger makes a ledger of an earlier layout and fills it.
func olderLedger(t *testing.T, layout int64, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(context.Background(), layout); err != nil {
		t.Fatal(err)
	}
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return path
}

func TestCasesOfAnOlderLedgerAreKnownAsBefore(t *testing.T) {
	path := olderLedger(t, 3,
		"INSERT INTO streams(id, source, subject) VALUES(1, 'gjj-core', 'case/accept'), (2, 'gjj-core', 'case/step'), (3, 'jtj', 'case/accept')",
		// 41 and 31: keys of A and B, round 1; 0132 is round 2
		"INSERT INTO records(stream, key, rec, version, rhash, shash, guid, seq, row, run) VALUES"+
			"(1, x'01410131', 11, 1, x'00', x'00', x'00', 1, 0, 1), (1, x'01410132', 12, 1, x'00', x'00', x'00', 1, 1, 1), (1, x'01420131', 13, 1, x'00', x'00', x'00', 1, 2, 1),"+
			"(2, x'01410131', 14, 1, x'00', x'00', x'00', 2, 0, 1), (3, x'01410131', 15, 1, x'00', x'00', x'00', 3, 0, 1)",
		"INSERT INTO cases(source, local_no, case_no, flow_no, item_code, rec, round, accepted_at) VALUES('gjj-core', 'A', 'N-A', 'F-A', 'I-A', 12, 2, 1793494800),"+
			"('gjj-core', 'B', NULL, NULL, NULL, 13, 1, 0), ('jtj', 'A', 'N-other', NULL, NULL, 15, 1, 0)")
	ctx := context.Background()
	s, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Cases(ctx, "gjj-core", []string{"B", "A", "C"})
	if err != nil {
		t.Fatal(err)
	}
	want := []ledger.Case{{Source: "gjj-core", LocalNo: "B", Rec: 13, Round: 1},
		{Source: "gjj-core", LocalNo: "A", CaseNo: "N-A", FlowNo: "F-A", ItemCode: "I-A", Rec: 12, Round: 2, AcceptedAt: 1793494800}, {}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if found, err := s.FindCases(ctx, "N-other"); err != nil || len(found) != 1 || found[0].Rec != 15 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// A process that is told to stop while it lays out a ledger says that it was stopped, and
// the next one goes on.
func TestALayoutThatIsStoppedMidwayGoesOnAtTheNextOpening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	stopped := 0
	for patience := 100 * time.Microsecond; ; patience += patience / 5 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		s, err := Open(ctx, path)
		cancel()
		if err == nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("stopped after %s it says: %v", patience, err)
		}
		stopped++
	}
	if stopped == 0 {
		t.Error("it was never stopped")
	}
}

// A wrong ledger.path must not put our tables into a department's database.
func TestADatabaseOfSomebodyElseIsRefusedAndLeftAsItIs(t *testing.T) {
	for name, statements := range map[string][]string{
		"tables":              {"CREATE TABLE gjj_ywsl(slbh TEXT)", "INSERT INTO gjj_ywsl VALUES('A')"},
		"a log of its own":    {"CREATE TABLE log(at TEXT)", "CREATE TABLE records(id INTEGER)"},
		"kept by goose, too":  {"CREATE TABLE goose_db_version(id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP)", "CREATE TABLE users(id INTEGER)"},
		"views without table": {"CREATE VIEW v AS SELECT 1 AS a"},
	} {
		path := filepath.Join(t.TempDir(), "department.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range statements {
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		db.Close()
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Open(t.Context(), path); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
			t.Errorf("%s: got %v", name, err)
			if err == nil {
				s.Close()
			}
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}
