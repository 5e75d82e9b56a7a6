package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
)

// deptTable is a department's table as such tables are; %s is the type of a time.
const deptTable = `CREATE TABLE gjj_ywsl (id INTEGER PRIMARY KEY, slbh VARCHAR(30) NOT NULL, sxbm VARCHAR(30), sxmc VARCHAR(100), sqr VARCHAR(50), sqrlx VARCHAR(10),
	zjlx VARCHAR(10), zjhm VARCHAR(18), lxdh VARCHAR(20), sqsj %[1]s, slsj %[1]s, slzt VARCHAR(10), blr VARCHAR(20), slbm VARCHAR(50), tyxydm VARCHAR(18), xzqh VARCHAR(6), bjlx VARCHAR(10), gxsj %[1]s)`

const deptView = `CREATE VIEW v_gjj_accept AS SELECT * FROM gjj_ywsl`

// deptRow is one row of it: nobody's.
func deptRow(i int) string {
	return fmt.Sprintf(`INSERT INTO gjj_ywsl VALUES (%d, 'GJJ%03d', 'GJJ-0101', '某项业务', '某甲某乙', '个人', '身份证', '440308199901101512', '13800000001',
		'2025-03-12 09:00:00', '2025-03-13 09:00:00', '受理', '某丙', '某管理部', '11440399MB00000196', '440300', '即办', '2025-03-13 09:%02d:00')`, i, i, i%60)
}

// department is a site with one SQLite department, its columns as given.
func department(t *testing.T, statements ...string) string {
	t.Helper()
	dir := t.TempDir()
	db, err := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(dir, "dept.db")}.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	writeSite(t, dir, "{kind: sqlite, path: dept.db}")
	return dir
}

