package mappings

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// testSchemas lies over the shipped schemas: a small subject with a field of every
// type, and its code set and crosswalk.
var testSchemas = fstest.MapFS{
	"canonical/thing.yaml": {Data: []byte(`subject: case/thing
title: {zh: 样例, en: sample}
version: "1"
key: [id]
case: [id]
fields:
  - {name: id, type: text(8), required: true, zh: 编号, en: number}
  - {name: name, type: text(6), zh: 名称, en: name}
  - {name: kind, type: "code:kind", zh: 种类, en: kind}
  - {name: level, type: "code:kind", zh: 级别, en: level}
  - {name: task_code, type: text(36), zh: 实施编码, en: implementation code}
  - {name: item_name, type: text(100), zh: 事项名称, en: item name}
  - {name: id_no, type: text(64), personal: id, zh: 证件号码, en: document number}
  - {name: id_type, type: text(3), zh: 证件类型, en: document type}
  - {name: at, type: ts, zh: 时间, en: time}
  - {name: until, type: ts, zh: 截止时间, en: end}
  - {name: day, type: date, zh: 日期, en: day}
  - {name: count, type: int, zh: 数量, en: count}
  - {name: fee, type: "dec(8,2)", zh: 费用, en: fee}
  - {name: flag, type: bool, zh: 标志, en: flag}
  - {name: tags, type: list, zh: 标签, en: tags}
  - {name: note, type: text, zh: 说明, en: note}
  - {name: inner, type: text, derived: true, zh: 内部, en: inner}
  - {name: case_no, type: text(50), zh: 办件编号, en: case number}
orders:
  - {rule: ends_before_start, before: at, after: until}
`)},
	"canonical/stamp.yaml": {Data: []byte(`subject: case/stamp
title: {zh: 日期样例, en: dated sample}
version: "1"
key: [id]
case: [id]
fields:
  - {name: id, type: text(8), required: true, zh: 编号, en: number}
  - {name: at, type: ts, zh: 时间, en: time}
  - {name: day, type: date, zh: 日期, en: day}
  - {name: state, type: "code:country", zh: 国家, en: country}
  - {name: result, type: "code:result", zh: 结果, en: result}
  - {name: note, type: text, zh: 说明, en: note}
`)},
	"codes/kind.yaml": {Data: []byte(`set: kind
title: {zh: 种类, en: kind}
version: "1"
codes:
  - {code: "1", zh: 一, en: one}
  - {code: "2", zh: 二, en: two}
`)},
	"crosswalks/test/items.tsv": {Data: []byte("local\ttask_code\titem_name\nA1\t11440000MB2C70271K4442117010000\t事项甲\nA2\tshort\t事项乙\n")},
	"crosswalks/test/dated.tsv": {Data: []byte("local\titem_name\tvalid_from\tvalid_to\nB1\t旧名\t\t2023-12-31\nB1\t新名\t2024-02-01\t\n")},
	"items/test.tsv":            {Data: []byte("code\tname\tversion\tlocal_code\tvalid_from\tvalid_to\n11440000MB2C70271K4442117010000\t事项甲\t1\tL1\t2022-01-01\t2023-12-31\n11440000MB2C70271K4442117010000\t事项甲（新）\t2\tL1\t2024-01-01\t\n")},
	"lookups/windows.tsv":       {Data: []byte("ck\tname\tkind\n01\t一号窗口\t1\n02\t二号窗口\t\n")},
	"lookups/floors.tsv":        {Data: []byte("ck\tfloor\n01\t一楼\n")},
	"calendars/local/2024.tsv":  {Data: []byte("2024-04-11\t2024-04-12\toff\t三月三\n")},
}

var testCatalog = sync.OnceValues(func() (*schemas.Catalog, error) { return schemas.Load(testSchemas) })

func catalog(t testing.TB) *schemas.Catalog {
	t.Helper()
	cat, err := testCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// thing is a mapping to case/thing with these fields beside id.
func thing(fields string) string {
	return "mapping: test/thing\nto: case/thing\nfields:\n  id: id\n" + indent(fields)
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ") + "\n"
}

func compile(t testing.TB, yaml string) *Mapping {
	t.Helper()
	f, err := Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	m, err := Compile(f, catalog(t), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	return m
}

// checked is an allocator that must be empty when the test ends.
func checked(t testing.TB) memory.Allocator {
	c := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { c.AssertSize(t, 0) })
	return c
}

// null is NULL in a row of a test table.
const null = "\x00NULL"

// texts is a record of text columns.
func texts(t testing.TB, alloc memory.Allocator, columns []string, rows ...[]string) arrow.Record {
	t.Helper()
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range rows {
		for i, v := range row {
			if v == null {
				b.Field(i).AppendNull()
			} else {
				b.Field(i).(*array.StringBuilder).Append(v)
			}
		}
	}
	return b.NewRecord()
}

// apply runs a mapping over rec.
func apply(t testing.TB, m *Mapping, alloc memory.Allocator, rec arrow.Record) *Result {
	t.Helper()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Apply(alloc, rec)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// show is one value as text.
func show(arr arrow.Array, i int) string {
	if arr.IsNull(i) {
		return "NULL"
	}
	switch a := arr.(type) {
	case *array.Timestamp:
		return time.Unix(int64(a.Value(i)), 0).UTC().Format("2006-01-02T15:04:05Z")
	case *array.Date32:
		return time.Unix(int64(a.Value(i))*86400, 0).UTC().Format("2006-01-02")
	}
	return arr.ValueStr(i)
}

// dump is a result as text: outputs without NULLs, then issues.
func dump(res *Result) string {
	var b strings.Builder
	for _, o := range res.Outputs {
		for i := range int(o.Record.NumRows()) {
			fmt.Fprintf(&b, "%s %d:", o.Subject, o.Rows[i])
			for k, c := range o.Record.Columns() {
				if c.IsValid(i) {
					fmt.Fprintf(&b, " %s=%s", o.Record.ColumnName(k), show(c, i))
				}
			}
			b.WriteByte('\n')
		}
	}
	for _, is := range res.Issues {
		fmt.Fprintf(&b, "%s %d: %s %s %v\n", is.Severity, is.Row, is.Field, is.Rule, is.Args)
	}
	if res.Filtered > 0 {
		fmt.Fprintf(&b, "filtered %d\n", res.Filtered)
	}
	return b.String()
}

func sortedLines(lines []string) string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return strings.TrimLeft(strings.Join(lines, "\n"), "\n")
}
