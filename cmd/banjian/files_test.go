package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/failpoint"
)

// fileSite is a site with one pipeline that reads files of materials.
func fileSite(t *testing.T, from string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	for name, content := range map[string]string{
		"banjian.yaml":               "site: lingnan\nconnections:\n  drop: {kind: folder, path: drop, archive: done, rejected: broken}\n",
		"pipelines/m.yaml":           "pipeline: m\nfrom: {connection: drop, source_id: gjj, key: [local_no, material_id], settle: 0s, " + from + "}\nmapping: m\n",
		"mappings/m.yaml":            "mapping: m\nto: case/material\nfields:\n  local_no: a\n  material_id: b\n  material_name: {from: c, clean: true}\n  get_type: {const: paper}\n",
		"drop/left-alone/readme.txt": "not a file of ours",
	} {
		w.file(name, content)
	}
	return w
}

func (w *world) file(name, content string) {
	w.t.Helper()
	name = filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) runFiles(flags ...string) summary {
	w.t.Helper()
	_, sums := w.exec(append([]string{"run", "m", "--site", w.dir, "--json"}, flags...)...)
	return sums["m"]
}

// csvOf is a file with rows from … to-1, all saying what.
func csvOf(from, to int, what string) string {
	var b strings.Builder
	b.WriteString("a,b,c\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "GJJ-%05d,M1,%s\n", i, what)
	}
	return b.String()
}

func TestFilesThatGatheredAreVersionsInTheOrderOfTheirNames(t *testing.T) {
	w := fileSite(t, `files: "*.csv"`)
	w.file("drop/1.csv", csvOf(0, 100, "一"))
	w.file("drop/2.csv", csvOf(50, 150, "二"))
	w.file("drop/3.csv", "a,b,c\nGJJ-00000,M1,三\nGJJ-00000,M1,四\n,M1,五\n\"x\n")
	s := w.runFiles()
	// the second row of one key, the row without one, and the open quotation
	if s.Read != 204 || s.Collected != 201 || s.Rejected != 3 || s.State != "done" {
		t.Errorf("%+v", s)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "drop", "*.csv")); len(left) != 0 {
		t.Errorf("%q lie there still", left)
	}
	w.file("drop/1.csv", csvOf(0, 100, "一")) // sent again
	if s := w.runFiles(); s.Read != 0 {
		t.Errorf("%+v", s)
	}
	w.file("drop/4.csv", "a,b,c\nGJJ-00000,M1,三\n")
	if s := w.runFiles(); s.Read != 1 || s.Unchanged != 1 {
		t.Errorf("%+v", s)
	}
}

func TestARowThatLeftACompleteFileIsDeletedWithinTheFuse(t *testing.T) {
	w := fileSite(t, `files: "*.csv", mode: full, absent: delete`)
	w.file("drop/1.csv", csvOf(0, 1000, "一"))
	if s := w.runFiles(); s.Collected != 1000 {
		t.Errorf("%+v", s)
	}
	if s := w.runFiles("--mode", "full"); s.Read != 0 || s.Deleted != 0 || s.Absent != nil {
		t.Errorf("a night without a file deletes: %+v", s)
	}
	w.file("drop/2.csv", csvOf(3, 1001, "一"))
	if s := w.runFiles(); s.Unchanged != 997 || s.Deleted != 3 || s.Absent == nil {
		t.Errorf("%+v", s)
	}
	w.file("drop/3.csv", "")
	if s := w.runFiles(); s.Rejected != 1 || s.Deleted != 0 {
		t.Errorf("an empty file deletes: %+v", s)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "drop/broken/3.csv")); err != nil {
		t.Error(err)
	}
	w.file("drop/4.csv", csvOf(3, 900, "一")) // a hundred are gone: a person is asked
	code := execute(t.Context(), []string{"run", "m", "--site", w.dir, "--json"}, &strings.Builder{}, &strings.Builder{})
	if code == exitDone {
		t.Error("the fuse let a tenth go")
	}
}

func TestADryRunTakesNothing(t *testing.T) {
	w := fileSite(t, `files: "*.csv"`)
	w.file("drop/1.csv", csvOf(0, 10, "一"))
	for range 2 {
		if s := w.runFiles("--dry-run"); s.Read != 10 {
			t.Errorf("%+v", s)
		}
	}
	if s := w.runFiles(); s.Collected != 10 {
		t.Errorf("%+v", s)
	}
}

// Wherever the process dies, each row of each file is collected once, in the order of the
// files, and every file ends in the archive.
func TestKilledAtEveryStepOfFilesNothingIsLostAndNothingComesTwice(t *testing.T) {
	steps := []failpoint.Name{failpoint.AfterRead, failpoint.AfterMap, failpoint.BeforeLedgerCommit, failpoint.InLedgerCommit, failpoint.AfterLedgerCommit}
	for _, step := range steps {
		for nth := 1; nth <= 4; nth++ {
			w := fileSite(t, `files: "*.csv", batch_rows: 40`)
			w.file("drop/1.csv", csvOf(0, 100, "一"))
			w.file("drop/2.csv", csvOf(50, 150, "二"))
			c := exec.Command(os.Args[0], "run", "m", "--site", w.dir)
			c.Env = append(os.Environ(), asProduct+"=1", fmt.Sprintf("%s=%s:%d", failpoint.Variable, step, nth))
			if err := c.Run(); err == nil {
				t.Errorf("%s:%d: it was not killed", step, nth)
			}
			w.runFiles()
			w.file("drop/3.csv", csvOf(0, 50, "一")+strings.TrimPrefix(csvOf(50, 150, "二"), "a,b,c\n"))
			if s := w.runFiles(); s.Unchanged != 150 || s.Read != 150 {
				t.Errorf("%s:%d: the ledger is not what the files say: %+v", step, nth, s)
			}
			if left, _ := filepath.Glob(filepath.Join(w.dir, "drop", "*.csv")); len(left) != 0 {
				t.Errorf("%s:%d: %q lie there still", step, nth, left)
			}
		}
	}
}
