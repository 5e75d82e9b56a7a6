package middleplatform

import (
	"maps"
	"slices"
	"testing"

	"banjian/schemas"
)

// A list of a message profile and the list of the same name in the catalog, which code
// tables translate to, are the same list.
func TestMessagesKnowTheCodesThatTablesLeadTo(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, name := range Profiles() {
		p, err := LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		for list, own := range p.CodeSets {
			set, ok := cat.CodeSet("platform/" + name + "/" + list)
			if !ok {
				continue
			}
			same++
			var codes []string
			for _, v := range set.Codes {
				codes = append(codes, v.Code)
			}
			slices.Sort(codes)
			if got := slices.Sorted(maps.Keys(own.Codes)); !slices.Equal(got, codes) {
				t.Errorf("%s of %s has %v, the catalog %v", list, name, got, codes)
			}
		}
	}
	if same < 4 {
		t.Errorf("only %d lists have a namesake", same)
	}
}
