package sqlview

import (
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// Condition compares one column with values; values only ever travel as parameters.
type Condition struct {
	Column string
	Op     string // = != < <= > >= in not_in null not_null
	Values []any  // string, int64, int, float64 or bool: one; in and not_in: one or more; null and not_null: none
}

var comparisons = map[string]string{"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// params collects the parameters of one statement.
type params struct {
	d    *sqldialect.Dialect
	args []any
}

// add is the placeholder of one more parameter.
func (p *params) add(v any) string {
	if p.d.Param != nil {
		v = p.d.Param(v)
	}
	p.args = append(p.args, v)
	return p.d.Placeholder(len(p.args))
}

// whereSQL is the conditions joined by AND, each in brackets; empty without any.
func whereSQL(p *params, conditions []Condition) (string, error) {
	var parts []string
	for _, c := range conditions {
		part, err := c.sql(p)
		if err != nil {
			return "", err
		}
		parts = append(parts, "("+part+")")
	}
	return strings.Join(parts, " AND "), nil
}

func (c Condition) sql(p *params) (string, error) {
	column, err := p.d.QuoteName(c.Column)
	if err != nil {
		return "", err
	}
	for _, v := range c.Values {
		switch v.(type) {
		case string, int64, int, float64, bool:
		default:
			return "", c.bad("值只能是文字、数字或真假", "a value is text, a number, true or false")
		}
	}
	n := len(c.Values)
	if op, ok := comparisons[c.Op]; ok {
		if n != 1 {
			return "", c.bad("这个比较需要恰好一个值", "this comparison takes exactly one value")
		}
		return column + " " + op + " " + p.add(c.Values[0]), nil
	}
	switch {
	case c.Op == "in" && n > 0:
		return column + " IN (" + p.list(c.Values) + ")", nil
	case c.Op == "not_in" && n > 0:
		return column + " NOT IN (" + p.list(c.Values) + ")", nil
	case c.Op == "null" && n == 0:
		return column + " IS NULL", nil
	case c.Op == "not_null" && n == 0:
		return column + " IS NOT NULL", nil
	}
	return "", c.bad("条件写法不对；可用 = != < <= > >= in not_in null not_null",
		"malformed condition; known: = != < <= > >= in not_in null not_null")
}

func (c Condition) bad(zh, en string) error {
	return fault.New(fault.Config, "check where", c.Column, text.T(zh, en), text.Text{})
}

func (p *params) list(values []any) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = p.add(v)
	}
	return strings.Join(marks, ", ")
}
