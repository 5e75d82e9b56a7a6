package schemas_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/schemas"
	"banjian/schemas/itemlist"
)

const itemFile = `code	version	name	state	valid_from	valid_to
I1	1	企业登记	1	2020-01-01	2021-12-31
I1	2	企业设立登记（新）	1	2022-01-01	2025-06-30
I2	1	暂停的事项	2		
I3	1	取消的事项	3		
`

func itemList(t testing.TB) *itemlist.List {
	t.Helper()
	l, ok, err := load(t, fstest.MapFS{"items/province.tsv": {Data: []byte(itemFile)}}).ItemList("province")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return l
}

// itemRecord is rows of code, day, name, version as case/accept has them; "" and 0 are
// NULL.
func itemRecord(t testing.TB, alloc memory.Allocator, rows [][4]string) arrow.Record {
	t.Helper()
	s := subject(t, "case/accept")
	b := array.NewRecordBuilder(alloc, s.Arrow())
	defer b.Release()
	for _, r := range rows {
		for i, f := range s.Fields {
			switch f.Name {
			case "task_code":
				appendText(b.Field(i), r[0])
			case "accepted_at":
				if r[1] == "" {
					b.Field(i).AppendNull()
				} else {
					// 23:30 in UTC+8: the day before in UTC
					b.Field(i).(*array.TimestampBuilder).Append(arrow.Timestamp(int64(dayOf(t, r[1]))*86400 + 15*3600 + 1800))
				}
			case "item_name":
				appendText(b.Field(i), r[2])
			case "item_version":
				if r[3] == "" {
					b.Field(i).AppendNull()
				} else {
					b.Field(i).(*array.Int64Builder).Append(int64(r[3][0] - '0'))
				}
			default:
				b.Field(i).AppendNull()
			}
		}
	}
	return b.NewRecord()
}

func appendText(b array.Builder, s string) {
	if s == "" {
		b.AppendNull()
		return
	}
	b.(*array.StringBuilder).Append(s)
}

func TestItemsAreJudgedByTheDayOfAcceptance(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	check, err := schemas.NewItemCheck(subject(t, "case/accept"), schemas.ItemRule{
		List: itemList(t), Code: "task_code", At: "accepted_at", Name: "item_name", Version: "item_version"})
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		row  [4]string
		want string
	}{
		{[4]string{"I1", "2021-12-31", "企业登记", "1"}, ""},
		{[4]string{"I1", "2022-01-01", "企业设立登记(新)", "2"}, ""},
		{[4]string{"I1", "2022-01-01", "企业登记", "1"}, "item_name: item_name_differs warn, item_version: item_version_differs warn"},
		{[4]string{"I1", "2019-12-31", "", ""}, "task_code: item_before_list warn"},
		{[4]string{"I1", "2025-07-01", "企业登记", "1"}, "task_code: item_not_in_force reject"},
		{[4]string{"I2", "2025-07-01", "暂停的事项", ""}, "task_code: item_paused warn"},
		{[4]string{"I3", "2025-07-01", "", ""}, "task_code: item_cancelled warn"},
		{[4]string{"I9", "2025-07-01", "", ""}, "task_code: item_unknown reject"},
		{[4]string{"", "2025-07-01", "", ""}, ""},
		{[4]string{"I9", "", "", ""}, ""},
	}
	var cells [][4]string
	for _, r := range rows {
		cells = append(cells, r.row)
	}
	rec := itemRecord(t, alloc, cells)
	defer rec.Release()
	got := make([]string, len(rows))
	for _, is := range check.Check(rec) {
		if got[is.Row] != "" {
			got[is.Row] += ", "
		}
		got[is.Row] += fmt.Sprintf("%s: %s %s", is.Field, is.Rule, is.Severity)
		if is.Args[0] != "province" {
			t.Errorf("args %v", is.Args)
		}
	}
	for i, r := range rows {
		if got[i] != r.want {
			t.Errorf("%v: %q, want %q", r.row, got[i], r.want)
		}
	}
}

