package schemas

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// texts tests width and characters. The bytes of the whole column are looked at once:
// when they are plain ASCII, a value is as wide as it is long; when they are valid
// UTF-8 without controls, only values with more bytes than the width are counted.
func (c *columnCheck) texts(a *array.String, width int, issues []Issue) []Issue {
	offsets, data := a.ValueOffsets(), a.ValueBytes()
	base := offsets[0]
	if !plainASCII(data) && !c.plainUTF8(offsets, data, base) {
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
	if !utf8.Valid(data) || hasControl(data) {
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
		if v := a.Value(row); badText(v) {
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
			if values.IsValid(int(i)) && badText(values.Value(int(i))) {
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

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// plainASCII says that every byte is printable ASCII, eight at a time.
func plainASCII(b []byte) bool {
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		// A byte below 0x20 borrows, a byte of 0x7f carries, a byte above has the bit.
		if (w|(w-ones*0x20)|(w+ones))&highBits != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// hasControl finds C0 controls other than tab, newline and return, DEL, and C1.
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return true
		}
	}
	for {
		i := bytes.IndexByte(b, 0xC2)
		if i < 0 || i+1 >= len(b) {
			return false
		}
		if b[i+1] < 0xA0 {
			return true
		}
		b = b[i+1:]
	}
}

// badText is hasControl or invalid UTF-8, of one value.
func badText(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r >= 0x7f && r < 0xA0:
			return true
		}
	}
	return !utf8.ValidString(s)
}
