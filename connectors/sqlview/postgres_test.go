package sqlview

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"banjian/connectors/connectortest"
	"banjian/internal/fault"
	"banjian/internal/testdb"
	"banjian/pipelines"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func postgresConformance(mode Mode) connectortest.SourceHarness {
	h := conformance(mode)
	h.World = func(t *testing.T, n int) connectortest.OpenSource {
		s := postgresSource(t, "CREATE TABLE c (id INT PRIMARY KEY, gxsj TIMESTAMP(6))", "CREATE VIEW v AS SELECT id, gxsj FROM c",
			fmt.Sprintf("INSERT INTO c SELECT i, TIMESTAMP '2026-01-01 10:00:00' + (i / 3) * INTERVAL '1 second' FROM generate_series(0, %d) i", n-1))
		return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
			o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: mode, BatchRows: rows, Alloc: alloc}
			if mode == Incremental {
				o.Cursor, o.Key = []string{"gxsj"}, []string{"id"}
			}
			return Open(ctx, o, at)
		}
	}
	return h
}

func TestConformanceIncrementalOnPostgreSQL(t *testing.T) {
	h := postgresConformance(Incremental)
	h.Repeats = 3
	connectortest.Source(t, h)
}

func TestConformanceFullOnPostgreSQL(t *testing.T) {
	h := postgresConformance(Full)
	h.Repeats = connectortest.AnyRepeats
	connectortest.Source(t, h)
}

func TestConformanceCompareOnPostgreSQL(t *testing.T) {
	h := postgresConformance(Compare)
	h.Repeats = connectortest.AnyRepeats
	connectortest.Source(t, h)
}

func TestEveryTypeOfPostgreSQLComesAsTheServerPrintsIt(t *testing.T) {
	s := postgresSource(t, "CREATE TYPE mood AS ENUM ('甲', '乙')", "CREATE DOMAIN sfz AS VARCHAR(18)",
		`CREATE TABLE t (i2 SMALLINT, i8 BIGINT, n NUMERIC, n2 NUMERIC(12,2), n0 NUMERIC(20,0), r REAL, d DOUBLE PRECISION, m MONEY, b BOOLEAN,
		c CHAR(6), v VARCHAR(20), tx TEXT, sf sfz, e mood, u UUID, by BYTEA, ts TIMESTAMP(6), tz TIMESTAMPTZ, da DATE, ti TIME, tiz TIMETZ,
		iv INTERVAL, j JSON, jb JSONB, a INT[], ta TEXT[], bi BIT(4), ip INET, x XML)`,
		`INSERT INTO t VALUES (-5, 9223372036854775807, 12345678901234567890.0123456789, 12.50, 99999999999999999999, 0.1, 0.1, 12.5, true,
		'ab', '张𠮷', '长', '11010119900307741X', '乙', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\x00ff', '2026-01-02 03:04:05.000001', '2026-01-02 03:04:05.5+00', '2026-01-02', '03:04:05.25', '03:04:05+02',
		'1 day 02:03:04', '{"a": 1}', '{"b":2,"a":1}', '{1,2,NULL}', '{"a b",c}', B'0101', '10.0.0.1', '<a/>')`,
		"INSERT INTO t (i2, n, d, ts, tz, da, v) VALUES (1, 'NaN', 'NaN', 'infinity', '-infinity', 'infinity', '')",
		"INSERT INTO t (n, d, da, ts) VALUES (NULL, 'Infinity', '0044-03-15 BC', '0044-03-15 BC')",
		"CREATE VIEW v AS SELECT * FROM t")
	columns := strings.Fields("i2 i8 n n2 n0 r d m b c v tx sf e u by ts tz da ti tiz iv j jb a ta bi ip x")
	o := Options{DB: s.cfg, View: "v", Columns: columns}
	got := readAll(t, o, "")
	compare(t, got.rows, []string{
		"-5|9223372036854775807|12345678901234567890.0123456789|12.50|99999999999999999999|0.1|0.1|12.50|true|ab|张𠮷|长|11010119900307741X|乙|" +
			"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|00ff|2026-01-02 03:04:05.000001|2026-01-02 11:04:05.5|2026-01-02|03:04:05.25|03:04:05+02|" +
			`1 day 02:03:04|{"a": 1}|{"a": 1, "b": 2}|{1,2,NULL}|{"a b",c}|0101|10.0.0.1/32|<a/>`,
		"1|∅|NaN|∅|∅|∅|NaN|∅|∅|∅||∅|∅|∅|∅|∅|infinity|-infinity|infinity|∅|∅|∅|∅|∅|∅|∅|∅|∅|∅",
		"∅|∅|∅|∅|∅|∅|+Inf|∅|∅|∅|∅|∅|∅|∅|∅|∅|0044-03-15 00:00:00 BC|∅|0044-03-15 BC|∅|∅|∅|∅|∅|∅|∅|∅|∅|∅",
	})
	types := "i2 int64 int, i8 int64 int, n utf8 decimal, n2 utf8 decimal, n0 utf8 decimal, r float64 float, d float64 float, m utf8 decimal, b utf8 text, " +
		"c utf8 text, v utf8 text, tx utf8 text, sf utf8 text, e utf8 text, u utf8 text, by binary binary, ts utf8 datetime, tz utf8 datetime, da utf8 date, ti utf8 time, tiz utf8 text"
	if !strings.HasPrefix(got.types, types) {
		t.Fatalf("types %s", got.types)
	}
	o.Where = []Condition{{"i2", "=", []any{-5}}, {"b", "=", []any{true}}, {"v", "!=", []any{7}}, {"n2", ">", []any{12.25}}}
	compare(t, readAll(t, o, "").rows, got.rows[:1])
	o.DB.Zone = "-03:30"
	if row := readAll(t, o, "").rows[0]; !strings.Contains(row, "|2026-01-01 23:34:05.5|") {
		t.Errorf("in another zone: %s", row)
	}
}

