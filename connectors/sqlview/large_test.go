package sqlview

import (
	"strings"
	"testing"

	"banjian/internal/charset"
	"banjian/internal/sqldialect"
)

// A text as large as a file is not sent: the server gives its size, and the row is marked.
func TestAValueThatIsTooLargeIsNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		open func(t testing.TB) source
		long string
	}{
		"sqlite": {func(t testing.TB) source {
			return sqliteSource(t, "CREATE TABLE l (id INTEGER PRIMARY KEY, bz TEXT, gxsj DATETIME)")
		}, "REPLACE(HEX(ZEROBLOB(%d)), '0', 'x')"},
		"mariadb": {func(t testing.TB) source {
			return mysqlSource(t, "CREATE TABLE l (id INT PRIMARY KEY, bz LONGTEXT, gxsj DATETIME)")
		}, "REPEAT('x', 2 * %d)"},
		"postgres": {func(t testing.TB) source {
			return postgresSource(t, "CREATE TABLE l (id INT PRIMARY KEY, bz VARCHAR, gxsj TIMESTAMP)")
		}, "REPEAT('x', 2 * %d)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.open(t)
			long := func(half string) string { return strings.Replace(c.long, "%d", half, 1) }
			s.exec(t, "INSERT INTO l VALUES (1, '短', '2026-01-02 03:04:05')", "INSERT INTO l VALUES (2, "+long("1500000")+", '2026-01-02 03:04:06')",
				"INSERT INTO l VALUES (3, NULL, '2026-01-02 03:04:07')", "INSERT INTO l VALUES (4, "+long("524288")+", '2026-01-02 03:04:08')", "INSERT INTO l VALUES (5, '', '2026-01-02 03:04:09')")
			o := Options{DB: s.cfg, Table: "l", Columns: []string{"id", "bz", "gxsj"}, Largest: map[string]int64{"bz": 1 << 20}}
			for _, mode := range []Mode{Full, Incremental, Compare} {
				o.Mode, o.Cursor, o.Key = mode, []string{"gxsj"}, []string{"id"}
				src, err := Open(t.Context(), o, "")
				if err != nil {
					t.Fatal(err)
				}
				b, err := src.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got := lines(b.Record); len(got) != 5 || !strings.HasPrefix(got[0], "1|短|") || !strings.HasPrefix(got[2], "3|∅|") || !strings.HasPrefix(got[4], "5||") || len(strings.Split(got[3], "|")[1]) != 1<<20 {
					t.Errorf("%s: %.200q", mode, got)
				} else if size, most, ok := charset.TooBig(strings.Split(got[1], "|")[1]); !ok || size != "3000000" || most != "1048576" {
					t.Errorf("%s: %.80q is marked %s of %s", mode, got[1], size, most)
				}
				if b.Bytes > 1<<20+1000 && name != "sqlite" {
					t.Errorf("%s: %d bytes were read", mode, b.Bytes)
				}
				b.Record.Release()
				_ = src.Close()
			}
			o.Mode, o.Largest = Full, nil
			if got := readAll(t, o, ""); len(got.rows[1]) < 3_000_000 {
				t.Errorf("%d bytes below the usual bound", len(got.rows[1]))
			}
			o.Mode, o.Key, o.Largest = Incremental, []string{"bz"}, map[string]int64{"bz": 1 << 20}
			o.BatchRows = 1 // a key that is too large is NULL where the run is taken up again
			first, err := readSome(t, o, "", 2)
			if err != nil {
				t.Fatal(err)
			}
			if rest := readAll(t, o, first.last()); len(rest.rows) < 3 {
				t.Errorf("%d rows behind the large one", len(rest.rows))
			}
		})
	}
}

// The statements of servers that are not run here.
func TestStatementsThatKeepLargeValuesOut(t *testing.T) {
	var out strings.Builder
	for _, c := range []struct{ dialect, typeName string }{{"mysql", "LONGTEXT"}, {"postgres", "TEXT"}, {"oracle", "OCIClobLocator"}, {"dm", "CLOB"}, {"sqlserver", "NTEXT"}, {"sqlite", "TEXT"}, {"oracle", "LONG"}} {
		d, err := sqldialect.ByName(c.dialect)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{DB: sqldialect.Config{Kind: c.dialect}, View: "v", Columns: []string{"slbh", "nr"}, Largest: map[string]int64{"nr": 1 << 20}}.withDefaults()
		s := &session{o: o, d: d}
		s.from, _ = fromSQL(d, o)
		nr := column{name: "nr", expr: s.qualified("nr"), typeName: c.typeName, kind: sqldialect.Text}
		s.bound(&nr, 0)
		st, err := s.build(&description{mapped: []column{{name: "slbh", expr: s.qualified("slbh")}, nr}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(c.dialect + " " + c.typeName + "\n  " + st.sql + "\n")
		if nr.most != 1<<20 || (nr.measure == "") != (st.sized == 0) {
			t.Errorf("%s: %+v", c.dialect, nr)
		}
	}
	golden(t, "testdata/large.sql", out.String())
}
