package sqlview

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/testdb"
)

// TestEveryTypeComesAsTheServerPrintsIt compares with the server's own CAST to text.
func TestEveryTypeComesAsTheServerPrintsIt(t *testing.T) {
	s := mysqlSource(t, `CREATE TABLE t (i TINYINT, u INT UNSIGNED, big BIGINT UNSIGNED, d DECIMAL(30,10), f FLOAT, dbl DOUBLE,
		dt DATETIME, dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP(6) NULL, da DATE, ti TIME(2), y YEAR, v VARCHAR(20), en ENUM('甲','乙'),
		st SET('x','y'), bi BIT(9), vb VARBINARY(4), bl BLOB, tx LONGTEXT, js JSON, b1 TINYINT(1), z INT(5) ZEROFILL)`,
		`INSERT INTO t VALUES (-5, 4000000000, 18446744073709551615, -12345678901234567890.0123456789, 0.1, 1e100,
		'2026-01-02 03:04:05', '2026-01-02 03:04:05.678', '2026-01-02 03:04:05.000001', '2026-01-02 03:04:05.5', '2026-01-02', '-100:01:02.5', 2026, '张𠮷', '乙',
		'x,y', 257, x'00ff', x'80', '长', '{"a": 1}', 1, 42)`,
		`INSERT INTO t VALUES (NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)`,
		`CREATE VIEW v AS SELECT t.*, COALESCE(dt, dt6) c1, GREATEST(dt6, dt3) c2, IF(i > 0, dt, dt6) c3, dt6 + INTERVAL 1 MICROSECOND c4,
		CASE WHEN i > 0 THEN dt3 ELSE dt6 END c5, STR_TO_DATE('2026-01-02 03:04:05.25','%Y-%m-%d %H:%i:%s.%f') c6, TIMESTAMP(da, '01:02:03.4') c7, i + 1 c8, d * 2 c9 FROM t`)
	columns := strings.Fields("i u big d f dbl dt dt3 dt6 ts da ti y v en st bi vb bl tx js b1 z c1 c2 c3 c4 c5 c6 c7 c8 c9")
	o := Options{DB: s.cfg, View: "v", Columns: columns, Key: nil}
	got := readAll(t, o, "")
	var casts []string
	for _, c := range columns {
		switch c {
		case "bi":
			casts = append(casts, "CAST(bi + 0 AS CHAR)")
		case "vb", "bl":
			casts = append(casts, "LOWER(HEX("+c+"))")
		case "z":
			casts = append(casts, "CAST(z + 0 AS CHAR)")
		case "dbl":
			casts = append(casts, "'1e+100'")
		default:
			casts = append(casts, "CAST("+c+" AS CHAR)")
		}
	}
	var want string
	if err := s.db.QueryRow("SELECT CONCAT_WS('|', " + strings.Join(casts, ", ") + ") FROM v WHERE i IS NOT NULL").Scan(&want); err != nil {
		t.Fatal(err)
	}
	compare(t, got.rows[:1], []string{want})
	if !strings.HasPrefix(got.rows[1], strings.Repeat("∅|", 28)) {
		t.Fatalf("NULL came as something: %s", got.rows[1])
	}
	types := "i int64 int, u int64 int, big utf8 decimal, d utf8 decimal, f float64 float, dbl float64 float, dt utf8 datetime, dt3 utf8 datetime, " +
		"dt6 utf8 datetime, ts utf8 datetime, da utf8 date, ti utf8 time, y int64 int, v utf8 text, en utf8 text, st utf8 text, bi utf8 decimal, " +
		"vb binary binary, bl binary binary, tx utf8 text, js utf8 text, b1 int64 int, z int64 int"
	if !strings.HasPrefix(got.types, types) {
		t.Fatalf("types %s", got.types)
	}
	o.Where = []Condition{{"i", "=", []any{-5}}}
	compare(t, readAll(t, o, "").rows, []string{want}) // the same with parameters
}

