package schemas

import (
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/chars"
)

// texts tests width and characters. The bytes of the whole column are looked at once:
// when they are plain ASCII, a value is as wide as it is long; when they are valid
// UTF-8 without controls, only values with more bytes than the width are counted.
func (c *columnCheck) texts(a *array.String, width int, issues []Issue) []Issue {
	if c.unit != nil {
		return c.unitTexts(a, width, issues)
	}
	offsets, data := a.ValueOffsets(), a.ValueBytes()
	base := offsets[0]
	if !chars.ASCII(data) && !c.plainUTF8(offsets, data, base) {
		return c.slowTexts(a, width, issues)
	}
	if width == 0 {
		return issues
	}
	for row := 0; row+1 < len(offsets); row++ {
		if int(offsets[row+1]-offsets[row]) > width {
			issues = c.tooLong(a, row, width, issues)
		}
	}
	return issues
}

// plainUTF8 says that every value is valid and free of controls: the whole is, and no
// value begins inside a character.
func (c *columnCheck) plainUTF8(offsets []int32, data []byte, base int32) bool {
	if !chars.PlainBytes(data) {
		return false
	}
	for _, at := range offsets[:len(offsets)-1] {
		if i := at - base; int(i) < len(data) && !utf8.RuneStart(data[i]) {
			return false
		}
	}
	return true
}

// slowTexts looks at each value; some value of the column is not plain.
func (c *columnCheck) slowTexts(a *array.String, width int, issues []Issue) []Issue {
	for row := 0; row < a.Len(); row++ {
		if a.IsNull(row) {
			continue
		}
		if v := a.Value(row); !chars.Plain(v) {
			issues = append(issues, c.issue(row, "bad_text"))
		} else if width > 0 && len(v) > width {
			issues = c.tooLong(a, row, width, issues)
		}
	}
	return issues
}

// tooLong counts the characters of a value that has more bytes than its width.
func (c *columnCheck) tooLong(a *array.String, row, width int, issues []Issue) []Issue {
	if a.IsNull(row) {
		return issues
	}
	got := utf8.RuneCountInString(a.Value(row))
	if got <= width {
		return issues
	}
	return append(issues, c.issue(row, "too_long", strconv.Itoa(width), strconv.Itoa(got)))
}

// list tests the members of a list.
func (c *columnCheck) list(a *array.List, issues []Issue) []Issue {
	values, ok := a.ListValues().(*array.String)
	if !ok {
		panic("schemas: column " + c.field.Name + " is no list of text")
	}
	for row := 0; row < a.Len(); row++ {
		from, to := a.ValueOffsets(row)
		for i := from; i < to && a.IsValid(row); i++ {
			if values.IsValid(int(i)) && !chars.Plain(values.Value(int(i))) {
				issues = append(issues, c.issue(row, "bad_text"))
				break
			}
		}
	}
	return issues
}

// decimals tests canonical decimal text: [-]digits[.digits], with exactly Scale digits
// behind the point, no leading zeros, and Width digits in all at most.
func (c *columnCheck) decimals(a *array.String, issues []Issue) []Issue {
	for row := 0; row < a.Len(); row++ {
		if a.IsNull(row) {
			continue
		}
		switch whole, ok := canonicalDecimal(a.Value(row), c.field.Scale); {
		case !ok:
			issues = append(issues, c.issue(row, "bad_decimal"))
		case whole > c.field.Width-c.field.Scale:
			issues = append(issues, c.issue(row, "too_long", strconv.Itoa(c.field.Width), strconv.Itoa(whole+c.field.Scale)))
		}
	}
	return issues
}

// canonicalDecimal gives the number of digits before the point; 0 counts as one.
func canonicalDecimal(s string, scale int) (whole int, ok bool) {
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	if scale > 0 {
		point := len(s) - scale - 1
		if point < 1 || s[point] != '.' || !allDigits(s[point+1:]) {
			return 0, false
		}
		s = s[:point]
	}
	if s == "" || !allDigits(s) || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	return len(s), true
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
