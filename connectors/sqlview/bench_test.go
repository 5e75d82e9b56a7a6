package sqlview

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

const benchRows = 100_000

// wide is 32 columns as a department has them: 6 integers, 2 reals, 6 times, 18 texts.
func wide() (columns []string, ddl string) {
	var defs []string
	add := func(n int, prefix, typ string) {
		for i := range n {
			columns = append(columns, fmt.Sprint(prefix, i))
			defs = append(defs, fmt.Sprint(prefix, i, " ", typ))
		}
	}
	add(6, "i", "INTEGER")
	add(2, "r", "REAL")
	add(6, "t", "DATETIME")
	add(18, "s", "VARCHAR(60)")
	return columns, "CREATE TABLE w (" + strings.Join(defs, ", ") + ")"
}

func wideValues(n string) string {
	var v []string
	for i := range 6 {
		v = append(v, fmt.Sprintf("%s * %d", n, i+1))
	}
	v = append(v, n+" / 7.0", n+" * 0.25")
	for i := range 6 {
		v = append(v, fmt.Sprintf("'2026-01-0%d 10:20:30'", i+1))
	}
	for i := range 18 {
		v = append(v, fmt.Sprintf("'%s'", []string{"37010219900101001X", "1", "提取住房公积金", "370102", "银座小区测试地址"}[i%5]))
	}
	return strings.Join(v, ", ")
}

func BenchmarkReadSQLite(b *testing.B) {
	columns, ddl := wide()
	s := sqliteSource(b, ddl, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d) INSERT INTO w SELECT %s FROM n", benchRows, wideValues("i")))
	read(b, Options{DB: s.cfg, Table: "w", Columns: columns})
}

func BenchmarkReadMariaDB(b *testing.B) {
	columns, ddl := wide()
	s := mysqlSource(b, ddl, fmt.Sprintf("INSERT INTO w SELECT %s FROM seq_1_to_%d", wideValues("seq"), benchRows))
	read(b, Options{DB: s.cfg, Table: "w", Columns: columns})
}

func BenchmarkReadMariaDBIncremental(b *testing.B) {
	columns, ddl := wide()
	s := mysqlSource(b, ddl, fmt.Sprintf("INSERT INTO w SELECT %s FROM seq_1_to_%d", wideValues("seq"), benchRows), "CREATE INDEX x ON w (t0, i0)")
	read(b, Options{DB: s.cfg, Table: "w", Columns: columns, Mode: Incremental, Cursor: []string{"t0"}, Key: []string{"i0"}})
}

// BenchmarkNothingChanged is an incremental run that finds one row, opening included.
func BenchmarkNothingChanged(b *testing.B) {
	columns, ddl := wide()
	s := mysqlSource(b, ddl, fmt.Sprintf("INSERT INTO w SELECT %s FROM seq_1_to_%d", wideValues("seq"), benchRows), "CREATE INDEX x ON w (i0)")
	o := Options{DB: s.cfg, Table: "w", Columns: columns, Mode: Incremental, Cursor: []string{"i0"}}
	at := since(o.Cursor, fmt.Sprint(benchRows))
	for b.Loop() {
		drain(b, o, string(at))
	}
}

func read(b *testing.B, o Options) {
	o.Alloc = memory.NewGoAllocator()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows := 0
	for b.Loop() {
		rows += drain(b, o, "")
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(rows), "allocs/row")
}

func drain(b *testing.B, o Options, at string) (rows int) {
	src, err := Open(b.Context(), o, pipelines.Position(at))
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	for {
		batch, err := src.Read(b.Context())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += int(batch.Record.NumRows())
		batch.Record.Release()
	}
}
