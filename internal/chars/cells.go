package chars

import (
	"unicode"

	"golang.org/x/text/width"
)

// Cells is how many cells of a terminal s takes: a Chinese character takes two, what
// shows nothing none.
func Cells(s string) int {
	n := 0
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case k == width.EastAsianWide, k == width.EastAsianFullwidth:
			n += 2
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Cc):
		default:
			n++
		}
	}
	return n
}
