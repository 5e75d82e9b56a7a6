package mappings

import (
	"slices"
	"strings"
	"testing"
)

func TestAnExpressionNamesColumnsByTheirNames(t *testing.T) {
	alloc := checked(t)
	m := compile(t, "mapping: t\nto: case/thing\nwhere: >-\n  `办结 时间(单位)`.startsWith('甲') && `type` != null\nfields: {id: {const: \"1\"}, name: {expr: \"受理号 + '号'\"}, note: {expr: \"size(受理号) > 1 ? '受理号' : 'x'\"}}\n")
	want := []string{"办结 时间(单位)", "type", "受理号"}
	if got := m.Columns(); !slices.Equal(got, want) {
		t.Fatalf("columns %q, want %q", got, want)
	}
	rec := texts(t, alloc, m.Columns(), []string{"甲方", "1", "A1"})
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	if got := dump(res); !strings.Contains(got, "A1号") || !strings.Contains(got, "受理号") {
		t.Error(got)
	}
	if parts := strings.Join(m.where.interp, " "); strings.Contains(parts, hexName) {
		t.Errorf("people are shown %s", parts)
	}
}

func TestAMistakeInAnExpressionIsPlacedOnItsCharacter(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"plain", "受理号 + 1", "f.yaml:5:20"},
		{"double quotes", `"'a\tb' + 受理号 + 1"`, "f.yaml:5:30"},
		{"single quotes", `'''x'' + 受理号 + 1'`, "f.yaml:5:29"},
		{"a block", "|\n      受理号 == null\n        ? 受理号 + 1\n        : 'x'", "f.yaml:7:15"},
		{"backticks", "\"`a b` + 1\"", "f.yaml:5:23"},
	} {
		yaml := "mapping: t\nto: case/thing\nfields:\n  id: x\n  note: {expr: " + c.value + "}\n"
		if c.name == "a block" {
			yaml = "mapping: t\nto: case/thing\nfields:\n  id: x\n  note: \n    expr: " + c.value + "\n"
			c.want = "f.yaml:8:15"
		}
		_, err := Read("f.yaml", []byte(yaml), catalog(t), nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want+": ") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}
