package mappings

import (
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/schemas"
)

func itemCatalog(t testing.TB, items string) *schemas.Catalog {
	t.Helper()
	cat, err := schemas.Load(testSchemas, fstest.MapFS{"items/province.tsv": {Data: []byte(items)}})
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

const provinceItems = "code\tversion\tname\tvalid_from\tvalid_to\nI1\t1\t甲\t2020-01-01\t2021-12-31\nI1\t2\t甲（新）\t2022-01-01\t2025-06-30\n"

const itemMapping = `
at: {from: at, time: "2006-01-02 15:04:05"}
task_code: {from: code, check: {item_in_force: province, at: at, name: item_name}, when: "kind == '1'"}
kind: kind
item_name: name
`

func TestACaseIsCheckedAgainstTheCatalogueOfItsDay(t *testing.T) {
	f, err := Parse("test.yaml", []byte(thing(itemMapping)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(f, itemCatalog(t, provinceItems), nil)
	if err != nil {
		t.Fatal(err)
	}
	alloc := checked(t)
	rec := texts(t, alloc, []string{"id", "at", "code", "name", "kind"},
		[]string{"1", "2021-12-31 23:59:59", "I1", "甲", "1"},
		[]string{"2", "2022-01-01 00:00:00", "I1", "甲(新)", "1"},
		[]string{"3", "2022-01-01 00:00:00", "I1", "乙", "1"},
		[]string{"4", "2025-07-01 00:00:00", "I1", "甲", "1"},
		[]string{"5", "2019-01-01 00:00:00", "I1", "甲", "1"},
		[]string{"6", "2022-01-01 00:00:00", "I9", "甲", "1"},
		[]string{"7", "2022-01-01 00:00:00", "I9", "甲", "2"},
		[]string{"8", "2022-01-01 00:00:00", null, "甲", "1"})
	defer rec.Release()
	res := apply(t, m, alloc, rec)
	defer res.Release()
	var got []string
	for _, is := range res.Issues {
		got = append(got, strings.Join([]string{string(rune('1' + is.Row)), is.Severity.String(), is.Field, is.Rule}, " "))
	}
	want := "3 warn item_name item_name_differs; 4 reject task_code item_not_in_force; 5 warn task_code item_before_list; 6 reject task_code item_unknown"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s", strings.Join(got, "; "))
	}
	if rows := res.Outputs[0].Rows; len(rows) != 6 {
		t.Errorf("rows %v go on", rows)
	}
}

func TestAMappingChangesWithTheCatalogueItAsks(t *testing.T) {
	var versions []string
	for _, items := range []string{provinceItems, provinceItems, provinceItems + "I2\t1\t乙\t\t\n"} {
		f, err := Parse("test.yaml", []byte(thing(itemMapping)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Compile(f, itemCatalog(t, items), nil)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, m.Version())
	}
	if versions[0] != versions[1] || versions[1] == versions[2] {
		t.Errorf("versions %v", versions)
	}
}

func TestMistakesOfAnItemCheckAreNamed(t *testing.T) {
	for def, want := range map[string]string{
		`{from: c, check: {item_in_force: provinse, at: at}}`:                   "test.yaml:6:47: there is no item catalogue provinse",
		`{from: c, check: {item_in_force: province}}`:                           "test.yaml:6:32: at: is missing",
		`{from: c, check: {item_in_force: province, at: until}}`:                "test.yaml:6:61: field until is not mapped: there is nothing to compare with",
		`{from: c, check: {item_in_force: province, at: note}}`:                 "test.yaml:6:32: field note is text, ts is wanted",
		`{from: c, check: {item_in_force: province, at: at, name: it}}`:         "test.yaml:6:32: there is no field it",
		`{from: c, check: {item_in_force: province, at: at, unknown: hold}}`:    "test.yaml:6:74: unknown: is reject or warn",
		`{from: c, check: {item_in_force: province, at: at, versoin: version}}`: "test.yaml:6:65: unknown key \"versoin\"",
	} {
		f, err := Parse("test.yaml", []byte(thing("at: at\ntask_code: "+def)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile(f, itemCatalog(t, provinceItems), nil)
		if !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", def, err)
		}
	}
}
