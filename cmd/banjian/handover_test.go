package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/failpoint"
)

// handoverSite is a site that collects files of materials and hands files of them over.
func handoverSite(t *testing.T, files string) *world {
	t.Helper()
	w := fileSite(t, `files: "*.csv", batch_rows: 40`)
	w.file("banjian.yaml", `site: lingnan
connections:
  drop: {kind: folder, path: drop, archive: done, rejected: broken}
  out: {kind: folder, path: out}
receivers:
  library: {system: library, environment: test, kind: file, connection: out, profile: library}
`)
	w.edited("pipelines/m.yaml", "mapping: m\n", "mapping: m\ndeliver: [library]\n")
	w.file("pipelines/receivers/library.yaml", "profile: library\ntitle: 数据交接\nkind: file\n"+files+"subjects:\n  - {subject: case/material, folder: 材料}\n")
	if err := os.Mkdir(filepath.Join(w.dir, "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// handed is every row handed over in CSV, by row_guid and version; files without a manifest are not taken.
func (w *world) handed() (rows map[string]int, operations map[string]int) {
	w.t.Helper()
	rows, operations = map[string]int{}, map[string]int{}
	manifests, _ := filepath.Glob(filepath.Join(w.dir, "out", "材料", "*.csv.json"))
	for _, name := range manifests {
		var m struct {
			File string
			Rows int
		}
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err == nil {
			data, err = os.ReadFile(filepath.Join(filepath.Dir(name), m.File))
		}
		if err != nil {
			w.t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		if len(lines) != m.Rows+1 {
			w.t.Errorf("%s has %d rows, its manifest says %d", m.File, len(lines)-1, m.Rows)
		}
		for _, line := range lines[1:] {
			cells := strings.Split(line, ",")
			rows[cells[len(cells)-3]+" "+cells[len(cells)-2]]++
			operations[cells[len(cells)-1]]++
		}
	}
	return rows, operations
}

func TestRecordsAreHandedOverAsFiles(t *testing.T) {
	for _, files := range []string{"files: {format: csv, bom: true}\n", ""} {
		w := handoverSite(t, files)
		w.file("drop/1.csv", csvOf(0, 100, "一"))
		if s := w.runFiles(); s.Receivers["library"].Delivered != 100 {
			t.Fatalf("%+v", s)
		}
		w.file("drop/2.csv", csvOf(90, 120, "二"))
		if s := w.runFiles(); s.Receivers["library"].Delivered != 30 {
			t.Fatalf("%+v", s)
		}
		if files != "" {
			if rows, ops := w.handed(); len(rows) != 130 || ops["I"] != 120 || ops["U"] != 10 {
				t.Errorf("%d rows, %v", len(rows), ops)
			}
		} else if list, _ := filepath.Glob(filepath.Join(w.dir, "out", "材料", "*.parquet.json")); len(list) < 2 {
			t.Errorf("%q", list)
		}
		if code, out, errOut := command("receivers", "test", "library", "--lang", "en", "--site", w.dir); code != exitDone || !strings.Contains(out, "it can be fed") {
			t.Errorf("exited %d: %s%s", code, out, errOut)
		}
		if code, out, errOut := command("doctor", "--lang", "en", "--site", w.dir); code != exitDone || !strings.Contains(out, "as its profile says") {
			t.Errorf("doctor exited %d: %s%s", code, out, errOut)
		}
		if err := os.Rename(filepath.Join(w.dir, "out"), filepath.Join(w.dir, "gone")); err != nil {
			t.Fatal(err)
		}
		if code, out, errOut := command("receivers", "test", "library", "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(out+errOut, "make or mount it first") {
			t.Errorf("exited %d: %s%s", code, out, errOut)
		}
		w.file("drop/3.csv", csvOf(200, 210, "三"))
		if code, _, _ := command("run", "m", "--site", w.dir); code == exitDone {
			t.Error("nobody was told that the folder is gone")
		}
		if err := os.Rename(filepath.Join(w.dir, "gone"), filepath.Join(w.dir, "out")); err != nil {
			t.Fatal(err)
		}
		if s := w.runFiles(); s.Receivers["library"].Released+s.Receivers["library"].Delivered != 10 {
			t.Errorf("%+v", s)
		}
	}
}

// Wherever the process dies, each version of each record is handed over once.
func TestKilledAtEveryStepOfHandingOverNothingIsLostAndNothingComesTwice(t *testing.T) {
	steps := []failpoint.Name{failpoint.BeforeFreeze, failpoint.InFreeze, failpoint.AfterFreeze, failpoint.InDeliver, failpoint.AfterDeliver, failpoint.InSettle, failpoint.AfterSettle, failpoint.InRecover}
	for _, step := range steps {
		for nth := 1; nth <= 2 && (nth == 1 || step == failpoint.InDeliver); nth++ {
			w := handoverSite(t, "files: {format: csv}\n")
			w.file("drop/1.csv", csvOf(0, 100, "一"))
			kill := func(step failpoint.Name, nth int) {
				c := exec.Command(os.Args[0], "run", "m", "--site", w.dir)
				c.Env = append(os.Environ(), asProduct+"=1", fmt.Sprintf("%s=%s:%d", failpoint.Variable, step, nth))
				if err := c.Run(); err == nil && nth == 1 {
					t.Errorf("%s:%d: it was not killed", step, nth)
				}
			}
			if step == failpoint.InRecover {
				kill(failpoint.AfterDeliver, 1)
			}
			kill(step, nth)
			w.runFiles()
			w.file("drop/2.csv", csvOf(50, 150, "二"))
			w.runFiles()
			rows, ops := w.handed()
			twice := 0
			for _, n := range rows {
				twice += n - 1
			}
			if len(rows) != 200 || twice != 0 || ops["I"] != 150 || ops["U"] != 50 {
				t.Errorf("%s:%d: %d rows, %d of them twice, %v", step, nth, len(rows), twice, ops)
			}
			if left, _ := filepath.Glob(filepath.Join(w.dir, "out", "材料", "*.tmp")); len(left) != 0 {
				t.Errorf("%s:%d: %q are left", step, nth, left)
			}
		}
	}
}

func TestAFileReceiversMistakesAreToldBeforeItRuns(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"pipelines/receivers/library.yaml", "format: csv", "format: xlsx", "parquet, csv"},
		{"pipelines/receivers/library.yaml", "format: csv", "format: parquet, bom: true", "bom is for csv"},
		{"pipelines/receivers/library.yaml", "format: csv", "formt: csv", "formt"},
		{"pipelines/receivers/library.yaml", "folder: 材料", "folder: ../x", "name of one folder"},
		{"pipelines/receivers/library.yaml", "folder: 材料", "table: x", "folder"},
		{"pipelines/receivers/library.yaml", "folder: 材料", "folder: 材料, key: [local_no]", "key"},
		{"pipelines/receivers/library.yaml", "kind: file", "kind: topic", "files is for kind: file"},
		{"pipelines/receivers/library.yaml", "- {subject: case/material, folder: 材料}", "- {subject: case/material, folder: 材料}\n  - {subject: case/accept, folder: 材料}", "one subject"},
		{"banjian.yaml", "connection: out", "connection: drop2", "drop2"},
		{"banjian.yaml", "kind: file", "kind: fiel", "file"},
		{"banjian.yaml", "out: {kind: folder, path: out}", "out: {kind: sqlite, path: out.db}", "a file receiver a folder"},
	} {
		w := handoverSite(t, "files: {format: csv}\n")
		w.edited(c.file, c.old, c.new)
		if code, out, errOut := command("validate", "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(out+errOut, c.want) {
			t.Errorf("%s: exited %d: %s%s", c.new, code, out, errOut)
		}
	}
}
