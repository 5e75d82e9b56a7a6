package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/testdb"
)

// sick is a site that reads a real MariaDB as an account that may do anything.
func sick(t *testing.T) (site string, exec func(...string)) {
	server := testdb.MySQL(t)
	db := server.CreateDatabase(t)
	exec = func(statements ...string) { t.Helper(); server.Exec(t, db, statements...) }
	user := "doctor_" + db[strings.LastIndexByte(db, '_')+1:]
	exec("CREATE TABLE bj (slbh VARCHAR(40), n INT, jg VARCHAR(20) CHARACTER SET latin1, gxsj DATETIME)", "CREATE VIEW v_bj AS SELECT slbh, n, jg, gxsj FROM bj",
		"INSERT INTO bj VALUES ('A-0000000001', 1, 'x', '2026-01-02 03:04:05'), ('A-0000000001', 1, 'y', NULL), ('A-0000000002', 1, 'z', '2999-01-01 00:00:00')",
		"CREATE USER '"+user+"'@'%' IDENTIFIED BY 'pw'", "GRANT ALL PRIVILEGES ON *.* TO '"+user+"'@'%' WITH GRANT OPTION")
	t.Cleanup(func() { server.Exec(t, "", "DROP USER '"+user+"'@'%'") })
	t.Setenv("SICK_DSN", user+":pw@tcp("+strings.TrimPrefix(server.DSN(db), server.User+":"+server.Password+"@tcp("))
	site = t.TempDir()
	for name, content := range map[string]string{
		"banjian.yaml":             "site: 试\nconnections:\n  bj: {kind: mysql, dsn: {env: SICK_DSN}, speed: {rows: 1}}\n",
		"mappings/bj/accept.yaml":  "mapping: bj/accept\nto: case/withdrawal\nfields:\n  flow_no: slbh\n  submission: n\n  withdrawn_by: jg\n",
		"pipelines/bj-accept.yaml": "pipeline: bj-accept\nfrom: {connection: bj, source_id: bj, view: v_bj, key: [flow_no, submission], cursor: gxsj}\nmapping: bj/accept\n",
	} {
		path := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return site, exec
}

func doctorSays(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = execute(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// line is one line of doctor --json.
type line struct {
	About, Pipeline, Check, Verdict, What, Hint string
	SQL                                         []string
}

func doctorOf(t *testing.T, site string, want int) map[string][]line {
	t.Helper()
	code, out, errOut := doctorSays("doctor", "--site", site, "--json", "--lang", "en")
	if code != want {
		t.Fatalf("exited %d, want %d\n%s%s", code, want, out, errOut)
	}
	by := map[string][]line{}
	for one := range strings.Lines(out) {
		var l line
		if err := json.Unmarshal([]byte(one), &l); err != nil {
			t.Fatal(err)
		}
		by[l.Check] = append(by[l.Check], l)
	}
	return by
}

func TestDoctorFindsWhatIsWrongAndItsStatementsMendIt(t *testing.T) {
	site, exec := sick(t)
	found := doctorOf(t, site, exitFailed)
	rights := found["rights"][0]
	if rights.Verdict != "fail" || !strings.Contains(rights.What, "ALL PRIVILEGES") || len(rights.SQL) != 3 {
		t.Fatalf("%+v", rights)
	}
	if key := found["key"][0]; key.Verdict != "fail" || !strings.Contains(key.What, "1 values on 2 rows") || strings.Contains(key.What, "0000000001") {
		t.Errorf("%+v", key)
	} else if len(key.SQL) != 1 || strings.Contains(key.SQL[0], "A-") {
		t.Errorf("what shows the department its rows: %q", key.SQL)
	} else {
		exec("CREATE TABLE repeats AS " + strings.Replace(key.SQL[0], "COUNT(*),", "COUNT(*) AS rows_with_it,", 1))
		exec("ALTER TABLE repeats ADD CHECK (rows_with_it = 2)")
	}
	if charset := found["charset"]; len(charset) != 1 || !strings.Contains(charset[0].What, "jg latin1") {
		t.Errorf("%+v", charset)
	}
	if cursor := found["cursor"]; len(cursor) != 3 || !strings.Contains(cursor[0].What, "1 rows have no gxsj") || !strings.Contains(cursor[1].What, "ahead of the server's clock") {
		t.Errorf("%+v", cursor)
	}
	if load := found["load"][0]; !strings.Contains(load.What, "about 3 rows") || !strings.Contains(load.What, "at least 3s") {
		t.Errorf("%+v", load)
	}
	exec(rights.SQL...)
	exec("DELETE FROM bj WHERE jg = 'y'", "ALTER TABLE bj MODIFY jg VARCHAR(20) CHARACTER SET gbk")
	found = doctorOf(t, site, exitDone)
	if r := found["rights"][0]; r.Verdict != "ok" || !strings.Contains(r.What, "may only SELECT") || len(found["charset"]) != 0 || found["key"][0].Verdict != "ok" {
		t.Errorf("%+v", found)
	}
	exec("ALTER TABLE bj RENAME COLUMN slbh TO sl_bh", "CREATE OR REPLACE VIEW v_bj AS SELECT sl_bh, n, jg, gxsj FROM bj")
	found = doctorOf(t, site, exitFailed)
	if c := found["columns"][0]; c.Verdict != "fail" || !strings.Contains(c.What, "no column slbh") || !strings.Contains(c.Hint, "sl_bh") {
		t.Errorf("%+v", c)
	}
}

func TestDoctorTellsWhatTheRunsCost(t *testing.T) {
	w := embedded(t)
	w.demo()
	code, out, _ := doctorSays("doctor", "gjj", "--load", "--csv", "--site", w.dir, "--lang", "zh")
	if code != exitDone || strings.Count(out, "\r\n") != 5 || !strings.Contains(out, ",gjj,provident-fund-accept,1,") {
		t.Errorf("%d\n%s", code, out)
	}
	for _, args := range [][]string{{"--csv"}, {"nowhere"}, {"--load", "--days", "0"}} {
		if code, _, _ := doctorSays(append([]string{"doctor", "--site", w.dir}, args...)...); code != exitUsage {
			t.Errorf("%v exited %d", args, code)
		}
	}
}

// What is broken in the site's files does not keep the rest from being looked at.
func TestDoctorTellsABrokenMappingAndLooksAtTheConnectionsAllTheSame(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.write("mappings/provident-fund/accept.yaml", "mapping: provident-fund/accept\nto: case/accept\nfields:\n  local_no: {form: slbh}\n")
	w.write("pipelines/mine.yaml", "pipeline: mine\nfrom: {conection: gjj}\n")
	by := doctorOf(t, w.dir, exitUsage)
	var told []string
	for _, l := range by["site"] {
		told = append(told, l.Pipeline+" "+l.What+" "+l.Hint)
	}
	wantText(t, strings.Join(told, "\n"), "pipelines/mine.yaml:2:8: ", "provident-fund-accept mappings/provident-fund/accept.yaml:4:14: ", "from")
	if n := len(by["columns"]); n != 3 {
		t.Errorf("%d views were looked at, want the three whose mappings are whole: %+v", n, by)
	}
	if by["connect"] == nil || by["tables"] == nil {
		t.Errorf("the department or the receiver was not asked: %+v", by)
	}
}
