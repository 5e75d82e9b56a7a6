package sqlview

import (
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// class is how values of a cursor are compared and counted back from.
type class uint8

const (
	integers class = iota // no clock: the upper bound is the greatest value there is
	moments               // DATETIME, TIMESTAMP
	days                  // DATE
	texts                 // text written in one layout of time
	ordinals              // any other text: like integers, without lookback
)

// layouts are the ways text cursors are written that sort as they pass; a fraction of
// a second may follow a second.
var layouts = []string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006/01/02 15:04:05", "20060102150405",
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04", "2006-01-02", "2006/01/02", "20060102",
}

// form is the way one cursor column is written.
type form struct {
	class  class
	layout string         // moments, days, texts
	digits int            // of the fraction of a second
	zone   *time.Location // wall times are in it
}

// timeForm finds the layout of a text, false if it is not a time.
func timeForm(s string, zone *time.Location) (form, bool) {
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil {
			continue
		}
		f := form{class: texts, layout: layout, zone: zone}
		if strings.HasSuffix(layout, "Z07:00") {
			f.zone = t.Location()
		}
		if _, fraction, ok := strings.Cut(s, "."); ok {
			f.digits = digitsOf(fraction)
		}
		return f, true
	}
	return form{class: ordinals}, false
}

func digitsOf(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		return len(s)
	}
	return n
}

// write is t as the column writes it.
func (f form) write(t time.Time) string {
	layout := f.layout
	if f.digits > 0 {
		layout = strings.Replace(layout, "05", "05."+strings.Repeat("0", f.digits), 1)
	}
	return t.In(f.zone).Format(layout)
}

// timed says that the clock bounds the cursor.
func (f form) timed() bool { return f.class == moments || f.class == days || f.class == texts }

// floor is the least value that is a cursor at all; what lies below stands for none.
func (f form) floor(d *sqldialect.Dialect) (string, bool) {
	switch f.class {
	case moments, days:
		return d.NoMoment, true
	case texts, ordinals:
		return "", true
	}
	return "", false
}

// back is value less the lookback, as the column writes it. It never lies behind
// value: a layout that is too coarse is rounded down.
func (f form) back(value string, o Options) (string, error) {
	switch {
	case f.class == integers:
		return backSteps(value, o)
	case o.LookbackSteps > 0:
		return "", lookbackFault(o, "这一列不是整数，lookback 应写成时长（10m）", "this column holds no integers: lookback is a duration (10m)")
	case o.Lookback == 0:
		return value, nil
	case f.class == ordinals:
		return "", lookbackFault(o, "这一列的文字不是时间，无法回看", "the text of this column is not a time: there is nothing to count back from")
	}
	own, ok := timeForm(value, f.zone)
	if !ok {
		return "", lookbackFault(o, "保存的位置不是时间，无法回看", "the stored position is not a time: there is nothing to count back from")
	}
	t, err := time.ParseInLocation(own.layout, value, own.zone)
	if err != nil {
		return "", err
	}
	return own.write(t.Add(-o.Lookback)), nil
}

func backSteps(value string, o Options) (string, error) {
	if o.Lookback > 0 {
		return "", lookbackFault(o, "这一列是整数，lookback 应写成整数", "this column holds integers: lookback is an integer")
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "", lookbackFault(o, "这一列既有整数也有别的值", "this column holds integers and other values")
	}
	if n-o.LookbackSteps > n {
		return strconv.FormatInt(-1<<63, 10), nil
	}
	return strconv.FormatInt(n-o.LookbackSteps, 10), nil
}

func lookbackFault(o Options, zh, en string) error {
	return fault.New(fault.Config, "count back", o.where()+" "+strings.Join(o.Cursor, ", "), text.T(zh, en), text.Text{})
}

// bind is a value of the cursor as a parameter.
func (f form) bind(p *params, c column, value string) string {
	if f.class == integers {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return p.add(n)
		}
	}
	return p.d.Bound(c.kind, c.typeName, p.add(value))
}
