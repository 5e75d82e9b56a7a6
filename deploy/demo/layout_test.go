package demo

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASecondLayoutChangesNothing(t *testing.T) {
	site := Site{Dir: filepath.Join(t.TempDir(), "banjian-demo"), ExchangeDDL: []string{"CREATE TABLE up_pro_accept (row_guid VARCHAR(50) NOT NULL)"}}
	lay := func(o Options) bool {
		if err := Layout(site); err != nil {
			t.Fatal(err)
		}
		created, err := Department(context.Background(), site.Dir, o, true)
		if err != nil {
			t.Fatal(err)
		}
		return created
	}
	if !lay(Options{Cases: 30}) {
		t.Fatal("the first layout created no department")
	}
	before := snapshot(t, site.Dir)
	for _, f := range []string{SiteFile, JobFile, PipelinesFile, DepartmentFile, ExchangeFile, ExpectedFile, NationalFile, MessagesFile} {
		if before[filepath.Join(site.Dir, f)] == "" {
			t.Errorf("%s is missing or empty", f)
		}
	}
	if lay(Options{Cases: 60, Seed: 9}) {
		t.Error("the second layout says it created a department")
	}
	after := snapshot(t, site.Dir)
	if len(before) != len(after) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
	for path, data := range before {
		if after[path] != data {
			t.Errorf("%s changed", path)
		}
	}
}

func TestServersStandInByReferenceOnly(t *testing.T) {
	dir := t.TempDir()
	if err := Layout(Site{Dir: dir, SourceEnv: "GJJ_DSN", ExchangeEnv: "EXCHANGE_DSN"}); err != nil {
		t.Fatal(err)
	}
	files := snapshot(t, dir)
	yaml := files[filepath.Join(dir, SiteFile)]
	for _, want := range []string{"gjj: {kind: mysql, dsn: {env: GJJ_DSN}}", "exchange: {kind: mysql, dsn: {env: EXCHANGE_DSN}}", "profile: national-2020", "ywzt: {kind: platform, embedded: data/platform.jsonl}", "profile: sd-ywzt-2024"} {
		if !strings.Contains(yaml, want) {
			t.Errorf("no %q in\n%s", want, yaml)
		}
	}
	for path := range files {
		if filepath.Ext(path) == ".db" {
			t.Errorf("an embedded database was made as well: %s", path)
		}
	}
}
