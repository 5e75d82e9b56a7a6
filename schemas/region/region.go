package region

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed divisions/gbt2260.tsv
var shipped string

// Month counts months: year*12 + month-1.
type Month int32

// MonthOf is the month of a year, 1 for January.
func MonthOf(year, month int) Month { return Month(year*12 + month - 1) }

// String is 2026-01.
func (m Month) String() string {
	s := strconv.Itoa(int(m)%12 + 1)
	if len(s) == 1 {
		s = "0" + s
	}
	return strconv.Itoa(int(m)/12) + "-" + s
}

const (
	always Month = -1 << 30
	open   Month = 1<<30 - 1
)

// Division is a division under one name.
type Division struct {
	Code        string // six digits
	Name        string // 白沙黎族自治县: its own name, not those above it
	From, To    Month  // first and last month in force, both included
	Successor   string // of an abolished code, where one code took its place; else ""
	Statistical bool   // a zone of 统计用区划代码, not of GB/T 2260
}

// Current says that nothing is known to have ended it.
func (d *Division) Current() bool { return d.To == open }

// Since says whether its first month is known: it lies after the oldest list of 1980.
func (d *Division) Since() (Month, bool) { return d.From, d.From != always }

// Until says in which month it ended, if it did.
func (d *Division) Until() (Month, bool) { return d.To, d.To != open }

func (d *Division) holds(m Month) bool { return d.From <= m && m <= d.To }

// table is every row, and by code the first of its rows (they follow each other).
type table struct {
	rows  []Division
	first map[uint32]uint32
}

var load = sync.OnceValue(func() *table { return parse(shipped) })

// parse reads the shipped file, which a test holds to its form.
func parse(text string) *table {
	t := &table{rows: make([]Division, 0, 8192), first: make(map[uint32]uint32, 8192)}
	for len(text) > 0 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		code, rest, ok := strings.Cut(line, "\t")
		key, digits := number(code)
		if !ok || !digits {
			continue
		}
		d := Division{Code: code, From: always, To: open}
		d.Name, rest, _ = strings.Cut(rest, "\t")
		var from, to, kind string
		from, rest, _ = strings.Cut(rest, "\t")
		to, rest, _ = strings.Cut(rest, "\t")
		d.Successor, kind, _ = strings.Cut(rest, "\t")
		d.Statistical = kind == "stat"
		if m, ok := month(from); ok {
			d.From = m
		}
		if m, ok := month(to); ok {
			d.To = m
		}
		if _, again := t.first[key]; !again {
			t.first[key] = uint32(len(t.rows))
		}
		t.rows = append(t.rows, d)
	}
	return t
}

func month(s string) (Month, bool) {
	y, m, ok := strings.Cut(s, "-")
	if !ok {
		return 0, false
	}
	year, err1 := strconv.Atoi(y)
	mon, err2 := strconv.Atoi(m)
	return MonthOf(year, mon), err1 == nil && err2 == nil
}

// number is six digits as a number.
func number(s string) (uint32, bool) {
	if len(s) != 6 {
		return 0, false
	}
	n := uint32(0)
	for i := 0; i < 6; i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint32(c)
	}
	return n, true
}

// of is every row of a code, oldest first; nil if it never was one.
func of(code6 string) []Division {
	key, ok := number(code6)
	if !ok {
		return nil
	}
	t := load()
	i, ok := t.first[key]
	if !ok {
		return nil
	}
	j := i + 1
	for int(j) < len(t.rows) && t.rows[j].Code == code6 {
		j++
	}
	return t.rows[i:j:j]
}

// History is what a code of six digits stood for, oldest first; nil if it never was
// one. The slice is shared and not to be changed.
func History(code6 string) []Division { return of(code6) }

// Ever says whether six digits were a division at any time (lax).
func Ever(code6 string) bool { return of(code6) != nil }

// At finds the division a code of six digits stood for in a month (strict).
func At(code6 string, m Month) (Division, bool) {
	rows := of(code6)
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].holds(m) {
			return rows[i], true
		}
	}
	return Division{}, false
}

// HeldSince says whether six digits were a division in a month or any later one.
func HeldSince(code6 string, m Month) bool {
	rows := of(code6)
	return rows != nil && rows[len(rows)-1].To >= m
}

// Latest finds the last division a code of six digits stood for, in force or not.
func Latest(code6 string) (Division, bool) {
	rows := of(code6)
	if rows == nil {
		return Division{}, false
	}
	return rows[len(rows)-1], true
}

// Now follows successors from a code of six digits to one in force: itself when it
// still is. ok is false where the way is not known.
func Now(code6 string) (code string, ok bool) {
	for range 8 {
		d, known := Latest(code6)
		if !known {
			return "", false
		}
		if d.Current() {
			return code6, true
		}
		code6 = d.Successor
	}
	return "", false
}

// FullName is a division with those above it: 广东省广州市越秀区, as they were called in
// the month. Headings such as 市辖区 are left out above a county. Empty if unknown.
func FullName(code6 string, m Month) string {
	d, ok := At(code6, m)
	if !ok {
		return ""
	}
	name := d.Name
	if code6[4:] != "00" {
		if up, ok := at(code6[:4]+"00", m); ok && !heading(up.Name) {
			name = up.Name + name
		}
	}
	if code6[2:] != "0000" {
		if up, ok := at(code6[:2]+"0000", m); ok {
			name = up.Name + name
		}
	}
	return name
}

// at is the division of the month, else the last one.
func at(code6 string, m Month) (Division, bool) {
	if d, ok := At(code6, m); ok {
		return d, true
	}
	return Latest(code6)
}

// heading says that a name is no place but a heading of the list.
func heading(name string) bool {
	return name == "市辖区" || name == "县" || strings.HasPrefix(name, "省直辖") || strings.HasPrefix(name, "自治区直辖")
}
