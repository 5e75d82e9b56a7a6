package mappings

import (
	"fmt"
	"runtime"
	"testing"

	"banjian/schemas"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const benchRows = 8192

// bench30 is a mapping of 30 fields: copies, trims, 4 times, 5 code maps, 2 checks, a
// when and two rules, all lowered.
const bench30 = `
mapping: bench/accept
to: case/accept
fields:
  local_no: {from: slbh, trim: true}
  round: {const: 1}
  flow_no: {from: sblsh, trim: true}
  decision: {from: slzt, map: {"1": accept, "0": refuse}}
  accepted_at: slsj
  accept_user: {from: slr, trim: true}
  accept_region: {from: xzqh, pad_right: {to: 12, with: "0"}, codes: region}
  dept_code: bmbm
  dept_name: bmmc
  item_code: sxbm
  task_code: ssbm
  catalog_code: jbbm
  item_name: {from: sxmc, trim: true}
  item_version: sxbb
  item_region: {from: sxqh, pad_right: {to: 12, with: "0"}, codes: region}
  applicant_type: {from: sqrlx, codes: applicant_type, map: {个人: "1", 单位: "2"}}
  applicant_name: {from: sqr, trim: true}
  applicant_id_type: {from: zjlx, codes: id_type, map: {身份证: "111", 护照: "414"}}
  applicant_id_no: {from: zjhm, fold: width, upper: true, check: resident_id, when: "applicant_id_type == '111'"}
  contact_name: {from: lxr, trim: true}
  contact_mobile: {from: lxdh, check: mobile, else: blank}
  address: {from: dz, trim: true}
  applied_at: {from: sqsj, time: ["2006-01-02 15:04:05", "20060102150405"]}
  channel: {from: sbqd, map: {窗口: window, 网上: web}}
  handling_type: {from: bjlx, map: {即办: instant, 承诺: promised}}
  promised_at: {from: cnsj, time: "20060102150405", zone: Asia/Shanghai}
  changed_at: gxsj
  case_title: {expr: "sxmc + '（' + sqr + '）'"}
  accept_doc_no: slwsbh
  remark: bz
rules:
  - {id: promise_after_accept, when: "promised_at < accepted_at", then: reject}
  - {id: no_title, when: "case_title == null && decision == 'accept'", then: warn}
`

func benchRecord(tb testing.TB, alloc memory.Allocator, m *Mapping, rows int) arrow.Record {
	sample := map[string]string{
		"sblsh": "0123456789012345", "slzt": "1", "slsj": "2024-03-01 09:30:00", "slr": "王办", "xzqh": "440106",
		"bmbm": "11440000MB2C70271K", "bmmc": "某市住房公积金管理中心", "sxbm": "SX-0012", "ssbm": "11440000MB2C70271K4442117010000",
		"jbbm": "442117010000", "sxmc": "购买自住住房提取住房公积金", "sxbb": "3", "sxqh": "440100", "sqrlx": "个人", "sqr": "张样例",
		"zjlx": "身份证", "zjhm": "11010519491231002X", "lxr": "张样例", "lxdh": "13800000000", "dz": "某市某区某路一号",
		"sqsj": "20240301092500", "sbqd": "网上", "bjlx": "承诺", "cnsj": "20240308173000", "gxsj": "2024-03-01 09:30:01.123456",
		"slwsbh": "文书2024-1", "bz": "", "slgh": "A012", "yzbm": "510000", "cnqx": "5个工作日", "cndw": "工作日",
	}
	var data [][]string
	for i := range rows {
		var row []string
		for _, c := range m.Columns() {
			v := sample[c]
			if c == "slbh" {
				v = fmt.Sprintf("SL2024%08d", i)
			}
			row = append(row, v)
		}
		data = append(data, row)
	}
	return texts(tb, alloc, m.Columns(), data...)
}

func benchApply(b *testing.B, yaml string) {
	alloc := memory.NewGoAllocator()
	m := compile(b, yaml)
	rec := benchRecord(b, alloc, m, benchRows)
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		b.Fatal(err)
	}
	res, err := p.Apply(alloc, rec)
	if err != nil || len(res.Outputs) != 1 || res.Outputs[0].Record.NumRows() != benchRows {
		b.Fatalf("%v\n%.500s", err, dump(res))
	}
	res.Release()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		res, err := p.Apply(alloc, rec)
		if err != nil {
			b.Fatal(err)
		}
		res.Release()
	}
	runtime.ReadMemStats(&after)
	rows := float64(b.N) * benchRows
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/rows, "ns/row")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/rows, "allocs/row")
}

// Thirty fields with the schema check, nothing interpreted. Target: 8 µs and one
// allocation a row.
func BenchmarkApply30(b *testing.B) { benchApply(b, bench30) }

// One field of the thirty is left to the CEL interpreter.
func BenchmarkApplyInterpreted(b *testing.B) {
	benchApply(b, bench30+`  - {id: long_title, when: "size(item_name) > 500", then: warn}
`)
}

// BenchmarkReadFortyFields is what reading and compiling a whole mapping takes.
func BenchmarkReadFortyFields(b *testing.B) {
	data, file, err := Load("provident-fund/accept")
	if err != nil {
		b.Fatal(err)
	}
	cat, err := schemas.Load()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := Read(file, data, cat, nil); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if _, err := Read(file, data, cat, nil); err != nil {
			b.Fatal(err)
		}
	}
}
