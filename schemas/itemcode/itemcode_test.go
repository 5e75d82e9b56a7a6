package itemcode_test

import (
	"os"
	"strings"
	"testing"

	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
)

// exceptions are the published codes that break the rule, with what their publisher
// probably meant. Every other published code of an item is good.
var exceptions = map[string]itemcode.Fault{
	"13440000515356094L2442199643000": {Reason: itemcode.UnitCheck, Pos: 18, Want: 'A'}, // one credit code published wrong, twice
	"13440000515356094L2442199644000": {Reason: itemcode.UnitCheck, Pos: 18, Want: 'A'},
	"11440300007542785T4440709003000": {Reason: itemcode.UnitCheck, Pos: 18, Want: 'U'}, // an invented number of a demonstration
	"TE440000GD030003VV2442199678000": {Reason: itemcode.TEUnit, Pos: 1},                // a unit without a credit code
	"TE440000GD030003VV2442199730000": {Reason: itemcode.TEUnit, Pos: 1},
}

func TestThePublishedExceptionsAreTheseAndNoOthers(t *testing.T) {
	data, err := os.ReadFile("testdata/published.tsv")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(string(data), "\n") {
		f := strings.Split(line, "\t")
		if len(f) < 3 || line[0] == '#' {
			continue
		}
		r := itemcode.Check(f[0])
		if r.Kind == itemcode.Unknown || r.Kind == itemcode.Local {
			continue
		}
		want, named := exceptions[f[0]]
		switch {
		case !named && len(r.Faults()) != 0:
			t.Errorf("%s: %v, and it is not named", f[0], r.Faults())
		case named && (len(r.Faults()) != 1 || r.Faults()[0] != want):
			t.Errorf("%s: %v, want %v", f[0], r.Faults(), want)
		case named:
			found++
		}
	}
	if found != len(exceptions) {
		t.Errorf("%d of %d exceptions are published", found, len(exceptions))
	}
}

func TestPublishedItemCodesKeepTheirVerdict(t *testing.T) {
	data, err := os.ReadFile("testdata/published.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "code\t") {
			continue
		}
		f := strings.Split(line, "\t")
		got := itemcode.Check(f[0])
		kind := f[1]
		if got.Kind.String() != kind || got.Verdict.String() != f[2] {
			t.Errorf("%s: %s %s %v, want %s %s", f[0], got.Kind, got.Verdict, got.Faults(), kind, f[2])
		}
		seen[kind+" "+f[2]]++
	}
	for _, want := range []string{"basic ok", "implementation ok", "implementation warn", "implementation reject", "handling ok", "local reject", "unknown reject"} {
		if seen[want] == 0 {
			t.Errorf("no published example of %s was read", want)
		}
	}
}

func TestEachBrokenRuleIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		code   string
		kind   itemcode.Kind
		faults []itemcode.Fault
	}{
		{"11450721MB155808114000104002000001", itemcode.Unknown, faults(itemcode.MaterialCode, 0, 0)},
		{"11450721MB15580811400010400200001001", itemcode.Unknown, faults(itemcode.MaterialCode, 0, 0)},
		{"11450721MB155808114000104002000AAA", itemcode.Unknown, faults(itemcode.Length, 0, 0)},
		{"11450721MB155808124000104002000", itemcode.Implementation, faults(itemcode.UnitCheck, 18, '1')},
		{"11450721MB15580I114000104002000", itemcode.Implementation, faults(itemcode.UnitAlphabet, 16, 0)},
		{"11450721MB1558O8114000104002000", itemcode.Implementation, faults(itemcode.UnitAlphabet, 15, 0)},
		{"1145072AMB155808114000104002000", itemcode.Implementation, faults(itemcode.UnitFormat, 8, 0)},
		{"11450721mb155808114000104002000", itemcode.Implementation, faults(itemcode.UnitAlphabet, 9, 0)},
		{"11450721MB155808110000104002000", itemcode.Implementation, faults(itemcode.Level, 19, 0)},
		{"11450721MB155808119000104002000", itemcode.Implementation, faults(itemcode.Level, 19, 0)},
		{"11450721MB155808114990104002000", itemcode.Implementation, faults(itemcode.Region, 20, 0)},
		{"11450721MB155808114000004002000", itemcode.Implementation, faults(itemcode.ItemType, 22, 0)},
		{"11450721MB15580811400010400I000", itemcode.Implementation, faults(itemcode.Main, 28, 0)},
		{"11450721MB15580811400010400200Z", itemcode.Implementation, faults(itemcode.Sub, 29, 0)},
		{"11450721MB15580811400010400200Y", itemcode.Implementation, faults(itemcode.SubClass, 29, 0)},
		{"11450721MB15580811400010400200000", itemcode.Handling, faults(itemcode.HandlingItem, 32, 0)},
		{"11450721MB1558081140001040020001A", itemcode.Handling, faults(itemcode.HandlingItem, 32, 0)},
		{"00010400200000", itemcode.Handling, faults(itemcode.HandlingItem, 13, 0)},
		{"00010400200001", itemcode.Handling, nil},
		{"00010400200Y", itemcode.Basic, nil},
		{"0001A4W02001", itemcode.Basic, nil},
		{"00010400200Y01", itemcode.Handling, faults(itemcode.SubClass, 10, 0)},
		{"0001040020", itemcode.Unknown, faults(itemcode.Length, 0, 0)},
		{"000104002", itemcode.Unknown, faults(itemcode.Length, 0, 0)},
		{"", itemcode.Unknown, faults(itemcode.Empty, 0, 0)},
		{" 11450721MB155808114000104002000 ", itemcode.Handling, nil},
		{"行政许可事项", itemcode.Unknown, faults(itemcode.Charset, 1, 0)},
		{"511A0138000000-511602000000-000-115113010833722043-1-00", itemcode.Local, faults(itemcode.LocalForm, 0, 0)},
		{"H-000185-001-4444444444", itemcode.Local, faults(itemcode.LocalForm, 0, 0)},
		{"G-000007-001", itemcode.Local, faults(itemcode.LocalForm, 0, 0)},
	} {
		got := itemcode.Check(c.code)
		if got.Kind != c.kind {
			t.Errorf("%q is %s, want %s", c.code, got.Kind, c.kind)
		}
		if strings.HasPrefix(c.code, " ") {
			if got.Verdict != itemcode.Reject {
				t.Errorf("%q: judged as something else than given", c.code)
			}
			continue
		}
		if len(got.Faults()) != len(c.faults) || len(c.faults) > 0 && got.Faults()[0] != c.faults[0] {
			t.Errorf("%q: %+v, want %+v", c.code, got.Faults(), c.faults)
		}
	}
}

func faults(r itemcode.Reason, pos int, want byte) []itemcode.Fault {
	return []itemcode.Fault{{Reason: r, Pos: pos, Want: want}}
}

func TestEverySegmentIsReported(t *testing.T) {
	r := itemcode.Check("11450721MB15580812" + "9" + "99" + "00" + "0I002" + "00Y" + "00")
	var got []string
	for _, f := range r.Faults() {
		got = append(got, string(f.Reason))
	}
	if want := "check_digit level region type main sub_class handling_item"; strings.Join(got, " ") != want {
		t.Errorf("reasons %v, want %s", got, want)
	}
}

func TestTemporaryUnitIsAWarningUnlessSomethingElseIsWrong(t *testing.T) {
	good, worse := itemcode.Check("TE440000GD030003VV2442199678000"), itemcode.Check("TE440000GD030003VV9442199678000")
	if good.Verdict != itemcode.Warn || good.Kind != itemcode.Implementation {
		t.Errorf("TE unit: %s %s", good.Kind, good.Verdict)
	}
	if worse.Verdict != itemcode.Reject || len(worse.Faults()) != 2 {
		t.Errorf("TE unit with a bad level: %s %v", worse.Verdict, worse.Faults())
	}
}

func TestNationalCodeWithDashesIsNotALocalForm(t *testing.T) {
	for _, code := range []string{"11450721MB15580811-4-000104002000", "0001-04002-000", "1-2-3", "2024-01-02"} {
		if got := itemcode.Check(code); got.Kind == itemcode.Local {
			t.Errorf("%q is taken for a local form", code)
		}
	}
	if folded := itemcode.Check(ids.Fold("11450721MB15580811-4-000104002000")); folded.Verdict != itemcode.OK {
		t.Errorf("folding does not mend the dashes: %v", folded.Faults())
	}
}
