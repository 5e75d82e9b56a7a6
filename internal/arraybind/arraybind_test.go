package arraybind_test

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"banjian/internal/arraybind"
	"banjian/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

const packet = 64 << 20 // max_allowed_packet, which opened sets

// table is rows of two cells; a nil cell is NULL.
type table struct {
	rows [][2]*string
	next int
}

func (t *table) Append(buf []byte, size int) ([]byte, bool) {
	for ; t.next < len(t.rows) && len(buf) < size; t.next++ {
		for _, cell := range t.rows[t.next] {
			if cell == nil {
				buf = arraybind.AppendNull(buf)
				continue
			}
			var at int
			buf, at = arraybind.OpenCell(buf)
			buf = arraybind.CloseCell(append(buf, *cell...), at)
		}
	}
	return buf, t.next == len(t.rows)
}

// eachWay runs test on a connection in the clear and on one with TLS. Each is one with an
// empty table t of a server that offers array binding.
func eachWay(t *testing.T, test func(*testing.T, *sql.Conn)) {
	t.Run("in the clear", func(t *testing.T) { test(t, opened(t, false)) })
	t.Run("TLS", func(t *testing.T) { test(t, opened(t, true)) })
}

func opened(t *testing.T, secure bool) *sql.Conn {
	t.Helper()
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	server.Exec(t, name, "SET GLOBAL max_allowed_packet = 67108864")
	config := server.Config(name)
	if config.TLS, config.CAFile = secure, server.CAFile; secure && server.CAFile == "" {
		t.Skip("SKIPPED: a server named by the environment has no certificate that we know")
	}
	db, err := config.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var variable, cipher string
	if err := conn.QueryRowContext(t.Context(), "SHOW SESSION STATUS LIKE 'Ssl_cipher'").Scan(&variable, &cipher); err != nil || (cipher != "") != secure {
		t.Fatalf("encrypted with %q, %v", cipher, err)
	}
	do(t, conn, "CREATE TABLE t (n INT AUTO_INCREMENT PRIMARY KEY, a LONGTEXT, b VARCHAR(8))")
	var version string
	if err := conn.QueryRowContext(t.Context(), "SELECT VERSION()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if ready := isReady(t, conn); !strings.Contains(version, "MariaDB") {
		t.Skip("SKIPPED: array binding is MariaDB's")
	} else if !ready {
		t.Fatal("a MariaDB server does not offer array binding")
	}
	return conn
}

func isReady(t *testing.T, conn *sql.Conn) (ready bool) {
	t.Helper()
	if err := conn.Raw(func(c any) error { ready = c.(*arraybind.Conn).Ready(); return nil }); err != nil {
		t.Fatal(err)
	}
	return ready
}

