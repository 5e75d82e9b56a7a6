package demo

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/mappings"
	"banjian/schemas"
)

func catalog(t *testing.T) *schemas.Catalog {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func mapping(t *testing.T, cat *schemas.Catalog, name string) *mappings.Mapping {
	t.Helper()
	data, path, err := mappings.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := mappings.Parse(path, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mappings.Compile(file, cat, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return m
}

// wholeNumbers are the view columns a server reports as integers.
var wholeNumbers = []string{"id", "cnts", "hjxh"}

// readView is the whole view in the order a pipeline reads it, and the key of each
// row by the department's columns.
func readView(t *testing.T, alloc memory.Allocator, db *sql.DB, view string, columns, key []string) (arrow.Record, []string) {
	t.Helper()
	rows, err := db.Query("SELECT " + strings.Join(append(slices.Clone(key), columns...), ",") + " FROM " + view + " ORDER BY gxsj, " + strings.Join(key, ","))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var fields []arrow.Field
	for _, c := range columns {
		f := arrow.Field{Name: c, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: arrow.NewMetadata([]string{"banjian.kind"}, []string{"text"})}
		if slices.Contains(wholeNumbers, c) {
			f.Type, f.Metadata = arrow.PrimitiveTypes.Int64, arrow.NewMetadata([]string{"banjian.kind"}, []string{"int"})
		}
		fields = append(fields, f)
	}
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	cells, into := make([]any, len(key)+len(columns)), []any{}
	for i := range cells {
		into = append(into, &cells[i])
	}
	var keys []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, strings.TrimSuffix(fmt.Sprintln(cells[:len(key)]...), "\n"))
		for i, v := range cells[len(key):] {
			switch v := v.(type) {
			case nil:
				b.Field(i).AppendNull()
			case int64:
				b.Field(i).(*array.Int64Builder).Append(v)
			default:
				b.Field(i).(*array.StringBuilder).Append(fmt.Sprint(v))
			}
		}
	}
	return b.NewRecord(), keys
}

// localKeys are the department's columns behind the keys; a key of one column is
// followed by the constant round 1.
var localKeys = [4][]string{{"slbh"}, {"slbh", "hjid"}, {"slbh", "clid"}, {"slbh"}}

func lineKey(l Line) string {
	if l.Key[1] == "1" {
		return l.Key[0]
	}
	return l.Key[0] + " " + l.Key[1]
}

// TestTheMappingsMakeOfEveryRowWhatIsExpected runs the shipped mappings over a
// department and compares, row by row, what they say with expected.jsonl.
func TestTheMappingsMakeOfEveryRowWhatIsExpected(t *testing.T) {
	m, cat := makeDemo(t, Options{Cases: 1500, Seed: 11}), catalog(t)
	for i := range tables {
		t.Run(tables[i].view, func(t *testing.T) { compareCollect(t, m, cat, i) })
	}
}

func compareCollect(t *testing.T, m *made, cat *schemas.Catalog, i int) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	mp := mapping(t, cat, strings.Replace(tables[i].pipeline, "fund-", "fund/", 1))
	rec, keys := readView(t, alloc, m.db, tables[i].view, mp.Columns(), localKeys[i])
	defer rec.Release()
	program, err := mp.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := program.Apply(alloc, rec)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Release()
	want := map[string]Line{}
	for _, l := range m.lines {
		if l.View == tables[i].view && l.Receiver == "" && l.Dirt != duplicateKey {
			want[lineKey(l)] = l
		}
	}
	issues, out := map[int][]schemas.Issue{}, map[int]bool{}
	for _, issue := range res.Issues {
		issues[int(issue.Row)] = append(issues[int(issue.Row)], issue)
	}
	for _, o := range res.Outputs {
		for _, row := range o.Rows {
			out[int(row)] = true
		}
	}
	bad := 0
	for row, key := range keys {
		if problem := judge(want[key], issues[row], out[row]); problem != "" {
			if bad++; bad <= 20 {
				t.Errorf("%s (%s): %s; found %v", key, want[key].Dirt, problem, issues[row])
			}
		}
	}
}

// judge compares one row with its line; the zero line stands for a clean row.
func judge(l Line, found []schemas.Issue, out bool) string {
	severity, rule := schemas.Severity(255), l.Rule
	switch {
	case l.Outcome == Rejected:
		severity = schemas.Reject
	case l.Outcome == Blanked:
		severity = schemas.Blank
	case l.Outcome == Warned:
		severity = schemas.Warn
	}
	switch gone := severity == schemas.Reject || l.Outcome == Filtered; {
	case gone == out:
		return fmt.Sprintf("collected %v, expected %q", out, l.Outcome)
	case severity == 255 && len(found) > 0:
		return fmt.Sprintf("findings where none is expected (%q)", l.Outcome)
	case severity == 255:
		return ""
	}
	for _, f := range found {
		if f.Severity == severity && f.Rule == rule && f.Field == l.Field {
			return ""
		}
	}
	return fmt.Sprintf("no %s of %s by %s", severity, l.Field, rule)
}
