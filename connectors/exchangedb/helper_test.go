package exchangedb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/pipelines"
	"banjian/schemas"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

const accept = "up_pro_accept"

var writtenAt = time.Date(2026, 11, 2, 17, 2, 3, 0, time.UTC) // 2026-11-03 01:02:03 in UTC+8

func acceptTable(t testing.TB) *schemas.Table {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	table, ok := cat.Table(accept)
	if !ok {
		t.Fatal("the catalog has no " + accept)
	}
	return table
}

// receiver is a database with the accept table, and a second way to look at it.
type receiver struct {
	config sqldialect.Config
	look   *sql.DB
	table  *schemas.Table
}

func mysqlReceiver(t testing.TB) *receiver {
	t.Helper()
	server := testdb.MySQL(t)
	return newReceiver(t, server.Config(server.CreateDatabase(t)))
}

// secureReceiver is one that is reached with TLS.
func secureReceiver(t testing.TB) *receiver {
	t.Helper()
	server := testdb.MySQL(t)
	c := server.Config(server.CreateDatabase(t))
	if c.TLS, c.CAFile = true, server.CAFile; c.CAFile == "" {
		t.Skip("SKIPPED: a server named by the environment has no certificate that we know")
	}
	return newReceiver(t, c)
}

func sqliteReceiver(t testing.TB) *receiver {
	t.Helper()
	return newReceiver(t, sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "exchange.db")})
}

func postgresReceiver(t testing.TB) *receiver {
	t.Helper()
	server := testdb.Postgres(t)
	c := server.Config(server.CreateDatabase(t))
	r := &receiver{config: c, look: openConfig(t, c), table: acceptTable(t)}
	ddl, err := r.table.DDL(schemas.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(ddl), ";\n") {
		r.exec(t, statement)
	}
	return r
}

func newReceiver(t testing.TB, c sqldialect.Config) *receiver {
	t.Helper()
	r := &receiver{config: c, look: openConfig(t, c), table: acceptTable(t)}
	for _, q := range exchangetest.DDL(r.table, c.Kind, accept, "2020") {
		r.exec(t, q)
	}
	return r
}

func openConfig(t testing.TB, c sqldialect.Config) *sql.DB {
	t.Helper()
	db, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (r *receiver) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := r.look.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (r *receiver) count(t testing.TB, where string, args ...any) (n int) {
	t.Helper()
	if err := r.look.QueryRow("SELECT COUNT(*) FROM "+accept+" WHERE "+where, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// patience is how long a target waits for a lock that is given up.
const patience = 3 * time.Minute

// target opens a Target on the receiver; change may alter its options.
func (r *receiver) target(t testing.TB, change func(*Options)) *Target {
	t.Helper()
	db, err := r.config.Open()
	if err != nil {
		t.Fatal(err)
	}
	dialect, err := r.config.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "national", DB: db, Dialect: dialect, DataSource: "A01", LockWait: patience,
		Tables: map[string]Table{accept: {Layout: r.table}}}
	if change != nil {
		change(&o)
	}
	target, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// cells change single values of a sample: column → row → value, nil for NULL.
type cells map[string]map[int]any

// sample is a delivery of n valid rows, released when the test ends.
func sample(t testing.TB, table *schemas.Table, n int, change cells) *pipelines.Delivery {
	t.Helper()
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	schema := table.Subject.Arrow()
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for i, f := range table.Subject.Fields {
		for row := range n {
			v, changed := change[f.Name][row]
			if !changed {
				v = sampleValue(&f, row)
			}
			appendValue(t, b.Field(i), v)
		}
	}
	d := &pipelines.Delivery{ID: newID(), Table: accept, Time: writtenAt, Record: b.NewRecord(),
		GUIDs: make([][16]byte, n), Ops: make([]pipelines.Op, n)}
	for i := range n {
		d.GUIDs[i], d.Ops[i] = uuid.New(), pipelines.OpInsert
	}
	t.Cleanup(func() {
		d.Record.Release()
		if tt, ok := t.(*testing.T); ok {
			alloc.AssertSize(tt, 0)
		}
	})
	return d
}

func newID() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

func sampleValue(f *schemas.Field, row int) any {
	switch {
	case f.Type == schemas.Time:
		return int64(1793494800 + row) // 2026-11-01 09:00:00 in UTC+8, and on
	case f.Type == schemas.Int:
		return int64(1)
	case f.CodeSet != "":
		return "1"
	case !f.Required && row%3 == 0:
		return nil
	case f.Name == "project_no":
		return fmt.Sprintf("P%024d", row)
	case f.Width == 0 || f.Width >= 100:
		return "某某市住房公积金管理中心受理"
	}
	return "330100000001111111"[:min(f.Width, 18)]
}

func appendValue(t testing.TB, b array.Builder, v any) {
	t.Helper()
	switch b := b.(type) {
	case *array.StringBuilder:
		if v != nil {
			b.Append(v.(string))
			return
		}
	case *array.Int64Builder:
		if v != nil {
			b.Append(v.(int64))
			return
		}
	case *array.TimestampBuilder:
		if v != nil {
			b.Append(arrow.Timestamp(v.(int64)))
			return
		}
	default:
		t.Fatalf("no builder for %T", b)
	}
	b.AppendNull()
}

func deliver(t testing.TB, target *Target, d *pipelines.Delivery) pipelines.Receipt {
	t.Helper()
	receipt, err := target.Deliver(context.Background(), d)
	if err != nil {
		t.Fatalf("deliver: %v (%v)", err, fault.HintOf(err))
	}
	return receipt
}

func wantKind(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v error %v, want kind %v", fault.KindOf(err), err, kind)
	}
}
