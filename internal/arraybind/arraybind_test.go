package arraybind_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
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

// opened is a pool of one connection with an empty table t of a server that offers array
// binding.
func opened(t *testing.T) *sql.Conn {
	t.Helper()
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	server.Exec(t, name, "SET GLOBAL max_allowed_packet = 67108864")
	db := server.Open(t, name)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
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
	conn := opened(t)
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
	conn := opened(t)
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
	conn := opened(t)
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

func TestAnEndedContextEndsTheInsert(t *testing.T) {
	conn := opened(t)
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
