package rejects

import (
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"banjian/internal/charset"
)

// rounded is how a spreadsheet shows a long number that somebody typed into it.
var rounded = regexp.MustCompile(`^-?[0-9](\.[0-9]+)?E\+[0-9]+$`)

// mostShown is how many characters, in UTF-16, a cell of a workbook has at most.
const mostShown = 32767

// untold says that a cell tells nothing new of a value: it is what a table makes of it. Line
// ends, control characters, bytes that stand for no character and what goes beyond a cell do not
// survive one.
func untold(cell, value string) bool {
	return shows(cell, value) || !utf8.ValidString(value) && shows(cell, charset.Readable(value))
}

func shows(cell, value string) bool {
	if cell == strings.TrimSpace(value) {
		return true
	}
	shown := strings.TrimSpace(strings.Map(legible, value))
	if cell == shown {
		return true
	}
	if strings.Contains(shown, "\r") {
		lines := strings.ReplaceAll(shown, "\r\n", "\n")
		if cell == lines || cell == strings.ReplaceAll(lines, "\r", "\n") || cell == strings.ReplaceAll(lines, "\r", "") {
			return true
		}
	}
	const end = 2 // a formula's mark, and half a character
	return strings.HasPrefix(shown, cell) && len(utf16.Encode([]rune(cell))) >= mostShown-end
}

// legible is a character as XML can hold it.
func legible(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
		return '\ufffd'
	}
	return r
}
