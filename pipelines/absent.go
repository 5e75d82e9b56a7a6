package pipelines

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// What a row that left the view means (From.Absent).
const (
	AbsentKeep   = "keep"   // nothing: the default
	AbsentDelete = "delete" // its records are deleted, within Scope and the fuse
)

// ScopeRule (视图范围) is one condition on a record that the view can be expected to show:
// Field is a canonical field; it is not before Since, or one of In. A record that does not
// meet every rule is not missed when the view does not have it.
type ScopeRule struct {
	Field string   `yaml:"field"`
	Since string   `yaml:"since"` // year, month, a date, or a length of time back from now
	In    []string `yaml:"in"`
}

// SoftDelete (删除标志) is the column in which a department marks rows as deleted.
type SoftDelete struct {
	Column string   `yaml:"column"`
	Values []string `yaml:"values"` // as the view has them
}

// DeletesSpec bounds what one run may delete before a person approves it.
type DeletesSpec struct {
	Max   *int64 `yaml:"max"`   // records; default DefaultDeletes
	Ratio string `yaml:"ratio"` // share of the records the view stands for; default DefaultDeleteRatio
}

// Defaults of DeletesSpec. Where no share is written a few deletes pass whatever theirs
// is, unless they are all.
const (
	DefaultDeletes     = 1000
	DefaultDeleteRatio = 0.01
	FewDeletes         = 5
)

// Bounds is the spec as the ledger's fuse takes it; a number up to few passes whatever its
// share.
func (d DeletesSpec) Bounds() (most int64, ratio float64, few int64, err error) {
	most, ratio, few = DefaultDeletes, DefaultDeleteRatio, FewDeletes
	if d.Max != nil {
		most = *d.Max
	}
	if d.Ratio != "" {
		percent, ok := strings.CutSuffix(strings.TrimSpace(d.Ratio), "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if !ok || err != nil || v < 0 || v > 100 {
			return 0, 0, 0, fault.New(fault.Config, "read pipeline", "", text.F("deletes.ratio %q 不是百分数", "deletes.ratio %q is not a percentage", d.Ratio),
				text.T("写成 2% 这样", "write it like 2%"))
		}
		ratio, few = v/100, 0
	}
	return most, ratio, few, nil
}

// edge is how near to its beginning a scope is not trusted: the view's own edge may be
// judged by another clock, and at another time.
const edge = 24 * time.Hour

// From is where the rule's range begins at a moment, a day later than written, in zone.
// ok is false if the rule has no Since.
func (r ScopeRule) From(now time.Time, zone *time.Location) (from time.Time, ok bool, err error) {
	here := now.In(zone)
	switch since := strings.TrimSpace(r.Since); since {
	case "":
		return time.Time{}, false, nil
	case "year":
		from = time.Date(here.Year(), 1, 1, 0, 0, 0, 0, zone)
	case "month":
		from = time.Date(here.Year(), here.Month(), 1, 0, 0, 0, 0, zone)
	default:
		if dateForm.MatchString(since) {
			from, err = time.ParseInLocation(time.DateOnly, since, zone)
		} else {
			var d Duration
			err = d.UnmarshalYAML(func(v any) error { *v.(*string) = since; return nil })
			from = here.Add(-time.Duration(d))
		}
		if err != nil {
			return time.Time{}, false, fault.New(fault.Config, "read pipeline", "", text.F("scope 的 since %q 不认识", "scope: since %q is not understood", since),
				text.T("写 year、month、2026-01-01 或 400d", "write year, month, 2026-01-01 or 400d"))
		}
	}
	return from.Add(edge), true, nil
}

var dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// checkAbsent finds what can be wrong in what a pipeline says of vanished and deleted rows.
func (s *Spec) checkAbsent() error {
	bad := func(zh, en, hintZH, hintEN string, path ...any) error {
		return s.Fault(text.T("管道 "+s.Pipeline+" "+zh, "pipeline "+s.Pipeline+": "+en), text.T(hintZH, hintEN), path...)
	}
	f := &s.From
	if _, err := f.CursorOf(); err != nil {
		return s.placed(err, "from", "cursor")
	}
	if f.Absent != "" && f.Absent != AbsentKeep && f.Absent != AbsentDelete {
		return bad("的 absent "+strconv.Quote(f.Absent)+" 不认识", "absent "+strconv.Quote(f.Absent)+" is not known", "用 keep 或 delete", "use keep or delete", "from", "absent")
	}
	if len(f.Scope) > 0 && f.Absent != AbsentDelete {
		return bad("写了 scope 却没有 absent: delete", "there is a scope without absent: delete", "加上 absent: delete，或去掉 scope", "add absent: delete, or drop the scope", "from", "scope")
	}
	for i, r := range f.Scope {
		if r.Field == "" || (r.Since == "") == (len(r.In) == 0) {
			return bad("的 scope 每条要有 field，以及 since 或 in 之一", "every entry of scope has a field, and since or in", "例如 scope: [{field: accepted_at, since: year}]", "for instance scope: [{field: accepted_at, since: year}]", "from", "scope", i)
		}
		if _, _, err := r.From(time.Now(), time.UTC); err != nil {
			return s.placed(err, "from", "scope", i, "since")
		}
	}
	if d := f.Deleted; d != nil && (d.Column == "" || len(d.Values) == 0) {
		return bad("的 deleted 要有 column 和 values", "deleted has a column and values", "例如 deleted: {column: sfsc, values: [\"1\"]}", "for instance deleted: {column: sfsc, values: [\"1\"]}", "from", "deleted")
	}
	if s.Deletes.Max != nil && *s.Deletes.Max < 0 {
		return bad("的 deletes.max 不能为负", "deletes.max cannot be negative", "0 表示每次都要人批准", "0: a person approves every time", "deletes", "max")
	}
	_, _, _, err := s.Deletes.Bounds()
	return s.placed(err, "deletes", "ratio")
}

// placed is err at the value that path leads to.
func (s *Spec) placed(err error, path ...any) error {
	if f, ok := err.(*fault.Error); ok {
		return s.Fault(f.What, f.Hint, path...)
	}
	return err
}
