package schemas_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
	"banjian/schemas"
)

func dayOf(t testing.TB, s string) int32 {
	t.Helper()
	d, err := time.Parse("2006-01-02", s)
	if err != nil {
		t.Fatal(err)
	}
	return int32(d.Unix() / 86400)
}

func crosswalk(t *testing.T, content string) *schemas.Crosswalk {
	t.Helper()
	x, ok := load(t, fstest.MapFS{"crosswalks/x/items.tsv": {Data: []byte(content)}}).Crosswalk("x/items")
	if !ok {
		t.Fatal("no crosswalk")
	}
	return x
}

func TestALocalCodeMeansWhatItMeantOnTheDay(t *testing.T) {
	x := crosswalk(t, "# version: 2026-03\n"+
		"local_code\ttask_code\titem_version\tvalid_from\tvalid_to\n"+
		"A1\tnew\t3\t2024-01-01\t\n"+
		"A1\tfirst\t1\t\t2019-12-31\n"+
		"A1\tsecond\t2\t20200101\t2023/6/30\n"+
		"B\talways\t1\t\t\n")
	for _, c := range []struct {
		local, day, want string
		ok, known        bool
	}{
		{"A1", "1999-01-01", "first", true, true},
		{"A1", "2019-12-31", "first", true, true},
		{"A1", "2020-01-01", "second", true, true},
		{"A1", "2023-06-30", "second", true, true},
		{"A1", "2023-07-01", "", false, true},
		{"A1", "2024-01-01", "new", true, true},
		{"A1", "2090-01-01", "new", true, true},
		{"B", "2020-01-01", "always", true, true},
		{"C", "2020-01-01", "", false, false},
	} {
		row, ok, known := x.LookupAt(c.local, dayOf(t, c.day))
		if ok != c.ok || known != c.known || ok && row[x.Column("task_code")] != c.want {
			t.Errorf("%s on %s: %v %v %v", c.local, c.day, row, ok, known)
		}
	}
	if row, ok := x.Lookup("A1"); !ok || row[0] != "new" {
		t.Errorf("without a day: %v", row)
	}
	if x.Version != "2026-03" || !x.Dated() || strings.Join(x.Locals(), " ") != "A1 B" {
		t.Errorf("version %q, dated %v, locals %v", x.Version, x.Dated(), x.Locals())
	}
}

func TestATableWithoutDaysHoldsAlways(t *testing.T) {
	x := crosswalk(t, "\ufefflocal_code\ttask_code\r\nA1\tX\r\n")
	row, ok, known := x.LookupAt("A1", -100000)
	if !ok || !known || row[0] != "X" || x.Dated() {
		t.Errorf("%v %v %v", row, ok, known)
	}
	if n := testing.AllocsPerRun(100, func() { x.LookupAt("A1", 0) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

func TestAllMistakesOfACrosswalkAreToldAtOnce(t *testing.T) {
	content := "local_code\ttask_code\tvalid_from\tvalid_to\nA1\tX\nA2\tY\t2026-01-01\t2025-01-01\nA3\tZ\t\t\nA3\tZ\t2026-01-01\t\n"
	_, err := schemas.Load(fstest.MapFS{"crosswalks/x/items.tsv": {Data: []byte(content)}})
	var got []string
	for _, e := range fault.All(err) {
		got = append(got, strings.TrimPrefix(e.Error(), "schemas/crosswalks/x/items.tsv:"))
	}
	want := "2:1: this line has 2 columns instead of 4; 3:17: valid_to lies before valid_from; 5:1: two rows of the local code A3 hold on the same day"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s", strings.Join(got, "; "))
	}
}
