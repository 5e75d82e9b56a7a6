package mappingtest_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/schemas"
)

// checked is an allocator that must be empty when the test ends.
func checked(t testing.TB) memory.Allocator {
	c := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { c.AssertSize(t, 0) })
	return c
}

const one = `mapping: my/material
to: case/material
where: "zt == '1'"
fields:
  local_no: slbh
  material_id: {from: clid, trim: true}
  material_name: clmc
  get_type: {from: sqfs, map: {纸质: paper, 上传: upload}}
  get_num: {from: fs, else: blank}
  attach_name: {from: fj, split: ";"}
rules:
  - {id: no_copies, when: "get_num == 0", then: warn, say: {zh: 没有份数, en: no copies}}
`

const base = `mapping: my/material
base: {slbh: A1, clid: C1, clmc: 身份证, sqfs: 纸质, fs: "1", fj: a;b, zt: "1"}
cases:
`

const wide = `mapping: my/wide
to:
  - subject: case/material
    fields: {local_no: a, material_id: b, material_name: c, get_type: {const: paper}}
  - subject: case/material
    where: "d != null"
    fields: {local_no: a, material_id: d, material_name: c, get_type: {const: scan}}
  - subject: case/step
    where: "e != null"
    fields:
      local_no: a
      step_id: e
      step_name: {const: 审核}
      step_state: {const: pending}
      user: u
      dept_code: {const: 11440000MB2C70271K}
      dept_name: {const: 中心}
      region: {const: "440100000000"}
      started_at: {const: "2025-01-01"}
`

const delivery = `mapping: my/national
from: case/material
to: national/up_pro_material
fields:
  project_no: case_no
  material_name: material_name
  get_type: {from: get_type, map: {paper: "1", upload: "2", licence: "3", scan: "3"}}
  material_attach_name: {from: attach_name, join: "、"}
rules:
  - {id: owed, when: "got == false", then: hold}
  - {id: classified, when: "secrecy == 'classified'", then: not_applicable}
  - {id: early, when: "got_at < case_accepted_at", then: reject, field: got_at}
`

// run parses and runs a test of one of the mappings above.
func run(t *testing.T, mapping, test string) (*mappingtest.File, *mappings.Mapping, *mappingtest.Report, error) {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := compile(t, cat, "my.yaml", mapping)
	f, err := mappingtest.Parse(m.Name()+"_test.yaml", []byte(test))
	if err != nil {
		return nil, nil, nil, err
	}
	r, err := f.Run(m, checked(t))
	return f, m, r, err
}

// says is every difference of a report as one text.
func says(r *mappingtest.Report, lang text.Lang) string {
	var lines []string
	for _, c := range r.Cases {
		for _, d := range c.Differences {
			lines = append(lines, strings.TrimSpace(d.At[strings.Index(d.At, ":")+1:]+" "+d.Field)+" "+d.What.In(lang))
		}
	}
	return strings.Join(lines, "\n")
}

