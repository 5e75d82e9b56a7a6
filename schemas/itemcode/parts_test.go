package itemcode_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

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
		if !ok || p.Unit+p.Level+p.Basic()+p.Item != cells[0] {
			t.Fatalf("%s comes apart as %+v", cells[0], p)
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
