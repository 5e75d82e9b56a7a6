package file

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// style is what a number format makes of a number.
type style struct {
	date bool // years, months or days
	hour bool // hours, minutes or seconds
	pad  int  // digits that are filled up with zeros on the left
}

// Formats that every workbook has without saying so (ECMA-376 18.8.30), those of Chinese
// Excel too.
func builtinStyle(id int) style {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return style{date: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return style{hour: true}
	case id == 22:
		return style{date: true, hour: true}
	}
	return style{}
}

var (
	quotedInFormat = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[(\$|[A-Za-z]{3,}|DBNum|[<>=])[^\]]*\]`)
	elapsed        = regexp.MustCompile(`(?i)\[(h+|m+|s+)\]`)
)

// styleOf reads a format code. A duration ([h]:mm) is not a time: it stays a number.
func styleOf(code string) style {
	plain := strings.ToLower(quotedInFormat.ReplaceAllString(code, ""))
	plain, _, _ = strings.Cut(plain, ";")
	plain = strings.ReplaceAll(plain, "general", "")
	if elapsed.MatchString(plain) {
		return style{}
	}
	if plain != "" && strings.Trim(plain, "0") == "" {
		return style{pad: len(plain)}
	}
	s := style{date: strings.ContainsAny(plain, "yd"), hour: strings.ContainsAny(plain, "hs")}
	s.date = s.date || !s.hour && strings.Contains(plain, "m")
	return s
}

// show is a number as its cell shows it, but with all its digits: times as 2006-01-02
// 15:04:05, others as they are written, without exponents.
func (s style) show(v string, from04 bool) string {
	v = strings.TrimSpace(v)
	if s.date || s.hour {
		if t, ok := s.time(v, from04); ok {
			return t
		}
	}
	plain := plainNumber(v)
	if len(plain) < s.pad && strings.Trim(plain, "0123456789") == "" {
		plain = strings.Repeat("0", s.pad-len(plain)) + plain
	}
	return plain
}

// time is a serial number of days as a time, to the second; false: it is none.
func (s style) time(v string, from04 bool) (string, bool) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 0 || f >= 2958466 {
		return "", false
	}
	days := int(math.Floor(f))
	seconds := int(math.Round((f - math.Floor(f)) * 86400))
	if seconds == 86400 {
		days, seconds = days+1, 0
	}
	clock := time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC).Format(time.TimeOnly)
	if days == 0 && !s.date {
		return clock, true
	}
	day := ""
	switch first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC); {
	case from04:
		day = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.DateOnly)
	case days == 60:
		day = "1900-02-29" // which Excel takes for a day
	case days < 60:
		day = first.AddDate(0, 0, days+1).Format(time.DateOnly)
	default:
		day = first.AddDate(0, 0, days).Format(time.DateOnly)
	}
	if seconds == 0 && !s.hour {
		return day, true
	}
	return day + " " + clock, true
}

var number = regexp.MustCompile(`^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,3}))?$`)

// shownDigits is how many digits of a fraction a cell shows; what a workbook stores behind
// them is the error of binary fractions.
const shownDigits = 15

// plainNumber is a number without exponent. Whole numbers keep every digit.
func plainNumber(v string) string {
	m := number.FindStringSubmatch(v)
	if m == nil || m[2]+m[3] == "" {
		return v
	}
	whole, fraction := shift(m[2], m[3], m[4])
	fraction = strings.TrimRight(fraction, "0")
	if digits := strings.TrimLeft(whole+fraction, "0"); fraction != "" && len(digits) > shownDigits {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return v
		}
		m = number.FindStringSubmatch(strconv.FormatFloat(f, 'e', shownDigits-1, 64))
		whole, fraction = shift(m[2], m[3], m[4])
		fraction = strings.TrimRight(fraction, "0")
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	out := whole
	if fraction != "" {
		out += "." + fraction
	}
	if m[1] == "-" && out != "0" {
		out = "-" + out
	}
	return out
}

// shift moves the point of a number by its exponent.
func shift(whole, fraction, exponent string) (string, string) {
	e, _ := strconv.Atoi(exponent)
	if e > 0 {
		if len(fraction) < e {
			fraction += strings.Repeat("0", e-len(fraction))
		}
		return whole + fraction[:e], fraction[e:]
	}
	if e = -e; len(whole) < e {
		whole = strings.Repeat("0", e-len(whole)) + whole
	}
	return whole[:len(whole)-e], whole[len(whole)-e:] + fraction
}
