package mappings

import (
	"strings"
	"unicode"

	"banjian/internal/text"
)

// buildTrim is trim: true. White space, ideographic spaces, byte-order marks and
// zero-width marks go from both ends.
func buildTrim(c *fieldCompiler, k, v *node) error {
	if err := c.flag(k, v); err != nil {
		return err
	}
	return c.textStep(k, step{run: trim, say: text.T("去首尾空白", "trim")})
}

func trim(_ *scratch, v string) (string, outcome) {
	first, last := v[0], v[len(v)-1]
	if first > ' ' && first < 0x80 && last > ' ' && last < 0x80 {
		return v, valued
	}
	return strings.TrimFunc(v, isBlankRune), valued
}

func isBlankRune(r rune) bool {
	if r > 0x3000 { // the ideographic space is the last of them
		return r == 0xFEFF
	}
	return unicode.IsSpace(r) || isZeroWidth(r)
}

// isZeroWidth: marks that show nothing. U+200D joins emoji and some scripts; in
// names and codes it is as invisible as the others.
func isZeroWidth(r rune) bool {
	return r >= 0x200B && r <= 0x200F || r == 0x2060 || r == 0xFEFF
}
