package mappings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// spreadDump is what a mapping makes of rows, whole and cut into batches of one row.
func spreadDump(t *testing.T, yaml string, columns []string, rows ...[]string) string {
	t.Helper()
	alloc := checked(t)
	m := compile(t, yaml)
	rec := texts(t, alloc, columns, rows...)
	defer rec.Release()
	whole := apply(t, m, alloc, rec)
	defer whole.Release()
	got := dump(whole)
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	for row := range rows {
		one := rec.NewSlice(int64(row), int64(row)+1)
		res, err := p.Apply(alloc, one)
		if err != nil {
			t.Fatal(err)
		}
		want := linesOf(got, row)
		if said := strings.ReplaceAll(dump(res), "filtered 1\n", ""); said != want {
			t.Errorf("row %d alone:\n%swant\n%s", row, said, want)
		}
		res.Release()
		one.Release()
		list, res, err := p.Trace(alloc, rec, row)
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.ReplaceAll(dump(res), "filtered 1\n", ""); sortedLines(strings.Split(said, "\n")) != sortedLines(strings.Split(want, "\n")) {
			t.Errorf("row %d traced:\n%swant\n%s%s", row, said, want, steps(list))
		}
		res.Release()
	}
	if len(whole.FilteredBy) > 0 {
		got += fmt.Sprintln(whole.FilteredBy)
	}
	return got
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimLeft(want, "\n"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

const exploded = `
mapping: test/exploded
to: case/thing
explode: {columns: [mc, lx], split: ";"}
sequence: {no: [], nth: [mc]}
fields:
  id: {expr: "bh + no"}
  name: {from: mc, trim: true}
  kind: {from: lx, codes: kind}
  count: nth
  note: bz
`

func TestExplodeMakesARecordOfEachPart(t *testing.T) {
	columns := []string{"bh", "mc", "lx", "bz"}
	expect(t, spreadDump(t, exploded, columns,
		[]string{"a", "甲; 乙;甲;", "1;2;1", "x"},
		[]string{"b", "丙", null, null},
		[]string{"c", "甲;乙", "1;2;1", null},
		[]string{"d", "甲;乙", "1;9", null},
		[]string{"e", null, null, null},
		[]string{"f", " ; ", null, null},
	), `
case/thing 0: id=a1 name=甲 kind=1 count=1 note=x
case/thing 0: id=a2 name=乙 kind=2 count=1 note=x
case/thing 0: id=a3 name=甲 kind=1 count=2 note=x
case/thing 1: id=b1 name=丙 count=1
reject 2:  explode_uneven [2, 3]
reject 3: kind bad_code [kind 9]
filtered 2
`)
}

const unpivoted = `
mapping: test/unpivoted
to:
  - subject: case/thing
    fields: {id: bh, name: {const: 受理}, at: slsj}
  - subject: case/thing
    where: "lx != '即办'"
    unpivot:
      - {hj: {const: 审查}, sj: scsj, ry: scr}
      - {hj: {const: 决定}, sj: jdsj, ry: null}
      - {hj: {const: 送达}, sj: sdsj, ry: null, where: "sdfs == '邮寄'"}
    sequence: {no: []}
    fields: {id: {expr: "bh + no"}, name: hj, at: sj, note: ry}
  - subject: case/thing
    where: "lx == '即办'"
    fields: {id: {expr: "bh + '1'"}, name: {const: 办理}, at: slsj}
`

func TestUnpivotMakesARecordOfEachEntryThatHoldsSomething(t *testing.T) {
	columns := []string{"bh", "lx", "slsj", "scsj", "scr", "jdsj", "sdsj", "sdfs"}
	expect(t, spreadDump(t, unpivoted, columns,
		[]string{"a", "承诺", "2024-03-01", "2024-03-02", "甲", "2024-03-03", "2024-03-04", "邮寄"},
		[]string{"b", "即办", "2024-03-01", "2024-03-02", "甲", "2024-03-03", null, null},
		[]string{"c", "承诺", "2024-03-01", null, "乙", null, "2024-03-04", "自取"},
		[]string{"d", "承诺", "2024-03-01", "soon", null, "2024-03-03", null, null},
		[]string{"e", "承诺", "2024-03-01", null, null, null, null, null},
	), `
case/thing 0: id=a name=受理 at=2024-02-29T16:00:00Z
case/thing 1: id=b name=受理 at=2024-02-29T16:00:00Z
case/thing 2: id=c name=受理 at=2024-02-29T16:00:00Z
case/thing 4: id=e name=受理 at=2024-02-29T16:00:00Z
case/thing 0: id=a1 name=审查 at=2024-03-01T16:00:00Z note=甲
case/thing 0: id=a2 name=决定 at=2024-03-02T16:00:00Z
case/thing 0: id=a3 name=送达 at=2024-03-03T16:00:00Z
case/thing 2: id=c1 name=审查 note=乙
case/thing 1: id=b1 name=办理 at=2024-02-29T16:00:00Z
reject 3: at bad_time []
`)
}

func TestFiltersCountTheirOwnRows(t *testing.T) {
	expect(t, spreadDump(t, `
mapping: test/filtered
to: case/thing
where: "bh != 'z'"
filter:
  - {id: test_data, when: "mc == '测试'", say: 测试数据}
  - {id: old, when: "int(nd) < 2020", say: {zh: 旧数据, en: old}}
fields: {id: bh}
`, []string{"bh", "mc", "nd"},
		[]string{"a", "甲", "2024"}, []string{"b", "测试", "2019"}, []string{"c", "乙", "2019"}, []string{"d", "丙", "x"}, []string{"z", "丁", "2024"}, []string{"e", null, null}, []string{"f", "测试", "2024"},
	), `
case/thing 0: id=a
case/thing 5: id=e
reject 3:  bad_expr [filter]
filtered 4
map[old:1 test_data:2]
`)
}

func TestTheKeyOfARowThatMakesSeveralRecordsIsThatOfTheFirst(t *testing.T) {
	alloc := checked(t)
	m := compile(t, exploded)
	rec := texts(t, alloc, m.Columns(), []string{"甲;乙", "1;2", "a", null}, []string{null, null, "b", null})
	defer rec.Release()
	if got := strings.Join(m.Columns(), " "); got != "mc lx bh bz" {
		t.Fatalf("columns %s", got)
	}
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := p.Keys(alloc, rec, []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Release()
	if got := show(keys.Column(0), 0) + " " + show(keys.Column(0), 1); got != "a1 b1" {
		t.Error(got)
	}
	if cols, err := m.KeyColumns("case/thing", []string{"id", "name"}); err != nil || strings.Join(cols, " ") != "bh mc" {
		t.Error(cols, err)
	}
}

func TestADictionaryStaysOneBehindAWhere(t *testing.T) {
	alloc := checked(t)
	m := compile(t, "mapping: test/where\nto: case/thing\nwhere: \"id != 'x'\"\nfields:\n  id: id\n  kind: {from: v, map: {a: \"1\", b: \"2\"}}\n")
	plain := texts(t, alloc, []string{"id", "v"}, []string{"1", "a"}, []string{"x", "c"}, []string{"2", "b"}, []string{"3", null}, []string{"4", "a"})
	defer plain.Release()
	rec := dictionaries(plain, alloc)
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	expect(t, dump(res), `
case/thing 0: id=1 kind=1
case/thing 2: id=2 kind=2
case/thing 3: id=3
case/thing 4: id=4 kind=1
filtered 1
`)
	tk := &taker{}
	part := tk.rows(alloc, rec.Column(1), []int32{4, 3})
	defer part.Release()
	if d, ok := part.(*array.Dictionary); !ok || d.DataType().ID() != arrow.DICTIONARY || part.ValueStr(0) != "a" || part.IsValid(1) {
		t.Errorf("%v", part)
	}
}

func TestOneRowMayMakeThousandsOfRecords(t *testing.T) {
	parts := strings.Repeat("甲;", 3000)
	alloc := checked(t)
	m := compile(t, "mapping: test/many\nto: case/thing\nexplode: {columns: [mc], split: \";\"}\nsequence: {no: []}\nfields: {id: no, name: mc}\n")
	rec := texts(t, alloc, m.Columns(), []string{parts}, []string{strings.Repeat("甲;", maxParts+5)}, []string{"乙"})
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	out := res.Outputs[0].Record
	if out.NumRows() != 3001 || out.Column(out.Schema().FieldIndices("id")[0]).ValueStr(2999) != "3000" {
		t.Errorf("%d records", out.NumRows())
	}
	if len(res.Issues) != 1 || res.Issues[0].Row != 1 {
		t.Errorf("%v", res.Issues)
	}
}
