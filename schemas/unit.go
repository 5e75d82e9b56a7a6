package schemas

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/chars"
	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Unit is how a receiver counts the widths of its text columns, and what it can hold.
// The zero Unit counts characters and holds every one of them, as MySQL does with
// utf8mb4; Oracle and 达梦 count bytes of their charset, unless a column says CHAR.
// Everywhere an empty text is no value for a NOT NULL column, as Oracle has it.
type Unit struct {
	Bytes   bool   // widths count bytes of Charset
	Charset string // "utf8", "utf8mb3", "gbk" or "gb18030"; empty = utf8
}

// Charsets is what Unit.Charset may be.
var Charsets = []string{"utf8", "utf8mb3", "gbk", "gb18030"}

// UnitOf reads how a receiver's configuration says it: widths is "characters" or
// "bytes", both may be empty. Other words are a Config fault.
func UnitOf(widths, charset string) (Unit, error) {
	u := Unit{Bytes: widths == "bytes", Charset: charset}
	switch {
	case widths != "" && widths != "characters" && widths != "bytes":
		return u, fault.New(fault.Config, "read receiver", "widths", text.F("widths 不能是 %q", "widths cannot be %q", widths),
			text.T("写 characters（按字符）或 bytes（按字节）", "write characters or bytes"))
	case charset != "" && !slices.Contains(Charsets, charset):
		return u, fault.New(fault.Config, "read receiver", "charset", text.F("不认识字符集 %q", "unknown charset %q", charset),
			text.F("可用：%[1]s", "known: %[1]s", strings.Join(Charsets, ", ")))
	}
	return u, nil
}

// Counting is the catalog for one receiver: checkers made from it judge the texts of
// the receiver's tables in its unit. The catalog itself stays as it is.
func (c *Catalog) Counting(u Unit) *Catalog {
	out := *c
	out.unit = nil
	if u.Bytes || u.Charset != "" && u.Charset != "utf8" {
		if u.Charset == "" {
			u.Charset = "utf8"
		}
		out.unit = &u
	}
	return &out
}

// UnitFor is the unit of a subject's columns; the zero Unit for all that is not a
// receiver's table.
func (c *Catalog) UnitFor(s *Subject) Unit {
	if c.unit == nil || !strings.HasPrefix(s.Name, "national/") {
		return Unit{}
	}
	return *c.unit
}

// Width is how wide a text is.
func (u Unit) Width(v string) int {
	if !u.Bytes {
		return utf8.RuneCountInString(v)
	}
	n, _ := u.ruler().measure(v)
	return n
}

// unitTexts tests characters and width of texts for a receiver with a unit of its own.
func (c *columnCheck) unitTexts(a *array.String, width int, issues []Issue) []Issue {
	ruler := c.unit.ruler()
	for row := range a.Len() {
		if a.IsNull(row) {
			continue
		}
		v := a.Value(row)
		if !chars.Plain(v) {
			issues = append(issues, c.issue(row, "bad_text"))
			continue
		}
		switch n, ok := ruler.measure(v); {
		case !ok:
			issues = append(issues, c.issue(row, "not_in_charset", c.unit.Charset))
		case width > 0 && n > width && c.unit.Bytes:
			issues = append(issues, c.issue(row, "too_long_bytes", strconv.Itoa(width), strconv.Itoa(n), c.unit.Charset))
		case width > 0 && n > width:
			issues = append(issues, c.issue(row, "too_long", strconv.Itoa(width), strconv.Itoa(n)))
		}
	}
	return issues
}

// ruler measures texts in a unit.
type ruler struct {
	unit *Unit
	to   *charset.Charset // nil: UTF-8
}

func (u *Unit) ruler() *ruler {
	r := &ruler{unit: u}
	switch u.Charset {
	case "gbk":
		r.to = charset.GBK()
	case "gb18030":
		r.to = charset.GB18030()
	}
	return r
}

// measure is the width of valid text; false when the charset lacks a character of it.
func (r *ruler) measure(v string) (int, bool) {
	bytes, ok := len(v), true
	switch {
	case chars.ASCII([]byte(v)):
		return len(v), true
	case r.to != nil:
		bytes, ok = r.to.Width(v)
	case r.unit.Charset == "utf8mb3":
		ok = !strings.ContainsFunc(v, func(c rune) bool { return c > 0xFFFF })
	}
	if !r.unit.Bytes {
		bytes = utf8.RuneCountInString(v)
	}
	return bytes, ok
}
