package demo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// collected is what the department's mapping makes of one whole view.
func collected(t *testing.T, alloc memory.Allocator, m *made, cat *schemas.Catalog, i int) arrow.Record {
	t.Helper()
	mp := mapping(t, cat, strings.Replace(tables[i].pipeline, "fund-", "fund/", 1))
	rec, _ := readView(t, alloc, m.db, tables[i].view, mp.Columns(), localKeys[i])
	defer rec.Release()
	program, err := mp.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := program.Apply(alloc, rec)
	if err != nil {
		t.Fatal(err)
	}
	return res.Outputs[0].Record // the only output: its reference is ours
}

func column(rec arrow.Record, name string) arrow.Array {
	at := rec.Schema().FieldIndices(name)
	if len(at) == 0 {
		return nil
	}
	return rec.Column(at[0])
}

// caseFacts are what children inherit from their case.
type caseFacts struct {
	no       string
	accepted arrow.Timestamp
}

func factsOf(accepts arrow.Record) map[string]caseFacts {
	out := map[string]caseFacts{}
	local, no := column(accepts, "local_no").(*array.String), column(accepts, "case_no").(*array.String)
	at := column(accepts, "accepted_at").(*array.Timestamp)
	for row := range local.Len() {
		out[local.Value(row)] = caseFacts{no.Value(row), at.Value(row)}
	}
	return out
}

// withCase is rec with the columns a delivery mapping reads, the inherited ones taken
// from facts.
func withCase(alloc memory.Allocator, rec arrow.Record, columns []string, facts map[string]caseFacts) arrow.Record {
	no, accepted := array.NewStringBuilder(alloc), array.NewTimestampBuilder(alloc, &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"})
	defer no.Release()
	defer accepted.Release()
	local := column(rec, "local_no").(*array.String)
	for row := range local.Len() {
		f, ok := facts[local.Value(row)]
		no.AppendValues([]string{f.no}, []bool{ok})
		accepted.AppendValues([]arrow.Timestamp{f.accepted}, []bool{ok})
	}
	inherited := map[string]arrow.Array{"case_no": no.NewArray(), "case_accepted_at": accepted.NewArray()}
	var fields []arrow.Field
	var arrays []arrow.Array
	for _, c := range columns {
		a, ok := inherited[c]
		if !ok {
			a = column(rec, c)
		}
		fields, arrays = append(fields, arrow.Field{Name: c, Type: a.DataType(), Nullable: true}), append(arrays, a)
	}
	out := array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(rec.NumRows()))
	for _, a := range inherited {
		a.Release()
	}
	return out
}

// TestTheNationalProfileDeliversTheExpectedRows runs both mappings over every row and
// compares each value with the generator's own.
func TestTheNationalProfileDeliversTheExpectedRows(t *testing.T) {
	m, cat := makeDemo(t, Options{Cases: 1200, Seed: 21}), catalog(t)
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	accepts := collected(t, alloc, m, cat, tabAccept)
	defer accepts.Release()
	facts := factsOf(accepts)
	for i, kind := range []string{"accept", "process", "material", "result"} {
		t.Run(kind, func(t *testing.T) {
			rec := accepts
			if i != tabAccept {
				rec = collected(t, alloc, m, cat, i)
				defer rec.Release()
			}
			compareNational(t, alloc, m, cat, i, kind, rec, facts)
		})
	}
}

func compareNational(t *testing.T, alloc memory.Allocator, m *made, cat *schemas.Catalog, i int, kind string, rec arrow.Record, facts map[string]caseFacts) {
	mp := mapping(t, cat, "national-2020/"+kind)
	in := withCase(alloc, rec, mp.Columns(), facts)
	defer in.Release()
	program, err := mp.Bind(in.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := program.Apply(alloc, in)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Release()
	want, foretold := map[string]map[string]any{}, map[string]Line{}
	for _, row := range m.national {
		if row.Table == tables[i].national {
			want[strings.Join(row.Key, " ")] = row.Row
		}
	}
	for _, l := range m.lines {
		if l.View == tables[i].view && l.Receiver == National {
			foretold[strings.Join(l.Key, " ")] = l
		}
	}
	keys := canonicalKeys(rec, kind)
	bad := 0
	fail := func(format string, args ...any) {
		if bad++; bad <= 10 {
			t.Errorf(format, args...)
		}
	}
	done := map[string]bool{}
	for _, f := range res.Issues {
		key := keys[f.Row]
		l, ok := foretold[key]
		if _, expected := facts[strings.Fields(key)[0]]; !expected && l.Outcome == Held {
			continue // the engine holds it before it is mapped
		}
		if f.Severity == schemas.Warn || f.Severity == schemas.Blank {
			fail("%s: %v is not expected", key, f)
		} else if !ok || l.Rule != f.Rule || l.Field != "" && l.Outcome == Rejected && l.Field != f.Field && f.Field != "" {
			fail("%s: found %v, expected %+v", key, f, l)
		}
	}
	for _, o := range res.Outputs {
		for row, from := range o.Rows {
			key := keys[from]
			expected, ok := want[key]
			if !ok {
				if _, ok := facts[strings.Fields(key)[0]]; ok {
					fail("%s is delivered", key)
				}
				continue
			}
			if done[key] && kind == "accept" {
				continue // the second of two rows with one key, refused before it comes here
			}
			done[key] = true
			if diff := differences(expected, o.Record, row); diff != "" {
				fail("%s: %s", key, diff)
			}
		}
	}
	if len(done) != len(want) {
		t.Errorf("%d rows delivered, %d expected", len(done), len(want))
	}
}

func canonicalKeys(rec arrow.Record, kind string) []string {
	second := map[string]string{"accept": "round", "process": "step_id", "material": "material_id", "result": "round"}[kind]
	a, b := column(rec, "local_no"), column(rec, second)
	out := make([]string, rec.NumRows())
	for i := range out {
		out[i] = a.ValueStr(i) + " " + b.ValueStr(i)
	}
	return out
}

// differences compares all columns the mapping fills with the expected row.
func differences(want map[string]any, rec arrow.Record, row int) string {
	var out []string
	names := []string{}
	for i, f := range rec.Schema().Fields() {
		names = append(names, f.Name)
		got := ""
		switch a := rec.Column(i).(type) {
		case *array.Timestamp:
			if a.IsValid(row) {
				got = time.Unix(int64(a.Value(row)), 0).In(zone).Format(stamp)
			}
		default:
			if a.IsValid(row) {
				got = a.ValueStr(row)
			}
		}
		expected := ""
		if v, ok := want[f.Name]; ok {
			expected = fmt.Sprint(v)
		}
		if got != expected && !slices.Contains([]string{"row_guid", "cd_operation", "cd_time", "cd_batch", "data_source"}, f.Name) {
			out = append(out, fmt.Sprintf("%s is %q instead of %q", f.Name, got, expected))
		}
	}
	for name := range want {
		if !slices.Contains(names, name) {
			out = append(out, name+" is not mapped")
		}
	}
	return strings.Join(out, "; ")
}
