package mappings

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// steps is a trace as text, one step a line.
func steps(list []Step) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%d %s %s", s.Block, s.Field, s.Op)
		for _, part := range []struct{ name, text string }{{"", s.Name}, {"at ", s.At}, {"from ", strings.Join(s.From, ",")}} {
			if part.text != "" {
				fmt.Fprintf(&b, " %s%s", part.name, part.text)
			}
		}
		fmt.Fprintf(&b, ": %q → %q", s.In, s.Out)
		if s.Skipped {
			b.WriteString(" skipped")
		}
		if s.Issue != nil {
			fmt.Fprintf(&b, " ! %s %s %s %v", s.Issue.Severity, s.Issue.Field, s.Issue.Rule, s.Issue.Args)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const traced = `mapping: test/traced
where: "v != 'out'"
to:
  - subject: case/thing
    fields:
      id: {from: v, trim: true, upper: true}
      name: {expr: "w + '!'", else: blank}
      kind: {from: k, map: {甲: "1", 乙: null}, else: {const: "2"}}
      level: {from: k, replace: {甲: "1"}, else: blank}
      id_no: {from: w, trim: true, check: resident_id, when: "id_type == '111'", else: blank}
      id_type: {from: t, default: "111"}
      at: {from: d, time: ["20060102", "2006-01-02"]}
      until: {from: e, else: blank}
      day: {const: "2024-02-29"}
      count: {from: n, default: 3}
      fee: n
      flag: {expr: "k == '甲'"}
      tags: {from: w, split: ";", required: true}
      note: {expr: "int(n) > 5 ? 'many' : 'few'", else: blank}
    rules:
      - {id: too_many, when: "count > 7", then: warn, field: count}
      - {id: odd, when: "int(note) == 1", then: reject}
  - subject: case/thing
    where: "w == null"
    fields: {id: v}
`

var tracedColumns = []string{"v", "w", "k", "t", "d", "e", "n"}

var tracedRows = [][]string{
	{" a1 ", "x; y", "甲", null, "20240301", "2024-03-02", "8"},
	{"b1", null, "丙", "222", "bad", "soon", null},
	{"c1", "11010519491231002X", "乙", "111", "2024-03-01", null, "x"},
	{"out", "x", null, null, null, null, null},
}

func TestATraceTellsEveryStepInTheOrderOfTheFile(t *testing.T) {
	alloc := checked(t)
	m := compile(t, traced)
	rec := texts(t, alloc, tracedColumns, tracedRows...)
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range tracedRows {
		list, res, err := p.Trace(alloc, rec, i)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "row %d\n%s%s\n", i, steps(list), dump(res))
		res.Release()
	}
	compareGolden(t, "testdata/trace.txt", b.String())
}

// linesOf is what dump says of one row, as row 0.
func linesOf(whole string, row int) string {
	var out []string
	for line := range strings.Lines(whole) {
		head, rest, _ := strings.Cut(line, ":")
		if name, ok := strings.CutSuffix(head, fmt.Sprintf(" %d", row)); ok {
			out = append(out, name+" 0:"+rest)
		}
	}
	return strings.Join(out, "")
}

