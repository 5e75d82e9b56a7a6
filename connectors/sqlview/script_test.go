package sqlview

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/internal/sqldialect"
)

// script stands in for a server: it takes down what it is asked and answers as one that
// holds a view without rows.
type script struct {
	d        *sqldialect.Dialect
	types    []string // by the driver, of slbh, nr, gxsj
	declared []string

	mu    sync.Mutex
	asked []string
}

func (s *script) open(sqldialect.Config) (*sql.DB, error) { return sql.OpenDB(scriptConn{s}), nil }

func (s *script) ask(q string, args int) (driver.Rows, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, q)
	if parameters(s.d, q) < args {
		return nil, fmt.Errorf("%d parameters for %s", args, q)
	}
	one := func(values ...driver.Value) *answer { return &answer{rows: [][]driver.Value{values}} }
	i := s.d.Inventory()
	switch {
	case q == s.d.Clock("+08:00"):
		return one("2026-01-02 03:04:05.000000"), nil
	case q == s.d.Charset:
		return one(s.d.CharsetWanted), nil
	case q == i.One(i.Relations) || q == i.All(i.Relations):
		return one("v_bj", "view", "", nil), nil
	case q == i.One(i.Columns) || q == i.All(i.Columns):
		a := &answer{}
		for n, name := range []string{"slbh", "nr", "gxsj"} {
			a.rows = append(a.rows, []driver.Value{"v_bj", name, s.declared[n], "", int64(1), int64(0)})
		}
		return a, nil
	case strings.HasSuffix(q, "WHERE 1 = 0"):
		return &answer{types: append(append([]string{}, s.types...), s.types[0], s.types[2])}, nil
	}
	return &answer{}, nil
}

type scriptConn struct{ s *script }

func (c scriptConn) Connect(context.Context) (driver.Conn, error) { return c, nil }
func (c scriptConn) Driver() driver.Driver                        { return nil }
func (c scriptConn) Prepare(q string) (driver.Stmt, error)        { return scriptStmt{c.s, q}, nil }
func (c scriptConn) Close() error                                 { return nil }
func (c scriptConn) Commit() error                                { return nil }
func (c scriptConn) Rollback() error                              { return nil }

func (c scriptConn) Begin() (driver.Tx, error) {
	c.s.asked = append(c.s.asked, "(the driver begins a transaction)")
	return c, nil
}

type scriptStmt struct {
	s *script
	q string
}

func (s scriptStmt) Close() error  { return nil }
func (s scriptStmt) NumInput() int { return -1 }

func (s scriptStmt) Exec(args []driver.Value) (driver.Result, error) {
	_, err := s.s.ask(s.q, len(args))
	return driver.RowsAffected(0), err
}

func (s scriptStmt) Query(args []driver.Value) (driver.Rows, error) { return s.s.ask(s.q, len(args)) }

type answer struct {
	types []string
	rows  [][]driver.Value
}

func (a *answer) Columns() []string {
	if len(a.rows) > 0 {
		return make([]string, len(a.rows[0]))
	}
	return make([]string, len(a.types))
}

func (a *answer) Close() error                            { return nil }
func (a *answer) ColumnTypeDatabaseTypeName(i int) string { return a.types[i] }

func (a *answer) Next(dest []driver.Value) error {
	if len(a.rows) == 0 {
		return io.EOF
	}
	copy(dest, a.rows[0])
	a.rows = a.rows[1:]
	return nil
}

// TestWhatDepartmentsAreAsked pins every statement that doctor, discover, preview and runs
// send to a server, from the first of a session on. Those of servers that are not run here
// are read by a person.
func TestWhatDepartmentsAreAsked(t *testing.T) {
	for _, c := range []struct{ name, types, declared string }{
		{"mysql", "VARCHAR TEXT DATETIME", "varchar(40) text datetime"},
		{"postgres", "VARCHAR TEXT TIMESTAMP", "character_varying(40) text timestamp_without_time_zone"},
		{"sqlite", "VARCHAR TEXT DATETIME", "VARCHAR(40) TEXT DATETIME"},
		{"oracle", "NCHAR OCIClobLocator DATE", "VARCHAR2 CLOB DATE"},
		{"sqlserver", "NVARCHAR NTEXT DATETIME", "nvarchar ntext datetime"},
		{"dm", "VARCHAR2 CLOB DATE", "VARCHAR2 CLOB DATE"},
	} {
		d, err := sqldialect.ByName(c.name)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		shown := map[string]bool{}
		o := Options{DB: sqldialect.Config{Kind: c.name, Host: "h"}, View: "gjj.v_bj", Columns: []string{"slbh", "nr", "gxsj"}, Key: []string{"slbh"}, Cursor: []string{"gxsj"},
			Lookback: 10 * time.Minute, Where: []Condition{{"slbh", ">", []any{"A"}}}}
		ask := func(who string, what func(ctx context.Context, o Options) error) {
			t.Helper()
			s := &script{d: d, types: strings.Fields(c.types)}
			for _, declared := range strings.Fields(c.declared) {
				s.declared = append(s.declared, strings.ReplaceAll(declared, "_", " "))
			}
			o := o
			o.open = s.open
			if err := what(t.Context(), o); err != nil {
				t.Errorf("%s, %s: %v", c.name, who, err)
			}
			fmt.Fprintf(&out, "-- %s\n", who)
			for _, q := range s.asked {
				if shown[q] && len(q) > 60 {
					q = q[:60] + " … as above"
				}
				shown[q] = true
				out.WriteString(q + "\n")
			}
			out.WriteByte('\n')
		}
		ask("doctor asks the server", func(ctx context.Context, o Options) error { _, err := Visit(ctx, o); return err })
		ask("doctor looks at a view", func(ctx context.Context, o Options) error { _, err := Examine(ctx, o, 100); return err })
		ask("discover lists", func(ctx context.Context, o Options) error { _, err := List(ctx, o, ""); return err })
		ask("discover and dictionary look at one", func(ctx context.Context, o Options) error { _, _, err := Look(ctx, o, "gjj.v_bj", 20); return err })
		for _, mode := range []Mode{Full, Incremental, Compare} {
			ask(map[Mode]string{Full: "preview, and a full run", Incremental: "an incremental run", Compare: "a compare"}[mode], func(ctx context.Context, o Options) error {
				o.Mode = mode
				src, err := Open(ctx, o, "")
				if err != nil {
					return err
				}
				defer src.Close()
				if mode == Compare {
					sums, err := src.Sums(ctx)
					if err != nil {
						return err
					}
					if sums != nil {
						src.Only([]uint32{3, 5})
					}
				}
				if _, err := src.Read(ctx); err != io.EOF {
					return fmt.Errorf("read: %v", err)
				}
				return nil
			})
		}
		golden(t, "testdata/asked/"+c.name+".sql", out.String())
		own := map[string]string{"oracle": "ROWNUM <=", "dm": "ROWNUM <=", "sqlserver": " TOP ("}[c.name]
		for _, page := range []string{" LIMIT ", " TOP (", "ROWNUM <="} {
			if other := own != page && (own != "" || page != " LIMIT "); other && strings.Contains(out.String(), page) {
				t.Errorf("%s is asked with %q", c.name, page)
			}
		}
	}
}
