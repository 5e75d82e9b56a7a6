package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/deploy/demo"
	"banjian/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

// world is a demo site with the databases behind it, as a test sees them.
type world struct {
	t        *testing.T
	dir      string
	source   *sql.DB
	exchange *sql.DB
	flags    []string // of demo
	now      string   // SQL for the department's clock
	settled  string   // and for a moment before, which a run reads at once
}

// embedded is a demo site on SQLite files.
func embedded(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), now: "datetime('now','+8 hours')", settled: "datetime('now','+8 hours','-5 seconds')"}
	w.flags = []string{"demo", "--once", "--json", "--dir", w.dir}
	return w
}

// onMariaDB is a demo site whose department and receiver are real servers.
func onMariaDB(t *testing.T) *world {
	server := testdb.MySQL(t)
	w := &world{t: t, dir: t.TempDir(), now: "CONVERT_TZ(UTC_TIMESTAMP(),'+00:00','+08:00')"}
	w.settled = w.now + " - INTERVAL 5 SECOND"
	source, exchange := server.DSN(server.CreateDatabase(t)), server.DSN(server.CreateDatabase(t))
	w.flags = []string{"demo", "--once", "--json", "--dir", w.dir, "--source", source, "--exchange", exchange}
	w.source, w.exchange = open(t, source), open(t, exchange)
	return w
}

func open(t *testing.T, dsn string) *sql.DB {
	db, err := openDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// nationalAlone takes the site's own pipelines away: the shipped ones deliver to
// national and nobody else.
func (w *world) nationalAlone() {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, demo.PipelinesFile)); err != nil {
		w.t.Fatal(err)
	}
}

// attach opens the embedded databases once the demo has made them.
func (w *world) attach() {
	if w.source == nil {
		w.source = open(w.t, filepath.Join(w.dir, demo.DepartmentFile))
		w.exchange = open(w.t, filepath.Join(w.dir, demo.ExchangeFile))
	}
}

// demo runs the demo and returns its exit code and summaries.
func (w *world) demo() (int, map[string]summary) { return w.exec(w.flags...) }

func (w *world) exec(args ...string) (int, map[string]summary) {
	w.t.Helper()
	var out, errOut bytes.Buffer
	code := execute(context.Background(), args, &out, &errOut)
	sums := map[string]summary{}
	for line := range strings.Lines(out.String()) {
		var s summary
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			w.t.Fatalf("%v: %q\n%s", err, line, &errOut)
		}
		sums[s.Pipeline] = s
		w.sums(s)
	}
	if code != exitDone && code != exitNews {
		w.t.Fatalf("%v exited %d\n%s", args, code, &errOut)
	}
	return code, sums
}

// sums checks the two equations of every summary.
func (w *world) sums(s summary) {
	w.t.Helper()
	if s.Read != s.Filtered+s.Unchanged+s.Rejected+s.Collected {
		w.t.Errorf("%s: read %d ≠ filtered %d + unchanged %d + rejected %d + collected %d", s.Pipeline, s.Read, s.Filtered, s.Unchanged, s.Rejected, s.Collected)
	}
	for name, r := range s.Receivers {
		if s.Records != r.Delivered+r.Held+r.Rejected+r.NotApplicable+r.Pending {
			w.t.Errorf("%s → %s: records %d do not add up: %+v", s.Pipeline, name, s.Records, r)
		}
	}
}
