package schemas_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/schemas"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestViewScripts(t *testing.T) {
	cat := load(t)
	for _, dialect := range schemas.ViewDialects {
		for _, name := range []string{"case/accept", "case/result"} {
			got, err := subject(t, name).View(dialect, cat)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "view", strings.TrimPrefix(name, "case/")+"."+dialect+".sql")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (run with -update to accept):\n%s", file, got)
			}
		}
	}
}

func TestAViewAsksForEveryFieldADepartmentCanGive(t *testing.T) {
	cat := load(t)
	for _, s := range cat.Subjects() {
		if strings.HasPrefix(s.Name, "national/") || strings.HasPrefix(s.Name, "inbox/") {
			if _, err := s.View("mysql", cat); !fault.Is(err, fault.Config) {
				t.Errorf("%s: got %v", s.Name, err)
			}
			continue
		}
		script, err := s.View("mysql", cat)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Fields {
			asked := regexp.MustCompile(" AS `?" + f.Name + "`?,?\n").MatchString(script)
			if can := !f.Derived && f.Type != schemas.JSON && f.Type != schemas.File; asked != can {
				t.Errorf("%s.%s: asked %v, can be given %v", s.Name, f.Name, asked, can)
			}
			if f.Required && !strings.Contains(script, "<"+f.Name+"> AS") {
				t.Errorf("%s.%s is required and may stay empty", s.Name, f.Name)
			}
		}
	}
}

func TestAViewForAnUnknownDatabaseIsRefused(t *testing.T) {
	if _, err := subject(t, "case/accept").View("access", load(t)); !fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, "oracle") {
		t.Errorf("got %v", err)
	}
}

func TestAScriptNobodyFilledInDoesNotRun(t *testing.T) {
	for _, dialect := range schemas.ViewDialects {
		script, _ := subject(t, "case/accept").View(dialect, load(t))
		for _, line := range strings.Split(script, "\n") {
			if strings.Contains(line, "PASSWORD>") && !strings.HasPrefix(line, "--") && regexp.MustCompile(`['"]<PASSWORD>`).MatchString(line) {
				t.Errorf("%s: %s makes an account whose password everybody knows", dialect, line)
			}
		}
	}
}

var mark = regexp.MustCompile(`<([a-z_]+)>`)

// filled is a script with its marks replaced, as statements.
func filled(t *testing.T, name, dialect, table, password string) []string {
	t.Helper()
	script, err := subject(t, name).View(dialect, load(t))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(script) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			b.WriteString(line)
		}
	}
	script = mark.ReplaceAllString(b.String(), "src.c_$1")
	script = strings.NewReplacer("<TABLE>", table, "<HOST>", "'%'", "<PASSWORD>", "'"+password+"'").Replace(script)
	var out []string
	for _, s := range strings.Split(script, ";") {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

// exampleTable is a department's table with a column c_x for every field x that must be
// given, and a row of it.
func exampleTable(t *testing.T, name string) []string {
	t.Helper()
	script, _ := subject(t, name).View("mysql", load(t))
	var columns, values []string
	for _, m := range mark.FindAllStringSubmatch(script, -1) {
		if c := "c_" + m[1] + " VARCHAR(60)"; !strings.Contains(strings.Join(columns, "|"), c) && m[1] != "field" {
			columns, values = append(columns, c), append(values, "'x'")
		}
	}
	return []string{"CREATE TABLE ywsl (" + strings.Join(columns, ", ") + ")", "INSERT INTO ywsl VALUES (" + strings.Join(values, ", ") + ")"}
}

func TestTheViewRunsOnSQLiteAndIsReadOnlyThere(t *testing.T) {
	c := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "d.db")}
	db, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range load(t).Subjects() {
		if strings.HasPrefix(s.Name, "national/") || strings.HasPrefix(s.Name, "inbox/") {
			continue
		}
		for _, q := range append(append([]string{"DROP TABLE IF EXISTS ywsl"}, exampleTable(t, s.Name)...), filled(t, s.Name, "sqlite", "ywsl", "")...) {
			if _, err := db.Exec(q); err != nil {
				t.Fatalf("%v\n%s", err, q)
			}
		}
		if _, err := db.Exec("SELECT * FROM " + s.ViewName()); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	for _, q := range append([]string{"DROP TABLE ywsl"}, exampleTable(t, "case/accept")...) {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	c.ReadOnly = true
	reader, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var n int
	if err := reader.QueryRow("SELECT COUNT(local_no) FROM v_banjian_accept").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, err := reader.Exec("DELETE FROM ywsl"); err == nil {
		t.Error("the reader can write")
	}
}

func TestTheAccountReadsTheViewAndNothingElse(t *testing.T) {
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	t.Cleanup(func() { server.Exec(t, "", "DROP USER IF EXISTS '"+schemas.AccountName+"'@'%'") })
	for _, s := range load(t).Subjects() {
		if strings.HasPrefix(s.Name, "case/") && s.Name != "case/accept" { // the accounts are alike
			server.Exec(t, name, append(exampleTable(t, s.Name), filled(t, s.Name, "mysql", "ywsl", "")[0], "SELECT * FROM "+s.ViewName(), "DROP TABLE ywsl")...)
		}
	}
	server.Exec(t, name, append(exampleTable(t, "case/accept"), filled(t, "case/accept", "mysql", "ywsl", "Ceshi-2025-ro")...)...)
	c := server.Config(name)
	c.User, c.Password = schemas.AccountName, func(context.Context) (string, error) { return "Ceshi-2025-ro", nil }
	db, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var n int
	if err := db.QueryRow("SELECT COUNT(local_no) FROM v_banjian_accept").Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	for _, q := range []string{"SELECT * FROM ywsl", "INSERT INTO ywsl (c_local_no) VALUES ('y')", "UPDATE v_banjian_accept SET local_no = 'y'",
		"DELETE FROM v_banjian_accept", "CREATE TABLE mine (a INT)", "DROP VIEW v_banjian_accept", "SELECT * FROM mysql.user"} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("the account may %s", q)
		}
	}
	kinds := viewKinds(t, server, name)
	for column, want := range map[string]string{"flow_no": "varchar", "promised_at": "datetime", "has_agent": "int", "detail_url": "varchar"} {
		if !strings.Contains(kinds[column], want) {
			t.Errorf("an empty %s is %s, not %s", column, kinds[column], want)
		}
	}
}

func viewKinds(t *testing.T, server *testdb.Server, database string) map[string]string {
	t.Helper()
	rows, err := server.Open(t, database).Query("SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = ? AND table_name = 'v_banjian_accept'", database)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			t.Fatal(err)
		}
		out[name] = kind
	}
	return out
}
