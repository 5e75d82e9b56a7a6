package mappings

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

const wideView = `
mapping: test/wide
where: "state != 'draft'"
to:
  - subject: case/thing
    fields: {id: no, name: {from: who, trim: true}, at: begin, until: end}
    rules:
      - {id: named, when: "name == '匿名'", then: warn, say: 匿名}
      - {id: no_test, when: "name == '测试'", then: reject, say: {zh: 测试数据, en: test data}}
  - subject: case/step
    where: "end != null"
    fields:
      local_no: no
      step_id: {const: end}
      step_name: {const: 办结}
      step_state: {const: done}
      action: {const: pass}
      user: {from: who, default: 不详}
      dept_code: {const: D}
      dept_name: {const: 某部门}
      region: {const: "440106000000"}
      started_at: begin
      ended_at: end
`

var wideRows = [][]string{ // no, who, begin, end, state, as Columns gives them
	{"done", "1", " 甲 ", "2024-01-01 08:00:00", "2024-01-02 08:00:00"},
	{"draft", "2", "乙", "2024-01-01 08:00:00", null},
	{"open", "3", "匿名", "2024-01-01 08:00:00", null},
	{"done", "4", "丁", "2024-01-03 08:00:00", "2024-01-02 08:00:00"},
	{"done", "5", "测试", "soon", "2024-01-02 08:00:00"},
	{null, "6", "己", "2024-01-01 08:00:00", null},
	{"open", null, "庚", "2024-01-01 08:00:00", null},
}

func TestOneViewFillsSeveralSubjectsAndRefusesRowsWhole(t *testing.T) {
	alloc := checked(t)
	m := compile(t, wideView)
	if got := strings.Join(m.Columns(), " "); got != "state no who begin end" {
		t.Fatalf("columns %s", got)
	}
	rec := texts(t, alloc, m.Columns(), wideRows...)
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	compareGolden(t, "testdata/wide.result.txt", dump(res))
	checkSums(t, res, len(wideRows))
}

// checkSums: every input row is in exactly one of outputs, refused, filtered.
func checkSums(t interface{ Errorf(string, ...any) }, res *Result, n int) {
	in := map[int32]string{}
	for _, o := range res.Outputs {
		if int64(len(o.Rows)) != o.Record.NumRows() {
			t.Errorf("%d rows named for %d", len(o.Rows), o.Record.NumRows())
		}
		for i, r := range o.Rows {
			if i > 0 && o.Rows[i-1] >= r {
				t.Errorf("rows out of order: %v", o.Rows)
			}
			in[r] = "output"
		}
	}
	for _, is := range res.Issues {
		refused := is.Severity != schemas.Warn && is.Severity != schemas.Blank
		if refused && in[is.Row] == "output" {
			t.Errorf("row %d is refused and has output", is.Row)
		}
		if refused {
			in[is.Row] = "refused"
		}
	}
	if len(in)+res.Filtered != n {
		t.Errorf("%d rows accounted for, %d filtered, of %d", len(in), res.Filtered, n)
	}
}

func TestRuleTextsAreTheMappingsOwn(t *testing.T) {
	m := compile(t, wideView)
	if got, ok := m.RuleText("no_test"); !ok || got != text.T("测试数据", "test data") {
		t.Error(got, ok)
	}
	if _, ok := m.RuleText("other"); ok {
		t.Error("a rule it does not have")
	}
}

func TestWhenLimitsTheCheckAndNotTheValue(t *testing.T) {
	alloc := checked(t)
	m := compile(t, thing(`id_no: {from: no, check: zip, required: true, when: "id_type == 'zip'"}
id_type: {from: kind, lower: true}`))
	rec := texts(t, alloc, m.Columns(), []string{"1", "510000", "ZIP"}, []string{"2", "P51", "PAS"}, []string{"3", "51", "zip"}, []string{"4", null, "zip"}, []string{"5", null, null})
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	want := `case/thing 0: id=1 id_no=510000 id_type=zip
case/thing 1: id=2 id_no=P51 id_type=pas
case/thing 4: id=5
reject 2: id_no check_zip [length  ]
reject 3: id_no required []
`
	if got := dump(res); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAColumnNothingChangedIsRetained(t *testing.T) {
	alloc := checked(t)
	m := compile(t, thing(`note: {from: v, trim: true, upper: true, fold: width}`))
	rec := texts(t, alloc, m.Columns(), []string{"1", "甲A"}, []string{"2", null})
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	out := res.Outputs[0].Record
	for i, name := range []string{"id", "note"} {
		if out.Column(out.Schema().FieldIndices(name)[0]) != rec.Column(i) {
			t.Errorf("%s was copied", name)
		}
	}
}

func TestADictionaryIsMappedOncePerValue(t *testing.T) {
	alloc := checked(t)
	m := compile(t, thing(`kind: {from: k, trim: true, map: {个人: "1", 单位: "2"}, else: blank}
task_code: {item_code: {from: k, crosswalk: test/items}, else: blank}`))
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "k", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for i, v := range []string{"个人", " 单位", "x", "个人", "x"} {
		b.Field(0).(*array.StringBuilder).Append(string(rune('1' + i)))
		if err := b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(v); err != nil {
			t.Fatal(err)
		}
	}
	b.Field(0).(*array.StringBuilder).Append("6")
	b.Field(1).AppendNull()
	rec := b.NewRecord()
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	compareGolden(t, "testdata/dictionary.result.txt", dump(res))
}

func TestBindNamesWhatIsMissing(t *testing.T) {
	m := compile(t, thing("note: bz"))
	_, err := m.Bind(arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "bzz", Type: arrow.BinaryTypes.String}}, nil))
	if got := fault.Say(err, text.EN); got != "test.yaml:5:3: the source has no column bz" || fault.HintOf(err).EN != "did you mean bzz?" || !fault.Is(err, fault.Config) {
		t.Error(got, fault.HintOf(err))
	}
	_, err = m.Bind(arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "bz", Type: arrow.BinaryTypes.Binary}}, nil))
	if got := fault.Say(err, text.ZH); got != "test.yaml:5:3: 列 bz 的类型 binary 不能映射" {
		t.Error(got)
	}
}

