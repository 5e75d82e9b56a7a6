package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/site"
	"banjian/internal/testdb"
)

// The server itself counts: a third connection of this account would be refused.
func TestADepartmentIsGivenTwoConnectionsByAllPipelinesTogether(t *testing.T) {
	server := testdb.MySQL(t)
	db := server.CreateDatabase(t)
	user := "capped_" + db[strings.LastIndexByte(db, '_')+1:]
	server.Exec(t, db, "CREATE TABLE bj (slbh VARCHAR(40) PRIMARY KEY, n INT, jg VARCHAR(20), gxsj DATETIME)", "INSERT INTO bj SELECT CONCAT('A', seq), 1, 'x', '2026-01-02 03:04:05' FROM seq_1_to_500",
		"CREATE USER '"+user+"'@'%' IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 2", "GRANT SELECT ON bj TO '"+user+"'@'%'")
	t.Cleanup(func() { server.Exec(t, "", "DROP USER '"+user+"'@'%'") })
	t.Setenv("CAPPED_DSN", user+":pw@tcp("+strings.TrimPrefix(server.DSN(db), server.User+":"+server.Password+"@tcp("))
	w := &world{t: t, dir: t.TempDir()}
	files := map[string]string{
		"banjian.yaml":            "site: 试\nconnections:\n  bj: {kind: mysql, dsn: {env: CAPPED_DSN}}\n",
		"mappings/bj/accept.yaml": "mapping: bj/accept\nto: case/withdrawal\nfields:\n  flow_no: slbh\n  submission: n\n  withdrawn_by: jg\n",
	}
	for i := range 6 {
		files[fmt.Sprintf("pipelines/bj%d.yaml", i)] = fmt.Sprintf("pipeline: bj%[1]d\nfrom: {connection: bj, source_id: bj%[1]d, table: bj, key: [flow_no, submission], cursor: gxsj, batch_rows: 50, splits: %[2]d}\nmapping: bj/accept\n", i, 1+i%3)
	}
	for name, content := range files {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, sums := w.exec("run", "--all", "--json", "--site", w.dir)
	for name, s := range sums {
		if s.Collected != 500 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if code != exitDone || len(sums) != 6 {
		t.Errorf("%d pipelines, exited %d", len(sums), code)
	}
	s, err := site.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(s)
	if err != nil {
		t.Fatal(err)
	}
	o, err := h.viewOf(h.specs[0])
	if look, lookErr := h.lookOf("bj"); err != nil || lookErr != nil || o.Most != site.DefaultConnections || look.MaxConnections != site.DefaultConnections || o.Guard != look.Guard {
		t.Errorf("%d and %d connections, %v, %v", o.Most, look.MaxConnections, err, lookErr)
	}
}
