package mappings

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// condCase is a condition over the text columns a and b of a view.
type condCase struct {
	cond   string
	a, b   string
	want   string // true, false or broken
	interp bool   // some part is left to the interpreter
}

func TestConditionsFollowNullsAndOrder(t *testing.T) {
	cases := []condCase{
		{"a == 'x'", "x", "", "true", false},
		{"a == 'x'", null, "", "false", false},
		{"a != 'x'", null, "", "false", false},
		{"!(a == 'x')", null, "", "false", false},
		{"a == null", null, "", "true", false},
		{"a == null", "", "", "true", false},
		{"a != null", "x", "", "true", false},
		{"null == a", null, "", "true", false},
		{"a == b", "x", "x", "true", false},
		{"a == b", null, null, "false", false},
		{"a < b", "x", "y", "true", false},
		{"a >= b", "x", "y", "false", false},
		{"a == 'x' || b == 'y'", null, "y", "true", false},
		{"a == 'x' && b == 'y'", null, "y", "false", false},
		{"!(a == 'x' && b == 'y')", null, "n", "true", false},
		{"a in ['x', 'y']", "y", "", "true", false},
		{"!(a in ['x', 'y'])", null, "", "false", false},
		{"a + b == 'xy'", "x", "y", "true", false},
		{"a + b == 'x'", "x", null, "false", false},
		{"(a == null ? 'n' : a) + 'y' == 'ny'", null, "", "true", false},
		{"(a == 'x' ? b : a) == null", "x", null, "true", false},
		{"true", "", "", "true", false},
		{"size(a) > 1", "xy", "", "true", true},
		{"size(a) > 1", null, "", "false", true},
		{"a.startsWith('x') || b == 'y'", null, "y", "true", true},
		{"a.matches('^[0-9]+$')", "12", "", "true", true},
		{"int(a) > 3", "12", "", "true", true},
		{"int(a) > 3", "twelve", "", "broken", true},
		{"a.split(',').exists(p, p == b)", "x,y", "y", "true", true},
		{"timestamp('2024-01-01T00:00:00Z') < timestamp('2025-01-01T00:00:00Z')", "", "", "true", false},
		{"a.substring(0, 1) == 'x'", "xyz", "", "true", true},
	}
	for _, c := range cases {
		t.Run(c.cond+" "+strings.ReplaceAll(c.a+" "+c.b, "\x00", ""), func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, "mapping: t\nto: case/thing\nwhere: >-\n  "+c.cond+"\nfields: {id: {const: \"1\"}, name: a, note: b}\n")
			if got := len(m.where.interp) > 0; got != c.interp {
				t.Errorf("interpreted: %v, parts %q", got, m.where.interp)
			}
			rec := texts(t, alloc, m.Columns(), rowOf(m, c))
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			got := map[bool]string{true: "true", false: "false"}[len(res.Outputs) == 1]
			if len(res.Issues) > 0 {
				got = map[bool]string{true: "broken", false: "?"}[res.Issues[0].Rule == badExpr]
			}
			if got != c.want {
				t.Errorf("got %s, want %s: %s", got, c.want, dump(res))
			}
		})
	}
}

func rowOf(m *Mapping, c condCase) []string {
	var row []string
	for _, name := range m.Columns() {
		row = append(row, map[string]string{"a": c.a, "b": c.b}[name])
	}
	return row
}

func TestExpressionsFillFields(t *testing.T) {
	runOps(t, []opCase{
		{"text", `note: {expr: "v + '（' + v + '）'"}`, "甲", "甲（甲）"},
		{"text with NULL is NULL", `note: {expr: "v + '（'"}`, null, "NULL"},
		{"operations follow", `note: {expr: "v + 'b'", upper: true}`, "a", "AB"},
		{"int", `count: {expr: "size(v)"}`, "abc", "3"},
		{"int of NULL", `count: {expr: "size(v)"}`, null, "NULL"},
		{"int default", `count: {expr: "size(v)", default: 0}`, null, "0"},
		{"int into text", `note: {expr: "size(v)"}`, "abc", "3"},
		{"truth", `flag: {expr: "v == '1'"}`, "1", "true"},
		{"truth unknown", `flag: {expr: "v == '1'"}`, null, "NULL"},
		{"time", `at: {expr: "timestamp(v)"}`, "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"},
		{"text into time", `at: {expr: "v + '-01'"}`, "2024-01", "2023-12-31T16:00:00Z"},
		{"cannot be evaluated", `count: {expr: "int(v)"}`, "x", "reject bad_expr"},
		{"cannot be evaluated, blank", `count: {expr: "int(v)", else: blank}`, "x", "NULL + blank bad_expr"},
		{"null of a condition", `note: {expr: "v == '1' ? v : null"}`, "2", "NULL"},
		{"null of a condition that stands first", `note: {expr: "v == '1' ? null : v"}`, "1", "NULL"},
		{"a value after a null", `note: {expr: "v == '1' ? null : v == '2' ? null : v"}`, "3", "3"},
	})
}

// A view's column is text in expressions, whatever its kind.
func TestNumbersOfAViewReadAsText(t *testing.T) {
	alloc := checked(t)
	m := compile(t, "mapping: t\nto: case/thing\nwhere: n == '7' && int(f) > 1\nfields: {id: n, name: f, count: n}\n")
	b := array.NewRecordBuilder(alloc, arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, nil))
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{7, 7, 8}, nil)
	b.Field(1).(*array.Float64Builder).AppendValues([]float64{2, 1, 3}, nil)
	rec := b.NewRecord()
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	if got, want := dump(res), "case/thing 0: id=7 name=2 count=7\nfiltered 2\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func FuzzCompileExpression(f *testing.F) {
	for _, s := range []string{"a == 'x'", "size(a) > 1 && b != null", "a + b", "a in ['x']", "[1,2].exists(x, x > 1)", "a ? b : c", "timestamp(a)", "((((", "'\\u0000'", "a.b.c", "{'a': 1}", "has(a.b)"} {
		f.Add(s)
	}
	file := &File{Path: "fuzz.yaml"}
	f.Fuzz(func(t *testing.T, src string) {
		if e, err := compileExpr(file, &node{text: src, line: 1, col: 1}, &scope{open: true}); err == nil && e.root == nil {
			t.Errorf("%q compiled to nothing", src)
		}
	})
}
