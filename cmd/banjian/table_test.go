package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/testdb"
)

// themeSite collects licences from a PostgreSQL and puts them into a theme library there.
var themeSite = map[string]string{
	"banjian.yaml": `site: theme
connections:
  library: {kind: postgres, dsn: {env: BANJIAN_TEST_LIBRARY}}
  theme: {kind: postgres, dsn: {env: BANJIAN_TEST_THEME}}
receivers:
  theme: {system: theme, environment: test, kind: table, connection: theme, profile: theme}
`,
	"pipelines/receivers/theme.yaml": `profile: theme
title: 主题库
kind: table
subjects:
  - subject: licence/licence
    table: theme.licence
    mapping: national-2020/lic_data
    key: [certificate_source_id]
    version: bb
    deleted_flag: {column: sc}
    fill: {batch: pc}
`,
	"pipelines/licence.yaml": `pipeline: licence
from: {connection: library, source_id: library, view: licence, key: [licence_id], mode: compare, absent: delete}
mapping: licence
deletes: {max: 3}
deliver: [theme]
`,
	"mappings/licence.yaml": itemSite["mappings/licence.yaml"],
}

func TestLicencesFromPostgreSQLArePutIntoATableByKey(t *testing.T) {
	server := testdb.Postgres(t)
	library, theme := server.CreateDatabase(t), server.CreateDatabase(t)
	server.Exec(t, library, "CREATE TABLE licence (id TEXT, holder TEXT, no TEXT, issuer TEXT, code TEXT)",
		"INSERT INTO licence SELECT 'L' || i, '张样例', '11010519491231002X', '岭南市住房公积金管理中心', '11440000MB2C70271K' FROM generate_series(1, 5) i")
	t.Setenv("BANJIAN_TEST_LIBRARY", server.DSN(library))
	t.Setenv("BANJIAN_TEST_THEME", server.DSN(theme))
	w := &world{t: t, dir: t.TempDir()}
	for name, content := range themeSite {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, errOut := banjian(t, exitUsage, "run", "--all", "--site", w.dir); !strings.Contains(errOut, "theme.licence") {
		t.Errorf("a table that is not there: %s", errOut)
	}
	columns := "certificate_type, certificate_type_code, certificate_name, certificate_number, certificate_holder, certificate_holder_code, certificate_holder_type," +
		" certificate_area_code, issue_dept, issue_dept_code, issue_date"
	// what the mapping writes is looked for before the first row
	server.Exec(t, theme, "CREATE SCHEMA theme", "CREATE TABLE theme.licence (certificate_source_id TEXT NOT NULL UNIQUE, certificate_type TEXT, bb BIGINT, sc CHAR(1))")
	for _, ask := range [][]string{{"receivers", "test", "theme"}, {"doctor", "theme"}} {
		_, out, errOut := doctorSays(append(ask, "--site", w.dir, "--lang", "en")...)
		if !strings.Contains(out+errOut, "the table lacks columns: pc, certificate_type_code, ") {
			t.Errorf("%v: %s%s", ask, out, errOut)
		}
	}
	server.Exec(t, theme, "DROP TABLE theme.licence", "CREATE TABLE theme.licence (certificate_source_id TEXT NOT NULL UNIQUE, "+
		strings.ReplaceAll(columns, ",", " TEXT,")+" TEXT, bb BIGINT, sc CHAR(1), pc CHAR(32))")
	if _, out, errOut := doctorSays("receivers", "test", "theme", "--site", w.dir, "--lang", "en"); !strings.Contains(out, "its clock") || !strings.Contains(out, "it can be fed") {
		t.Errorf("asked: %s%s", out, errOut)
	}
	look := server.Open(t, theme)
	w.exec("run", "--all", "--json", "--site", w.dir)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE bb = 1 AND sc = '0' AND issue_date = '2025-03-06'", 5)
	server.Exec(t, library, "UPDATE licence SET holder = '李样例' WHERE id = 'L2'", "DELETE FROM licence WHERE id = 'L4'")
	w.exec("run", "--all", "--json", "--approve-deletes", "--site", w.dir)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE certificate_source_id = 'L2' AND certificate_holder = '李样例' AND bb = 2", 1)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE certificate_source_id = 'L4' AND sc = '1' AND bb = 2", 1)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE bb = 1 AND sc = '0'", 3)

	_, sums := w.exec("run", "--all", "--json", "--site", w.dir) // nothing changed: the server adds up and sends no row
	if s := sums["licence"]; s.Compared != 4 || s.Read != 0 || s.Deleted != 0 {
		t.Errorf("unchanged: %+v", s)
	}
	server.Exec(t, library, "INSERT INTO licence SELECT 'L4', holder, no, issuer, code FROM licence WHERE id = 'L1'")
	w.exec("run", "--all", "--json", "--site", w.dir)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE certificate_source_id = 'L4' AND sc = '0' AND bb = 3", 1)
	server.Exec(t, library, "DELETE FROM licence WHERE id <> 'L1'") // more than the fuse lets through unasked
	banjian(t, exitUsage, "run", "--all", "--site", w.dir)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE sc = '1'", 0)
	w.exec("run", "licence", "--json", "--approve-deletes=1", "--site", w.dir)
	wantRows(t, look, "SELECT COUNT(*) FROM theme.licence WHERE sc = '1'", 4)
}

func TestAKeyThatNoMappingWritesIsFoundByValidate(t *testing.T) {
	t.Setenv("BANJIAN_TEST_LIBRARY", "postgres://u:p@127.0.0.1:1/x")
	t.Setenv("BANJIAN_TEST_THEME", "postgres://u:p@127.0.0.1:1/x")
	w := &world{t: t, dir: t.TempDir()}
	for name, content := range themeSite {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(content, "key: [certificate_source_id]", "key: [certificate_sorce_id]", 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, errOut := banjian(t, exitUsage, "validate", "--site", w.dir)
	wantText(t, errOut, "theme.yaml:8:11", "certificate_source_id")
}

func wantRows(t *testing.T, db *sql.DB, query string, want int) {
	t.Helper()
	var n int
	if err := db.QueryRow(query).Scan(&n); err != nil || n != want {
		t.Errorf("%d rows, %v: %s", n, err, query)
	}
}
