// Package scope reads which items and regions a line of a site's table is for (适用范围): a
// code, or the beginning of codes and a *. Of several lines the one that fits most exactly
// counts; which of item and region weighs more is theirs who ask.
//
// It imports internal packages only.
package scope

import (
	"regexp"
	"strings"

	"banjian/internal/text"
)

// Words is one text or a list of them.
type Words []string

// UnmarshalYAML reads either.
func (w *Words) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*w = Words{one}
		return nil
	}
	return unmarshal((*[]string)(w))
}

var (
	itemForm   = regexp.MustCompile(`^[^\s*]+\*?$|^\*$`)
	regionForm = regexp.MustCompile(`^(\d{6}|\d{9}|\d{12}|\d{0,11}\*)$`)
)

// CheckItems tells bad what is malformed; path is where, below the line.
func CheckItems(items Words, bad func(what, hint text.Text, path ...any)) {
	for _, item := range items {
		if !itemForm.MatchString(item) {
			bad(text.F("item %q 写得不对：* 只能在末尾", "item %q is malformed: a * stands at the end alone", item), text.T("例如 GJJ-0302 或 GJJ-*", "such as GJJ-0302 or GJJ-*"), "item")
		}
	}
}

// FillRegions tells bad what is malformed, and writes codes of 6 and 9 digits as the 12 that
// records have.
func FillRegions(regions Words, bad func(what, hint text.Text, path ...any)) {
	for k, region := range regions {
		if !regionForm.MatchString(region) {
			bad(text.F("region %q 不是区划代码", "region %q is no code of a division", region), text.T("6、9 或 12 位数字，或前几位加 *，如 3701*", "6, 9 or 12 digits, or the first ones and *, such as 3701*"), "region")
		}
		if !strings.HasSuffix(region, "*") {
			regions[k] = region + strings.Repeat("0", max(0, 12-len(region)))
		}
	}
}

// everywhere is what a line is for that names no region.
var everywhere = Words{"*"}

// Regions is what a line is for; one that names none is for all.
func Regions(regions Words) Words {
	if len(regions) == 0 {
		return everywhere
	}
	return regions
}

// exact is how well a pattern without a star fits, better than any with one.
const exact = 1 << 16

// Fit is how exactly the best of the patterns fits one of the codes; below zero none does.
func Fit(patterns Words, codes ...string) int {
	best := -1
	for _, p := range patterns {
		start, starred := strings.CutSuffix(p, "*")
		for _, code := range codes {
			switch {
			case starred && strings.HasPrefix(code, start):
				best = max(best, len(start))
			case !starred && code == p:
				best = max(best, exact)
			}
		}
	}
	return best
}
