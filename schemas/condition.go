package schemas

import (
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/text"
)

// condition is RequiredWhen in one of the forms
//
//	field == 'x'    field != 'x'    field in ['x', 'y']
//
// which are CEL too. The field is a text or a code of the same record. A NULL makes
// every form false: a value that is missing itself is another finding.
type condition struct {
	field  string
	negate bool
	values []string
}

var conditionHint = text.T(
	"只支持 字段 == '值'、字段 != '值'、字段 in ['值', '值']",
	"only field == 'x', field != 'x' and field in ['x', 'y'] are understood")

var (
	comparison = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=)\s*'([^']*)'$`)
	membership = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)\s+in\s+\[(.*)\]$`)
	quoted     = regexp.MustCompile(`^'([^']*)'$`)
)

type conditionError struct{ what text.Text }

func parseCondition(s string, subject *Subject) (*condition, *conditionError) {
	c := readCondition(strings.TrimSpace(s))
	if c == nil {
		return nil, &conditionError{text.F("看不懂条件 %s", "cannot read the condition %s", s)}
	}
	f := subject.Field(c.field)
	if f == nil || (f.Type != Text && f.Type != Code) {
		return nil, &conditionError{text.F("条件里的 %s 不是本表的文本或代码字段", "%s in the condition is not a text or code field of this subject", c.field)}
	}
	return c, nil
}

func readCondition(s string) *condition {
	if m := comparison.FindStringSubmatch(s); m != nil {
		return &condition{field: m[1], negate: m[2] == "!=", values: []string{m[3]}}
	}
	m := membership.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	c := &condition{field: m[1]}
	for _, part := range strings.Split(m[2], ",") {
		v := quoted.FindStringSubmatch(strings.TrimSpace(part))
		if v == nil {
			return nil
		}
		c.values = append(c.values, v[1])
	}
	return c
}

// holds says whether the condition is true of a row.
func (c *condition) holds(col *array.String, row int) bool {
	if col.IsNull(row) || col.ValueLen(row) == 0 {
		return false
	}
	return slices.Contains(c.values, col.Value(row)) != c.negate
}
