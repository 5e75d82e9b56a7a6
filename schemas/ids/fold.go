package ids

import "strings"

// Fold is what a mapping may do to a code or number before judging it: full-width forms become
// half-width, letters capital, blanks, dashes and invisible marks go. A code that
// needs none of it is returned as it is, without allocating.
func Fold(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		switch {
		case dropped(r):
			continue
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// clean says that Fold would change nothing.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c == '-' || c >= 0x7f || c >= 'a' && c <= 'z' {
			return false
		}
	}
	return true
}

// dropped is blanks, dashes of every width, zero-width marks and controls.
func dropped(r rune) bool {
	switch {
	case r <= ' ', r == 0x7f, r == 0xA0, r == 0xAD, r == 0x3000, r == 0xFEFF:
		return true
	case r == '-', r >= 0x2000 && r <= 0x200F, r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0x2060:
		return true
	}
	return false
}