func TestApplyRefusesAnotherSchema(t *testing.T) {
	alloc := checked(t)
	m := compile(t, thing("note: bz"))
	rec := texts(t, alloc, []string{"id", "bz"})
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	other := texts(t, alloc, []string{"bz", "id"})
	defer other.Release()
	if _, err := p.Apply(alloc, other); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
}

func TestKeysAreComputedForEveryRowAndNullWhereTheyFail(t *testing.T) {
	alloc := checked(t)
	m := compile(t, `
mapping: t
to: case/thing
where: "z == 'never'"
fields:
  id: {from: a, trim: true}
  count: n
  id_type: {from: k, lower: true}
  id_no: {from: c, check: zip, when: "id_type == 'zip'"}
`)
	rec := texts(t, alloc, m.Columns(), []string{"", " 1 ", "7", "ZIP", "51"}, []string{"", null, "x", "p", "51"})
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := p.Keys(alloc, rec, []string{"count", "id_no", "id"})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Release()
	var got []string
	for i := range 2 {
		for k := range 3 {
			got = append(got, keys.ColumnName(k)+"="+show(keys.Column(k), i))
		}
	}
	if s := strings.Join(got, " "); s != "count=7 id_no=NULL id=1 count=NULL id_no=51 id=NULL" {
		t.Error(s)
	}
	if _, err := p.Keys(alloc, rec, []string{"name"}); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
	cols, err := m.KeyColumns("case/thing", []string{"id", "id_no", "id"})
	if err != nil || strings.Join(cols, " ") != "a c" {
		t.Error(cols, err)
	}
	if _, err := m.KeyColumns("case/thing", []string{"name"}); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
}

// What becomes of a row depends on that row alone.
func TestBatchBordersDoNotChangeRows(t *testing.T) {
	alloc := checked(t)
	m := compile(t, wideView)
	value := rapid.SampledFrom([]string{null, "", "1", "draft", "测试", "匿名", " 甲", "2024-01-01 08:00:00", "2024-01-02 08:00:00", "soon", "一二三四五六七八九", "a\x01"})
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(value, 5, 5), 0, 12).Draw(rt, "rows")
		cut := rapid.IntRange(0, len(rows)).Draw(rt, "cut")
		whole := texts(t, alloc, m.Columns(), rows...)
		defer whole.Release()
		p, err := m.Bind(whole.Schema())
		if err != nil {
			rt.Fatal(err)
		}
		var parts []string
		for _, r := range [][2]int{{0, cut}, {cut, len(rows)}} {
			part := whole.NewSlice(int64(r[0]), int64(r[1]))
			parts = append(parts, lines(rt, p, alloc, part, r[0])...)
			part.Release()
		}
		all := lines(rt, p, alloc, whole, 0)
		if a, b := sortedLines(all), sortedLines(parts); a != b {
			rt.Fatalf("whole:\n%s\nparts:\n%s", a, b)
		}
	})
}

func lines(rt *rapid.T, p *Program, alloc memory.Allocator, rec arrow.Record, shift int) []string {
	res, err := p.Apply(alloc, rec)
	if err != nil {
		rt.Fatal(err)
	}
	defer res.Release()
	checkSums(rt, res, int(rec.NumRows()))
	for _, o := range res.Outputs {
		for i := range o.Rows {
			o.Rows[i] += int32(shift)
		}
	}
	for i := range res.Issues {
		res.Issues[i].Row += int32(shift)
	}
	res.Filtered = 0
	return strings.Split(dump(res), "\n")
}

// A Mapping is shared, a Program is not; the race detector watches.
func TestProgramsOfOneMappingRunSideBySide(t *testing.T) {
	alloc := memory.NewGoAllocator()
	m := compile(t, wideView+"    rules:\n      - {id: long, when: \"size(user) > 3 && user.contains('x')\", then: warn}\n")
	rec := texts(t, alloc, m.Columns(), wideRows...)
	defer rec.Release()
	want := make(chan string, 4)
	for range cap(want) {
		go func() {
			p, err := m.Bind(rec.Schema())
			if err != nil {
				want <- err.Error()
				return
			}
			res, err := p.Apply(alloc, rec)
			if err != nil {
				want <- err.Error()
				return
			}
			defer res.Release()
			want <- dump(res)
		}()
	}
	first := <-want
	for range cap(want) - 1 {
		if got := <-want; got != first {
			t.Errorf("got\n%swant\n%s", got, first)
		}
	}
}
