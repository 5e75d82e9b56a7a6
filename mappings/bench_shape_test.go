package mappings

import (
	"runtime"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// bench35 is the shape the figures of DESIGN.md are given for: 35 fields with 8 code
// lookups, 2 checks of identity numbers and 4 times.
const bench35 = `
mapping: bench/accept
to: case/accept
fields:
  local_no: {from: slbh, trim: true}
  round: {const: 1}
  flow_no: {from: sblsh, trim: true}
  decision: {from: slzt, codes: accept_decision, map: {"1": accept, "0": refuse}}
  accepted_at: slsj
  accept_user: {from: slr, clean: true}
  accept_user_no: slgh
  accept_opinion: {from: bz, clean: true}
  accept_region: {from: xzqh, pad_right: {to: 12, with: "0"}, codes: region}
  dept_code: {from: bmbm, trim: true, upper: true, check: uscc}
  dept_name: {from: bmmc, clean: true}
  item_code: {from: sxbm, trim: true}
  task_code: ssbm
  catalog_code: jbbm
  item_name: {from: sxmc, clean: true}
  item_version: sxbb
  item_region: {from: sxqh, pad_right: {to: 12, with: "0"}, codes: region}
  applicant_type: {from: sqrlx, codes: applicant_type, map: {个人: "1", 单位: "2"}}
  applicant_name: {from: sqr, clean: true}
  applicant_id_type: {from: zjlx, codes: id_type, map: {身份证: "111", 护照: "414"}}
  applicant_id_no: {from: zjhm, fold: width, upper: true, check: resident_id, when: "applicant_id_type == '111'"}
  contact_name: {from: lxr, clean: true}
  contact_mobile: {from: lxdh, normalise: [phone, missing], check: mobile, else: blank}
  address: {from: dz, clean: true}
  zip_code: {from: yzbm, normalise: missing, check: zip, else: blank}
  applied_at: {from: sqsj, time: ["2006-01-02 15:04:05", "20060102150405"]}
  channel: {from: sbqd, codes: channel, map: {窗口: window, 网上: web}}
  handling_type: {from: bjlx, codes: handling_type, map: {即办: instant, 承诺: promised}}
  promise_limit: {from: cnqx, unit: {from: 工作日, to: 工作日}}
  promise_unit: {from: cndw, codes: time_unit, map: {工作日: workday, 天: day}}
  promised_at: {from: cnsj, time: "20060102150405", deadline: {start: accepted_at, limit: promise_limit, unit: promise_unit}}
  changed_at: gxsj
  case_title: {expr: "sxmc + '（' + sqr + '）'"}
  accept_doc_no: slwsbh
  remark: {from: bz, clean: true}
rules:
  - {id: promise_after_accept, when: "promised_at < accepted_at", then: reject}
`

// batches of the engine, and as many as make the 300,000 rows.
const (
	shapeBatch = 3072
	shapeRows  = 300_000
)

// shape binds a mapping to a batch of rows, its code columns as dictionaries if asked.
func shape(tb testing.TB, yaml string, dictionary bool) (*Program, arrow.Record) {
	tb.Helper()
	alloc := memory.NewGoAllocator()
	m := compile(tb, yaml)
	rec := benchRecord(tb, alloc, m, shapeBatch)
	if dictionary {
		plain := rec
		rec = codesAsDictionaries(plain, alloc)
		plain.Release()
	}
	tb.Cleanup(rec.Release)
	p, err := m.Bind(rec.Schema())
	if err != nil {
		tb.Fatal(err)
	}
	res, err := p.Apply(alloc, rec)
	if err != nil || len(res.Outputs) != 1 || res.Outputs[0].Record.NumRows() != shapeBatch {
		tb.Fatalf("%v\n%.500s", err, dump(res))
	}
	res.Release()
	return p, rec
}

// allocsPerRow is the allocations of one Apply over the rows of rec.
func allocsPerRow(tb testing.TB, p *Program, rec arrow.Record) float64 {
	tb.Helper()
	n := testing.AllocsPerRun(5, func() {
		res, err := p.Apply(memory.DefaultAllocator, rec)
		if err != nil {
			tb.Fatal(err)
		}
		res.Release()
	})
	return n / float64(rec.NumRows())
}

func TestMappingAllocatesLessThanOnceARow(t *testing.T) {
	for _, dictionary := range []bool{false, true} {
		p, rec := shape(t, bench35, dictionary)
		if n := allocsPerRow(t, p, rec); n > 1 {
			t.Errorf("dictionary %v: %.2f allocations a row", dictionary, n)
		}
	}
}

// interpretedRule is left to the CEL interpreter: two calls and a comparison over
// columns.
const interpretedRule = `  - {id: long_title, when: "size(item_name) > 500 || item_name.startsWith('测试')", then: warn}
`

func TestAnInterpretedEvaluationAllocatesLittle(t *testing.T) {
	p, rec := shape(t, bench35, false)
	without := allocsPerRow(t, p, rec)
	p, rec = shape(t, bench35+interpretedRule, false)
	if n := allocsPerRow(t, p, rec) - without; n > 16 {
		t.Errorf("%.1f allocations an evaluation", n)
	}
}

func benchShape(b *testing.B, yaml string, dictionary bool) float64 {
	p, rec := shape(b, yaml, dictionary)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for range (shapeRows + shapeBatch - 1) / shapeBatch {
			res, err := p.Apply(memory.DefaultAllocator, rec)
			if err != nil {
				b.Fatal(err)
			}
			res.Release()
		}
	}
	runtime.ReadMemStats(&after)
	rows := float64(b.N) * float64((shapeRows+shapeBatch-1)/shapeBatch*shapeBatch)
	ns := float64(b.Elapsed().Nanoseconds()) / rows
	b.ReportMetric(ns, "ns/row")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/rows, "allocs/row")
	return ns
}

// 300,000 rows of 35 fields, schema check included. At most 6 µs and one allocation a row.
func BenchmarkMapping300k(b *testing.B) { benchShape(b, bench35, false) }

// The same with code columns as dictionaries: each distinct value is looked up once.
func BenchmarkMapping300kDictionaries(b *testing.B) { benchShape(b, bench35, true) }

// An interpreted rule alone, without the rest of the mapping. At most 2 µs and 16
// allocations an evaluation.
func BenchmarkInterpretedEvaluation(b *testing.B) {
	p, rec := shape(b, bench35+interpretedRule, false)
	if err := p.load(rec); err != nil {
		b.Fatal(err)
	}
	block := p.blocks[0]
	made, _ := p.compute(memory.DefaultAllocator, block, int(rec.NumRows()), nil)
	defer made.rec.Release()
	for i := range block.out {
		block.out[i].load(made.rec.Column(i))
	}
	rule := block.rules[len(block.rules)-1]
	n := int(rec.NumRows())
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if rule(i%n) == yes {
			b.Fatal("the rule is broken")
		}
		i++
	}
}

// A file of 35 fields, from text to plan. At most 20 ms.
func BenchmarkCompile35(b *testing.B) {
	cat := catalog(b)
	b.ReportAllocs()
	for b.Loop() {
		f, err := Parse("bench.yaml", []byte(bench35))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Compile(f, cat, nil); err != nil {
			b.Fatal(err)
		}
	}
}
