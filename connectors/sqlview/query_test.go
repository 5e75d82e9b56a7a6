package sqlview

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
)

var update = flag.Bool("update", false, "write the goldens anew")

func TestOnlyASingleSelectIsAccepted(t *testing.T) {
	good := []string{
		"SELECT a, b FROM t", "select a from t where b = 'x;y' and c <> '--'", "WITH x AS (SELECT 1 a) SELECT a FROM x",
		"SELECT REPLACE(a, '（', '(') FROM `表` WHERE 状态 IN ('1', '2')", "SELECT a FROM t UNION ALL SELECT a FROM u", "SELECT a -1 FROM t",
	}
	for _, q := range good {
		if err := checkQuery(q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	badOnes := map[string]string{
		"":                                        "begin with SELECT",
		"UPDATE t SET a = 1":                      "UPDATE",
		"SELECT 1; DROP TABLE t":                  "semicolon",
		"SELECT 1) x; ":                           "brackets",
		"SELECT 1) UNION (SELECT 2":               "brackets",
		"SELECT (1":                               "brackets",
		"SELECT a FROM t FOR UPDATE":              "UPDATE",
		"SELECT a FROM t FOR SHARE":               "SHARE",
		"SELECT a INTO OUTFILE '/tmp/x' FROM t":   "INTO",
		"SELECT /*!50000 a */ FROM t":             "comments",
		"SELECT a -- x":                           "comments",
		"SELECT a # x":                            "comments",
		"SELECT 'it\\'s; DROP TABLE t' FROM t":    "backslash",
		"SELECT 'open":                            "not closed",
		"SELECT a FROM t WHERE b = ?":             "parameters",
		"SELECT @@secure_file_priv":               "parameters",
		"SELECT LOAD_FILE('/etc/passwd')":         "LOAD_FILE",
		"SELECT sleep(10)":                        "SLEEP",
		"WITH x AS (SELECT 1) DELETE FROM t":      "DELETE",
		"SELECT a FROM t WHERE b = \x00":          "control",
		"SELECT a FROM t PROCEDURE ANALYSE() （x）": "unknown sign",
	}
	for q, want := range badOnes {
		err := checkQuery(q)
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", q, err, want)
		}
	}
}

func FuzzQueryNeverLetsASecondStatementThrough(f *testing.F) {
	f.Add("SELECT a FROM t")
	f.Add("SELECT 'a' ; DROP TABLE t")
	f.Fuzz(func(t *testing.T, q string) {
		if checkQuery(q) != nil {
			return
		}
		outside := stripQuoted(q)
		if strings.ContainsAny(outside, ";?#\\") || strings.Contains(outside, "--") || strings.Contains(outside, "/*") {
			t.Fatalf("accepted %q", q)
		}
	})
}

func stripQuoted(q string) string {
	var out strings.Builder
	for i := 0; i < len(q); i++ {
		if c := q[i]; c == '\'' || c == '"' || c == '`' {
			i += 1 + strings.IndexByte(q[i+1:], c)
			continue
		}
		out.WriteByte(q[i])
	}
	return out.String()
}

func TestQueryIsReadLikeAView(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "a", "2026-01-01 10:00:00.000000")
		put(t, s, 2, "b", "2026-01-01 11:00:00.000000")
		o := caseOptions(s)
		o.View, o.Query = "", "SELECT id, who, gxsj FROM c WHERE who <> 'x'"
		first := readAll(t, o, "")
		compare(t, first.rows, []string{"1|a", "2|b"})
		compare(t, readAll(t, o, first.last()).rows, []string{"2|b"})
	})
}

func TestConditionsNarrowTheRead(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for i, who := range []string{"a", "b", "c", "d'; DROP TABLE c; --"} {
			put(t, s, i+1, who, "2026-01-01 10:00:00.000000")
		}
		for _, c := range []struct {
			where []Condition
			want  []string
		}{
			{[]Condition{{"id", ">=", []any{2}}, {"who", "!=", []any{"c"}}}, []string{"2|b", "4|d'; DROP TABLE c; --"}},
			{[]Condition{{"who", "in", []any{"a", "d'; DROP TABLE c; --"}}}, []string{"1|a", "4|d'; DROP TABLE c; --"}},
			{[]Condition{{"id", "not_in", []any{1, 2, 4}}, {"who", "not_null", nil}}, []string{"3|c"}},
			{[]Condition{{"who", "null", nil}}, nil},
		} {
			o := caseOptions(s)
			o.Where = c.where
			compare(t, readAll(t, o, "").rows, c.want)
			o.Mode = Full
			compare(t, readAll(t, o, "").rows, c.want)
		}
	})
}

