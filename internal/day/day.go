// Package day reads calendar days, and hours of the day, as people and databases write them.
package day

import "time"

// Parse reads a calendar day as 2026-01-31, 20260131 or 2026/1/31, a time of day behind
// it ignored: days since 1970-01-01, as Arrow's date32 counts them.
func Parse(s string) (int32, bool) {
	if i := len("2006-01-02"); len(s) > i && (s[i] == ' ' || s[i] == 'T') {
		s = s[:i]
	}
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		return date(s[:4], s[5:7], s[8:])
	}
	if len(s) == 8 && s[4] != '/' {
		return date(s[:4], s[4:6], s[6:])
	}
	for _, layout := range []string{"2006/1/2", "2006/1/2 15:04:05", "2006/1/2 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return int32(t.Truncate(24*time.Hour).Unix() / 86400), true
		}
	}
	return 0, false
}

func date(y, m, d string) (int32, bool) {
	year, ok1 := number(y)
	month, ok2 := number(m)
	day, ok3 := number(d)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if !ok1 || !ok2 || !ok3 || t.Day() != day || int(t.Month()) != month {
		return 0, false
	}
	return int32(t.Unix() / 86400), true
}

func number(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

// String is 2026-01-31.
func String(day int32) string {
	return time.Unix(int64(day)*86400, 0).UTC().Format("2006-01-02")
}

// AppendTime appends the wall time of t as 2026-01-31 08:30:00. It is what time.AppendFormat
// writes for time.DateTime, in a third of its time.
func AppendTime(buf []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(buf, time.DateTime)
	}
	hour, minute, second := t.Clock()
	buf = appendPair(buf, year/100)
	buf = append(appendPair(buf, year%100), '-')
	buf = append(appendPair(buf, int(month)), '-')
	buf = append(appendPair(buf, day), ' ')
	buf = append(appendPair(buf, hour), ':')
	buf = append(appendPair(buf, minute), ':')
	return appendPair(buf, second)
}

func appendPair(buf []byte, n int) []byte {
	return append(buf, byte('0'+n/10), byte('0'+n%10))
}

// Of UTC+8, in seconds.
const shift, whole = 8 * 3600, 24 * 3600

// Bare says that a moment, in Unix seconds, is midnight of UTC+8: it is taken for a day whose
// time nobody told.
func Bare(unix int64) bool { return (unix+shift)%whole == 0 }

// Within says that a moment lies in the day that a bare one is.
func Within(unix, bare int64) bool { return Bare(bare) && unix >= bare && unix-bare < whole }