func writeSite(t *testing.T, dir, connection string) {
	t.Helper()
	text := "site: test\nledger: {path: ledger.db}\nconnections:\n  jtj: " + connection + "\n"
	if err := os.WriteFile(filepath.Join(dir, "banjian.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func usual(t *testing.T) string {
	statements := []string{fmt.Sprintf(deptTable, "DATETIME"), deptView}
	for i := range 20 {
		statements = append(statements, deptRow(i))
	}
	return department(t, statements...)
}

// banjian runs one command line and checks its exit code.
func banjian(t *testing.T, want int, args ...string) (string, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := execute(t.Context(), args, &out, &errOut); code != want {
		t.Fatalf("%v exits %d, not %d\n%s%s", args, code, want, &out, &errOut)
	}
	return out.String(), errOut.String()
}

func TestDiscoverListsWhatADepartmentHas(t *testing.T) {
	dir := usual(t)
	out, _ := banjian(t, exitDone, "discover", "jtj", "--site", dir, "--lang", "zh")
	for _, want := range []string{"gjj_ywsl", "v_gjj_accept", "视图", "表"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
	out, _ = banjian(t, exitDone, "discover", "jtj", "--site", dir, "--json")
	var got struct{ Relations []relationLine }
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Relations) != 2 || got.Relations[0].Columns != 18 || strings.Join(got.Relations[0].Key, ",") != "id" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestDiscoverNeverShowsAValue(t *testing.T) {
	dir := usual(t)
	for _, args := range [][]string{{"--view", "v_gjj_accept"}, {"--view", "v_gjj_accept", "--json"}, {"--view", "gjj_ywsl", "--subject", "accept", "--lang", "zh"},
		{"--view", "v_gjj_accept", "--out", filepath.Join(dir, "drafts")}} {
		out, errOut := banjian(t, exitDone, append([]string{"discover", "jtj", "--site", dir}, args...)...)
		files, err := filepath.Glob(filepath.Join(dir, "drafts", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out += string(data)
		}
		for _, value := range []string{"某甲", "13800000001", "GJJ001", "某项业务", "某管理部"} {
			if strings.Contains(out+errOut, value) {
				t.Errorf("%v shows %s", args, value)
			}
		}
	}
}

func TestADraftIsValidAndCollects(t *testing.T) {
	dir := usual(t)
	out, _ := banjian(t, exitDone, "discover", "jtj", "--view", "v_gjj_accept", "--out", dir, "--site", dir, "--json")
	var report draftReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Subject != "case/accept" || len(report.Missing) != 0 || len(report.Files) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, file := range report.Files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind := "mapping"
		switch {
		case strings.Contains(file, "pipelines"):
			kind = "pipeline"
		case strings.HasSuffix(file, "_test.yaml"):
			kind = "mapping-test"
		}
		s := compiled(t, kind)
		for _, doc := range documents(t, file, data) {
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	banjian(t, exitDone, "validate", "--site", dir)
	banjian(t, exitDone, "test", "jtj-accept", "--update", "--site", dir)
	banjian(t, exitDone, "test", "jtj-accept", "--site", dir)
	filled, err := os.ReadFile(filepath.Join(dir, "mappings", "jtj-accept_test.yaml"))
	if err != nil || !strings.Contains(string(filled), "expect:") || strings.Contains(string(filled), "rejects:") {
		t.Errorf("the invented row is not accepted: %v\n%s", err, filled)
	}
	out, _ = banjian(t, exitDone, "run", "jtj-accept", "--site", dir, "--json")
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.Read != 20 || s.Collected != 20 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestADraftOverwritesNothing(t *testing.T) {
	dir := usual(t)
	taken := filepath.Join(dir, "mappings", "jtj-accept_test.yaml")
	if err := os.MkdirAll(filepath.Dir(taken), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errOut := banjian(t, exitUsage, "discover", "jtj", "--view", "v_gjj_accept", "--out", dir, "--site", dir)
	if data, err := os.ReadFile(taken); err != nil || string(data) != "mine" || !strings.Contains(errOut, "--name") {
		t.Errorf("%q, %v, %s", data, err, errOut)
	}
	if there(filepath.Join(dir, "mappings", "jtj-accept.yaml")) {
		t.Error("half a draft was written")
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	banjian(t, exitDone, "discover", "jtj", "--view", "v_gjj_accept", "--out", dir, "--name", "other", "--site", dir)
	if !there(filepath.Join(dir, "mappings", "other_test.yaml")) {
		t.Error("--name is not the name")
	}
}

func there(path string) bool { _, err := os.Stat(path); return err == nil }

func TestWhatCouldNotBeGuessedIsSaid(t *testing.T) {
	dir := department(t, "CREATE TABLE t (slbh VARCHAR(30), slsj DATETIME, slzt VARCHAR(1))", "INSERT INTO t VALUES ('A', '2025-03-13 09:00:00', '1')")
	out, _ := banjian(t, exitDone, "discover", "jtj", "--view", "t", "--subject", "accept", "--out", dir, "--site", dir, "--lang", "zh")
	for _, want := range []string{"还缺", "applicant_name", "decision"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "mappings", "jtj-accept.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"#   applicant_name  申请人名称 / applicant name  text(100)", "#   decision  受理状态", "可用代码：accept 受理，refuse 不予受理"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is not in\n%s", want, data)
		}
	}
	banjian(t, exitUsage, "validate", "--site", dir)
}

func TestDiscoverRefusesWhatItCannotUnderstand(t *testing.T) {
	dir := usual(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"jtx"}, "jtj"},
		{[]string{"jtj", "--view", "v_gjj_acept"}, "v_gjj_accept"},
		{[]string{"jtj", "--view", "v_gjj_accept", "--subject", "accpt"}, "case/accept"},
		{[]string{"jtj", "--subject", "accept"}, "--view"},
		{[]string{"jtj", "--view", "v_gjj_accept", "--sample", "100000"}, "200"},
		{[]string{"jtj", "--view", "v_gjj_accept", "--out", ".", "--name", "../x"}, "--name"},
		{nil, "connection"},
	} {
		if _, errOut := banjian(t, exitUsage, append([]string{"discover", "--site", dir}, c.args...)...); !strings.Contains(errOut, c.says) {
			t.Errorf("%v: %s", c.args, errOut)
		}
	}
}

// discoversByComments draws up t_case of the site's department, whose columns are named f1 to
// f4: what they are is in their comments.
func discoversByComments(t *testing.T, dir string) {
	t.Helper()
	out, _ := banjian(t, exitDone, "discover", "jtj", "--site", dir)
	if !strings.Contains(out, "业务受理") || !strings.Contains(out, "f1") {
		t.Errorf("comment or key is missing:\n%s", out)
	}
	out, _ = banjian(t, exitDone, "discover", "jtj", "--view", "t_case", "--site", dir, "--json")
	var got struct {
		Subject string
		Columns []columnLine
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, c := range got.Columns {
		fields = append(fields, c.Field)
	}
	if s := strings.Join(fields, " "); s != "local_no accepted_at decision changed_at" || got.Subject != "case/accept" {
		t.Errorf("%s: %s", got.Subject, s)
	}
}

func TestDiscoverReadsCommentsOfMariaDB(t *testing.T) {
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	server.Exec(t, name, `CREATE TABLE t_case (f1 VARCHAR(30) NOT NULL PRIMARY KEY COMMENT '受理编号', f2 DATETIME COMMENT '受理时间',
		f3 CHAR(1) COMMENT '受理状态（1:受理,0:不予受理）', f4 TIMESTAMP NULL COMMENT '最后更新时间') COMMENT='业务受理'`, "INSERT INTO t_case VALUES ('A', '2025-03-13 09:00:00', '1', NULL)")
	dir := t.TempDir()
	t.Setenv("BANJIAN_TEST_DEPT", server.DSN(name))
	writeSite(t, dir, "{kind: mysql, dsn: {env: BANJIAN_TEST_DEPT}}")
	discoversByComments(t, dir)
	banjian(t, exitDone, "discover", "jtj", "--view", "t_case", "--out", dir, "--site", dir, "--lang", "zh")
	data, err := os.ReadFile(filepath.Join(dir, "mappings", "jtj-accept.yaml"))
	if err != nil || !strings.Contains(string(data), `"1": "accept"  # 受理`) {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestDiscoverReadsCommentsOfPostgreSQL(t *testing.T) {
	server := testdb.Postgres(t)
	name := server.CreateDatabase(t)
	server.Exec(t, name, "CREATE TABLE t_case (f1 VARCHAR(30) NOT NULL PRIMARY KEY, f2 TIMESTAMP, f3 CHAR(1), f4 TIMESTAMPTZ)",
		"COMMENT ON TABLE t_case IS '业务受理'", "COMMENT ON COLUMN t_case.f1 IS '受理编号'", "COMMENT ON COLUMN t_case.f2 IS '受理时间'",
		"COMMENT ON COLUMN t_case.f3 IS '受理状态（1:受理,0:不予受理）'", "COMMENT ON COLUMN t_case.f4 IS '最后更新时间'", "INSERT INTO t_case VALUES ('A', '2025-03-13 09:00:00', '1', NULL)")
	dir := t.TempDir()
	t.Setenv("BANJIAN_TEST_DEPT", server.DSN(name))
	writeSite(t, dir, "{kind: postgres, dsn: {env: BANJIAN_TEST_DEPT}}")
	discoversByComments(t, dir)
}

func TestSchemaViewPrintsAScriptAsItIs(t *testing.T) {
	for _, args := range [][]string{{"case/accept"}, {"result", "--dialect", "oracle"}} {
		out, _ := banjian(t, exitDone, append([]string{"schema", "view"}, args...)...)
		if !strings.Contains(out, "CREATE VIEW v_banjian_") || !strings.Contains(out, "GRANT ") {
			t.Errorf("%v prints\n%s", args, out)
		}
	}
	for _, args := range [][]string{{"case/nothing"}, {"case/accept", "--dialect", "access"}, {}} {
		banjian(t, exitUsage, append([]string{"schema", "view"}, args...)...)
	}
}