func TestAnInfiniteMomentHidesNothing(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE c (id INT, who TEXT, gxsj TIMESTAMPTZ)", "CREATE VIEW v AS SELECT * FROM c",
		"INSERT INTO c VALUES (1, 'a', '2026-01-01 10:00:00+08'), (2, 'ever', 'infinity'), (3, 'never', '-infinity')")
	o := caseOptions(s)
	first := readAll(t, o, "")
	compare(t, first.rows, []string{"3|never", "1|a", "2|ever"})
	s.exec(t, "INSERT INTO c VALUES (4, 'b', '2026-01-01 10:00:00.000001+08')")
	compare(t, readAll(t, o, first.last()).rows, []string{"3|never", "1|a", "4|b", "2|ever"})
}

func TestNumericCursorOfPostgreSQL(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE c (id INT, n NUMERIC(20,0), loose NUMERIC)", "INSERT INTO c VALUES (1, 9, 9), (2, 10, 10), (3, 11, 11)")
	o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"n"}, Key: []string{"id"}, LookbackSteps: 1}
	compare(t, readAll(t, o, readAll(t, o, "").last()).rows, []string{"2", "3"})
	o.Cursor = []string{"loose"}
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "cannot be a cursor")
}

func postgresAccount(t *testing.T, s source, user, grant string) Options {
	t.Helper()
	s.exec(t, "CREATE ROLE "+user+" LOGIN PASSWORD 'right'", grant)
	t.Cleanup(func() { s.exec(t, "DROP OWNED BY "+user, "DROP ROLE "+user) })
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, Guard: NewGuard()}
	o.DB.Name, o.DB.User = "gjj", user
	o.DB.Password = func(context.Context) (string, error) { return "right", nil }
	return o
}