func do(t *testing.T, conn *sql.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func insert(ctx context.Context, conn *sql.Conn, size, most int, rows *table) (stored, warnings int64, err error) {
	st := arraybind.Statement{SQL: "INSERT INTO t (a, b) VALUES (?, ?)", Parameters: 2, Size: size, Most: most}
	_ = conn.Raw(func(c any) error {
		stored, warnings, err = c.(*arraybind.Conn).Insert(ctx, st, rows)
		return nil
	})
	return stored, warnings, err
}

func cells(a, b string) [2]*string { return [2]*string{&a, &b} }

// The driver's own INSERT is the reference.
func TestRowsAreStoredAsTheDriverStoresThem(t *testing.T) {
	eachWay(t, rowsAreStoredAsTheDriverStoresThem)
}

func rowsAreStoredAsTheDriverStoresThem(t *testing.T, conn *sql.Conn) {
	rows := &table{rows: [][2]*string{{nil, nil}, cells("", "")}}
	for _, n := range []int{1, 250, 251, 252, 65535, 65536, 70000, 1<<24 - 40, 1 << 24, 17 << 20} {
		rows.rows = append(rows.rows, cells(strings.Repeat("办", n/3)+strings.Repeat("'", n%3), `\`+"\x00\n"))
	}
	for range 5000 {
		rows.rows = append(rows.rows, cells("short", "又"))
	}
	stored, warnings, err := insert(t.Context(), conn, 64<<10, packet, rows)
	if err != nil || stored != int64(len(rows.rows)) || warnings != 0 {
		t.Fatalf("%d stored, %d warnings, %v", stored, warnings, err)
	}
	do(t, conn, "CREATE TABLE reference LIKE t")
	for _, r := range rows.rows[:12] {
		do(t, conn, "INSERT INTO reference (a, b) VALUES (?, ?)", r[0], r[1])
	}
	var same, all int
	if err := conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t JOIN reference r ON r.n = t.n AND r.a <=> t.a AND r.b <=> t.b").Scan(&same); err != nil || same != 12 {
		t.Errorf("%d of 12 rows are the same, %v", same, err)
	}
	if err := conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t WHERE a = 'short' AND b = '又'").Scan(&all); err != nil || all != 5000 {
		t.Errorf("%d short rows, %v", all, err)
	}
}

func TestARefusedRowLeavesTheConnectionInItsTransaction(t *testing.T) {
	eachWay(t, aRefusedRowLeavesTheConnectionInItsTransaction)
}

func aRefusedRowLeavesTheConnectionInItsTransaction(t *testing.T, conn *sql.Conn) {
	do(t, conn, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
	do(t, conn, "BEGIN")
	rows := &table{}
	for range 100 {
		rows.rows = append(rows.rows, cells("a", "b"))
	}
	rows.rows = append(rows.rows, cells("a", "far too long for it"))
	_, _, err := insert(t.Context(), conn, 512, packet, rows)
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) || refused.Number != 1406 || string(refused.SQLState[:]) != "22001" {
		t.Fatalf("%v", err)
	}
	do(t, conn, "ROLLBACK")
	stored, _, err := insert(t.Context(), conn, 512, packet, &table{rows: rows.rows[:100]})
	if err != nil || stored != 100 {
		t.Fatalf("%d stored, %v", stored, err)
	}
	if _, _, err := insert(t.Context(), conn, 512, 500, &table{rows: [][2]*string{cells(strings.Repeat("a", 600), "b")}}); !errors.Is(err, arraybind.ErrTooLong) {
		t.Errorf("a row longer than the server takes: %v", err)
	}
	var n int
	if err := conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n); err != nil || n != 100 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestAStatementThatIsWrongIsTheServersError(t *testing.T) {
	eachWay(t, aStatementThatIsWrongIsTheServersError)
}

func aStatementThatIsWrongIsTheServersError(t *testing.T, conn *sql.Conn) {
	_ = conn.Raw(func(c any) error {
		_, _, err := c.(*arraybind.Conn).Insert(t.Context(), arraybind.Statement{SQL: "INSERT INTO nowhere VALUES (?)", Parameters: 1, Size: 1, Most: 100}, &table{})
		var refused *mysql.MySQLError
		if !errors.As(err, &refused) || refused.Number != 1146 {
			t.Errorf("%v", err)
		}
		return nil
	})
	do(t, conn, "SELECT 1")
}

// waiting holds rows back until its context has ended.
type waiting struct{ ctx context.Context }

func (w waiting) Append(buf []byte, _ int) ([]byte, bool) {
	<-w.ctx.Done()
	return buf, true
}

func TestAnEndedContextEndsTheInsert(t *testing.T) { eachWay(t, anEndedContextEndsTheInsert) }

func anEndedContextEndsTheInsert(t *testing.T, conn *sql.Conn) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = conn.Raw(func(c any) error {
		_, _, err := c.(*arraybind.Conn).Insert(ctx, arraybind.Statement{SQL: "INSERT INTO t (a) VALUES (?)", Parameters: 1, Size: 1, Most: 100}, waiting{ctx})
		if !errors.Is(err, context.Canceled) && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
		return nil
	})
}

// forgetful takes back what the client says it can do.
type forgetful struct {
	net.Conn
	said bool
}

func (f *forgetful) Write(p []byte) (int, error) {
	if !f.said {
		f.said = true
		p = slices.Clone(p)
		p[32] &^= 1 << 2 // the first byte of MariaDB's own capabilities
	}
	return f.Conn.Write(p)
}

func TestAServerThatDeclinesIsAskedNoMore(t *testing.T) {
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	cfg, err := mysql.ParseDSN(server.DSN(name))
	if err != nil {
		t.Fatal(err)
	}
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return &forgetful{Conn: c}, err
	}
	connector, err := arraybind.Connector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if !isReady(t, conn) {
		t.Skip("SKIPPED: array binding is MariaDB's")
	}
	do(t, conn, "CREATE TABLE t (n INT AUTO_INCREMENT PRIMARY KEY, a LONGTEXT, b VARCHAR(8))")
	if _, _, err := insert(t.Context(), conn, 64<<10, packet, &table{rows: [][2]*string{cells("a", "b")}}); !errors.Is(err, arraybind.ErrDeclined) {
		t.Errorf("%v", err)
	}
	if isReady(t, conn) {
		t.Error("it would be asked again")
	}
	do(t, conn, "INSERT INTO t (a) VALUES ('by the driver')")
}

func TestAServerThatIsNotTheOneItShouldBeIsNotConnectedTo(t *testing.T) {
	config := testdb.MySQL(t).Config("")
	config.TLS = true // by the authorities this machine knows
	db, err := config.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var unknown *tls.CertificateVerificationError
	if err := db.PingContext(t.Context()); !errors.As(err, &unknown) && !errors.Is(err, mysql.ErrNoTLS) {
		t.Errorf("%v", err)
	}
}
