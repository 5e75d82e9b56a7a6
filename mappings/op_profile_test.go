package mappings

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// stamp is a mapping to case/stamp with these fields beside id and at.
func stamp(fields string) string {
	return "mapping: test/stamp\nto: case/stamp\nfields:\n  id: id\n  at: at\n" + indent(fields)
}

// runStamps feeds one field of case/stamp with a value and a time.
func runStamps(t *testing.T, cases []struct{ name, field, in, at, want string }) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, stamp(c.field))
			rec := texts(t, alloc, []string{"id", "at", "v"}, []string{"0", c.at, c.in})
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			if got := outcomeOf(res, 0, c.field[:strings.IndexByte(c.field, ':')]); got != c.want {
				t.Errorf("%q at %s: got %s, want %s", c.in, c.at, got, c.want)
			}
		})
	}
}

func TestADepartmentsCodesAreReadByItsProfile(t *testing.T) {
	const ea = `result: {from: v, codes: {profile: ea-jc, set: result}}`
	runStamps(t, []struct{ name, field, in, at, want string }{
		{"refused is 1 there", ea, "1", null, "refused"},
		{"6 is not accepted, not granted", ea, "6", null, "not_accepted"},
		{"0 is either of two", ea, "0", null, "reject ambiguous_code [ea-jc/result 0 issued, granted]"},
		{"but says which", `result: {from: v, codes: {profile: ea-jc, set: result, but: {"0": granted}}}`, "0", null, "granted"},
		{"but may mean nothing", `result: {from: v, codes: {profile: ea-jc, set: result, but: {"3": null}}}`, "3", null, "NULL"},
		{"never passed through", ea, "7", null, "reject unmapped_code [ea-jc/result 7]"},
		{"a canonical code is no peer's", ea, "refused", null, "reject unmapped_code [ea-jc/result refused]"},
		{"unmapped, blank", `result: {from: v, codes: {profile: ea-jc, set: result}, else: blank}`, "7", null, "NULL + blank unmapped_code [ea-jc/result 7]"},
		{"unmapped, const", `result: {from: v, codes: {profile: ea-jc, set: result}, else: {const: done_other}}`, "7", null, "done_other + warn unmapped_code [ea-jc/result 7]"},
		{"no word", `note: {from: v, codes: {profile: ea-jc, set: special_type}}`, "1", null, "reject no_word_for_code [ea-jc/special_type 1]"},
		{"other operations go before", `result: {from: v, trim: true, codes: {profile: ea-jc, set: result}}`, " 2 ", null, "void"},
		{"by name", `state: {from: v, codes: {profile: names, set: country}}`, "中国", null, "CHN"},
		{"NULL stays", ea, null, null, "NULL"},
	})
}

func TestCodesAreJudgedByTheDayOfTheRecord(t *testing.T) {
	const member = `state: {from: v, codes: {set: country, on: at}}`
	const numeric = `state: {from: v, codes: {profile: numeric, set: country, on: at}}`
	runStamps(t, []struct{ name, field, in, at, want string }{
		{"there on its first day", member, "SSD", "2011-07-09 00:00:00", "SSD"},
		{"not the day before", member, "SSD", "2011-07-08 23:59:59", "reject code_not_in_force [country SSD]"},
		{"the one before it", member, "SCG", "2006-06-04 12:00:00", "SCG"},
		{"is gone, with what followed", member, "SCG", "2006-06-05 00:00:00", "reject code_replaced [country SCG MNE, SRB]"},
		{"never listed", member, "QQQ", "2006-06-05 00:00:00", "reject bad_code [country QQQ]"},
		{"no day, whatever the day", member, "SCG", null, "SCG"},
		{"translated", numeric, "728", "2020-01-01 00:00:00", "SSD"},
		{"translated too early", numeric, "728", "2010-01-01 00:00:00", "reject code_not_in_force [country SSD]"},
		{"translated, no day", numeric, "728", null, "SSD"},
		{"without on", `state: {from: v, codes: {profile: numeric, set: country}}`, "728", "2010-01-01 00:00:00", "SSD"},
	})
}

// A dictionary value is judged once for as long as the answer stands.
func TestAValueIsJudgedAgainOnlyForAnotherSpellOfDays(t *testing.T) {
	alloc := checked(t)
	m := compile(t, stamp(`state: {from: v, codes: {profile: numeric, set: country, on: at}, else: blank}`))
	rec := dictRecord(t, alloc, [][3]string{
		{"0", "2010-01-01 00:00:00", "728"}, {"1", "2020-01-01 00:00:00", "728"}, {"2", "2021-01-01 00:00:00", "728"},
		{"3", "2011-07-08 00:00:00", "728"}, {"4", "2011-07-08 23:00:00", "156"}, {"5", null, "728"},
	})
	defer rec.Release()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		res, err := p.Apply(alloc, rec)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row := range int32(6) {
			got = append(got, strings.Fields(outcomeOf(res, row, "state"))[0])
		}
		res.Release()
		if s := strings.Join(got, " "); s != "NULL SSD SSD NULL CHN SSD" {
			t.Errorf("got %s", s)
		}
	}
}

