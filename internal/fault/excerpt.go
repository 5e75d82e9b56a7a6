package fault

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"banjian/internal/chars"
)

// Place is Where taken apart: file:line:column, or file alone, with line and column 0.
// Columns count characters from 1.
func (e *Error) Place() (file string, line, column int) {
	rest, c, ok := cutNumber(e.Where)
	if !ok {
		return e.Where, 0, 0
	}
	file, l, ok := cutNumber(rest)
	if !ok {
		return rest, c, 0
	}
	return file, l, c
}

// cutNumber takes ":12" from the end of s.
func cutNumber(s string) (before string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil && n > 0
}

// Quoting keeps the line of data that Where names, for Excerpt; data is the whole file.
func (e *Error) Quoting(data []byte) *Error {
	_, line, _ := e.Place()
	if line == 0 {
		return e
	}
	rest := string(data)
	for ; line > 1; line-- {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return e
		}
		rest = after
	}
	e.Line, _, _ = strings.Cut(rest, "\n")
	e.Line = strings.TrimSuffix(e.Line, "\r")
	return e
}

// Widest excerpt, in characters, and how much of it may stand before the column.
const (
	excerptWidth = 100
	excerptLead  = 60
)

// Excerpt is the line the fault is in with a caret below its column, as two lines;
// empty where it is not known. A tab is shown as an arrow, what cannot be shown as �.
func (e *Error) Excerpt() string {
	_, number, column := e.Place()
	if e.Line == "" || number == 0 {
		return ""
	}
	line := []rune(e.Line)
	at := min(max(column, 1)-1, len(line))
	head, tail := "", ""
	if at > excerptLead {
		line, at, head = line[at-excerptLead:], excerptLead, "…"
	}
	if len(line) > excerptWidth {
		line, tail = line[:excerptWidth], "…"
	}
	for i, r := range line {
		switch {
		case r == '\t':
			line[i] = '→'
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			line[i] = '\uFFFD'
		}
	}
	margin := fmt.Sprintf("%5d | ", number)
	out := margin + head + string(line) + tail
	if column == 0 {
		return out
	}
	blank := strings.Repeat(" ", len(margin)-2) + "| " + strings.Repeat(" ", chars.Cells(head+string(line[:at])))
	return out + "\n" + blank + "^"
}
