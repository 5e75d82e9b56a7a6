package schemas

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/day"
	"banjian/internal/text"
)

// recordCheck is a RecordRule over the columns of a record.
type recordCheck struct {
	rule   *RecordRule
	when   []premise
	at     []int // columns the demand looks at
	skip   bool  // nothing to find where the first of them is all NULL
	demand func(k *recordCheck, rec arrow.Record, row int) (Finding, bool)

	check  func(string) Finding
	checks map[string]func(string) Finding
}

// holds says whether a premise is true of a row.
func (p *premise) holds(col arrow.Array, row int) bool {
	switch {
	case p.cond != nil:
		return p.cond.holds(col.(*array.String), row)
	case p.null:
		return hasValue(col, row) == p.negate
	}
	return col.IsValid(row) && col.(*array.Boolean).Value(row) == p.truth
}

func hasValue(col arrow.Array, row int) bool { return col.IsValid(row) && !isEmpty(col, row) }

// compile settles columns and types; bad says what does not fit.
func (r *RecordRule) compile(s *Subject) (k recordCheck, bad text.Text) {
	k.rule = r
	for _, w := range r.When {
		p, bad := compilePremise(w, s)
		if !bad.IsZero() {
			return k, bad
		}
		k.when = append(k.when, p)
	}
	names, types := r.reads()
	for i, name := range append([]string{r.Field}, names...) {
		at := s.index(name)
		if at < 0 || i > 0 && types != nil && !slices.Contains(types, s.Fields[at].Type) {
			return k, text.F("规则 %[1]s：%[3]s 没有字段 %[2]s，或类型不合", "rule %[1]s: %[3]s has no field %[2]s, or one of another type", r.ID, name, s.Name)
		}
		if i > 0 {
			k.at = append(k.at, at)
		}
	}
	return k, k.settle(r)
}

// reads is the fields a demand looks at, and the types they may have; nil = any.
func (r *RecordRule) reads() ([]string, []Type) {
	texts := []Type{Text, Code}
	switch {
	case r.Present != nil:
		return r.Present, nil
	case r.Absent != nil:
		return r.Absent, nil
	case r.Order != nil:
		return []string{r.Order.Before, r.Order.After}, []Type{Time}
	case r.SameDay != nil:
		return r.SameDay, []Type{Time}
	case r.SameLength != nil:
		return r.SameLength, []Type{List}
	case r.Between != nil:
		return []string{r.Field}, []Type{Int}
	case r.CheckBy != nil:
		return []string{r.Field, r.CheckBy.Field}, texts
	}
	return []string{r.Field}, texts
}

// settle chooses the demand and its checks.
func (k *recordCheck) settle(r *RecordRule) text.Text {
	two := func() text.Text {
		if len(k.at) != 2 {
			return text.F("规则 %s 要写两个字段", "rule %s takes two fields", r.ID)
		}
		return text.Text{}
	}
	k.skip = r.Present == nil
	switch {
	case r.Present != nil:
		k.demand = func(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
			return Finding{}, k.all(rec, row, true)
		}
	case r.Absent != nil:
		k.demand = func(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
			return Finding{}, k.all(rec, row, false)
		}
	case r.Order != nil:
		k.demand = inOrder
	case r.SameDay != nil:
		k.demand = onOneDay
		return two()
	case r.SameLength != nil:
		k.demand = equallyLong
		k.skip = false
		return two()
	case r.Between != nil:
		k.demand = within
	case r.OneOf != nil:
		k.demand = oneOfThese
	default:
		return k.values(r)
	}
	return text.Text{}
}

// values finds the named checks.
func (k *recordCheck) values(r *RecordRule) text.Text {
	unknown := func(name string) text.Text {
		return text.F("规则 %s：没有检查 %s", "rule %s: there is no check %s", r.ID, name)
	}
	ok := false
	if r.Check != "" {
		k.demand = checked
		if k.check, ok = ValueCheck(r.Check); !ok {
			return unknown(r.Check)
		}
		return text.Text{}
	}
	k.demand, k.checks = checkedBy, map[string]func(string) Finding{}
	by := r.CheckBy.Checks
	if len(by) == 0 {
		by = documentChecks
	}
	for value, name := range by {
		if k.checks[value], ok = ValueCheck(name); !ok {
			return unknown(name)
		}
	}
	return text.Text{}
}

