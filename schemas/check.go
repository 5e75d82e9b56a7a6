package schemas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/day"
)

// Checker is the last gate of a record: what a subject demands, column by column.
// It finds
//
//	required       NULL or empty where a value must stand (Field.Required, RequiredWhen)
//	too_long       more characters than the field is wide
//	too_long_bytes more bytes than the field is wide, at a receiver that counts them
//	not_in_charset a character that the receiver's charset lacks
//	bad_code       a value outside the code set
//	bad_text       invalid UTF-8, or a control character other than tab and newline
//	bad_decimal    a decimal that is not canonical or too big for its precision
//	Orders         two times in the wrong order
//	Rules          the rules over several fields, each by its id (see RecordRule)
//
// A derived field is never required: it is filled later. Every finding on a value has
// severity Reject; whether an optional one is emptied instead is the mapping's to say.
// A rule has its own.
// A Checker has no state and is safe for concurrent use.
type Checker struct {
	subject *Subject
	cols    []columnCheck
	orders  []orderCheck
	rules   []recordCheck
}

type columnCheck struct {
	field *Field
	typ   arrow.DataType
	set   *CodeSet   // Code, and Text that holds several codes
	when  *condition // RequiredWhen
	over  int        // column of the condition
	unit  *Unit      // of the receiver, nil = characters
}

type orderCheck struct {
	Order
	before, after int // columns
}

// NewChecker prepares the checks of a subject. It fails only for a subject that does
// not come from the catalog: an unknown code set, a condition it cannot read.
func NewChecker(s *Subject, c *Catalog) (*Checker, error) {
	k := &Checker{subject: s}
	column := map[string]int{}
	for i := range s.Fields {
		column[s.Fields[i].Name] = i
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		check := columnCheck{field: f, typ: f.ArrowType()}
		if u := c.UnitFor(s); u != (Unit{}) {
			check.unit = &u
		}
		if f.CodeSet != "" {
			set, ok := c.CodeSet(f.CodeSet)
			if !ok {
				return nil, unknownSet(s, f)
			}
			check.set = set
		}
		if f.RequiredWhen != "" {
			when, err := parseCondition(f.RequiredWhen, s)
			if err != nil {
				return nil, badCondition(s, f, err)
			}
			check.when, check.over = when, column[when.field]
		}
		k.cols = append(k.cols, check)
	}
	for _, o := range s.Orders {
		before, ok1 := column[o.Before]
		after, ok2 := column[o.After]
		if !ok1 || !ok2 {
			return nil, badOrder(s, o)
		}
		k.orders = append(k.orders, orderCheck{o, before, after})
	}
	for _, r := range s.Rules {
		rule, bad := r.compile(s)
		if !bad.IsZero() {
			return nil, badRule(s, bad)
		}
		k.rules = append(k.rules, rule)
	}
	return k, nil
}

// Check judges every row of rec, whose schema is the subject's Arrow(); another
// layout is a mistake of the program and panics. The issues come in row order, within
// a row in the order of the fields; nil when there are none.
func (k *Checker) Check(rec arrow.Record) []Issue {
	if int(rec.NumCols()) != len(k.cols) {
		panic(fmt.Sprintf("schemas: record of %d columns checked as %s, which has %d", rec.NumCols(), k.subject.Name, len(k.cols)))
	}
	if rec.NumRows() == 0 {
		return nil // an empty column may have no offsets at all
	}
	var issues []Issue
	for i := range k.cols {
		issues = k.cols[i].check(rec, i, issues)
	}
	for i := range k.orders {
		issues = k.orders[i].check(rec, issues)
	}
	issues = k.findRules(rec, issues)
	if len(issues) > 1 {
		slices.SortStableFunc(issues, func(a, b Issue) int { return int(a.Row) - int(b.Row) })
	}
	return issues
}

// findRules adds what the rules find, but for values that were found wrong already.
func (k *Checker) findRules(rec arrow.Record, issues []Issue) []Issue {
	before := len(issues)
	for i := range k.rules {
		issues = k.rules[i].find(rec, issues)
	}
	if before == 0 || len(issues) == before {
		return issues
	}
	type cell struct {
		row   int32
		field string
	}
	known := make(map[cell]bool, before)
	for _, is := range issues[:before] {
		known[cell{is.Row, is.Field}] = true
	}
	return append(issues[:before], slices.DeleteFunc(issues[before:], func(is Issue) bool { return known[cell{is.Row, is.Field}] })...)
}