func TestATracedRowIsWhatApplyMakesOfIt(t *testing.T) {
	cat := catalog(t)
	for _, c := range []struct {
		name string
		m    *Mapping
		make func(alloc memory.Allocator) arrow.Record
	}{
		{"texts", compile(t, traced), func(alloc memory.Allocator) arrow.Record { return texts(t, alloc, tracedColumns, tracedRows...) }},
		{"dictionaries", compile(t, traced), func(alloc memory.Allocator) arrow.Record {
			plain := texts(t, alloc, tracedColumns, slices.Concat(tracedRows, tracedRows)...)
			defer plain.Release()
			return dictionaries(plain, alloc)
		}},
		{"canonical", national(t, cat, "result"), func(alloc memory.Allocator) arrow.Record {
			s, _ := cat.Subject("case/result")
			return canonicalRecord(t, alloc, s, sampleResult, with(sampleResult, "finished_at", "2024-02-01T01:00:00Z"), with(sampleResult, "secrecy", "classified"),
				with(sampleResult, "is_delivered", null))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			rec := c.make(alloc)
			defer rec.Release()
			p, err := c.m.Bind(rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			for round := range 2 { // a trace between two batches leaves nothing behind
				whole, err := p.Apply(alloc, rec)
				if err != nil {
					t.Fatal(err)
				}
				said := dump(whole)
				whole.Release()
				for row := range int(rec.NumRows()) {
					list, res, err := p.Trace(alloc, rec, row)
					if err != nil {
						t.Fatal(err)
					}
					got := strings.ReplaceAll(dump(res), "filtered 1\n", "")
					if want := linesOf(said, row); got != want {
						t.Errorf("round %d row %d:\n%swant\n%s", round, row, got, want)
					}
					sameResults(t, list, res)
					res.Release()
				}
			}
		})
	}
}

// sameResults compares the result steps with the records that came out.
func sameResults(t *testing.T, list []Step, res *Result) {
	t.Helper()
	if len(res.Outputs) != 1 {
		return
	}
	out := res.Outputs[0].Record
	for _, s := range list {
		if s.Op != "result" {
			continue
		}
		col := out.Column(out.Schema().FieldIndices(s.Field)[0])
		if want := Texts(col, 0); !slices.Equal(s.Out, want) {
			t.Errorf("%s: the trace says %q, the record %q", s.Field, s.Out, want)
		}
	}
}

func national(t *testing.T, cat *schemas.Catalog, name string) *Mapping {
	t.Helper()
	data, file, err := Load("national-2020/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(f, cat, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dictionaries is rec with its text columns as dictionaries.
func dictionaries(rec arrow.Record, alloc memory.Allocator) arrow.Record {
	return asDictionaries(rec, alloc, func(string) bool { return true })
}

// codesAsDictionaries is rec with the columns the benchmarks map to codes as dictionaries.
func codesAsDictionaries(rec arrow.Record, alloc memory.Allocator) arrow.Record {
	codes := []string{"slzt", "xzqh", "sxqh", "sqrlx", "zjlx", "sbqd", "bjlx", "cndw", "cnqx"}
	return asDictionaries(rec, alloc, func(name string) bool { return slices.Contains(codes, name) })
}

func asDictionaries(rec arrow.Record, alloc memory.Allocator, wanted func(string) bool) arrow.Record {
	fields, cols := make([]arrow.Field, rec.NumCols()), make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		if !wanted(rec.ColumnName(i)) {
			cols[i], fields[i] = c, rec.Schema().Field(i)
			continue
		}
		typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
		b := array.NewDictionaryBuilder(alloc, typ).(*array.BinaryDictionaryBuilder)
		defer b.Release()
		for row := range c.Len() {
			if c.IsNull(row) {
				b.AppendNull()
			} else if err := b.AppendString(c.(*array.String).Value(row)); err != nil {
				panic(err)
			}
		}
		cols[i] = b.NewArray()
		defer cols[i].Release()
		fields[i] = arrow.Field{Name: rec.ColumnName(i), Type: typ, Nullable: true}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// Every operation of the language shows in a trace under its own key.
func TestEveryOperationShowsInATrace(t *testing.T) {
	alloc := checked(t)
	for _, c := range []struct{ op, field string }{
		{"trim", `note: {from: v, trim: true}`}, {"clean", `note: {from: v, clean: true}`}, {"fold", `note: {from: v, fold: width}`},
		{"upper", `note: {from: v, upper: true}`}, {"lower", `note: {from: v, lower: true}`}, {"replace", `note: {from: v, replace: {a: b}}`},
		{"blank", `note: {from: v, blank: x}`}, {"required", `note: {from: v, required: true}`}, {"codes", `kind: {from: v, codes: kind}`},
		{"map", `kind: {from: v, map: {a: "1"}}`}, {"pad_left", `note: {from: v, pad_left: {to: 3, with: "0"}}`},
		{"pad_right", `note: {from: v, pad_right: {to: 3, with: "0"}}`}, {"cast", `note: {from: v, cast: bool}`}, {"check", `note: {from: v, check: zip}`},
		{"item_code", `note: {item_code: {from: v, crosswalk: test/items, take: item_name}}`}, {"split", `tags: {from: v, split: ","}`},
		{"time", `at: {from: v, time: "20060102"}`}, {"ts", `at: v`}, {"int", `count: v`}, {"bool", `flag: v`}, {"date", `day: v`},
		{"when", `note: {from: v, check: zip, when: "id != null"}`}, {"else", `note: {from: v, check: zip, else: blank}`}, {"const", `note: {const: x}`},
		{"expr", `note: {expr: "v + v"}`}, {"from", `note: v`}, {"hash", `note: {from: v, hash: md5}`}, {"mask", `note: {from: v, mask: name}`},
		{"normalise", `note: {from: v, normalise: phone}`}, {"unit", `note: {from: v, unit: {from: 元, to: 元}}`},
		{"lookup", `note: {from: v, lookup: {table: floors}}`}, {"first_of", `note: {first_of: [v]}`}, {"array", `tags: {array: [v]}`},
		{"path", `note: {path: {from: v, at: $.a}}`}, {"deadline", `day: {deadline: {start: at, limit: 1, unit: day}}
at: {const: "2024-01-01"}`}, {"join", `note: {from: v, split: ",", join: ";"}`},
		{"item_code", `task_code: {item_code: {unit: v, level: {const: "4"}, basic: v}}`},
	} {
		m := compile(t, thing(c.field))
		rec := texts(t, alloc, []string{"id", "v"}, []string{"i", "a"})
		p, err := m.Bind(rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		list, res, err := p.Trace(alloc, rec, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(s Step) bool { return s.Op == c.op && s.Field != "id" && s.At != "" }) {
			t.Errorf("%s does not show:\n%s", c.op, steps(list))
		}
		res.Release()
		rec.Release()
	}
}
