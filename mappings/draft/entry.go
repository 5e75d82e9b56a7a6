package draft

import (
	"slices"
	"strconv"
	"strings"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// entry is one field of the drafted mapping.
type entry struct {
	field  *schemas.Field
	column *Column   // nil: a constant
	keys   []string  // "trim: true", in the order they run
	codes  []code    // of map:, nil without one
	whole  string    // the value, where it is no column: `{const: 1}`
	note   text.Text // why, for the comment behind it
	sample string    // an invented value of the column
}

// code is one line of map:; to is empty where nobody knows.
type code struct {
	from, to string
	note     text.Text
}

func (e *entry) add(keys ...string) { e.keys = append(e.keys, keys...) }

// open says that no value of its map is known: it cannot stand in a mapping yet.
func (e *entry) open() bool {
	return len(e.codes) > 0 && !slices.ContainsFunc(e.codes, func(c code) bool { return c.to != "" })
}

// build decides what becomes of the column's value in the field.
func (d *Drafter) build(c *Column, f *schemas.Field) *entry {
	e := &entry{field: f, column: c}
	l := lookOf(c)
	switch f.Type {
	case schemas.Time, schemas.Date:
		e.time(c, l)
	case schemas.Int:
		if e.sample = "3"; c.Kind == sqldialect.Text {
			e.add("fold: width", "trim: true", "cast: int")
		}
	case schemas.Decimal:
		if e.sample = "12.50"; c.Kind == sqldialect.Text {
			e.add("fold: width", "trim: true")
		}
	case schemas.Bool:
		e.truth(l)
	case schemas.List:
		sep := separator(c.Values)
		e.add("split: " + quote(sep))
		e.sample = strings.Join([]string{"甲", "乙"}, sep)
		if strings.Contains(f.Name, "no") {
			e.sample = strings.Join([]string{"CS001", "CS002"}, sep)
		}
	case schemas.Code:
		d.code(e, l)
	default:
		e.text(c, l)
	}
	return e
}

// time writes the layouts that were seen, unless the plain ones do.
func (e *entry) time(c *Column, l *look) {
	var seen []string
	plain := true
	for i, layout := range layouts {
		if l.Times[layout] > 0 {
			seen = append(seen, layout)
			plain = plain && i < plainLayouts
		}
	}
	layout := "2006-01-02 15:04:05"
	if len(seen) > 0 {
		layout = seen[0]
	}
	if !plain {
		for i := range seen {
			seen[i] = quote(seen[i])
		}
		e.add("time: [" + strings.Join(seen, ", ") + "]")
	}
	if c.Kind == sqldialect.Date || e.field.Type == schemas.Date && len(seen) == 0 {
		layout = "2006-01-02"
	}
	switch at := inventedTime(e.field.Name); layout {
	case unixSeconds:
		e.sample = strconv.FormatInt(at.Unix(), 10)
	case unixMillis:
		e.sample = strconv.FormatInt(at.UnixMilli(), 10)
	default:
		e.sample = at.Format(layout)
	}
}

// truth takes 1, 0, true and false as they are, 是 and 否 by a map.
func (e *entry) truth(l *look) {
	e.sample = "1"
	yes := map[string]string{"是": "1", "否": "0", "Y": "1", "N": "0", "y": "1", "n": "0", "有": "1", "无": "0"}
	if slices.ContainsFunc(l.Distinct, func(v string) bool { return yes[v] != "" }) {
		for _, v := range slices.Sorted(slices.Values(l.Distinct)) {
			e.codes = append(e.codes, code{from: v, to: yes[v], note: text.T("1 是，0 否", "1 yes, 0 no")})
		}
		e.sample = firstKnown(e.codes)
	}
}

// text cleans names and sentences, folds and checks numbers.
func (e *entry) text(c *Column, l *look) {
	f := e.field
	e.sample = inventedText(f)
	switch {
	case f.Name == "contact_mobile":
		e.add("fold: width", "trim: true", "check: mobile")
	case f.Name == "zip_code":
		e.add("fold: width", "trim: true", "check: zip")
	case strings.HasSuffix(f.Name, "_id_no"):
		e.add("fold: width", "trim: true", "upper: true")
		if l.Resident > 0 {
			e.add("check: resident_id")
		}
		return
	case f.Name == "dept_code":
		if e.add("trim: true", "upper: true"); l.half(l.USCC) {
			e.add("check: uscc")
		} else {
			e.sample = "CS-BM-01"
		}
		return
	case c.Kind == sqldialect.Text && (strings.HasSuffix(f.Name, "_no") || strings.HasSuffix(f.Name, "_code") || strings.HasSuffix(f.Name, "_id") || strings.HasSuffix(f.Name, "_pk")):
		e.add("trim: true")
		return
	case c.Kind == sqldialect.Text:
		e.add("clean: true")
		return
	default:
		e.add("cast: text")
		e.sample = "1"
		if c.Kind == sqldialect.Datetime || c.Kind == sqldialect.Date {
			e.keys, e.sample = nil, "2025-03-13 09:26:53"
		}
		return
	}
	if !f.Required {
		e.add("else: blank")
	}
}

// separator is the sign that most values of a list are joined by; one that is rare is
// part of a name.
func separator(values []string) string {
	best, most := "、", len(values)/10
	for _, sep := range []string{"、", ";", "；", ",", "，", "|"} {
		n := 0
		for _, v := range values {
			if strings.Contains(v, sep) {
				n++
			}
		}
		if n > most {
			best, most = sep, n
		}
	}
	return best
}

func firstKnown(codes []code) string {
	for _, c := range codes {
		if c.to != "" {
			return c.from
		}
	}
	return ""
}
