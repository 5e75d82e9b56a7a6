package chars

import "unicode/utf8"

// Legible says that b is valid UTF-8 without U+FFFD, which stands for a character that was
// lost. It goes as Plain does.
func Legible(b []byte) bool {
	for len(b) >= 8 {
		w := word(b)
		switch {
		case w&highBits == 0:
			b = b[8:]
		case twoOfThree(w) && byte(w) != 0xEF && byte(w>>24) != 0xEF:
			b = b[6:]
		default:
			n := legible(b)
			if n == 0 {
				return false
			}
			b = b[n:]
		}
	}
	for len(b) > 0 {
		n := legible(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// legible is the length of the first character, 0 if it is none or U+FFFD.
func legible(b []byte) int {
	if b[0] < utf8.RuneSelf {
		return 1
	}
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError {
		return 0
	}
	return n
}
