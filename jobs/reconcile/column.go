package reconcile

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Column is one column of a Listing.
type Column struct {
	Name    string // as the receiver's records call it
	Heading string // in the file
	Key     bool   // it tells rows apart, with the others that do
	Time    bool
	Number  bool
	Codes   map[string]string // what a list may show in place of a code → the code; nil = it has none
	Zone    *time.Location    // of times
	Half    string            // the half of a record whose value it is, see Halves; empty = of both
}

// How people's software writes times; the first that fits is it.
var timeForms = []struct {
	form string
	fine int // characters of timeForm it tells
}{
	{time.DateTime, 19}, {"2006/1/2 15:04:05", 19}, {"2006-1-2 15:04:05", 19}, {"2006-01-02T15:04:05", 19}, {"20060102150405", 19}, {"2006年1月2日 15:04:05", 19}, {"2006年1月2日15时4分5秒", 19},
	{"2006-01-02 15:04", 16}, {"2006/1/2 15:04", 16}, {"2006-1-2 15:04", 16}, {"2006年1月2日 15:04", 16}, {"2006年1月2日15时4分", 16},
	{time.DateOnly, 10}, {"2006/1/2", 10}, {"2006-1-2", 10}, {"20060102", 10}, {"2006年1月2日", 10},
}

// fineMost is how much a time tells at most: its seconds.
const fineMost = len(time.DateTime)

func readTime(s string, zone *time.Location) (t time.Time, fine int, ok bool) {
	if cut := strings.LastIndexByte(s, '.'); cut >= len(time.DateTime) && allDigits(s[cut+1:]) {
		s = s[:cut]
	}
	for _, f := range timeForms {
		if t, err := time.ParseInLocation(f.form, s, zone); err == nil {
			return t, f.fine, true
		}
	}
	return time.Time{}, 0, false
}

// check says what is wrong with a cell of the file, and learns how much its times tell.
func (c *Column) check(cell string, fine *int) *fault.Error {
	switch {
	case cell == "" && c.Key:
		return c.wrong(text.F("列 %s 是空的，认不出这一行是哪一条", "column %s is empty: nobody knows which record the row is", c.Heading), text.T("补上，或删去这一行", "fill it in, or drop the row"))
	case cell == "" || !c.Time:
		return nil
	}
	_, has, ok := readTime(cell, c.Zone)
	if !ok {
		return c.wrong(text.F("列 %s 里的不是时间", "what column %s holds is no time", c.Heading), text.T("写成 2006-01-02 15:04:05，或只到分、到日", "write 2006-01-02 15:04:05, or as far as the minute or the day"))
	}
	*fine = min(*fine, has)
	return nil
}

func (c *Column) wrong(what, hint text.Text) *fault.Error {
	return &fault.Error{Op: "read listing", Kind: fault.Config, What: what, Hint: hint}
}

// listed is a cell of the file in the words of the receiver's records.
func (c *Column) listed(cell string, fine int) string {
	switch {
	case cell == "":
		return ""
	case c.Time:
		if t, _, ok := readTime(cell, c.Zone); ok {
			return t.Format(time.DateTime)[:fine]
		}
	case c.Number:
		return bareNumber(strings.ReplaceAll(cell, ",", ""))
	case c.Codes[cell] != "":
		return c.Codes[cell]
	}
	return cell
}

// ours is a value of a record in the same words.
func (c *Column) ours(col arrow.Array, row int, fine int) string {
	if col.IsNull(row) {
		return ""
	}
	switch a := col.(type) {
	case *array.Timestamp:
		return time.Unix(int64(a.Value(row)), 0).In(c.Zone).Format(time.DateTime)[:fine]
	case *array.Date32:
		return a.Value(row).ToTime().Format(time.DateTime)[:fine]
	case *array.String:
		return c.listed(trimmed(a.Value(row)), fine)
	}
	return c.listed(col.ValueStr(row), fine)
}

// bareNumber is a number without zeros at its end and sign of a positive one.
func bareNumber(s string) string {
	s = strings.TrimPrefix(s, "+")
	if at := strings.IndexByte(s, '.'); at >= 0 && allDigits(s[at+1:]) {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// trimmed is a value without the blanks that spreadsheets leave around it.
func trimmed(s string) string { return strings.Trim(s, " \t\r\n\u3000\u00a0\ufeff") }

// textColumn reads a column of text; a column that is not there is empty.
func textColumn(rec arrow.Record, name string) func(row int) string {
	at := rec.Schema().FieldIndices(name)
	if len(at) == 0 {
		return func(int) string { return "" }
	}
	c, ok := rec.Column(at[0]).(*array.String)
	if !ok {
		return rec.Column(at[0]).ValueStr
	}
	return func(row int) string {
		if c.IsNull(row) {
			return ""
		}
		return c.Value(row)
	}
}
