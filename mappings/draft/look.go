package draft

import (
	"strings"
	"time"
	"unicode/utf8"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// look is what the values of a column look like: how many of them, of Seen.
type look struct {
	Seen     int // values that are neither NULL nor empty
	Resident int // resident IDs whose check digit is right
	USCC     int // credit codes whose check digit is right
	Mobile   int
	Division int            // 6, 9 or 12 digits of an administrative division
	Number   int            // whole numbers
	Times    map[string]int // by layout, text columns only
	Time     int            // sum of Times but for the next, or every value of a time column
	Unix     int            // numbers of the length that seconds or milliseconds since 1970 have
	Distinct []string       // in order of appearance, when they are few and short
	Few      bool           // Distinct is all there is
}

// A list of values is short when it has at most so many of at most so many characters.
const (
	fewValues  = 24
	shortValue = 20
)

// layouts are the ways of writing a time that are looked for; the first three need no
// time:, the mapping language reads them anyhow.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "20060102150405", "20060102", "2006/01/02 15:04:05",
	"2006/01/02", "2006-01-02 15:04", "2006年01月02日", "2006.01.02", "2006-01-02T15:04:05Z07:00", "2006-1-2 15:04:05", "2006/1/2 15:04:05", "2006-1-2", "2006/1/2",
	"2006年1月2日", "2006/1/2 15:04", "2006-1-2 15:04", "2006.01.02 15:04:05",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15时04分05秒", "2006年1月2日 15时04分", unixSeconds, unixMillis}

// Times as numbers: a number is one only where the name says so.
const (
	unixSeconds = "unix"
	unixMillis  = "unix_ms"
)

var unixLength = map[int]string{10: unixSeconds, 13: unixMillis}

const plainLayouts = 3

func lookOf(c *Column) *look {
	l := &look{Times: map[string]int{}, Few: true}
	distinct := map[string]bool{}
	for _, v := range c.Values {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		l.Seen++
		l.take(c, v)
		if distinct[v] {
			continue
		}
		distinct[v] = true
		if len(l.Distinct) == fewValues || utf8.RuneCountInString(v) > shortValue {
			l.Few = false
			continue
		}
		l.Distinct = append(l.Distinct, v)
	}
	if l.Few = l.Few && l.Seen > 0 && l.Resident+l.USCC+l.Mobile == 0; !l.Few {
		l.Distinct = nil
	}
	return l
}

func (l *look) take(c *Column, v string) {
	switch {
	case len(v) == 18 && fine("resident_id", v):
		l.Resident++
	case len(v) == 18 && fine("uscc", v):
		l.USCC++
	case fine("mobile", v):
		l.Mobile++
	}
	if digits := strings.Trim(v, "0123456789") == ""; digits {
		l.Number++
		if n := len(v); (n == 6 || n == 9 || n == 12) && v[0] >= '1' && v[0] <= '8' {
			l.Division++
		}
	}
	switch c.Kind {
	case sqldialect.Datetime, sqldialect.Date:
		l.Time++
	case sqldialect.Text, sqldialect.Int:
		if layout := layoutOf(v); layout != "" {
			l.Times[layout]++
			l.Time++
		} else if layout := unixLength[len(v)]; layout != "" && v[0] == '1' && strings.Trim(v, "0123456789") == "" {
			l.Times[layout]++
			l.Unix++
		}
	}
}

func fine(check, v string) bool {
	judge, ok := schemas.ValueCheck(check)
	return ok && judge(v).OK
}

// layoutOf is how v writes a time, empty if it is none. A division is no time, whatever
// its digits.
func layoutOf(v string) string {
	for _, l := range layouts {
		if t, err := time.Parse(l, v); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return l
		}
	}
	return ""
}

// most says that nine in ten of the values seen are n of a kind; some are allowed to be
// dirty.
func (l *look) most(n int) bool { return l.Seen > 0 && n*10 >= l.Seen*9 }

// half says that at least half are.
func (l *look) half(n int) bool { return l.Seen > 0 && n*2 >= l.Seen }

// say is the look in words, without a value.
func (l *look) say() text.Text {
	switch {
	case l.Seen == 0:
		return text.Text{}
	case l.half(l.Resident):
		return text.T("身份证号码", "resident ID numbers")
	case l.half(l.USCC):
		return text.T("统一社会信用代码", "credit codes")
	case l.half(l.Mobile):
		return text.T("手机号码", "mobile numbers")
	case l.half(l.Time):
		return text.T("时间", "times")
	case l.half(l.Division):
		return text.T("行政区划代码", "administrative divisions")
	case l.Few:
		return text.F("%d 种取值", "%d different value{|s}", len(l.Distinct))
	case l.most(l.Number):
		return text.T("数字", "numbers")
	}
	return text.T("文字", "text")
}
