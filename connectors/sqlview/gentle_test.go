package sqlview

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"banjian/internal/fault"
	"banjian/internal/pace"
	"banjian/internal/testdb"
)

func numbers(n int) []string {
	return []string{"CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(40), gxsj DATETIME)",
		fmt.Sprintf("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) SELECT i, 'x', '2026-01-02 03:04:05' FROM n", n)}
}

func TestRowsAndBytesASecondAreKept(t *testing.T) {
	cfg := newSQLite(t, numbers(5000)...)
	for name, c := range map[string]struct {
		own, shared pace.Speed
		want        time.Duration // a second's worth is free, and the last page is paid by the next
	}{
		"no limit":          {pace.Speed{}, pace.Speed{}, 0},
		"of the pipeline":   {pace.Speed{Rows: 1000}, pace.Speed{}, 3 * time.Second},
		"of the connection": {pace.Speed{}, pace.Speed{Rows: 500}, 8 * time.Second},
		"the slower of two": {pace.Speed{Rows: 1000}, pace.Speed{Rows: 100}, 48 * time.Second},
		"bytes":             {pace.Speed{Bytes: 9000}, pace.Speed{}, 3 * time.Second}, // 8 of a, 1 of b
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				r := readAll(t, Options{DB: cfg, Table: "t", Columns: []string{"a", "b"}, Speed: c.own, Shared: c.shared}, "")
				if got := time.Since(start); len(r.rows) != 5000 || got < c.want-50*time.Millisecond || got > c.want+50*time.Millisecond {
					t.Errorf("%d rows in %s, want %s", len(r.rows), got, c.want)
				}
			})
		})
	}
}

func TestSourcesOfAConnectionShareItsSpeed(t *testing.T) {
	g := NewGuard()
	o := Options{DB: newSQLite(t, numbers(1)...), Table: "t", Columns: []string{"a"}, Guard: g, Shared: pace.Speed{Rows: 7}}.withDefaults()
	if one, two := newGentle(o), newGentle(o); one.shared == nil || one.shared != two.shared {
		t.Error("each source has the whole speed of the connection")
	}
}

func TestALongStatementIsStoppedByTheServer(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)", "CREATE VIEW slow AS SELECT a, SLEEP(20) s FROM t")
	_, err := Open(t.Context(), Options{DB: s.cfg, View: "slow", Columns: []string{"a", "s"}, Timeout: time.Second}, "")
	wantFault(t, err, fault.Transient, "time ran out")
}

func TestARunTellsWhatItCostTheServer(t *testing.T) {
	both(t, []string{"CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(40))", "INSERT INTO t VALUES (1, 'xyz'), (2, NULL), (3, 'uvw')"}, func(t *testing.T, s source) {
		src, err := Open(t.Context(), Options{DB: s.cfg, Table: "t", Columns: []string{"a", "b"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		before := src.Load()
		b, err := src.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.Record.Release()
		src.Close()
		after := src.Load()
		if before.Queries < 3 || before.Rows != 0 || after.Queries != before.Queries || after.Rows != 3 || after.Bytes != 3*8+6 {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

// asked are the statements that may reach a department's server, whatever is done.
var asked = regexp.MustCompile(`^(SELECT |SHOW |SET NAMES |SET time_zone|SET SESSION |SET @banjian_limit = |START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY$|ROLLBACK$|COMMIT$)`)

// harmful is what even a SELECT may not have.
var harmful = regexp.MustCompile(`(?i)\b(FOR UPDATE|LOCK IN SHARE MODE|FOR SHARE|INTO (OUTFILE|DUMPFILE)|GET_LOCK|SLEEP|CREATE|ALTER|DROP|TEMPORARY|INSERT|UPDATE|DELETE|REPLACE|LOCK TABLES|SET GLOBAL)\b`)

// TestNothingButReadingReachesTheServer does all there is as an account that may SELECT one
// view and no more, and looks at the server's own log of statements.
func TestNothingButReadingReachesTheServer(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20), secret VARCHAR(20), gxsj DATETIME(6), KEY (gxsj))",
		"INSERT INTO t VALUES (1, '甲', 'x', '2026-01-02 03:04:05'), (2, '乙', 'y', NULL), (3, '丙', 'z', '2027-01-02 03:04:05')",
		"CREATE VIEW v AS SELECT a, b, secret, gxsj FROM t", "CREATE VIEW w AS SELECT a, b FROM t")
	o := account(t, s, "banjian_gentle", "right", "GRANT SELECT ON v TO 'banjian_gentle'@'%'")
	s.exec(t, "GRANT SELECT ON w TO 'banjian_gentle'@'%'")
	server := testdb.MySQL(t)
	server.Exec(t, "", "SET GLOBAL log_output = 'TABLE'", "TRUNCATE mysql.general_log", "SET GLOBAL general_log = 1")
	t.Cleanup(func() { server.Exec(t, "", "SET GLOBAL general_log = 0") })
	o.Table, o.View, o.Columns, o.Key, o.Cursor = "", "v", []string{"a", "b"}, []string{"a"}, []string{"gxsj"}
	for _, mode := range []Mode{Full, Incremental, Compare} {
		o.Mode = mode
		o.Lookback = time.Minute
		r := readAll(t, o, "")
		readAll(t, o, r.last())
	}
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	if sums, err := src.Sums(t.Context()); err != nil || sums.Total() != 3 {
		t.Fatalf("%v, %v", sums, err)
	}
	src.Only([]uint32{1, 2, 3})
	if b, err := src.Read(t.Context()); err == nil {
		b.Record.Release()
	}
	src.Close()
	if _, err := List(t.Context(), o, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Look(t.Context(), o, "w", 10); err != nil {
		t.Fatal(err)
	}
	if _, err := Visit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if h, err := Examine(t.Context(), o, 100); err != nil || !h.KeysTold {
		t.Fatalf("%+v, %v", h, err)
	}
	checkLog(t, s, "banjian_gentle")
}

func checkLog(t *testing.T, s source, user string) {
	t.Helper()
	rows, err := s.db.Query("SELECT command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE user_host LIKE ? AND command_type IN ('Query', 'Prepare', 'Execute')", user+"%")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var kind, q string
		if err := rows.Scan(&kind, &q); err != nil {
			t.Fatal(err)
		}
		seen++
		if !asked.MatchString(q) || harmful.MatchString(q) || strings.Contains(q, "secret") || strings.Contains(q, "SELECT *") {
			t.Errorf("%s reached the server: %s", kind, q)
		}
	}
	if err := rows.Err(); err != nil || seen < 30 {
		t.Errorf("the log has %d statements, %v", seen, err)
	}
}
