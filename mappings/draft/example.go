package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"banjian/schemas"
)

// longestExample is how many characters of an example are shown.
const longestExample = 24

// example is a value of the column as a screen may show it: codes as they are, personal
// values masked as their field says, everything else as the shape of its characters.
func example(s *sight, f *schemas.Field) string {
	var first string
	for _, v := range s.column.Values {
		if first = strings.TrimSpace(v); first != "" {
			break
		}
	}
	switch {
	case first == "":
		return ""
	case f != nil && f.Type == schemas.Code && s.look.Few:
		return strings.Join(s.look.Distinct[:min(len(s.look.Distinct), fewExamples)], "、")
	case f != nil && f.Mask != schemas.MaskNone:
		first = f.Show(first)
	default:
		first = outline(first)
	}
	if utf8.RuneCountInString(first) > longestExample {
		first = string([]rune(first)[:longestExample]) + "…"
	}
	return first
}

// fewExamples is how many codes of a column are shown.
const fewExamples = 4

// outline puts a 9 for every digit, an A for every letter and 字 for every character:
// what a value is like, and not what it is.
func outline(value string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.Is(unicode.Han, r):
			return '字'
		case unicode.IsLetter(r):
			return 'A'
		case unicode.IsPrint(r):
			return r
		}
		return ' '
	}, value)
}
