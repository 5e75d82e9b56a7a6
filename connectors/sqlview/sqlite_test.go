package sqlview

import (
	"os"
	"path/filepath"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
)

func TestSQLiteFullReadDeliversOnlyMappedColumns(t *testing.T) {
	db := newSQLite(t, `CREATE TABLE t (id INTEGER, name TEXT, secret TEXT, amount DECIMAL(10,2), at DATETIME, d DATE, r REAL, b BLOB)`,
		`INSERT INTO t VALUES (1,'张三','s',12.50,'2026-01-02 03:04:05.000','2026-01-02',0.1,x'00ff'),(2,NULL,'s',NULL,NULL,NULL,NULL,NULL)`,
		`CREATE VIEW v AS SELECT * FROM t`)
	o := Options{DB: db, View: "v", Columns: []string{"id", "name", "amount", "at", "d", "r", "b"}}
	got := readAll(t, o, "")
	want := []string{"1|张三|12.5|2026-01-02 03:04:05.000|2026-01-02|0.1|00ff", "2|∅|∅|∅|∅|∅|∅"}
	compare(t, got.rows, want)
	wantTypes := "id int64 int, name utf8 text, amount utf8 decimal, at utf8 datetime, d utf8 date, r float64 float, b binary binary"
	if got.types != wantTypes {
		t.Fatalf("types\n%s\nwant\n%s", got.types, wantTypes)
	}
}

func TestSQLiteIntegerColumnHoldingTextBecomesText(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (id INTEGER, n INT, r REAL)",
		"INSERT INTO t VALUES (1, 7, 1.5), (2, 'seven', 'x'), (3, 7.25, 2), (4, '0012', NULL)")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"id", "n", "r"}}
	got := readAll(t, o, "")
	if want := "id int64 int, n utf8 text, r utf8 text"; got.types != want {
		t.Fatalf("types %s, want %s", got.types, want)
	}
	compare(t, got.rows, []string{"1|7|1.5", "2|seven|x", "3|7.25|2.0", "4|12|∅"})
	s.exec(t, "DELETE FROM t WHERE id IN (2, 3)")
	if got, want := readAll(t, o, "").types, "id int64 int, n int64 int, r float64 float"; got != want {
		t.Fatalf("types %s, want %s", got, want)
	}
}

func TestSQLiteExpressionsAndUndeclaredColumnsAreText(t *testing.T) {
	db := newSQLite(t, "CREATE TABLE t (a INTEGER, u, d DATETIME)", "INSERT INTO t VALUES (1, 5, '2026/1/2'), (2, 'x', 20260102)",
		"CREATE VIEW v AS SELECT a + 1 AS b, u, upper(u) AS w, d, 0.1 + 0.2 AS f FROM t")
	got := readAll(t, Options{DB: db, View: "v", Columns: []string{"b", "u", "w", "d", "f"}}, "")
	if want := "b utf8 text, u utf8 text, w utf8 text, d utf8 datetime, f utf8 text"; got.types != want {
		t.Fatalf("types %s, want %s", got.types, want)
	}
	compare(t, got.rows, []string{"2|5|5|2026/1/2|0.30000000000000004", "3|x|X|20260102|0.30000000000000004"})
}

func TestSQLiteSourceCannotBeWritten(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a INTEGER)")
	s.cfg.ReadOnly = true
	db, err := s.cfg.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO t VALUES (1)"); err == nil {
		t.Fatal("a source was written to")
	}
}

func TestMissingSQLiteFileIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nothere.db")
	_, err := Open(t.Context(), Options{DB: sqldialect.Config{Kind: "sqlite", Path: path}, Table: "t", Columns: []string{"a"}}, "")
	wantFault(t, err, fault.Config, "nothere.db", "cannot be opened")
	if _, err := os.Stat(path); err == nil {
		t.Fatal("a file was made")
	}
}
