package datax_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/cmd/internal/datax"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

// said is everything that came of a job, or why nothing did.
func said(t *testing.T, name string, data []byte, subject *schemas.Subject) string {
	t.Helper()
	job, err := datax.Read(name, data)
	if err != nil {
		f, ok := err.(*fault.Error)
		if !ok || f.Kind != fault.Config {
			t.Fatalf("%v", err)
		}
		return fmt.Sprintf("%s\n%s\n%s\n%s\n", f.In(text.ZH), f.In(text.EN), f.Excerpt(), f.Hint.EN)
	}
	return "columns: " + strings.Join(job.Columns, ", ") + "\n\n" + job.PipelineFile("x", "gjj", subject) + "\n" + job.ConnectionEntry("gjj") + "\n" + job.MappingComments()
}

func TestJobsAreCarriedOverAndTheRestIsTold(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := cat.Subject("case/accept")
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := said(t, filepath.Base(file), data, subject)
			if strings.Contains(got, "geheim") {
				t.Errorf("a password is shown:\n%s", got)
			}
			golden := strings.TrimSuffix(file, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s differs (run with -update to accept) %v:\n%s", golden, err, got)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	cat, err := schemas.Load()
	if err != nil {
		f.Fatal(err)
	}
	subject, _ := cat.Subject("case/accept")
	f.Fuzz(func(t *testing.T, data []byte) {
		job, err := datax.Read("job.json", data)
		if err != nil {
			if !fault.Is(err, fault.Config) {
				t.Errorf("%v is a %s fault", err, fault.KindOf(err))
			}
			return
		}
		for _, file := range []string{job.PipelineFile("x", "gjj", subject), job.ConnectionEntry("gjj"), job.MappingComments()} {
			if strings.ContainsRune(file, '\x00') {
				t.Errorf("%q", file)
			}
		}
	})
}

func TestAnExpressionKeepsItsOwnName(t *testing.T) {
	job, err := datax.Read("job.json", []byte(`{"job": {"content": [{"reader": {"name": "oraclereader", "parameter": {"username": "u", "password": "p",
		"column": ["SLBH", "to_char(SLSJ, 'yyyy-mm-dd') as SLSJ", "nvl(SQR, '-') SQR", "case when a = 1 then 2 end \"LX\"", "a || b", "1"],
		"connection": [{"table": ["T"], "jdbcUrl": ["jdbc:oracle:thin:@h:1521/o"]}]}}, "writer": {"name": "mysqlwriter", "parameter": {}}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range job.View("x").Columns {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "SLBH SLSJ SQR LX c5 c6" {
		t.Errorf("columns %s", got)
	}
}