func (c *columnCheck) check(rec arrow.Record, i int, issues []Issue) []Issue {
	col := rec.Column(i)
	if col.DataType().ID() != c.typ.ID() {
		panic(fmt.Sprintf("schemas: column %s is %s instead of %s", c.field.Name, col.DataType(), c.typ))
	}
	if c.field.Required || c.when != nil {
		issues = c.required(rec, col, issues)
	}
	if col.NullN() == col.Len() {
		return issues
	}
	switch a := col.(type) {
	case *array.String:
		switch c.field.Type {
		case Code:
			return c.codes(a, issues)
		case Decimal:
			return c.decimals(a, issues)
		case JSON, File:
			return c.texts(a, 0, issues)
		default:
			issues = c.texts(a, c.field.Width, issues)
			if c.set != nil {
				issues = c.members(a, issues)
			}
			return issues
		}
	case *array.List:
		return c.list(a, issues)
	}
	return issues
}

// required finds rows without a value: NULL, an empty text, an empty list.
func (c *columnCheck) required(rec arrow.Record, col arrow.Array, issues []Issue) []Issue {
	if col.NullN() == 0 && !mayBeEmpty(col) {
		return issues
	}
	var over *array.String
	if c.when != nil {
		over = rec.Column(c.over).(*array.String)
	}
	for row := 0; row < col.Len(); row++ {
		if col.IsNull(row) || isEmpty(col, row) {
			if over == nil || c.when.holds(over, row) {
				issues = append(issues, c.issue(row, "required"))
			}
		}
	}
	return issues
}

// mayBeEmpty says whether some value of a text or list column is empty.
func mayBeEmpty(col arrow.Array) bool {
	var offsets []int32
	switch a := col.(type) {
	case *array.String:
		offsets = a.ValueOffsets()
	case *array.List:
		offsets = a.Offsets()[a.Data().Offset() : a.Data().Offset()+a.Len()+1]
	}
	for i := 1; i < len(offsets); i++ {
		if offsets[i] == offsets[i-1] {
			return true
		}
	}
	return false
}

func isEmpty(col arrow.Array, row int) bool {
	switch a := col.(type) {
	case *array.String:
		return a.ValueLen(row) == 0
	case *array.List:
		from, to := a.ValueOffsets(row)
		return from == to
	}
	return false
}

// codes tests membership; a run of equal values is looked up once.
func (c *columnCheck) codes(a *array.String, issues []Issue) []Issue {
	nulls := a.NullN() > 0
	last, known := "", false
	for row := 0; row < a.Len(); row++ {
		v := a.Value(row)
		if known && v == last {
			continue
		}
		if v == "" || nulls && a.IsNull(row) {
			continue
		}
		if !c.set.Has(v) {
			issues = append(issues, c.issue(row, "bad_code", c.set.Name, shortCode(v)))
			continue
		}
		last, known = v, true
	}
	return issues
}

// members tests each code of values that hold several.
func (c *columnCheck) members(a *array.String, issues []Issue) []Issue {
	for row := 0; row < a.Len(); row++ {
		if a.IsNull(row) {
			continue
		}
		for rest, more := a.Value(row), true; more && rest != ""; {
			var code string
			if code, rest, more = strings.Cut(rest, c.field.Many); !c.set.Has(code) {
				issues = append(issues, c.issue(row, "bad_code", c.set.Name, shortCode(code)))
				break
			}
		}
	}
	return issues
}

func (c *columnCheck) issue(row int, rule string, args ...string) Issue {
	return Issue{Row: int32(row), Field: c.field.Name, Rule: rule, Args: args, Severity: Reject}
}

// shortCode shows a value that is in no code set. What is longer than a code may be
// something else altogether, a name in the wrong column for one: it is cut.
func shortCode(v string) string {
	const most, shown = 12, 4
	runes := []rune(v)
	if len(runes) <= most {
		return v
	}
	return string(runes[:shown]) + "…"
}

// check finds rows whose Before lies after their After. A time at midnight of UTC+8
// is taken for a bare day and compared by day.
func (o *orderCheck) check(rec arrow.Record, issues []Issue) []Issue {
	before, ok1 := rec.Column(o.before).(*array.Timestamp)
	after, ok2 := rec.Column(o.after).(*array.Timestamp)
	if !ok1 || !ok2 {
		panic("schemas: order " + o.Rule + " over columns that are no timestamps")
	}
	b, a := before.TimestampValues(), after.TimestampValues()
	for row := range b {
		if b[row] <= a[row] || before.IsNull(row) || after.IsNull(row) || day.Within(int64(b[row]), int64(a[row])) {
			continue
		}
		issues = append(issues, Issue{Row: int32(row), Field: o.Before, Rule: o.Rule, Severity: o.Severity})
	}
	return issues
}