func TestTheWidestNumbersAndTimesOfMariaDBComeWhole(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (d DECIMAL(65,30), n DECIMAL(65,0), u BIGINT UNSIGNED ZEROFILL, ti TIME(6), y YEAR, b TINYINT(1))",
		"INSERT INTO t VALUES (-99999999999999999999999999999999999.999999999999999999999999999999, 99999999999999999999999999999999999999999999999999999999999999999,"+
			" 18446744073709551615, '838:59:59.999999', 0, -128)")
	got := readAll(t, Options{DB: s.cfg, Table: "t", Columns: []string{"d", "n", "u", "ti", "y", "b"}}, "")
	compare(t, got.rows, []string{"-99999999999999999999999999999999999.999999999999999999999999999999|99999999999999999999999999999999999999999999999999999999999999999|" +
		"18446744073709551615|838:59:59.999999|0|-128"})
}

func TestZeroDateComesAsItIs(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (dt DATETIME, dt6 DATETIME(6), da DATE)")
	s.db.SetMaxOpenConns(1)
	s.exec(t, "SET sql_mode=''", "INSERT INTO t VALUES ('0000-00-00', '0000-00-00', '2026-00-00')")
	got := readAll(t, Options{DB: s.cfg, Table: "t", Columns: []string{"dt", "dt6", "da"}}, "")
	compare(t, got.rows, []string{"0000-00-00 00:00:00|0000-00-00 00:00:00.000000|2026-00-00"})
}

func TestGBKTablesAreReadAsUTF8(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE `办件` (`姓名` VARCHAR(20)) CHARACTER SET gbk", "INSERT INTO `办件` VALUES ('张三')")
	compare(t, readAll(t, Options{DB: s.cfg, Table: "办件", Columns: []string{"姓名"}}, "").rows, []string{"张三"})
}

func TestTimestampIsReadInTheSessionsZone(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (ts TIMESTAMP NULL)", "INSERT INTO t VALUES ('2026-01-02 03:04:05')")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"ts"}}
	compare(t, readAll(t, o, "").rows, []string{"2026-01-02 03:04:05"})
	o.DB.Zone = "+00:00"
	compare(t, readAll(t, o, "").rows, []string{"2026-01-01 19:04:05"})
}

func account(t *testing.T, s source, user, password, grant string) Options {
	t.Helper()
	s.exec(t, "CREATE USER '"+user+"'@'%' IDENTIFIED BY '"+password+"'", grant)
	t.Cleanup(func() { s.exec(t, "DROP USER '"+user+"'@'%'") })
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, Guard: NewGuard()}
	o.DB.Name, o.DB.User = "gjj", user
	o.DB.Password = func(context.Context) (string, error) { return password, nil }
	return o
}

func TestRefusedLoginIsNotTriedAgainUntilReset(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)")
	o := account(t, s, "banjian_reader", "right", "GRANT SELECT ON t TO 'banjian_reader'@'%'")
	right, asked := o.DB.Password, 0
	o.DB.Password = func(context.Context) (string, error) { asked++; return "wrong-canary", nil }
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "gjj", "refuses the login")
	if strings.Contains(err.Error(), "wrong-canary") {
		t.Fatal("the password is in the message")
	}
	o.DB.Password = right
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "does not try again")
	if asked != 1 {
		t.Fatalf("tried %d times", asked)
	}
	o.Guard.Reset("gjj")
	readAll(t, o, "")
}

func TestMissingGrantSaysWhatTheDBAMustRun(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)")
	o := account(t, s, "banjian_reader2", "right", "GRANT SELECT ON u TO 'banjian_reader2'@'%'")
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "no right to SELECT on", "GRANT SELECT ON", ".t TO 'banjian_reader2'")
}

