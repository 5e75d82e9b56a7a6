package dictionary_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/dictionary"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

const accept = `mapping: dept/accept
title: 部门受理 → 标准受理记录
to: case/accept
where: "lx != '测试'"
fields:
  local_no: {from: slbh, trim: true}
  round: {const: 1}
  changed_at: gxsj
  item_code: {from: sxbm, trim: true}
  item_name: {from: sxmc, clean: true}
  item_region: {from: xzqh, pad_right: {to: 12, with: "0"}, codes: region}
  case_title: {expr: "sxmc + '（' + slbh + '）'"}
  applicant_type: {from: sqrlx, map: {个人: "1", 企业: "2", 不详: null}, else: reject}
  applicant_name: {from: sqr, clean: true}
  applicant_id_type: {from: zjlx, codes: id_type, map: {身份证: "111", 二代证: "111", 护照: "414"}}
  applicant_id_no: {from: zjhm, fold: width, upper: true, check: resident_id, when: "applicant_id_type == '111'"}
  contact_mobile: {from: lxdh, check: mobile, else: blank}
  decision: {from: slzt, map: {"1": accept, "0": refuse}}
  accepted_at: {from: slsj, time: ["2006-01-02 15:04:05", "20060102150405"]}
  accept_opinion: {from: slyj, clean: true}
  accept_user: {from: blr, clean: true}
  accept_region: {from: xzqh, pad_right: {to: 12, with: "0"}, codes: region}
  dept_code: {from: tyxydm, check: uscc}
  dept_name: {from: slbm, clean: true}
  handling_type: {const: instant}
rules:
  - {id: not_future, when: "accepted_at > changed_at", then: warn, say: {zh: 受理时间晚于更新时间, en: accepted after the last change}}
`

// sample is a view of three rows, one of them nearly empty.
func sample(t *testing.T, alloc memory.Allocator) *dictionary.View {
	t.Helper()
	view := &dictionary.View{}
	rows := [][]string{
		{"slbh", "VARCHAR(40)", "受理编号", "SL001", "SL002", ""}, {"sqr", "VARCHAR(50)", "申请人姓名", "测一", "测二", ""},
		{"zjhm", "VARCHAR(18)", "证件号码", "440308199901101512", "44030819990110151X", ""}, {"lxdh", "VARCHAR(20)", "", "13800000001", "", ""},
		{"SLZT", "CHAR(1)", "受理状态", "1", "1", "0"}, {"cjsj", "DATETIME", "创建时间", "2025-03-13", "2025-03-14", "2025-03-15"},
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for _, r := range rows {
		view.Columns = append(view.Columns, dictionary.Column{Name: strings.ToLower(r[0]), Type: r[1], Comment: r[2]})
		b := array.NewStringBuilder(alloc)
		for _, v := range r[3:] {
			if v == "" {
				b.AppendNull()
			} else {
				b.Append(v)
			}
		}
		fields = append(fields, arrow.Field{Name: r[0], Type: arrow.BinaryTypes.String, Nullable: true})
		columns = append(columns, b.NewArray())
		b.Release()
	}
	rec := array.NewRecord(arrow.NewSchema(fields, nil), columns, 3)
	for _, c := range columns {
		c.Release()
	}
	view.Take(rec)
	rec.Release()
	return view
}

func TestADictionaryIsWhatADepartmentSigns(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := mappings.Parse("accept.yaml", []byte(accept))
	if err != nil {
		t.Fatal(err)
	}
	m, err := mappings.Compile(f, cat, nil)
	if err != nil {
		t.Fatal(err)
	}
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(t, 0)
	view := sample(t, alloc)
	about := dictionary.About{Site: "某市", Department: "某部门受理", SourceID: "dept", Connection: "dept", View: "v_accept", Pipeline: "dept-accept", At: time.Date(2025, 3, 20, 9, 0, 0, 0, time.UTC)}
	for _, lang := range []text.Lang{text.ZH, text.EN} {
		var b strings.Builder
		for _, s := range dictionary.Make(m, cat, about, view, lang) {
			b.WriteString("== " + s.Name.In(lang) + "\n")
			for _, row := range s.Rows {
				b.WriteString(strings.TrimRight(strings.Join(row, " ¦ "), " ¦") + "\n")
			}
		}
		got := strings.ReplaceAll(b.String(), m.Version(), "VERSION")
		for _, secret := range []string{"测一", "440308199901101512", "13800000001"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s is in the dictionary", secret)
			}
		}
		file := filepath.Join("testdata", "accept."+string(lang)+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (run with -update to accept):\n%s", file, got)
		}
	}
}
