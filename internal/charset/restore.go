package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Restore is s as it was meant where it is bytes of the charset that somebody took for
// latin1 (code page 1252, as databases do), a letter each; anything else comes back as it
// is. A text with a letter beyond latin1 is no such text.
func (c *Charset) Restore(s string) string {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		switch b, ok := charmap.Windows1252.EncodeRune(r); {
		case ok:
			raw = append(raw, b)
		case r >= 0x80 && r < 0xA0: // five bytes the code page leaves undefined
			raw = append(raw, byte(r))
		default:
			return s
		}
	}
	meant := string(c.Append(nil, raw))
	if _, ok := Spot(meant); !ok {
		return s
	}
	return meant
}

// Readable is s with one U+FFFD for every place that Spot would name.
func Readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			if rest, marked := strings.CutPrefix(s, markBegin); marked {
				if digits, after, closed := strings.Cut(rest, markEnd); closed && len(digits) <= markMost {
					n = len(s) - len(after)
				}
			}
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}