func TestOptionsThatCannotBeRight(t *testing.T) {
	ok := Options{DB: sqldialect.Config{Kind: "sqlite", Path: "x"}, View: "v", Columns: []string{"a"}}
	for want, change := range map[string]func(o *Options){
		"exactly one of":     func(o *Options) { o.Table = "t" },
		"no column to read":  func(o *Options) { o.Columns = nil },
		"named twice":        func(o *Options) { o.Columns = []string{"a", "a"} },
		"needs a cursor":     func(o *Options) { o.Mode = Incremental },
		"full, incr":         func(o *Options) { o.Mode = "some" },
		`"a b" cannot be`:    func(o *Options) { o.Columns = []string{"a b"} },
		"\"a`\" cannot be":   func(o *Options) { o.Key = []string{"a`"} },
		`"v;x" cannot be`:    func(o *Options) { o.View = "v;x" },
		`"" cannot be`:       func(o *Options) { o.View = "s." },
		"malformed condit":   func(o *Options) { o.Where = []Condition{{"a", "like", []any{"x"}}} },
		"exactly one value":  func(o *Options) { o.Where = []Condition{{"a", "=", nil}} },
		"value is text":      func(o *Options) { o.Where = []Condition{{"a", "=", []any{time.Now()}}} },
		"cannot be negative": func(o *Options) { o.Lookback = -1 },
		"not well formed":    func(o *Options) { o.Hours = "8-9" },
		"unknown kind":       func(o *Options) { o.DB.Kind = "access" },
	} {
		o := ok
		change(&o)
		_, err := Open(t.Context(), o, "")
		wantFault(t, err, fault.Config, want)
	}
}

// Where the database keeps no empty text, a comparison with one never holds.
func TestATextCursorWhereEmptyIsNULLIsAskedForItsLength(t *testing.T) {
	for name, want := range map[string][3]string{
		"oracle": {"(c IS NULL OR LENGTH(c) = 0)", "LENGTH(c) > 0", "LENGTH(c) > 0"}, "dm": {"(c IS NULL OR LENGTH(c) = 0)", "LENGTH(c) > 0", "LENGTH(c) > 0"},
		"oceanbase": {"(c IS NULL OR c <= ?)", "c > ?", "c <> ''"}, "sqlserver": {"(c IS NULL OR c <= @p1)", "c > @p2", "c <> ''"}, "postgres": {"(c IS NULL OR c <= $1)", "c > $2", "c <> ''"},
	} {
		d, err := sqldialect.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		w, p := &window{form: form{class: texts, layout: layouts[0]}, cursor: column{expr: "c", kind: sqldialect.Text}}, &params{d: d}
		none := w.none(p)
		within, err := w.within(p, Options{}, false)
		if got := [3]string{none, within, (&session{d: d}).filled("c")}; err != nil || got != want {
			t.Errorf("%s: %q, want %q, %v", name, got, want, err)
		}
	}
}

// TestStatements pins the SQL that departments see: only mapped columns and what paging
// needs, values as parameters only.
func TestStatements(t *testing.T) {
	mark, top := "2026-01-01 10:00:00.5", "2026-01-01 12:00:00"
	var out strings.Builder
	for _, name := range []string{"mysql", "sqlite", "postgres", "oracle", "sqlserver"} {
		stamp := map[string]string{"postgres": "TIMESTAMPTZ", "oracle": "DATE"}[name]
		if stamp == "" {
			stamp = "DATETIME"
		}
		d, _ := sqldialect.ByName(name)
		for _, p := range []position{
			{}, {Mark: &mark},
			{Mark: &mark, Top: &top, At: &place{Cursor: "2026-01-01 11:00:00", Key: []keyValue{{"A1"}, {int64(3)}}}},
		} {
			o := Options{DB: sqldialect.Config{Kind: name}, View: "gjj.v_办件", Columns: []string{"slbh", "gxsj", "flag"}, Mode: Incremental, Cursor: []string{"gxsj"},
				Key: []string{"slbh", "xh"}, Lookback: 10 * time.Minute, Where: []Condition{{"zt", "in", []any{"1", "2"}}}}.withDefaults()
			s := &session{o: o, d: d, zone: time.FixedZone("", 8*3600)}
			s.from, _ = fromSQL(d, o)
			desc := &description{mapped: []column{{name: "slbh", expr: s.qualified("slbh")},
				{name: "gxsj", expr: s.qualified("gxsj"), typeName: stamp, kind: sqldialect.Datetime}, {name: "flag", expr: s.qualified("flag"), typeName: "BIT"}},
				key: []column{{expr: s.qualified("slbh")}, {expr: s.qualified("xh")}}, cursor: column{expr: s.qualified("gxsj"), typeName: stamp, kind: sqldialect.Datetime}}
			u, f := "2026-01-01 13:00:00.000000", "2026-01-01 13:05:00.000000"
			w := &window{form: form{class: moments, layout: layouts[0], digits: 6, zone: s.zone}, cursor: desc.cursor, key: desc.key, position: p, upper: &u, ahead: &f, top: &top}
			for _, win := range []*window{w, nil} {
				st, err := s.build(desc, win)
				if err != nil {
					t.Fatal(err)
				}
				if parameters(d, st.sql) != len(st.args) || strings.Contains(st.sql, "*") {
					t.Fatalf("%d args for %s", len(st.args), st.sql)
				}
				out.WriteString(st.sql + "\n")
				for _, a := range st.args {
					out.WriteString("  " + strings.TrimSpace(strings.ReplaceAll(toText(a), "\n", " ")))
				}
				out.WriteString("\n\n")
			}
		}
	}
	golden(t, "testdata/statements.sql", out.String())
}

// parameters is how many parameters a statement has; numbered ones are all there, each once.
func parameters(d *sqldialect.Dialect, sql string) int {
	if d.Placeholder(1) == d.Placeholder(2) {
		return strings.Count(sql, d.Placeholder(1))
	}
	n := 0
	for strings.Count(sql+" ", d.Placeholder(n+1)) > 0 {
		n++
	}
	return n
}

func toText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Fatalf("%s differs (run with -update to see):\n%s", path, got)
	}
}