func TestPostgreSQLSaysWhatIsMissing(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)")
	o := postgresAccount(t, s, "banjian_reader", "GRANT SELECT ON u TO banjian_reader")
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "no right to t", "GRANT SELECT ON t")
	o.Table = "u"
	readAll(t, o, "")
	o.Table = "gone"
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "no table or view gone")
	right := o.DB.Password
	o.DB.Password = func(context.Context) (string, error) { return "wrong-canary", nil }
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "refuses the login")
	if strings.Contains(err.Error(), "canary") {
		t.Error("the password is in the message")
	}
	o.DB.Password = right
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "does not try again")
	o.Guard = NewGuard()
	o.DB.Database = "nowhere"
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "no database nowhere")
	o.DB.Port = 1
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Transient, "cannot be reached")
	o.DB.Port, o.DB.TLS = s.cfg.Port, true
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "does not encrypt")
}

func TestARunOnPostgreSQLWritesNothingAndSeesOneMoment(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE t (a INT)")
	ses, err := connect(t.Context(), Options{DB: s.cfg, Table: "t", Columns: []string{"a"}}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer ses.close()
	var isolation, zone, encoding string
	if err := ses.conn.QueryRowContext(t.Context(), "SELECT current_setting('transaction_isolation'), to_char(now(), 'OF'), current_setting('client_encoding')").Scan(&isolation, &zone, &encoding); err != nil ||
		isolation != "repeatable read" || zone != "+08" || encoding != "UTF8" {
		t.Fatal(isolation, zone, encoding, err)
	}
	s.exec(t, "INSERT INTO t VALUES (1)")
	var n int
	if err := ses.conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if _, err := ses.conn.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err == nil {
		t.Fatal("the transaction writes")
	}
}

// A run that is stopped does not leave the server sorting for nobody.
func TestStoppingARunStopsTheStatementAtTheServer(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE t (id INT, w TEXT)", "INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 200000) i")
	src, err := Open(t.Context(), Options{DB: s.cfg, Query: "SELECT id, w FROM t ORDER BY w, id", Columns: []string{"id", "w"}, BatchRows: 100}, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	if err := src.Close(); err != nil {
		t.Fatal(err)
	}
	for busy, until := 1, time.Now().Add(patience); busy > 0; time.Sleep(10 * time.Millisecond) { // the server looks whether it was told to stop
		if err := s.db.QueryRow("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'banjian' AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()").Scan(&busy); err != nil {
			t.Fatal(err)
		}
		if busy > 0 && time.Now().After(until) {
			t.Fatalf("%d statements are still running", busy)
		}
	}
}

func TestAPostgreSQLKilledMidReadIsTransientAndTheRunGoesOn(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE c (id INT PRIMARY KEY, who TEXT, gxsj TIMESTAMP(6))",
		"INSERT INTO c SELECT i, repeat('x', 200), TIMESTAMP '2026-01-01' + i * INTERVAL '1 second' FROM generate_series(1, 50000) i")
	// With parallel workers the first process to miss the server may be one of them.
	for _, set := range []string{"parallel_setup_cost = 0", "parallel_tuple_cost = 0", "min_parallel_table_scan_size = 0"} {
		s.exec(t, "ALTER DATABASE "+s.cfg.Database+" SET "+set)
	}
	s.exec(t, "ANALYZE c")
	server := testdb.Postgres(t)
	o := Options{DB: s.cfg, Table: "c", Columns: []string{"id", "who"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: []string{"id"}, BatchRows: 1000}
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	seen := map[string]bool{}
	at := since(o.Cursor, "1999-01-01 00:00:00")
	for n := 0; ; n++ {
		b, err := src.Read(t.Context())
		if err != nil {
			wantFault(t, err, fault.Transient, "lost")
			break
		}
		for _, l := range lines(b.Record) {
			seen[l[:strings.IndexByte(l, '|')]] = true
		}
		at = b.Position
		b.Record.Release()
		if n == 3 {
			server.Kill9(t)
		}
	}
	server.Restart(t)
	after := readAll(t, o, at)
	for _, l := range after.rows {
		seen[l[:strings.IndexByte(l, '|')]] = true
	}
	if len(seen) != 50000 || len(after.rows) > 47000 {
		t.Fatalf("%d distinct rows, %d in the second run", len(seen), len(after.rows))
	}
}
