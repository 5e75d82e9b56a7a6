package mappings

import (
	"strings"
	"time"
)

// layout parses one way of writing a time. Layouts of whole-number parts run on a
// hand-written parser; the rest (month names, single digits, offsets) on time.Parse.
type layout struct {
	text  string
	parts []part // nil: time.Parse
	zoned bool   // the text carries its own offset
	unix  int64  // not 0: a number of 1/unix seconds since 1970
}

type part struct {
	kind byte // Y M D h m s, or 0 for a literal
	lit  string
}

var partTexts = []struct {
	text string
	kind byte
}{{"2006", 'Y'}, {"01", 'M'}, {"02", 'D'}, {"15", 'h'}, {"04", 'm'}, {"05", 's'}}

// defaultLayouts read what databases print.
var defaultLayouts = []layout{mustLayout("2006-01-02 15:04:05"), mustLayout("2006-01-02T15:04:05"), mustLayout("2006-01-02")}

func mustLayout(s string) layout {
	l, ok := newLayout(s)
	if !ok {
		panic("mappings: bad layout " + s)
	}
	return l
}

// newLayout reads a layout in Go's reference time, "unix" or "unix_ms"; it says no to
// one that does not show a full date.
func newLayout(s string) (layout, bool) {
	switch s {
	case "unix":
		return layout{text: s, unix: 1}, true
	case "unix_ms":
		return layout{text: s, unix: 1000}, true
	}
	ref := time.Date(2013, 11, 25, 14, 36, 47, 0, time.UTC)
	back, err := time.Parse(s, ref.Format(s))
	if err != nil || back.Year() != 2013 || back.Month() != 11 || back.Day() != 25 {
		return layout{}, false
	}
	zoned := strings.Contains(s, "Z07") || strings.Contains(s, "-07") || strings.Contains(s, "MST")
	l := layout{text: s, zoned: zoned}
	if !zoned {
		l.parts = splitLayout(s)
	}
	return l, true
}

func splitLayout(s string) []part {
	var out []part
	lit := 0
	flush := func(end int) bool {
		if lit == end {
			return true
		}
		out = append(out, part{lit: s[lit:end]})
		return plainLiteral(s[lit:end])
	}
next:
	for i := 0; i < len(s); {
		for _, p := range partTexts {
			if strings.HasPrefix(s[i:], p.text) {
				if !flush(i) {
					return nil
				}
				out = append(out, part{kind: p.kind})
				i += len(p.text)
				lit = i
				continue next
			}
		}
		i++
	}
	if !flush(len(s)) {
		return nil
	}
	return out
}

// plainLiteral says that nothing in s means anything to time.Parse.
func plainLiteral(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && c != 'T' || c == '_' {
			return false
		}
	}
	return true
}

// civil is a wall time as seconds since 1970-01-01 00:00:00 of the same wall clock.
type civil int64

// parse reads v; instant says that v carried its own offset, so the result is UTC.
func (l *layout) parse(v string) (c civil, instant, ok bool) {
	if l.unix != 0 {
		n, ok := parseInt(v)
		return civil(floorDiv(n, l.unix)), true, ok && len(v) >= 5
	}
	if l.parts != nil {
		c, ok = l.fast(v)
		return c, false, ok
	}
	t, err := time.Parse(l.text, v)
	if err != nil || t.Year() <= 0 {
		return 0, false, false
	}
	if l.zoned {
		return civil(t.Unix()), true, true
	}
	return civil(t.Unix()), false, true
}

func (l *layout) fast(v string) (civil, bool) {
	y, mo, d, h, mi, s := 0, 0, 0, 0, 0, 0
	ok := true
	for k := range l.parts {
		p := &l.parts[k]
		switch p.kind {
		case 'Y':
			y, v, ok = take4(v)
		case 'M':
			mo, v, ok = take2(v)
		case 'D':
			d, v, ok = take2(v)
		case 'h':
			h, v, ok = take2(v)
		case 'm':
			mi, v, ok = take2(v)
		case 's':
			s, v, ok = take2(v)
			v = skipFraction(v)
		default:
			v, ok = strings.CutPrefix(v, p.lit)
		}
		if !ok {
			return 0, false
		}
	}
	if v != "" || y == 0 || mo < 1 || mo > 12 || d < 1 || d > monthDays(y, mo) || h > 23 || mi > 59 || s > 59 {
		return 0, false
	}
	return civil(epochDay(y, mo, d)*86400 + int64(h*3600+mi*60+s)), true
}

func take2(v string) (int, string, bool) {
	if len(v) < 2 {
		return 0, v, false
	}
	a, b := v[0]-'0', v[1]-'0'
	return int(a)*10 + int(b), v[2:], a < 10 && b < 10
}

func take4(v string) (int, string, bool) {
	if len(v) < 4 {
		return 0, v, false
	}
	a, b, c, d := v[0]-'0', v[1]-'0', v[2]-'0', v[3]-'0'
	return int(a)*1000 + int(b)*100 + int(c)*10 + int(d), v[4:], a < 10 && b < 10 && c < 10 && d < 10
}

// skipFraction drops ".123": instants are kept to the second.
func skipFraction(v string) string {
	if len(v) < 2 || v[0] != '.' {
		return v
	}
	i := 1
	for i < len(v) && v[i] >= '0' && v[i] <= '9' {
		i++
	}
	if i == 1 {
		return v
	}
	return v[i:]
}

func monthDays(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// epochDay is the day number of a Gregorian date, 0 being 1970-01-01.
func epochDay(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(int64(y), 400)
	yoe := int64(y) - era*400
	doy := int64((153*(m-3)+2)/5 + d - 1)
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
