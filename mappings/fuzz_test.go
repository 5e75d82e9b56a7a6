package mappings

import (
	"testing"

	"banjian/internal/fault"
	"banjian/schemas"
)

func FuzzExpr(f *testing.F) {
	for _, s := range []string{"a == 'x'", "受理号 + '号'", "`a b` + 1", "a.split(',').exists(p, p == b)", "(((((", "'\\", "`", "[a,b,c].map(x, [x,x])"} {
		f.Add(s)
	}
	fields := map[string]schemas.Type{"a": schemas.Text, "b": schemas.Int, "受理号": schemas.Time, "a b": schemas.List}
	f.Fuzz(func(t *testing.T, src string) {
		file := &File{Path: "f.yaml", data: []byte(src)}
		n := &node{text: src, plain: true, line: 1, col: 1}
		for _, sc := range []*scope{{open: true}, {fields: fields}} {
			if _, err := compileExpr(file, n, sc); err != nil && !fault.Is(err, fault.Config) {
				t.Errorf("%v: %v", fault.KindOf(err), err)
			}
		}
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("2006-01-02 15:04:05", "2024-02-29 23:59:59.5")
	f.Add("20060102", "20240101")
	f.Add("unix_ms", "1700000000000")
	f.Add("Jan _2 06 MST -07", "Feb  3 24 CST +08")
	f.Add("yyyy-MM-dd", "2024-01-01")
	f.Fuzz(func(t *testing.T, layout, v string) {
		_ = layoutHint(layout)
		if l, ok := newLayout(layout); ok {
			l.parse(v)
		}
	})
}