func TestNamesThatAreNotThereAreNamed(t *testing.T) {
	both(t, []string{"CREATE TABLE b (slbh INTEGER, gxsj {dt})", "CREATE VIEW v AS SELECT slbh, gxsj FROM b", "CREATE VIEW stale AS SELECT slbh FROM b"},
		func(t *testing.T, s source) {
			_, err := Open(t.Context(), Options{DB: s.cfg, View: "v_gone", Columns: []string{"a"}}, "")
			wantFault(t, err, fault.Config, "v_gone", "renamed or dropped")
			_, err = Open(t.Context(), Options{DB: s.cfg, View: "v", Columns: []string{"slhb", "SLBH", "nothing"}, Cursor: []string{"gxsjj"}}, "")
			wantFault(t, err, fault.Config, "no column slhb, nothing, gxsjj", "nearest to slhb: slbh", "nearest to gxsjj: gxsj")
			s.exec(t, map[string]string{"sqlite": "DROP TABLE b", "mysql": "DROP TABLE b", "postgres": "DROP TABLE b CASCADE"}[s.cfg.Kind])
			_, err = Open(t.Context(), Options{DB: s.cfg, View: "stale", Columns: []string{"slbh"}}, "")
			wantFault(t, err, fault.Config)
		})
}

func TestUnknownDatabaseAndUnreachableServer(t *testing.T) {
	s := mysqlSource(t)
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}}
	o.DB.Database = "banjian_nowhere"
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "banjian_nowhere")
	o.DB.Port = 1
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Transient, "cannot be reached")
}

func bigTable(t *testing.T, s source, rows int) {
	t.Helper()
	s.exec(t, "CREATE TABLE big (id INTEGER, who VARCHAR(200))")
	s.exec(t, fmt.Sprintf("INSERT INTO big SELECT seq, REPEAT('x', 100) FROM seq_1_to_%d", rows))
}

func TestCancelStopsAReadPromptly(t *testing.T) {
	s := mysqlSource(t)
	bigTable(t, s, 200000)
	src, err := Open(t.Context(), Options{DB: s.cfg, Table: "big", Columns: []string{"id", "who"}, BatchRows: 100}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(t.Context())
	b, err := src.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	cancel()
	for err == nil {
		if b, err = src.Read(ctx); err == nil {
			b.Record.Release()
		}
	}
	wantFault(t, err, fault.Transient)
	if _, again := src.Read(t.Context()); again != err {
		t.Fatalf("a second error: %v", again)
	}
}

func TestCloseMayComeDuringARead(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)")
	src, err := Open(t.Context(), Options{DB: s.cfg, Query: "SELECT a FROM t", Columns: []string{"a"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if b, err := src.Read(context.Background()); err == nil {
			b.Record.Release()
		}
	}()
	for range 2 {
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	_, err = src.Read(t.Context())
	if err == nil {
		t.Fatal("read after Close")
	}
}

func TestServerKilledMidReadIsTransientAndTheRunGoesOn(t *testing.T) {
	s := mysqlSource(t)
	server := testdb.MySQL(t)
	s.exec(t, "CREATE TABLE c (id INT PRIMARY KEY, who TEXT, gxsj DATETIME(6))",
		"INSERT INTO c SELECT seq, REPEAT('x', 200), '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_50000")
	o := Options{DB: s.cfg, Table: "c", Columns: []string{"id", "who"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: []string{"id"}, BatchRows: 1000}
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	seen := map[string]bool{}
	var at = since(o.Cursor, "1999-01-01 00:00:00")
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

func TestServerStillSendingWaitsForASlowReader(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}}.withDefaults()
	ses, err := connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.close()
	var timeout int
	var isolation, zone string
	row := ses.conn.QueryRowContext(t.Context(), "SELECT @@net_write_timeout, @@tx_isolation, @@time_zone")
	if err := row.Scan(&timeout, &isolation, &zone); err != nil || timeout != 3600 || isolation != "REPEATABLE-READ" || zone != "+08:00" {
		t.Fatal(timeout, isolation, zone, err)
	}
	if _, err := ses.conn.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err == nil {
		t.Fatal("the transaction writes")
	}
}

func TestLocalFilesAreNotHandedToTheServer(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a TEXT)", "SET GLOBAL local_infile = 1")
	if _, err := s.db.Exec("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t"); err == nil {
		t.Fatal("a local file was read")
	}
	if _, err := s.db.Exec("SELECT 1; SELECT 2"); err == nil {
		t.Fatal("two statements were run")
	}
}

func TestEncryptionThatWasAskedForIsNotDropped(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}}
	o.DB.TLS = true
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Config)
}