// find adds the rows that break the rule.
func (k *recordCheck) find(rec arrow.Record, issues []Issue) []Issue {
	if first := rec.Column(k.at[0]); k.skip && first.NullN() == first.Len() {
		return issues
	}
rows:
	for row := 0; row < int(rec.NumRows()); row++ {
		for i := range k.when {
			if !k.when[i].holds(rec.Column(k.when[i].column), row) {
				continue rows
			}
		}
		if f, ok := k.demand(k, rec, row); !ok {
			issues = append(issues, k.issue(f, row))
		}
	}
	return issues
}

// issue bears the rule's id, or the rule and reason of the check that found it.
func (k *recordCheck) issue(f Finding, row int) Issue {
	is := Issue{Row: int32(row), Field: k.rule.Field, Rule: k.rule.ID, Severity: k.rule.Severity}
	if f.Rule != "" {
		is.Rule, is.Args = f.Rule, f.Args
	}
	if f.Warn {
		is.Severity = Warn
	}
	return is
}

// all says whether every column has a value, or none.
func (k *recordCheck) all(rec arrow.Record, row int, want bool) bool {
	for _, at := range k.at {
		if hasValue(rec.Column(at), row) != want {
			return false
		}
	}
	return true
}

func inOrder(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	before, after, both := k.times(rec, row)
	return Finding{}, !both || before <= after || day.Within(before, after)
}

func onOneDay(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	a, b, both := k.times(rec, row)
	return Finding{}, !both || localDay(a) == localDay(b)
}

func (k *recordCheck) times(rec arrow.Record, row int) (a, b int64, both bool) {
	first, second := rec.Column(k.at[0]).(*array.Timestamp), rec.Column(k.at[1]).(*array.Timestamp)
	if first.IsNull(row) || second.IsNull(row) {
		return 0, 0, false
	}
	return int64(first.Value(row)), int64(second.Value(row)), true
}

// localDay counts days in UTC+8.
func localDay(at int64) int64 {
	const shift, day = 8 * 3600, 86400
	at += shift
	if at < 0 {
		at -= day - 1
	}
	return at / day
}

func equallyLong(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	a, b := rec.Column(k.at[0]).(*array.List), rec.Column(k.at[1]).(*array.List)
	if a.IsNull(row) || b.IsNull(row) {
		return Finding{}, true
	}
	from, to := a.ValueOffsets(row)
	first, last := b.ValueOffsets(row)
	return Finding{}, to-from == last-first
}

func within(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	col, b := rec.Column(k.at[0]).(*array.Int64), k.rule.Between
	if col.IsNull(row) {
		return Finding{}, true
	}
	n := col.Value(row)
	return Finding{}, (b.Min == nil || n >= *b.Min) && (b.Max == nil || n <= *b.Max)
}

func oneOfThese(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	v := k.text(rec, 0, row)
	return Finding{}, v == "" || slices.Contains(k.rule.OneOf, v)
}

func checked(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	v := k.text(rec, 0, row)
	if v == "" {
		return Finding{}, true
	}
	f := k.check(v)
	return f, f.OK
}

func checkedBy(k *recordCheck, rec arrow.Record, row int) (Finding, bool) {
	v := k.text(rec, 0, row)
	check := k.checks[k.text(rec, 1, row)]
	if v == "" || check == nil {
		return Finding{}, true
	}
	f := check(v)
	return f, f.OK
}

// text is a cell of the i-th column, empty for NULL.
func (k *recordCheck) text(rec arrow.Record, i, row int) string {
	if col := rec.Column(k.at[i]).(*array.String); col.IsValid(row) {
		return col.Value(row)
	}
	return ""
}
