package mappingtest_test

import (
	"slices"
	"testing"

	"banjian/internal/text"
	"banjian/mappings/mappingtest"
)

func TestUpdateRewritesOnlyWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		name, mapping, before, after string
		changed                      []string
	}{
		{"values, with comments and order", one, base + `  # 开头的注释
  - name: 甲 # 行尾
    expect: # 期望
      get_num: "2"   # 份数
      # 中间的注释
      local_no:      A1
      attach_name: [x]
      remark: 没有
      material_id:
  - {name: 乙, expect: {local_no: 'A2', get_num: 1}} # 一行
`, base + `  # 开头的注释
  - name: 甲 # 行尾
    expect: # 期望
      get_num: "1"   # 份数
      # 中间的注释
      local_no:      A1
      attach_name: [a, b]
      remark: null
      material_id: C1
  - {name: 乙, expect: {local_no: A1, get_num: 1}} # 一行
`, []string{"甲", "乙"}},
		{"a list in lines", one, base + `  - name: 甲
    expect:
      attach_name:
        - x
        - y
      get_num: 2
`, base + `  - name: 甲
    expect:
      attach_name:
        [a, b]
      get_num: "1"
`, []string{"甲"}},
		{"nothing expected yet", one, base + `  - name: 甲
    source: {clmc: "a: b", fs: null} # 名称带冒号
  # 下一个
  - {name: 乙}
  - name: 丙
    source: {zt: "0"}`, base + `  - name: 甲
    source: {clmc: "a: b", fs: null} # 名称带冒号
    expect:
      local_no: A1
      material_id: C1
      material_name: "a: b"
      get_type: paper
      attach_name: [a, b]
  # 下一个
  - {name: 乙, expect: {local_no: A1, material_id: C1, material_name: 身份证, get_type: paper, get_num: "1", attach_name: [a, b]}}
  - name: 丙
    source: {zt: "0"}
    filtered: true`, []string{"甲", "乙", "丙"}},
		{"another outcome", one, base + `  - name: 甲
    source: {sqfs: 传真}
    # 本该归集
    expect: {local_no: A1}   # 去掉
  - name: 乙
    rejects: # 去掉
      - {field: local_no, rule: required}
  - {name: 丙, source: {slbh: null}, blanks: [{field: get_num, rule: bad_int}], expect: {local_no: A1}}
  - {name: 丁, filtered: true}
`, base + `  - name: 甲
    source: {sqfs: 传真}
    # 本该归集
    rejects: [{field: get_type, rule: unmapped_code}]   # 去掉
  - name: 乙
    expect:
      local_no: A1
      material_id: C1
      material_name: 身份证
      get_type: paper
      get_num: "1"
      attach_name: [a, b]
  - {name: 丙, source: {slbh: null}, rejects: [{field: local_no, rule: required}]}
  - {name: 丁, expect: {local_no: A1, material_id: C1, material_name: 身份证, get_type: paper, get_num: "1", attach_name: [a, b]}}
`, []string{"甲", "乙", "丙", "丁"}},
		{"findings come and go", one, base + `  - name: 甲
    source: {fs: 两份}
    expect: {get_num: null}
  - name: 乙
    expect: {get_num: 1}
    blanks: [{field: get_num, rule: bad_int}]
  - name: 丙
    source: {fs: 0}
    warns: [other]   # 哪一条
`, base + `  - name: 甲
    source: {fs: 两份}
    expect: {get_num: null}
    blanks: [{field: get_num, rule: bad_int}]
  - name: 乙
    expect: {get_num: 1}
  - name: 丙
    source: {fs: 0}
    warns: [{rule: no_copies}]   # 哪一条
`, []string{"甲", "乙", "丙"}},
		{"several subjects", wide, `mapping: my/wide
base: {a: A1, b: B1, c: 证}
cases:
  - name: 甲
    source: {d: D1}
    expect:
      case/material: {material_id: B2}   # 一条
      case/step: {step_id: S1}
  - name: 乙
  - {name: 丙, source: {d: D1}, expect: {case/material: [{material_id: X}, {get_type: x}]}}
`, `mapping: my/wide
base: {a: A1, b: B1, c: 证}
cases:
  - name: 甲
    source: {d: D1}
    expect:
      case/material: [{local_no: A1, material_id: B1, material_name: 证, get_type: paper}, {local_no: A1, material_id: D1, material_name: 证, get_type: scan}]   # 一条
      case/step: null
  - name: 乙
    expect:
      case/material: {local_no: A1, material_id: B1, material_name: 证, get_type: paper}
      case/step: null
  - {name: 丙, source: {d: D1}, expect: {case/material: [{material_id: B1}, {get_type: scan}]}}
`, []string{"甲", "乙", "丙"}},
		{"held and not applicable", delivery, `mapping: my/national
base: {case_no: N1, material_name: 证, get_type: paper}
cases:
  - {name: a, source: {got: false}, expect: {}}
  - name: b
    source: {secrecy: classified}
    holds: [owed]
`, `mapping: my/national
base: {case_no: N1, material_name: 证, get_type: paper}
cases:
  - {name: a, source: {got: false}, holds: [{rule: owed}]}
  - name: b
    source: {secrecy: classified}
    not_applicable: [{rule: classified}]
`, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, m, _, err := run(t, c.mapping, c.before)
			if err != nil {
				t.Fatal(err)
			}
			data, changed, err := f.Update(m, checked(t))
			if err != nil {
				t.Fatal(err)
			}
			if string(data) != c.after {
				t.Errorf("got:\n%s\nwant:\n%s", data, c.after)
			}
			if !slices.Equal(changed, c.changed) {
				t.Errorf("changed %v, want %v", changed, c.changed)
			}
		})
	}
}

