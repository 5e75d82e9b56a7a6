package scope

import (
	"slices"
	"testing"

	"banjian/internal/text"
)

func TestTheMostExactPatternCounts(t *testing.T) {
	for _, c := range []struct {
		patterns Words
		codes    []string
		want     int
	}{
		{Words{"GJJ-0302"}, []string{"GJJ-0302"}, exact},
		{Words{"GJJ-*", "G*"}, []string{"GJJ-0302"}, 4},
		{Words{"*"}, []string{"370100000000"}, 0},
		{Words{"GJJ-0302"}, []string{"GJJ-03021"}, -1},
		{Words{"X", "3701*"}, []string{"GJJ", "370102000000"}, 4},
		{Words{"GJJ-*"}, nil, -1},
		{Regions(nil), []string{""}, 0},
	} {
		if got := Fit(c.patterns, c.codes...); got != c.want {
			t.Errorf("%v fits %v by %d, not %d", c.patterns, c.codes, got, c.want)
		}
	}
}

func TestWhatIsMalformedIsToldAndShortCodesAreFilled(t *testing.T) {
	var told []string
	bad := func(what, _ text.Text, path ...any) { told = append(told, path[0].(string)+": "+what.EN) }
	CheckItems(Words{"GJJ-0302", "GJJ-*", "*", "G*J", "a b"}, bad)
	regions := Words{"370100", "370102001", "3701*", "37x", "*"}
	FillRegions(regions, bad)
	if want := (Words{"370100000000", "370102001000", "3701*"}); !slices.Equal(regions[:3], want) {
		t.Errorf("%v", regions)
	}
	if len(told) != 3 || told[2] != `region: region "37x" is no code of a division` {
		t.Errorf("%q", told)
	}
}
