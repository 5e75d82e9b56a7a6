package sqltable

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/internal/text"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

const inbox = `CREATE TABLE inbox (slbh VARCHAR(40) NOT NULL, lsh INTEGER NOT NULL, xm VARCHAR(10) NOT NULL CHECK (length(xm) <= 10), je DECIMAL(10,2), sj {dt}, rq DATE, bz VARCHAR(200),
	bb BIGINT, sc CHAR(1), pc VARCHAR(32), guid VARCHAR(36), op CHAR(1), sfz SMALLINT, PRIMARY KEY (slbh, lsh))`

// world is a receiver's database with the table, and a second way to look at it.
type world struct {
	config sqldialect.Config
	look   *sql.DB
}

func newWorld(t testing.TB, c sqldialect.Config) *world {
	t.Helper()
	look, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = look.Close() })
	w := &world{c, look}
	w.exec(t, strings.ReplaceAll(inbox, "{dt}", map[string]string{"postgres": "TIMESTAMP"}[c.Kind]+map[string]string{"mysql": "DATETIME", "sqlite": "TEXT"}[c.Kind]))
	return w
}

func sqliteWorld(t testing.TB) *world {
	return newWorld(t, sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "inbox.db")})
}

func mysqlWorld(t testing.TB) *world {
	server := testdb.MySQL(t)
	return newWorld(t, server.Config(server.CreateDatabase(t)))
}

func postgresWorld(t testing.TB) *world {
	server := testdb.Postgres(t)
	return newWorld(t, server.Config(server.CreateDatabase(t)))
}

// everywhere runs a test on every kind of database.
func everywhere(t *testing.T, run func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { run(t, sqliteWorld(t)) })
	onServers(t, run)
}

func onServers(t *testing.T, run func(t *testing.T, w *world)) {
	t.Run("mariadb", func(t *testing.T) { run(t, mysqlWorld(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, postgresWorld(t)) })
}

func (w *world) exec(t testing.TB, q string) {
	t.Helper()
	if _, err := w.look.Exec(q); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

// rows is the table, a line a row, NULL as ∅.
func (w *world) rows(t testing.TB, columns string) []string {
	t.Helper()
	found, err := w.look.Query("SELECT " + columns + " FROM inbox ORDER BY slbh, lsh")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	n := strings.Count(columns, ",") + 1
	var list []string
	for found.Next() {
		cells := make([]sql.NullString, n)
		dest := make([]any, n)
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := found.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, n)
		for i, c := range cells {
			if line[i] = c.String; !c.Valid {
				line[i] = "∅"
			}
		}
		list = append(list, strings.Join(line, "|"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// usual is how the tests' table is written to.
var usual = Table{Key: []string{"slbh", "lsh"}, Version: "bb", Flag: &Flag{Column: "sc", Deleted: "1", Live: "0"}, Fill: Fill{Batch: "pc", GUID: "guid", Operation: "op"}}

func (w *world) target(t testing.TB, table Table) *Target {
	t.Helper()
	db, err := w.config.Open()
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.config.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	target, err := New(Options{Name: "theme", DB: db, Dialect: d, Tables: map[string]Table{"inbox": table}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// row is what a mapping gives of one record.
type row struct {
	slbh string
	xm   any // string or nil
	je   string
	v    uint32
	op   pipelines.Op
}

var schema = arrow.NewSchema([]arrow.Field{{Name: "slbh", Type: arrow.BinaryTypes.String}, {Name: "lsh", Type: arrow.PrimitiveTypes.Int64},
	{Name: "xm", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "je", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "sj", Type: &arrow.TimestampType{Unit: arrow.Second}, Nullable: true}, {Name: "rq", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "sfz", Type: arrow.FixedWidthTypes.Boolean, Nullable: true}}, nil)

func record(alloc memory.Allocator, rows []row) arrow.Record {
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for _, r := range rows {
		b.Field(0).(*array.StringBuilder).Append(r.slbh)
		b.Field(1).(*array.Int64Builder).Append(1)
		if s, ok := r.xm.(string); ok {
			b.Field(2).(*array.StringBuilder).Append(s)
		} else {
			b.Field(2).AppendNull()
		}
		if r.je == "" {
			b.Field(3).AppendNull()
		} else {
			b.Field(3).(*array.StringBuilder).Append(r.je)
		}
		b.Field(4).(*array.TimestampBuilder).Append(1793494800)
		b.Field(5).(*array.Date32Builder).Append(arrow.Date32FromTime(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)))
		b.Field(6).(*array.BooleanBuilder).Append(true)
	}
	return b.NewRecord()
}

// delivery is a frozen batch, released when the test ends.
func delivery(t testing.TB, rows ...row) *pipelines.Delivery {
	t.Helper()
	id := uuid.New()
	d := &pipelines.Delivery{ID: fmt.Sprintf("%x", id[:]), Table: "inbox", Time: time.Date(2026, 11, 2, 17, 2, 3, 0, time.UTC), Record: record(memory.DefaultAllocator, rows)}
	for _, r := range rows {
		if r.op == 0 {
			r.op = pipelines.OpInsert
		}
		d.GUIDs, d.Ops, d.Versions = append(d.GUIDs, uuid.New()), append(d.Ops, r.op), append(d.Versions, r.v)
	}
	t.Cleanup(d.Record.Release)
	return d
}

var numbers atomic.Int64

// many is n rows of records nobody has yet.
func many(n int, v uint32) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{slbh: fmt.Sprintf("A%09d", numbers.Add(1)), xm: "张三", je: "1.50", v: v}
	}
	return rows
}

func deliver(t testing.TB, target *Target, d *pipelines.Delivery) pipelines.Receipt {
	t.Helper()
	receipt, err := target.Deliver(context.Background(), d)
	if err != nil {
		t.Fatalf("%s / %s", fault.Say(err, text.EN), fault.HintOf(err).EN)
	}
	return receipt
}

func wantKind(t testing.TB, err error, kind fault.Kind, says ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v error %v, want kind %v", fault.KindOf(err), err, kind)
	}
	for _, s := range says {
		if said := fault.Say(err, text.EN) + " / " + fault.HintOf(err).EN; !strings.Contains(said, s) {
			t.Fatalf("%q does not say %q", said, s)
		}
	}
}
