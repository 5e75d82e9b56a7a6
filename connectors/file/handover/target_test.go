package handover

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
	"banjian/pipelines"
)

func TestConformance(t *testing.T) {
	for _, format := range formats {
		t.Run(string(format), func(t *testing.T) {
			connectortest.Target(t, connectortest.TargetHarness{
				World: func(t *testing.T) connectortest.Receiver {
					dir := t.TempDir()
					return connectortest.Receiver{Table: "accept",
						Open:   func() (pipelines.Target, error) { return target(t, dir, format, nil), nil },
						Stored: func(t *testing.T) []connectortest.Stored { return stored(t, dir, format) }}
				},
				Rows: func(_ *testing.T, n int, alloc memory.Allocator) arrow.Record { return rows(n, alloc) },
			})
		})
	}
}

func TestValuesAreReadBackAsTheyAre(t *testing.T) {
	for _, format := range formats {
		dir := t.TempDir()
		d := delivery(t, 3)
		if _, err := target(t, dir, format, nil).Deliver(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		got := read(t, dir, format, "source_id", "kind", "round", "share", "open", "accepted_at", "day", "_version", "_operation")
		want := [][]string{
			{"gjj", "即办", "0", "0.1", "true", "2026-11-01 09:00:00", "2026-11-02", "1", "I"},
			{"gjj", "承诺", "1", "0.1", "false", "2026-11-01 09:00:00", "2026-11-02", "2", "U"},
			{"gjj", "∅", "∅", "∅", "∅", "∅", "∅", "3", "D"},
		}
		for i := range got {
			if !slices.Equal(got[i][1:], want[i]) {
				t.Errorf("%s: row %d is %q, want %q", format, i, got[i][1:], want[i])
			}
		}
	}
}

func TestCSVKeepsWhatTextHasInIt(t *testing.T) {
	for text, want := range map[string]string{"": `""`, "a": "a", "a,b": `"a,b"`, `"`: `""""`, "一\r\n二": "\"一\r\n二\"", " ": " ", "=1+1": "=1+1"} {
		if got := string(appendText(nil, text)); got != want {
			t.Errorf("%q is written %s", text, got)
		}
	}
}

func TestTheManifestTellsWhatTheFileHas(t *testing.T) {
	for _, format := range formats {
		dir, d := t.TempDir(), delivery(t, 7)
		to := target(t, dir, format, nil)
		to.o.BOM = true
		if _, err := to.Deliver(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		name := "20261102-170203.000-" + d.ID + "." + string(format)
		data, err := os.ReadFile(filepath.Join(dir, "accept", name))
		if err != nil {
			t.Fatal(err)
		}
		if hasMark := strings.HasPrefix(string(data), "\uFEFF"); hasMark != (format == CSV) {
			t.Errorf("%s begins with %q", format, data[:3])
		}
		told, err := os.ReadFile(filepath.Join(dir, "accept", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var m manifest
		if err := json.Unmarshal(told, &m); err != nil {
			t.Fatal(err)
		}
		sum := gm.SM3(data)
		want := manifest{File: name, Format: string(format), Bytes: int64(len(data)), SM3: hex.EncodeToString(sum[:]), Rows: 7, Inserts: 3, Updates: 2, Deletes: 2,
			Batch: d.ID, Receiver: "handover", Subject: "case/accept", Source: "gjj", FrozenAt: "2026-11-02T17:02:03.000+08:00", Columns: m.Columns}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("%s", told)
		}
		if c := m.Columns; len(c) != 12 || c[6] != (manifestColumn{"accepted_at", "time"}) || c[8].Type != "list" || c[11].Name != "_operation" {
			t.Errorf("%+v", c)
		}
	}
}

func TestARepeatOfABatchIsTheSameFile(t *testing.T) {
	for _, format := range formats {
		dir, d := t.TempDir(), delivery(t, 500)
		var before []byte
		for range 3 {
			if _, err := target(t, dir, format, nil).Deliver(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "accept", "2*."+string(format)))
			if len(files) != 1 {
				t.Fatalf("%q", files)
			}
			data, err := os.ReadFile(files[0])
			if err != nil || before != nil && string(data) != string(before) {
				t.Errorf("%s: other bytes, %v", format, err)
			}
			before = data
		}
	}
}

// dies is a disk on which the n-th step fails, and everything behind it where the process is
// gone by then.
func dies(n int, err error, gone bool) (fail func(string) error, steps *[]string) {
	steps = &[]string{}
	return func(step string) error {
		*steps = append(*steps, step)
		if at := len(*steps); at == n || gone && at > n {
			return err
		}
		return nil
	}, steps
}

// Whatever step the disk fails at, or the process dies at, a reader never sees half a file,
// the batch is told from one that arrived, and the repeat hands it over once, also where a
// reader takes every file as soon as it may.
func TestWhateverStepFailsTheFileIsHandedOverOnce(t *testing.T) {
	for _, gone := range []bool{false, true} {
		for _, taking := range []bool{false, true} {
			for n := 1; ; n++ {
				dir, d := t.TempDir(), delivery(t, 20)
				fail, steps := dies(n, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, gone)
				_, err := target(t, dir, CSV, fail).Deliver(t.Context(), d)
				if err == nil {
					t.Logf("%d steps: %q", n-1, *steps)
					break
				}
				last := (*steps)[len(*steps)-1]
				taken := 0
				take := func() {
					seen := stored(t, dir, CSV)
					if len(seen) != 0 && len(seen) != 20 {
						t.Errorf("%s: a reader sees %d rows of 20", last, len(seen))
					}
					if taken += len(seen); !taking || len(seen) == 0 {
						return
					}
					for _, end := range []string{".json", ""} {
						files, _ := filepath.Glob(filepath.Join(dir, "accept", "2*"+".csv"+end))
						for _, f := range files {
							if err := os.Remove(f); err != nil {
								t.Fatal(err)
							}
						}
					}
				}
				take()
				again := target(t, dir, CSV, nil)
				if !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Unknown) || !strings.Contains(fault.Say(err, text.EN), "disk is full") {
					t.Errorf("%s: %v", last, err)
				}
				rows, asked := again.Arrived(t.Context(), d.ID, "accept")
				if asked != nil || rows != 0 && rows != 20 || (rows == 0) != (taken == 0) || rows != 0 && fault.Is(err, fault.Transient) {
					t.Errorf("%s: %d rows arrived, %v; a reader has %d; Deliver said %v", last, rows, asked, taken, err)
				}
				if !taking {
					taken = 0
				}
				if rows == 0 {
					if _, err := again.Deliver(t.Context(), d); err != nil {
						t.Errorf("%s: then %v", last, err)
					}
				}
				take()
				if n, err := again.Arrived(t.Context(), d.ID, "accept"); n != 20 || err != nil {
					t.Errorf("%s: in the end %d rows arrived, %v", last, n, err)
				}
				if taken != 20 {
					t.Errorf("%s: a reader has %d rows of 20", last, taken)
				}
				if left, _ := filepath.Glob(filepath.Join(dir, "accept", "*.tmp")); len(left) != 0 {
					t.Errorf("%s: %q are left", last, left)
				}
			}
		}
	}
}

func TestAFullDiskLeavesNothingBehindThatTakesRoom(t *testing.T) {
	dir := t.TempDir()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("SKIPPED: no small disk can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	to := target(t, dir, CSV, nil)
	if _, err := to.Deliver(t.Context(), delivery(t, 10)); err != nil {
		t.Fatal(err)
	}
	large := delivery(t, 20_000)
	for range 3 {
		_, err := to.Deliver(t.Context(), large)
		if !fault.Is(err, fault.Transient) || !strings.Contains(fault.Say(err, text.ZH), "磁盘已满") {
			t.Fatalf("%v", err)
		}
	}
	if n, err := to.Arrived(t.Context(), large.ID, "accept"); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	small := delivery(t, 10) // there is room again
	if _, err := to.Deliver(t.Context(), small); err != nil {
		t.Error(err)
	}
	if n := len(stored(t, dir, CSV)); n != 20 {
		t.Errorf("%d rows", n)
	}
}

func TestTornNotesAreLeftOutAndOldOnesDropped(t *testing.T) {
	dir := t.TempDir()
	to := target(t, dir, CSV, nil)
	first := delivery(t, 1)
	if _, err := to.Deliver(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "accept", ".batches")
	torn, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(torn, "\n%032x 5 2026", 7)
	torn.Close()
	second := delivery(t, 2)
	if _, err := to.Deliver(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	var many strings.Builder
	for i := range 40_000 {
		many.WriteString(note{fmt.Sprintf("%032x", i), 1, fmt.Sprintf("x-%032x.csv", i)}.line())
	}
	old, _ := os.ReadFile(name)
	if err := os.WriteFile(name, append([]byte(many.String()), old...), 0o644); err != nil {
		t.Fatal(err)
	}
	third := delivery(t, 3)
	if _, err := to.Deliver(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Size() > mostNotes {
		t.Errorf("%v, %v", info, err)
	}
	for i, d := range []*pipelines.Delivery{first, second, third} {
		if n, err := to.Arrived(t.Context(), d.ID, "accept"); n != i+1 || err != nil {
			t.Errorf("delivery %d: %d, %v", i, n, err)
		}
	}
}

func TestAFolderThatIsNotThereOrNotOursIsTold(t *testing.T) {
	if _, err := target(t, filepath.Join(t.TempDir(), "none"), CSV, nil).Deliver(t.Context(), delivery(t, 1)); !fault.Is(err, fault.Config) {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	to := target(t, dir, CSV, func(string) error { return &os.PathError{Op: "mkdir", Path: "x", Err: os.ErrPermission} })
	if _, err := to.Deliver(t.Context(), delivery(t, 1)); !fault.Is(err, fault.Config) {
		t.Errorf("%v", err)
	}
	if free, err := to.Check(t.Context()); err != nil || free == 0 {
		t.Errorf("%d, %v", free, err)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "accept")); err != nil {
		t.Fatal(err)
	}
	if _, err := target(t, dir, CSV, nil).Deliver(t.Context(), delivery(t, 1)); err == nil || errors.Is(err, os.ErrPermission) {
		t.Errorf("it was written outside the folder: %v", err)
	}
}