func TestEveryDifferenceSaysWhatWasExpectedAndWhatCame(t *testing.T) {
	for _, c := range []struct{ name, mapping, test, want string }{
		{"all as it should be", one, base + "  - {name: a, expect: {local_no: A1, get_num: 1, attach_name: [a, b], remark: null}}\n", ""},
		{"an empty text is NULL", one, base + "  - {name: a, source: {fs: \"\"}, expect: {get_num: null, remark: \"\"}}\n", ""},
		{"another value", one, base + "  - {name: a, expect: {local_no: A2}}\n", `4:34 local_no expected "A2", got "A1"`},
		{"a value instead of NULL", one, base + "  - {name: a, expect: {get_num: null}}\n", `4:33 get_num expected null, got "1"`},
		{"another list", one, base + "  - {name: a, expect: {attach_name: [a]}}\n", `4:37 attach_name expected ["a"], got ["a", "b"]`},
		{"rejected instead", one, base + "  - {name: a, source: {sqfs: 传真}, expect: {local_no: A1}}\n", "4:5 expected it to become a record, but it was rejected: get_type unmapped_code"},
		{"a record instead", one, base + "  - {name: a, rejects: [required]}\n", "4:5 expected it to be rejected, but it became a record"},
		{"filtered", one, base + "  - {name: a, source: {zt: 0}, filtered: true}\n", ""},
		{"not filtered", one, base + "  - {name: a, filtered: true}\n", "4:5 expected it to be filtered, but it became a record"},
		{"nothing is expected", one, base + "  - {name: a}\n", "4:5 nothing is expected: --update writes what the mapping does now, for you to check"},
		{"another rule", one, base + "  - {name: a, source: {slbh: null}, rejects: [{field: local_no, rule: bad_text}]}\n",
			"4:47 local_no expected local_no bad_text among rejects, it is not there\n4:46 local_no rejects has local_no required, which the case does not name"},
		{"the field need not be named", one, base + "  - {name: a, source: {slbh: null, clmc: null}, rejects: [required, {field: local_no, rule: required}]}\n", ""},
		{"a blank nobody named", one, base + "  - {name: a, source: {fs: 两份}, expect: {local_no: A1}}\n", "4:5 get_num blanks has get_num bad_int, which the case does not name"},
		{"a blank that is named", one, base + "  - {name: a, source: {fs: 两份}, expect: {get_num: null}, blanks: [{field: get_num, rule: bad_int}]}\n", ""},
		{"a warning", one, base + "  - {name: a, source: {fs: 0}, warns: [no_copies]}\n", ""},
		{"several subjects", wide, "mapping: my/wide\ncases:\n  - name: a\n    source: {a: A1, b: B1, c: 证, d: D1}\n    expect: {case/material: [{material_id: B1}, {material_id: D2, get_type: scan}], case/step: null}\n",
			`5:63 material_id expected "D2", got "D1"`},
		{"one record too few", wide, "mapping: my/wide\ncases:\n  - name: a\n    source: {a: A1, b: B1, c: 证}\n    expect: {case/material: [{}, {}]}\n", `5:14 case/material: expected 2 records, got 1`},
		{"one record of a subject", wide, "mapping: my/wide\ncases:\n  - name: a\n    source: {a: A1, b: B1, c: 证, e: S1, u: 王}\n    expect: {case/material: {material_id: B1}, case/step: {step_id: S1, started_at: 2025-01-01 00:00:00}}\n", ""},
		{"canonical columns have their types", delivery, "mapping: my/national\nbase: {case_no: N1, material_name: 证, get_type: paper, got: true, attach_name: [a, b], get_num: 3}\ncases:\n  - {name: a, expect: {material_attach_name: a、b}}\n  - {name: b, source: {got: false}, holds: [owed]}\n  - {name: c, source: {secrecy: classified, got: false}, not_applicable: [classified]}\n  - {name: d, source: {got_at: 2025-01-01 00:00:00, case_accepted_at: 2025-01-01 00:00:01}, rejects: [{field: got_at, rule: early}]}\n", ""},
		{"held instead", delivery, "mapping: my/national\ncases:\n  - {name: b, source: {got: false}, rejects: [owed]}\n", "3:5 expected it to be rejected, but it was held: owed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, r, err := run(t, c.mapping, c.test)
			if err != nil {
				t.Fatal(err)
			}
			if got := says(r, text.EN); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			if says(r, text.ZH) == says(r, text.EN) && c.want != "" {
				t.Error("it says the same in both languages")
			}
		})
	}
}

func TestABrokenFileIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, mapping, test, want string }{
		{"empty", one, "", "my/material_test.yaml: the file is empty"},
		{"unknown key", one, "mapping: my/material\ncase: []\n", `my/material_test.yaml:2:1: unknown key "case"`},
		{"unknown key of a case", one, base + "  - {name: a, expects: {}}\n", `my/material_test.yaml:4:15: unknown key "expects"`},
		{"another mapping", one, "mapping: my/other\ncases: [{name: a}]\n", "my/material_test.yaml:1:10: the file's name does not fit mapping: my/other"},
		{"no cases", one, "mapping: my/material\n", "my/material_test.yaml:1:1: cases: [{name, source, …}] is missing"},
		{"no name", one, base + "  - {expect: {}}\n", "my/material_test.yaml:4:5: name: is missing"},
		{"the name stands first", one, base + "  - {filtered: true, name: a}\n", "my/material_test.yaml:4:6: a case begins with its name:"},
		{"a name twice", one, base + "  - {name: a}\n  - {name: a}\n", `my/material_test.yaml:5:5: case "a" is written twice`},
		{"two outcomes", one, base + "  - {name: a, expect: {}, filtered: true}\n", `my/material_test.yaml:4:27: case "a" expects two outcomes: expect, filtered`},
		{"a column the mapping does not read", one, base + "  - {name: a, source: {sqf: 1}}\n", "my/material_test.yaml:4:24: the mapping reads no column sqf"},
		{"a column of base", one, strings.Replace(base, "zt:", "z:", 1) + "  - {name: a, expect: {}}\n", "my/material_test.yaml:2:67: the mapping reads no column z"},
		{"a field that is not there", one, base + "  - {name: a, expect: {local_num: 1}}\n", "my/material_test.yaml:4:24: case/material has no field local_num"},
		{"a text for a list", one, base + "  - {name: a, expect: {attach_name: a}}\n", "my/material_test.yaml:4:37: field attach_name is a list: write [a, b]"},
		{"a list for a text", one, base + "  - {name: a, expect: {local_no: [a]}}\n", "my/material_test.yaml:4:34: field local_no is one value"},
		{"a list of columns", one, base + "  - {name: a, source: {slbh: [a]}}\n", "my/material_test.yaml:4:30: this column takes one value"},
		{"findings are a list", one, base + "  - {name: a, rejects: required}\n", "my/material_test.yaml:4:24: rejects: is a list such as [{field: f, rule: r}]"},
		{"a finding without a rule", one, base + "  - {name: a, rejects: [{field: x}]}\n", "my/material_test.yaml:4:25: rule: is missing"},
		{"filtered is true", one, base + "  - {name: a, filtered: no}\n", "my/material_test.yaml:4:25: filtered: is only ever true"},
		{"an alias", one, "mapping: my/material\nbase: &b {slbh: a}\ncases: [{name: a, source: *b}]\n", "my/material_test.yaml:2:7: YAML anchors (&) and aliases (*) are not supported: put what cases share into base"},
		{"a key twice", one, base + "  - {name: a, expect: {local_no: a, local_no: b}}\n", `my/material_test.yaml:4:37: key "local_no" is written twice`},
		{"several lines", one, base + "  - name: a\n    source:\n      clmc: |\n        身份证\n", "my/material_test.yaml:6:13: write this on one line: \"…\", a line end as \\n"},
		{"syntax", one, "mapping: [\n", "my/material_test.yaml:1:10: a bracket [ is not closed"},
		{"a subject first", wide, "mapping: my/wide\ncases: [{name: a, expect: {local_no: a}}]\n", "my/wide_test.yaml:2:28: the mapping does not fill local_no: with several blocks expect names the subject first"},
		{"a canonical time", delivery, "mapping: my/national\ncases: [{name: a, source: {case_accepted_at: soon}}]\n", `my/national_test.yaml:2:46: "soon" is no time such as 2006-01-02 15:04:05`},
		{"a canonical truth value", delivery, "mapping: my/national\ncases: [{name: a, source: {got: 1}}]\n", `my/national_test.yaml:2:33: "1" is neither true nor false`},
		{"a canonical list", delivery, "mapping: my/national\ncases: [{name: a, source: {attach_name: a}}]\n", "my/national_test.yaml:2:41: this column takes a list such as [a, b]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, _, err := run(t, c.mapping, c.test)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if got := fault.Say(err, text.EN); !strings.HasPrefix(got, c.want) || fault.KindOf(err) != fault.Config {
				t.Errorf("got %s (%s)\nwant %s", got, fault.KindOf(err), c.want)
			}
			if fault.Say(err, text.ZH) == fault.Say(err, text.EN) {
				t.Error("it says the same in both languages")
			}
		})
	}
}
