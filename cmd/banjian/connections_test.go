package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"banjian/cmd/internal/wiring"
	"banjian/connectors"
	"banjian/connectors/sqlview"
	"banjian/internal/site"
	"banjian/internal/testdb"
	"banjian/pipelines"
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
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	specs, err := h.Pipelines(nil)
	if err != nil {
		t.Fatal(err)
	}
	look, err := h.Look("bj")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, spec := range specs { // at the same time
		all.Go(func() {
			o, err := h.View(spec)
			if err != nil {
				t.Error(err)
				return
			}
			if o.Most != site.DefaultConnections || o.Guard != look.Guard {
				t.Errorf("%d connections", o.Most)
			}
			src, err := connectors.OpenSource(t.Context(), o, "")
			if err != nil {
				t.Error(err)
				return
			}
			defer src.Close()
			for err == nil {
				var b pipelines.Batch
				if b, err = src.Read(t.Context()); err == nil {
					b.Record.Release()
				}
			}
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		if look.MaxConnections != site.DefaultConnections {
			t.Errorf("%d connections", look.MaxConnections)
		}
		if _, err := sqlview.List(t.Context(), look, ""); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
}