// dictRecord is id, at and a dictionary column v.
func dictRecord(t testing.TB, alloc memory.Allocator, rows [][3]string) arrow.Record {
	t.Helper()
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "at", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "v", Type: dict, Nullable: true}}, nil))
	defer b.Release()
	for _, row := range rows {
		for i, v := range row {
			if v == null {
				b.Field(i).AppendNull()
			} else if err := b.Field(i).AppendValueFromString(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewRecord()
}

// What goes out is what the receiver's table says; a code without a word there may wait.
func TestAReceiversCodesAreWrittenByItsProfile(t *testing.T) {
	const head = "mapping: test/out\nfrom: case/result\nto: case/stamp\nfields:\n  id: case_no\n"
	accept, _ := catalog(t).Subject("case/result")
	for _, c := range []struct{ name, field, code, want string }{
		{"granted is 6", `note: {from: result_code, codes: {profile: sd-ywzt-2024, set: result}}`, "granted", "6"},
		{"withdrawn shares 3", `note: {from: result_code, codes: {profile: sd-ywzt-2024, set: result}}`, "withdrawn", "3"},
		{"no word", `note: {from: result_code, codes: {profile: sd-ywzt-2024, set: result}}`, "not_accepted", "reject no_word_for_code [sd-ywzt-2024/result not_accepted]"},
		{"no word, it waits", `note: {from: result_code, codes: {profile: sd-ywzt-2024, set: result}, else: hold}`, "not_accepted", "hold no_word_for_code [sd-ywzt-2024/result not_accepted]"},
		{"but", `note: {from: result_code, codes: {profile: sd-ywzt-2024, set: result, but: {done_other: "6"}}}`, "done_other", "6"},
		{"map waits too", `note: {from: result_code, map: {granted: a}, else: hold}`, "void", "hold unmapped_code [note void]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			alloc := checked(t)
			m := compile(t, head+indent(c.field))
			rec := canonicalRecord(t, alloc, accept, map[string]string{"case_no": "BJ1", "result_code": c.code})
			defer rec.Release()
			res := apply(t, m, alloc, rec)
			defer res.Release()
			if got := outcomeOf(res, 0, "note"); got != c.want {
				t.Errorf("%s: got %s, want %s", c.code, got, c.want)
			}
		})
	}
}

// The version of a mapping is another when the table it translates by is.
func TestAChangedTableIsAnotherVersion(t *testing.T) {
	own, err := schemas.Load(testSchemas)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse("t.yaml", []byte(stamp(`result: {from: v, codes: {profile: ea-jc, set: result}}`)))
	if err != nil {
		t.Fatal(err)
	}
	before, err := Compile(f, own, nil)
	if err != nil {
		t.Fatal(err)
	}
	site := maps.Clone(testSchemas)
	site["profiles/ea-jc/result.yaml"] = &fstest.MapFile{Data: []byte(`profile: ea-jc
table: result
set: result
peer: ea-jc/result
out: {issued: "0", granted: "0", refused: "1", returned: "5", void: "2", deleted: "3", forwarded: "4", lapsed: "5", withdrawn: "3", not_accepted: "6", done_other: none}
in: {"0": granted, "1": refused, "2": void, "3": deleted, "4": forwarded, "5": returned, "6": not_accepted}
`)}
	cat, err := schemas.Load(site)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Compile(f, cat, nil)
	if err != nil {
		t.Fatal(err)
	}
	if before.Version() == after.Version() {
		t.Error("the version is the same")
	}
}

func BenchmarkCodes(b *testing.B) {
	for _, bench := range []struct{ name, field string }{
		{"map", `result: {from: v, map: {"1": refused, "2": void, "3": deleted}}`},
		{"profile", `result: {from: v, codes: {profile: ea-jc, set: result}}`},
		{"profile on a day", `state: {from: v, codes: {profile: numeric, set: country, on: at}}`},
		{"member on a day", `state: {from: w, codes: {set: country, on: at}}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			alloc := memory.NewGoAllocator()
			m := compile(b, stamp(bench.field))
			p, rec := benchCodes(b, alloc, m, strings.Contains(bench.name, "day"))
			defer rec.Release()
			b.ReportAllocs()
			for b.Loop() {
				res, err := p.Apply(alloc, rec)
				if err != nil || len(res.Issues) > 0 {
					b.Fatal(err, dump(res))
				}
				res.Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func benchCodes(b *testing.B, alloc memory.Allocator, m *Mapping, countries bool) (*Program, arrow.Record) {
	values := []string{"1", "2", "3"}
	if countries {
		values = []string{"156", "728", "840"}
	}
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	rb := array.NewRecordBuilder(alloc, arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "at", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "v", Type: dict, Nullable: true}, {Name: "w", Type: dict, Nullable: true}}, nil))
	defer rb.Release()
	for i := range benchRows {
		for k, v := range []string{"1", "2024-03-01 09:30:00", values[i%3], []string{"CHN", "SSD", "USA"}[i%3]} {
			if err := rb.Field(k).AppendValueFromString(v); err != nil {
				b.Fatal(err)
			}
		}
	}
	rec := rb.NewRecord()
	p, err := m.Bind(rec.Schema())
	if err != nil {
		b.Fatal(err)
	}
	return p, rec
}
