package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/ledger"
	"banjian/ledger/sqlite"
	"banjian/pipelines"
)

// What a child process of these tests does, and to which file.
const (
	childDoes = "BANJIAN_LEDGER_TEST_CHILD"
	childFile = "BANJIAN_LEDGER_TEST_FILE"
)

func TestMain(m *testing.M) {
	sqlite.PackPages() // everything here is run as the program runs it
	if what := os.Getenv(childDoes); what != "" {
		os.Exit(child(what, os.Getenv(childFile)))
	}
	testleak.Main(m)
}

func child(what, path string) int {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	switch {
	case err == nil && what == "lease":
		_, err = s.Acquire(ctx, "collect:a", time.Hour)
	case err == nil && what == "write":
		for i := 0; i < 40 && err == nil; i++ {
			err = patiently(func() error { _, err := s.Commit(ctx, change(fmt.Sprint("child", os.Getpid()), "c", i)); return err })
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0 // without Close, as a killed process
}

// patiently tries again what another process was in the way of, as a run does: on a slow disk
// one that writes without a pause leaves hardly a moment between two transactions.
func patiently(do func() error) (err error) {
	for until := time.Now().Add(5 * time.Minute); time.Now().Before(until); {
		if err = do(); !fault.Is(err, fault.Transient) {
			return err
		}
	}
	return err
}

func runChild(t *testing.T, what, path string) error {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDoes+"="+what, childFile+"="+path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

var stream = ledger.Stream{Source: "gjj-core", Subject: "case/accept"}

// change is the i-th commit of a writer: one new record.
func change(pipeline, writer string, i int) *ledger.Change {
	e := ledger.Entry{Key: ledger.EncodeKey(fmt.Sprintf("%s%04d", writer, i)), Rec: int64(len(writer)*100000 + i + 1), Version: 1, Run: 1}
	return &ledger.Change{Run: 1, Pipeline: pipeline, Position: pipelines.Position(fmt.Sprint(i)),
		Batches: []ledger.LogBatch{{Stream: stream, Payload: make([]byte, 4000), Entries: []ledger.Entry{e}, Before: []ledger.Place{{}}}}}
}

func TestTheFileAndItsCompanionsAreForTheOwnerAlone(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	defer s.Close()
	if _, err := s.Commit(context.Background(), change("p", "w", 0)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(f), st.Mode().Perm())
		}
	}
}

func TestALedgerOfANewerReleaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	openAt(t, path).Close()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version(version_id, is_applied) VALUES(9999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err = sqlite.Open(context.Background(), path)
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "9999") || fault.HintOf(err).IsZero() {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatIsNoLedgerIsRefused(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("这不是台账\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]fault.Kind{text: fault.Gone, filepath.Join(dir, "no", "folder.db"): fault.Config, dir: fault.Config} {
		if _, err := sqlite.Open(context.Background(), path); !fault.Is(err, kind) {
			t.Errorf("%s: got %v (%s), want a %s fault", filepath.Base(path), err, fault.KindOf(err), kind)
		}
	}
}

func TestSeveralMayOpenANewFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := sqlite.Open(context.Background(), path)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}

func TestALeaseOfADeadProcessIsFreeAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := runChild(t, "lease", path); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	defer s.Close()
	l, err := s.Acquire(context.Background(), "collect:a", time.Hour)
	if err != nil || l.Epoch != 2 {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestALeaseOfAnotherHostIsFreeOnlyWhenItsTimeIsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	now := time.Now()
	s := openAt(t, path, sqlite.WithClock(func() time.Time { return now }))
	defer s.Close()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO leases VALUES('collect:a', 'elsewhere/1/2', 7, ?)", now.Add(time.Minute).UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(context.Background(), "collect:a", time.Hour); !fault.Is(err, fault.Blocked) || !strings.Contains(err.Error(), "elsewhere") {
		t.Errorf("got %v", err)
	}
	now = now.Add(2 * time.Minute)
	if l, err := s.Acquire(context.Background(), "collect:a", time.Hour); err != nil || l.Epoch != 8 {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestTwoProcessesWriteAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	defer s.Close()
	done := make(chan error, 1)
	go func() { done <- runChild(t, "write", path) }()
	for i := range 60 {
		if err := patiently(func() error { _, err := s.Commit(context.Background(), change("parent", "parent", i)); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var seq int64
	n := 0
	for {
		e, err := s.Next(context.Background(), stream, seq)
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			break
		}
		seq, n = e.Seq, n+1
	}
	if n != 100 {
		t.Errorf("%d batches in the log, want 100", n)
	}
}

// A change that fails shares its transaction with others that wait; they must not
// fail with it.
func TestAConflictDoesNotTouchItsNeighbours(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer s.Close()
	ctx := context.Background()
	if _, err := s.Commit(ctx, change("p", "taken", 0)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if i%3 == 0 {
				c := change("p", "taken", 0)
				c.Batches = append(change("p", "never", i).Batches, c.Batches...)
				if _, err := s.Commit(ctx, c); !errors.Is(err, ledger.ErrConflict) {
					t.Errorf("conflict %d: %v", i, err)
				}
				return
			}
			if _, err := s.Commit(ctx, change("p", "good", i)); err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for i := range 60 {
		list, err := s.Lookup(ctx, stream, [][]byte{ledger.EncodeKey(fmt.Sprintf("good%04d", i)), ledger.EncodeKey(fmt.Sprintf("never%04d", i))})
		if err != nil {
			t.Fatal(err)
		}
		if list[0].Known() != (i%3 != 0) || list[1].Known() {
			t.Errorf("record %d: good %t, of a failed change %t", i, list[0].Known(), list[1].Known())
		}
	}
}

func TestAFullDiskWritesNothingAndGoesOnWhenThereIsSpace(t *testing.T) {
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: a full disk needs root, to mount a small tmpfs")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("SKIPPED: a full disk needs a small tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	s := openAt(t, filepath.Join(dir, "ledger.db"))
	t.Cleanup(func() { _ = s.Close() }) // whichever it is by then
	ctx := context.Background()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	written := 0
	var full error
	for full == nil && written < 2000 {
		if _, full = s.Commit(ctx, change("p", "w", written)); full == nil {
			written++
		}
	}
	if !fault.Is(full, fault.Transient) || !strings.Contains(full.Error(), "disk") {
		t.Fatalf("after %d changes: %v (%s)", written, full, fault.KindOf(full))
	}
	wantWritten(t, s, written)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(ctx, change("p", "w", written)); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	wantWritten(t, s, written+1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, filepath.Join(dir, "ledger.db"))
	wantWritten(t, s, written+1)
}

// wantWritten checks that exactly the first n changes of a writer are there.
func wantWritten(t *testing.T, s *sqlite.Store, n int) {
	t.Helper()
	for i := range n + 1 {
		list, err := s.Lookup(context.Background(), stream, [][]byte{ledger.EncodeKey(fmt.Sprintf("w%04d", i))})
		if err != nil {
			t.Fatal(err)
		}
		if list[0].Known() != (i < n) {
			t.Fatalf("change %d of %d: known %t", i, n, list[0].Known())
		}
	}
	if p, err := s.Position(context.Background(), "p"); err != nil || string(p) != fmt.Sprint(n-1) {
		t.Fatalf("stands at %q, %v, want %d", p, err, n-1)
	}
}
