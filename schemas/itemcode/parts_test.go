package itemcode_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"banjian/schemas/itemcode"
)

func TestCodesComeApartAndTogetherAgain(t *testing.T) {
	f, err := os.Open("testdata/published.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) < 3 || cells[2] != "ok" {
			continue
		}
		p, ok := itemcode.Split(cells[0])
		if !ok || p.Code() != cells[0] {
			t.Fatalf("%s comes apart as %+v", cells[0], p)
		}
		if code, r := itemcode.Compose(p.Unit, p.Level, p.Basic(), p.Item); code != cells[0] || r.Verdict != itemcode.OK || r.Kind.String() != cells[1] {
			t.Fatalf("%s is put together as %s, %s %v", cells[0], code, r.Kind, r.Faults())
		}
	}
}

func TestComposingNamesThePartThatDoesNotFit(t *testing.T) {
	const unit, basic = "11440000006939756B", "440101007000"
	for _, c := range []struct {
		unit, level, basic, item string
		kind                     itemcode.Kind
		want                     []itemcode.Fault
	}{
		{unit, "2", basic, "", itemcode.Implementation, nil},
		{unit, "2", basic, "01", itemcode.Handling, nil},
		{"", "", basic, "01", itemcode.Handling, nil},
		{"", "", "44010100700Y", "", itemcode.Basic, nil},
		{unit, "", basic, "", itemcode.Implementation, faults(itemcode.Level, 19, 0)},
		{"", "2", basic, "", itemcode.Implementation, faults(itemcode.UnitFormat, 1, 0)},
		{unit[:17], "2", basic, "", itemcode.Implementation, faults(itemcode.UnitFormat, 1, 0)},
		{unit, "2", basic[1:], "", itemcode.Implementation, faults(itemcode.Length, 0, 0)},
		{unit, "2", basic, "1", itemcode.Handling, faults(itemcode.HandlingItem, 32, 0)},
		{unit[:17] + "A", "2", basic, "", itemcode.Implementation, faults(itemcode.UnitCheck, 18, 'B')},
		{unit, "2", "44010100700Y", "", itemcode.Implementation, faults(itemcode.SubClass, 29, 0)},
	} {
		code, r := itemcode.Compose(c.unit, c.level, c.basic, c.item)
		if r.Kind != c.kind || len(r.Faults()) != len(c.want) || len(c.want) > 0 && r.Faults()[0] != c.want[0] {
			t.Errorf("%+v: %s %s %+v", c, code, r.Kind, r.Faults())
		}
	}
}

// Two thirds of the published sub-items come with their parents; one of them has its
// parent under 000.
func TestParentsOfPublishedSubItemsAreAmongThePublished(t *testing.T) {
	for basic, want := range map[string]string{
		"440101007001": "44010100700Y", "440101007000": "440101007000", "44010100700Y": "44010100700Y", "0001": "0001",
	} {
		if got := itemcode.Parent(basic); got != want {
			t.Errorf("parent of %s is %s", basic, got)
		}
	}
}

func TestTypesAreReadByProvince(t *testing.T) {
	for _, c := range []struct {
		region, typ string
		class       itemcode.Class
		sure        bool
	}{
		{"00", "01", itemcode.Licensing, true}, {"44", "07", itemcode.Confirming, true}, {"00", "10", itemcode.OtherPower, true},
		{"00", "20", itemcode.Service, true}, {"42", "20", itemcode.Service, true}, {"44", "20", itemcode.OtherPower, true},
		{"44", "21", itemcode.Service, true}, {"45", "20", itemcode.OtherPower, true}, {"37", "20", itemcode.Service, false},
		{"37", "15", itemcode.OtherPower, false}, {"37", "99", itemcode.Unassigned, false}, {"37", "00", itemcode.Unassigned, false},
		{"37", "A1", itemcode.Unassigned, false},
	} {
		if class, sure := itemcode.ClassOf(c.region, c.typ); class != c.class || sure != c.sure {
			t.Errorf("%s %s is %q, sure %v", c.region, c.typ, class, sure)
		}
	}
}

func TestWhatIsComposedIsJudgedLikeAnyOtherCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching("[0-9A-Z]{0,18}")
		code, r := itemcode.Compose(part.Draw(t, "unit"), part.Draw(t, "level"), part.Draw(t, "basic"), part.Draw(t, "item"))
		switch {
		case code == "" && r.Verdict != itemcode.Reject:
			t.Fatal("no code and no fault")
		case code != "" && itemcode.Check(code).Verdict != r.Verdict:
			t.Fatalf("%s: %s", code, r.Verdict)
		}
	})
}
