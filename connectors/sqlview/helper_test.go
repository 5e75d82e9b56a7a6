package sqlview

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/internal/testleak"
	"banjian/internal/text"
	"banjian/pipelines"
)

// patience is how long a test waits for what a server does by itself.
const patience = 3 * time.Minute

func TestMain(m *testing.M) {
	os.Exit(testleak.Judge(testdb.Main(m)))
}

// source is a database to read from and a pool to change it with.
type source struct {
	cfg sqldialect.Config
	db  *sql.DB
}

// insert puts a row into a table, with parameters as the database writes them.
func (s source) insert(t testing.TB, table string, values ...any) {
	t.Helper()
	d, err := s.cfg.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	marks := make([]string, len(values))
	for i := range values {
		if marks[i] = d.Placeholder(i + 1); d.Param != nil {
			values[i] = d.Param(values[i])
		}
	}
	if _, err := s.db.Exec("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", values...); err != nil {
		t.Fatal(err)
	}
}

// moment is a time as the database prints it.
func (s source) moment(full string) string {
	if s.cfg.Kind == "postgres" {
		return strings.TrimSuffix(strings.TrimRight(full, "0"), ".")
	}
	return full
}

func (s source) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func sqliteSource(t testing.TB, statements ...string) source {
	t.Helper()
	cfg := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "部门 源?.db")}
	db, err := cfg.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := source{cfg, db}
	s.exec(t, "PRAGMA journal_mode=WAL")
	s.exec(t, statements...)
	return s
}

func newSQLite(t testing.TB, statements ...string) sqldialect.Config {
	return sqliteSource(t, statements...).cfg
}

func mysqlSource(t testing.TB, statements ...string) source {
	t.Helper()
	server := testdb.MySQL(t)
	name := server.CreateDatabase(t)
	s := source{server.Config(name), server.Open(t, name)}
	s.exec(t, statements...)
	return s
}

var (
	interval = regexp.MustCompile(`INTERVAL ([^,)]+?) (MICROSECOND|SECOND|MINUTE|HOUR|DAY)`)
	series   = regexp.MustCompile(`seq_1_to_(\d+)`)
)

// says is a statement of MariaDB as this database says it.
func (s source) says(q string) string {
	if s.cfg.Kind != "postgres" {
		return q
	}
	q = interval.ReplaceAllString(q, "($1) * INTERVAL '1 $2'")
	return postgresWords.Replace(series.ReplaceAllString(q, "generate_series(1, $1) seq"))
}

func postgresSource(t testing.TB, statements ...string) source {
	t.Helper()
	server := testdb.Postgres(t)
	name := server.CreateDatabase(t)
	s := source{server.Config(name), server.Open(t, name)}
	s.exec(t, statements...)
	return s
}

// postgresWords are what the tests' statements say otherwise on PostgreSQL.
var postgresWords = strings.NewReplacer("DATETIME(6)", "TIMESTAMP(6)", "NOW(6)", "LOCALTIMESTAMP", "NOW()", "date_trunc('second', LOCALTIMESTAMP)", " CHARACTER SET gbk", "", "seq / 4", "seq / 4.0",
	"VARBINARY(8)", "BYTEA", "DOUBLE", "DOUBLE PRECISION", "BLOB", "BYTEA", "DATETIME", "TIMESTAMP", "`", `"`)

// both runs a test against the embedded database and against servers, MariaDB and
// PostgreSQL; {dt} in statements is the type
// of a column of microseconds.
func both(t *testing.T, statements []string, run func(t *testing.T, s source)) {
	t.Helper()
	fill := func(dt string) []string {
		var out []string
		for _, q := range statements {
			out = append(out, strings.ReplaceAll(q, "{dt}", dt))
		}
		return out
	}
	t.Run("sqlite", func(t *testing.T) { run(t, sqliteSource(t, fill("DATETIME")...)) })
	t.Run("mariadb", func(t *testing.T) { run(t, mysqlSource(t, fill("DATETIME(6)")...)) })
	t.Run("postgres", func(t *testing.T) {
		run(t, postgresSource(t, strings.Split(postgresWords.Replace(strings.Join(fill("TIMESTAMP(6)"), "\x00")), "\x00")...))
	})
}

// result is what one run gave.
type result struct {
	rows      []string
	batches   []int
	positions []pipelines.Position
	types     string
	settling  int64
}

func (r result) last() pipelines.Position {
	if len(r.positions) == 0 {
		return ""
	}
	return r.positions[len(r.positions)-1]
}

func readAll(t testing.TB, o Options, at pipelines.Position) result {
	t.Helper()
	r, err := readSome(t, o, at, -1)
	if err != nil {
		t.Fatalf("%s / %s", fault.Say(err, text.EN), fault.HintOf(err))
	}
	return r
}

// readSome reads at most n batches (negative: all) and closes the source.
func readSome(t testing.TB, o Options, at pipelines.Position, n int) (result, error) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	o.Alloc = alloc
	ctx := context.Background()
	src, err := Open(ctx, o, at)
	if err != nil {
		return result{}, err
	}
	defer src.Close()
	r := result{types: describeSchema(src.Schema()), settling: src.Settling()}
	for ; n != 0; n-- {
		b, err := src.Read(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, err
		}
		r.rows = append(r.rows, lines(b.Record)...)
		r.batches = append(r.batches, int(b.Record.NumRows()))
		r.positions = append(r.positions, b.Position)
		b.Record.Release()
	}
	return r, nil
}

func describeSchema(s *arrow.Schema) string {
	var out []string
	for _, f := range s.Fields() {
		kind, _ := f.Metadata.GetValue(sqldialect.MetaKind)
		out = append(out, f.Name+" "+f.Type.String()+" "+kind)
	}
	return strings.Join(out, ", ")
}

func lines(rec arrow.Record) []string {
	out := make([]string, rec.NumRows())
	for i := range out {
		var cells []string
		for _, c := range rec.Columns() {
			switch {
			case c.IsNull(i):
				cells = append(cells, "∅")
			case c.DataType().ID() == arrow.BINARY:
				cells = append(cells, hex.EncodeToString(c.(*array.Binary).Value(i)))
			case c.DataType().ID() == arrow.STRING:
				cells = append(cells, c.(*array.String).Value(i))
			default:
				cells = append(cells, c.ValueStr(i))
			}
		}
		out[i] = strings.Join(cells, "|")
	}
	return out
}

func compare(t testing.TB, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func wantFault(t testing.TB, err error, kind fault.Kind, parts ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v (%v), want kind %v", err, fault.KindOf(err), kind)
	}
	said := fault.Say(err, text.EN) + " / " + fault.HintOf(err).EN
	for _, p := range parts {
		if !strings.Contains(said, p) {
			t.Fatalf("%q does not say %q", said, p)
		}
	}
}

// since is the position from which an incremental read by cursor begins at value, in
// the source's own words ("2026-03-01 00:00:00"); lookback is subtracted from it too.
func since(cursor []string, value string) pipelines.Position {
	p := position{V: positionVersion, Mode: Incremental, By: cursor, Mark: &value}
	return p.encode()
}