func TestCoverCountsWhatTheRowsReached(t *testing.T) {
	for _, c := range []struct {
		name, mapping, cases string
		want                 [5][2]int // field, map, else, check, rule
		missing              []string
	}{
		{"one good row", one, "  - {name: a, expect: {local_no: A1, get_num: 1, remark: null}}\n", [5][2]int{{2, 6}, {1, 2}, {0, 1}, {0, 0}, {0, 1}},
			[]string{"my.yaml:6:3", "my.yaml:7:3", "my.yaml:8:3", "my.yaml:8:43", "my.yaml:9:23", "my.yaml:10:3", "my.yaml:12:10"}},
		{"a field needs a value and a word about it", one, "  - {name: a, source: {fj: null}, expect: {attach_name: null}}\n", [5][2]int{{0, 6}, {1, 2}, {0, 1}, {0, 0}, {0, 1}}, nil},
		{"a finding is a word about its field", one, "  - {name: a, source: {fs: x, sqfs: 上传}, blanks: [{field: get_num, rule: bad_int}]}\n  - {name: b, source: {fs: 0, slbh: null}, rejects: [{field: local_no, rule: required}]}\n",
			[5][2]int{{2, 6}, {2, 2}, {1, 1}, {0, 0}, {1, 1}}, nil},
		{"a filtered row reaches nothing", one, "  - {name: a, source: {zt: 0}, filtered: true}\n", [5][2]int{{0, 6}, {0, 2}, {0, 1}, {0, 0}, {0, 1}}, nil},
		{"a value that is not mapped is no entry", one, "  - {name: a, source: {sqfs: 传真}, rejects: [{field: get_type, rule: unmapped_code}]}\n", [5][2]int{{1, 6}, {0, 2}, {0, 1}, {0, 0}, {0, 1}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, r, err := run(t, c.mapping, base+c.cases)
			if err != nil {
				t.Fatal(err)
			}
			if got := says(r, text.EN); got != "" {
				t.Error(got)
			}
			for i, k := range mappingtest.CoverKinds {
				if n, of := r.Cover.Of(k); n != c.want[i][0] || of != c.want[i][1] {
					t.Errorf("%s: %d of %d, want %v", k, n, of, c.want[i])
				}
			}
			var missing []string
			for _, p := range r.Cover.Missing() {
				missing = append(missing, p.At)
			}
			if c.missing != nil && !slices.Equal(missing, c.missing) {
				t.Errorf("missing %v, want %v", missing, c.missing)
			}
		})
	}
}

// A check counts once for a value that passed and once for one that did not, and not at
// all where its when does not hold.
func TestCoverTellsAPassedCheckFromARefusal(t *testing.T) {
	const checks = `mapping: my/checks
to: case/material
fields:
  local_no: a
  material_id: a
  get_type: {const: paper}
  material_code: {from: c, blank: 无}
  material_name: {from: b, check: resident_id, when: "material_code != null"}
`
	for _, c := range []struct {
		cases string
		want  int
	}{
		{"{name: a, source: {a: A, b: 11010519491231002X}, expect: {material_name: 11010519491231002X}}", 0},
		{"{name: a, source: {a: A, b: 11010519491231002X, c: 有}, expect: {material_name: 11010519491231002X}}", 1},
		{"{name: a, source: {a: A, b: 无, c: 有}, rejects: [check_resident_id]}, {name: b, source: {a: A, b: 11010519491231002X, c: 有}, expect: {}}", 2},
		{"{name: a, source: {a: A, c: 有}, rejects: [required]}", 0},
	} {
		_, _, r, err := run(t, checks, "mapping: my/checks\ncases: ["+c.cases+"]\n")
		if err != nil {
			t.Fatal(err)
		}
		if n, of := r.Cover.Of("check"); n != c.want || of != 2 || says(r, text.EN) != "" {
			t.Errorf("%s: %d of %d, want %d; %s", c.cases, n, of, c.want, says(r, text.EN))
		}
	}
}
