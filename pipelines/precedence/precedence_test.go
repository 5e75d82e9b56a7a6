package precedence

import (
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

var (
	sources = []string{"gjj-core", "gjj-vertical", "sb-core"}
	fields  = []string{"source_id", "local_no", "case_no", "flow_no", "item_code", "accept_doc_no"}
)

const table = `cases:
  - {item: GJJ-*, from: gjj-core, compare: gjj-vertical}
  - {item: [GJJ-0302, "11370000MB284651XX"], region: 3702*, from: gjj-vertical, compare: [gjj-core, sb-core], match: [accept_doc_no, [flow_no, item_code]], silent: 36h}
  - {item: GJJ-0302, region: 370202, from: sb-core, compare: gjj-vertical, ignore: accept_user}
`

func TestTheMostExactRuleCounts(t *testing.T) {
	p, err := Parse(FileName, []byte(table), sources, fields)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, items, region, want string }{
		{"gjj-core", "GJJ-0101", "370102000000", "gjj-core"},
		{"gjj-vertical", "GJJ-0101", "", "gjj-core"},
		{"gjj-vertical", "GJJ-0302", "370102000000", "gjj-core"},
		{"gjj-vertical", "GJJ-0302", "370201000000", "gjj-vertical"},
		{"gjj-vertical", "GJJ-0302", "370202000000", "sb-core"},
		{"gjj-core", "GJJ-0302", "370202000000", "gjj-vertical"}, // the rule of sb-core does not speak of it
		{"sb-core", "X 11370000MB284651XX", "370203000000", "gjj-vertical"},
		{"sb-core", "GJJ-0101", "370102000000", ""},
		{"gjj-core", "SB-1", "370102000000", ""},
		{"gjj-core", "", "370102000000", ""},
	} {
		got := ""
		if r := p.RuleOf(c.source, strings.Fields(c.items), c.region); r != nil {
			got = r.From
		}
		if got != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.source, c.items, c.region, got, c.want)
		}
	}
	if r := p.Cases[1]; r.SilentAfter() != 36*time.Hour || len(r.Sets()) != 2 || len(r.Sets()[1]) != 2 {
		t.Errorf("%+v", r)
	}
	if r := p.Cases[0]; r.SilentAfter() != DefaultSilent || len(r.Sets()) != 2 || strings.Join(p.Fields(), " ") != "accept_doc_no case_no flow_no item_code" {
		t.Errorf("%+v %v", r, p.Fields())
	}
	if !p.Named("sb-core") || p.Named("ga-core") || p.Version() == 0 {
		t.Error("names or version")
	}
}

func TestASiteWithoutATableHasNoRules(t *testing.T) {
	var none *Table
	if none.Version() != 0 || none.Named("gjj-core") || none.RuleOf("gjj-core", []string{"GJJ-1"}, "") != nil || none.Fields() != nil {
		t.Error("nil is no table")
	}
}

func TestMistakesOfTheTableAreToldWhereTheyAre(t *testing.T) {
	for name, c := range map[string]struct{ rule, where, says string }{
		"no item":                  {"{from: gjj-core, compare: gjj-vertical}", "2:6", "has no item"},
		"star in the middle":       {"{item: G*J, from: gjj-core, compare: gjj-vertical}", "2:12", "malformed"},
		"region of five digits":    {"{item: G, region: 37010, from: gjj-core, compare: gjj-vertical}", "2:23", "no code of a division"},
		"nobody counts":            {"{item: G, compare: gjj-vertical}", "2:6", "has no from"},
		"nothing is compared":      {"{item: G, from: gjj-core}", "2:6", "has no compare"},
		"unknown system":           {"{item: G, from: gjj-cor, compare: gjj-vertical}", "2:21", "no source system \"gjj-cor\""},
		"compared with itself":     {"{item: G, from: gjj-core, compare: gjj-core}", "2:40", "more than once"},
		"known by its own number":  {"{item: G, from: gjj-core, compare: gjj-vertical, match: local_no}", "2:61", "wrong type"},
		"each system's own number": {"{item: G, from: gjj-core, compare: gjj-vertical, match: [local_no]}", "2:62", "each system's own"},
		"unknown field":            {"{item: G, from: gjj-core, compare: gjj-vertical, match: [flowno]}", "2:62", "no field \"flowno\""},
		"silent in words":          {"{item: G, from: gjj-core, compare: gjj-vertical, silent: 一周}", "2:62", "not a duration"},
		"two rules for one":        {"{item: G, from: gjj-core, compare: gjj-vertical}\n  - {item: G, from: gjj-vertical, compare: gjj-core}", "3:6", "as rule 1 does"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(FileName, []byte("cases:\n  - "+c.rule+"\n"), sources, fields)
			if !fault.Is(err, fault.Config) {
				t.Fatal(err)
			}
			if said := fault.Say(err, text.EN); !strings.Contains(said, c.says) || c.where != "" && !strings.Contains(said, FileName+":"+c.where+":") {
				t.Errorf("it says %q", said)
			}
		})
	}
}