func TestAnUnlistedItemMayBeAWarningOnly(t *testing.T) {
	check, err := schemas.NewItemCheck(subject(t, "case/accept"), schemas.ItemRule{List: itemList(t), Code: "task_code", At: "accepted_at", Unknown: schemas.Warn})
	if err != nil {
		t.Fatal(err)
	}
	rec := itemRecord(t, memory.NewGoAllocator(), [][4]string{{"I9", "2025-07-01", "", ""}})
	defer rec.Release()
	if got := check.Check(rec); len(got) != 1 || got[0].Severity != schemas.Warn {
		t.Errorf("%+v", got)
	}
}

func TestItemChecksOfTheWrongFieldsAreRefused(t *testing.T) {
	s, l := subject(t, "case/accept"), itemList(t)
	for name, r := range map[string]schemas.ItemRule{
		"no field accepted":             {List: l, Code: "task_code", At: "accepted"},
		"task_code is text":             {List: l, Code: "task_code", At: "task_code"},
		"field of the code or":          {List: l, Code: "task_code"},
		"there is no field task_coed":   {List: l, Code: "task_coed", At: "accepted_at"},
		"item_name is text, int is wan": {List: l, Code: "task_code", At: "accepted_at", Version: "item_name"},
	} {
		if _, err := schemas.NewItemCheck(s, r); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), strings.TrimPrefix(name, "no ")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAListOfItemsIsReadWhenItIsAskedFor(t *testing.T) {
	cat := load(t, fstest.MapFS{"items/gz/broken.csv": {Data: []byte("code,name\n")}, "items/province.tsv": {Data: []byte(itemFile)}})
	if got := strings.Join(cat.ItemListNames(), " "); got != "gz/broken province" {
		t.Errorf("lists %s", got)
	}
	if _, ok, err := cat.ItemList("gz/broken"); !ok || !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "schemas/items/gz/broken.csv:1:1") {
		t.Errorf("%v %v", ok, err)
	}
	if _, ok, err := cat.ItemList("nowhere"); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	if err := cat.Check(); !fault.Is(err, fault.Config) {
		t.Errorf("a check of everything passes over a broken list: %v", err)
	}
	if _, err := schemas.Load(fstest.MapFS{"items/x.xlsx": {Data: []byte("PK")}}); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), ".xlsx") {
		t.Errorf("%v", err)
	}
}

func TestCheckingItemsInForceAllocatesNothing(t *testing.T) {
	check, err := schemas.NewItemCheck(subject(t, "case/accept"), schemas.ItemRule{List: itemList(t), Code: "task_code", At: "accepted_at", Name: "item_name"})
	if err != nil {
		t.Fatal(err)
	}
	rec := itemRecord(t, memory.NewGoAllocator(), [][4]string{{"I1", "2021-01-01", "企业登记", "1"}, {"I1", "2022-01-01", "企业设立登记（新）", "2"}})
	defer rec.Release()
	if n := testing.AllocsPerRun(100, func() { check.Check(rec) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkItemsInForce(b *testing.B) {
	var content strings.Builder
	content.WriteString("code\tversion\tname\tvalid_from\n")
	var rows [][4]string
	for i := range 100_000 {
		code := fmt.Sprintf("11440000006939756B24401%08d", i*7919%100_000)
		fmt.Fprintf(&content, "%s\t1\t某事项\t2020-01-01\n", code)
		if i < 8192 {
			rows = append(rows, [4]string{code, "2021-01-01", "某事项", "1"})
		}
	}
	l, err := itemlist.Read("x", "x.tsv", []byte(content.String()))
	if err != nil {
		b.Fatal(err)
	}
	check, err := schemas.NewItemCheck(subject(b, "case/accept"), schemas.ItemRule{List: l, Code: "task_code", At: "accepted_at", Name: "item_name"})
	if err != nil {
		b.Fatal(err)
	}
	rec := itemRecord(b, memory.NewGoAllocator(), rows)
	defer rec.Release()
	b.ReportAllocs()
	for b.Loop() {
		check.Check(rec)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}
