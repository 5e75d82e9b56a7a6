package mappings

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// rowCase is a row of several columns and one field of case/thing.
type rowCase struct {
	name  string
	field string
	in    map[string]string
	want  string // as in opCase
}

func runRows(t *testing.T, cases []rowCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, thing(c.field))
			lines := strings.Split(c.field, "\n")
			field, _, _ := strings.Cut(lines[len(lines)-1], ":")
			row, blank := make([]string, len(m.Columns())), make([]string, len(m.Columns()))
			for i, name := range m.Columns() {
				row[i], blank[i] = null, null
				if v, ok := c.in[name]; ok {
					row[i] = v
				}
			}
			row[0], blank[0] = "1", "0" // id
			rec := texts(t, alloc, m.Columns(), blank, row, blank)
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			if got := outcomeOf(res, 1, field); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			traceAgrees(t, m, rec, res)
		})
	}
}

type values = map[string]string

// traceAgrees traces row 1 and compares what came out with res.
func traceAgrees(t *testing.T, m *Mapping, rec arrow.Record, res *Result) {
	t.Helper()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	list, one, err := p.Trace(checked(t), rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	got, want := strings.ReplaceAll(dump(one), "filtered 1\n", ""), linesOf(dump(res), 1)
	if got != want {
		t.Errorf("the trace came to\n%swant\n%s\n%s", got, want, steps(list))
	}
	sameResults(t, list, one)
}

func TestFirstOfTakesTheFirstThatIsNotBlank(t *testing.T) {
	const f = `note: {first_of: [a, b, c], trim: true}`
	runRows(t, []rowCase{
		{"first", f, values{"a": "甲", "b": "乙"}, "甲"},
		{"second", f, values{"b": "乙", "c": "丙"}, "乙"},
		{"blanks are nothing", f, values{"a": " \u3000", "b": " 乙 "}, "乙"},
		{"none", f, values{}, "NULL"},
		{"required", `note: {first_of: [a, b], required: true}`, values{}, "reject required"},
		{"into a time", `at: {first_of: [a, b], time: ["20060102"]}`, values{"b": "20240301"}, "2024-02-29T16:00:00Z"},
		{"fails as else says", `kind: {first_of: [a, b], codes: kind, else: blank}`, values{"b": "9"}, "NULL + blank bad_code [kind 9]"},
	})
}

func TestArrayMakesAListOfColumns(t *testing.T) {
	runRows(t, []rowCase{
		{"list", `tags: {array: [a, b, c]}`, values{"a": "甲", "c": " 丙"}, `["甲","丙"]`},
		{"empty", `tags: {array: [a, b]}`, values{"a": " "}, "NULL"},
		{"required", `tags: {array: [a, b], required: true}`, values{}, "reject required"},
		{"joined", `note: {array: [a, b, c], join: "、"}`, values{"a": "甲", "c": "丙"}, "甲、丙"},
		{"joined and cut", `name: {array: [a, b, c], join: {with: "、", cut: true}}`, values{"a": "一二三", "b": "四五", "c": "六七"}, "一二三、四五 + warn too_long [6 9]"},
		{"split and joined", `note: {from: a, split: ";", join: "、"}`, values{"a": "甲; 乙;;丙"}, "甲、乙、丙"},
		{"split and joined of nothing", `note: {from: a, split: ";", join: "、"}`, values{"a": ";"}, "NULL"},
	})
}

func TestPathReadsJSONAndXML(t *testing.T) {
	const doc = `{"a": {"b": [{"c": "甲"}, {"c": "乙\u4e00\t。"}], "n": 1.50, "t": true, "z": null, "e": ""}, "x.y": "丙", "": "q"}`
	const form = `<?xml version="1.0" encoding="GBK"?><f:form xmlns:f="urn:x"><sqr lx="1"><xm> 张样例 </xm></sqr><cl><mc>甲</mc></cl><cl><mc>乙<![CDATA[&]]></mc></cl></f:form>`
	json := func(path string) string { return `note: {path: {from: d, at: "` + path + `"}}` }
	runRows(t, []rowCase{
		{"member", json("$.a.b[0].c"), values{"d": doc}, "甲"},
		{"escapes", json("$.a.b[1].c"), values{"d": doc}, "乙一\t。"},
		{"a number as written", json("$.a.n"), values{"d": doc}, "1.50"},
		{"a truth value", json("$.a.t"), values{"d": doc}, "true"},
		{"null", json("$.a.z"), values{"d": doc}, "NULL"},
		{"empty", json("$.a.e"), values{"d": doc}, "NULL"},
		{"nothing there", json("$.a.b[7].c"), values{"d": doc}, "NULL"},
		{"quoted name", json("$['x.y']"), values{"d": doc}, "丙"},
		{"an object as its text", json("$.a.b[0]"), values{"d": doc}, `{"c": "甲"}`},
		{"the first of several", json("$.a.b[*].c"), values{"d": doc}, "甲"},
		{"a list", `tags: {path: {from: d, at: "$.a.b[*].c"}}`, values{"d": doc}, `["甲","乙一\t。"]`},
		{"a joined list", `note: {path: {from: d, at: "$.a.b[*].c"}, join: ";"}`, values{"d": `{"a":{"b":[{"c":1},{"c":2}]}}`}, "1;2"},
		{"no form", json("$.a"), values{}, "NULL"},
		{"broken behind the value", json("$.a"), values{"d": `{"a": "x", "b": }`}, "reject bad_form"},
		{"rubbish behind it", json("$.a"), values{"d": `{"a": "x"} y`}, "reject bad_form"},
		{"cut off", json("$.a"), values{"d": `{"a": "x`}, "reject bad_form"},
		{"a broken list leaves nothing", `tags: {path: {from: d, at: "$[*]"}, else: blank}`, values{"d": `["a", "b"`}, "NULL + blank bad_form"},
		{"too deep", json("$.a"), values{"d": strings.Repeat("[", 200) + strings.Repeat("]", 200)}, "reject bad_form"},
		{"XML", json("/form/sqr/xm"), values{"d": form}, "张样例"},
		{"XML attribute", json("/form/sqr/@lx"), values{"d": form}, "1"},
		{"XML by number", json("/form/cl[1]/mc"), values{"d": form}, "乙&"},
		{"XML list", `tags: {path: {from: d, at: "/form/cl/mc"}}`, values{"d": form}, `["甲","乙\u0026"]`},
		{"XML cut off", json("/form/sqr/xm"), values{"d": form[:len(form)-9]}, "reject bad_form"},
		{"XML nothing there", json("/form/sqr/dh"), values{"d": form}, "NULL"},
		{"no XML", json("/form/sqr/dh"), values{"d": "abc"}, "reject bad_form"},
	})
}

func TestPathIsChosenByFormAndVersion(t *testing.T) {
	const f = `note: {path: {from: d, form: code, version: ver, at: {F1: $.a, "F1@2": $.b, F2: /x/c}}}`
	const any = `note: {path: {from: d, form: code, at: {F1: $.a, "*": $.b}}}`
	const doc = `{"a": "甲", "b": "乙"}`
	runRows(t, []rowCase{
		{"by code", f, values{"d": doc, "code": "F1", "ver": "1"}, "甲"},
		{"without version", f, values{"d": doc, "code": "F1"}, "甲"},
		{"by version", f, values{"d": doc, "code": "F1", "ver": "2"}, "乙"},
		{"another format", f, values{"d": "<x><c>丙</c></x>", "code": "F2"}, "丙"},
		{"unknown", f, values{"d": doc, "code": "F3", "ver": "1"}, "reject unknown_form [F3@1]"},
		{"any other", any, values{"d": doc, "code": "F3"}, "乙"},
	})
}

func TestItemCodesAreComposedOfNationalSegments(t *testing.T) {
	const f = `task_code: {item_code: {unit: u, level: l, basic: b}}`
	const unit, basic = "11440000MB2C70271K", "442117010000"
	runRows(t, []rowCase{
		{"implementation code", f, values{"u": unit, "l": "4", "b": basic}, unit + "4" + basic},
		{"folded and raised", f, values{"u": " 11440000mb2c70271k", "l": "４", "b": basic}, unit + "4" + basic},
		{"fixed level", `task_code: {item_code: {unit: u, level: {const: "4"}, basic: b}}`, values{"u": unit, "b": basic}, unit + "4" + basic},
		{"handling item", `task_code: {item_code: {unit: u, level: l, basic: b, handling: h}}`, values{"u": unit, "l": "4", "b": basic, "h": "01"}, unit + "4" + basic + "01"},
		{"a segment is missing", f, values{"u": unit, "b": basic}, "NULL"},
		{"a segment of another width", f, values{"u": unit, "l": "4", "b": "4421170100"}, "reject item_code [length]"},
		{"wrong check character", f, values{"u": "11440000MB2C70271A", "l": "4", "b": basic}, "reject item_code [check_digit K 18]"},
	})
}

func TestLookupsByDayTakeTheRowOfThatDay(t *testing.T) {
	const walk = "at: a\nitem_name: {from: v, lookup: {crosswalk: test/dated, on: at}}"
	const item = "at: a\nitem_name: {item_code: {from: v, crosswalk: test/dated, on: at}}"
	const name = "at: a\nitem_name: {from: v, lookup: {items: test, take: name, on: at}}"
	runRows(t, []rowCase{
		{"old row", walk, values{"v": "B1", "a": "2023-06-01"}, "旧名"},
		{"new row", walk, values{"v": "B1", "a": "2024-06-01"}, "新名"},
		{"between", walk, values{"v": "B1", "a": "2024-01-15"}, "reject no_crosswalk_then [test/dated B1]"},
		{"not listed", walk, values{"v": "B2", "a": "2024-01-15"}, "reject no_crosswalk [test/dated B2]"},
		{"without a day the newest", walk, values{"v": "B1"}, "新名"},
		{"as a head", item, values{"v": "B1", "a": "2023-12-31 23:59:59"}, "旧名"},
		{"as a head, between", item, values{"v": "B1", "a": "2024-01-01"}, "reject no_crosswalk_then [test/dated]"},
		{"catalogue", name, values{"v": "11440000MB2C70271K4442117010000", "a": "2023-06-01"}, "事项甲"},
		{"catalogue by local code", name, values{"v": "L1", "a": "2024-06-01"}, "事项甲（新）"},
		{"older than the catalogue", name, values{"v": "L1", "a": "2021-06-01"}, "事项甲 + warn item_before_list [test 1]"},
		{"not in the catalogue", name, values{"v": "L2", "a": "2021-06-01"}, "reject item_unknown [test]"},
		{"its version", "at: a\ncount: {from: v, lookup: {items: test, take: version, on: at}}", values{"v": "L1", "a": "2024-06-01"}, "2"},
		{"its code", "task_code: {from: v, lookup: {items: test, take: code}, check: item_code}", values{"v": "L1"}, "11440000MB2C70271K4442117010000"},
	})
}

// A dictionary column is worked on once for each of its values, behind a where too.
func TestADictionaryValueIsLookedUpOnce(t *testing.T) {
	alloc := checked(t)
	m := compile(t, "mapping: test/once\nto: case/thing\nwhere: \"id != 'x'\"\nfields:\n  id: id\n  kind: {from: v, map: {a: \"1\", b: \"2\"}}\n")
	calls := 0
	st := &m.blocks[0].plans[1].steps[0]
	inner := st.run
	st.run = func(s *scratch, v string) (string, outcome) { calls++; return inner(s, v) }
	rows := [][]string{{"x", "c"}}
	for i := range 1000 {
		rows = append(rows, []string{"1", string(rune('a' + i%2))})
	}
	plain := texts(t, alloc, []string{"id", "v"}, rows...)
	defer plain.Release()
	rec := dictionaries(plain, alloc)
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	if calls != 2 {
		t.Errorf("%d lookups of 2 values in 1000 rows", calls)
	}
}
