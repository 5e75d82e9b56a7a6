package routing

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
)

var zone = time.FixedZone("", 8*3600)

var receivers = []string{"gjj-inbox", "gjj-topic", "sb-inbox", "ga-inbox"}

const table = `departments:
  gjj: {title: 公积金中心, receivers: [gjj-inbox, gjj-topic]}
  sb: {receivers: [sb-inbox]}
  ga: {receivers: [ga-inbox]}
routes:
  - {item: GJJ-*, department: gjj}
  - {item: GJJ-0302, region: 3702*, department: sb}
  - {item: GJJ-0302, region: [370202, 370203], department: ga}
  - {item: [SB-1, SB-2], until: 2026-07-01, department: gjj}
  - {item: [SB-1, SB-2], since: 2026-07-01, department: sb}
  - {item: YJS-01, department: ga, members: [gjj, sb]}
unowned: sb
`

func TestTheMostExactRouteCounts(t *testing.T) {
	rt, err := Parse("routes.yaml", []byte(table), receivers, zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		item, parent, region, day string
		want                      string // roles of gjj, sb, ga
	}{
		{"GJJ-0101", "", "370102000000", "2026-01-01", "sole other other"},
		{"GJJ-0302", "", "370102000000", "2026-01-01", "sole other other"},
		{"GJJ-0302", "", "370201000000", "2026-01-01", "other sole other"},
		{"GJJ-0302", "", "370202000000", "2026-01-01", "other other sole"},
		{"GJJ-0302", "", "370202001000", "2026-01-01", "other sole other"},
		{"SB-1", "", "370102000000", "2026-06-30", "sole other other"},
		{"SB-1", "", "370102000000", "2026-07-01", "other sole other"},
		{"YJS-01", "", "", "2026-01-01", "member member lead"},
		{"X-1", "YJS-01", "370102000000", "2026-01-01", "member member lead"},
		{"GJJ-1", "YJS-01", "370102000000", "2026-01-01", "sole other other"},
		{"X-1", "", "370102000000", "2026-01-01", "nobody nobody nobody"},
		{"", "", "370102000000", "2026-01-01", "nobody nobody nobody"},
	} {
		at, err := time.ParseInLocation(time.DateOnly, c.day, zone)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range []string{"gjj-topic", "sb-inbox", "ga-inbox"} {
			got = append(got, string(rt.RoleOf(r, c.item, c.parent, c.region, at)))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if rt.Keeper() != "sb-inbox" || !rt.Routed("gjj-topic") || rt.Routed("national") {
		t.Errorf("%s", rt.Keeper())
	}
	other, err := Parse("routes.yaml", []byte(strings.Replace(table, "unowned: sb\n", "", 1)), receivers, zone)
	if err != nil || other.Keeper() != "ga-inbox" || other.Version() == rt.Version() {
		t.Errorf("%v", err)
	}
}

func TestMistakesAreToldAtTheirLine(t *testing.T) {
	for _, c := range []struct{ old, new, where, what string }{
		{"receivers: [sb-inbox]", "receivers: [sb-inbx]", ":3:20", "is not defined"},
		{"receivers: [sb-inbox]", "receivers: [gjj-inbox]", ":3:20", "is of both"},
		{"receivers: [sb-inbox]", "receivers: []", ":3:", "has no receivers"},
		{"department: gjj}", "department: gj}", ":6:", "no department \"gj\""},
		{"item: GJJ-*", "item: G*-1", ":6:", "a * stands at the end alone"},
		{"item: GJJ-*, ", "", ":6:", "the route has no item"},
		{"region: 3702*", "region: 37020", ":7:", "is no code of a division"},
		{"until: 2026-07-01", "until: July", ":9:", "is no date"},
		{"until: 2026-07-01", "until: 2026-07-02", ":10:", "route 5 fits item SB-1"},
		{"until: 2026-07-01, ", "since: 2026-08-01, until: 2026-07-01, ", ":9:", "until is later"},
		{"members: [gjj, sb]", "members: [gjj, ga]", ":11:", "more than once"},
		{"unowned: sb", "unowned: sbb", ":12:", "no department \"sbb\""},
		{"unowned: sb", "owned: sb", ":12:", "owned"},
	} {
		text := strings.Replace(table, c.old, c.new, 1)
		if text == table {
			t.Fatalf("%s: nothing was changed", c.old)
		}
		_, err := Parse("routes.yaml", []byte(text), receivers, zone)
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "routes.yaml"+c.where) || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	if rt, err := Parse("routes.yaml", nil, receivers, zone); err == nil || rt != nil {
		t.Error("an empty table says nothing")
	}
}

func TestAMendedTableCountsAndAWrongOneDoesNot(t *testing.T) {
	file := func(content string) fstest.MapFS { return fstest.MapFS{FileName: {Data: []byte(content)}} }
	mended := strings.Replace(table, "unowned: sb", "unowned: gjj", 1)
	l, err := Open(file(table), receivers, zone)
	if err != nil || l.Table() == nil {
		t.Fatal(err)
	}
	first := l.Table()
	for _, step := range []struct {
		name    string
		now     fstest.MapFS
		changed bool
		says    string
	}{
		{"the same", file(table), false, ""},
		{"half written", file(mended[:len(mended)/2]), false, ""},
		{"whole, just now", file(mended), false, ""},
		{"and still", file(mended), true, ""},
		{"later", file(mended), false, ""},
		{"wrong", file("routes: 5\n"), false, ""},
		{"wrong and still", file("routes: 5\n"), false, "routes.yaml:1:"},
		{"told once", file("routes: 5\n"), false, ""},
		{"gone", fstest.MapFS{}, false, ""},
		{"gone for good", fstest.MapFS{}, false, "the file is gone"},
		{"told once too", fstest.MapFS{}, false, ""},
		{"empty", file(""), false, ""},
		{"empty and still", file(""), false, "routes.yaml"},
		{"back", file(mended), false, ""},
		{"back and still", file(mended), true, ""},
	} {
		before := l.Table()
		l.dir = step.now
		changed, err := l.Look()
		if changed != step.changed || (err == nil) != (step.says == "") || err != nil && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), step.says)) {
			t.Errorf("%s: %v, %v", step.name, changed, err)
		}
		if (l.Table() != before) != changed {
			t.Errorf("%s: another table counts", step.name)
		}
	}
	if got := l.Table(); got.Version() == first.Version() || got.Keeper() != "gjj-inbox" || !slices.Equal(got.Receivers(), []string{"ga-inbox", "gjj-inbox", "gjj-topic", "sb-inbox"}) {
		t.Errorf("%s, %v", got.Keeper(), got.Receivers())
	}
	none, err := Open(fstest.MapFS{}, receivers, zone)
	if changed, looked := none.Look(); err != nil || looked != nil || changed || none.Table() != nil || len(none.Table().Receivers()) > 0 {
		t.Errorf("without a file: %v, %v", err, looked)
	}
	none.dir = file(table)
	_, _ = none.Look()
	if changed, err := none.Look(); !changed || err != nil || none.Table() == nil {
		t.Errorf("a first table: %v", err)
	}
}

// The tables the guides show are read as they stand there.
func TestTheGuidesTablesAreGood(t *testing.T) {
	for _, guide := range []string{"gateway.md", "gateway.zh-CN.md"} {
		data, err := os.ReadFile("../../docs/" + guide)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(data), "```yaml\ndepartments:")
		shown, _, closed := strings.Cut(rest, "```")
		if !found || !closed {
			t.Fatalf("%s shows no table", guide)
		}
		if _, err := Parse(guide, []byte("departments:"+shown), receivers, zone); err != nil {
			t.Errorf("%s: %v", guide, err)
		}
	}
}
