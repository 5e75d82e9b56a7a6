package charset

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// A mark stands in a text for bytes that stand for nothing: markBegin, the bytes in
// hexadecimal, markEnd. It is not UTF-8, so the text can never be taken for a good one.
const (
	markBegin = "\xFF\xFE"
	markEnd   = "\xFF"
	markMost  = 8 // digits
)

func appendMark(dst, bad []byte) []byte {
	return append(hex.AppendEncode(append(dst, markBegin...), bad), markEnd...)
}

// Spot is the first place of s that cannot be read: the bytes there, in hexadecimal
// ("A2 E4"), or "" where s itself holds U+FFFD, which stands for a character that was lost
// before. ok says that there is none.
func Spot(s string) (bytes string, ok bool) {
	for i, r := range s {
		if r != utf8.RuneError {
			continue
		}
		if _, n := utf8.DecodeRuneInString(s[i:]); n > 1 {
			return "", false
		}
		return badBytes(s[i:]), false
	}
	return "", true
}

// badBytes is the mark, or the bytes up to the next character, four at most.
func badBytes(s string) string {
	if rest, marked := strings.CutPrefix(s, markBegin); marked {
		if digits, _, closed := strings.Cut(rest, markEnd); closed && len(digits) <= markMost {
			if raw, err := hex.DecodeString(digits); err == nil {
				return spaced(raw)
			}
		}
	}
	n := 0
	for n < len(s) && n < markMost/2 {
		if r, size := utf8.DecodeRuneInString(s[n:]); r != utf8.RuneError || size > 1 {
			break
		}
		n++
	}
	return spaced([]byte(s[:n]))
}

func spaced(b []byte) string {
	pairs := make([]string, len(b))
	for i, c := range b {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{c}))
	}
	return strings.Join(pairs, " ")
}
