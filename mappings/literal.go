package mappings

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fits refuses a literal of the file that the target field could not hold.
func (c *fieldCompiler) fits(n *node, s string) error {
	t := c.plan.target
	switch t.Type {
	case schemas.Code:
		set, ok := c.cat.CodeSet(t.CodeSet)
		if ok && !set.Has(s) {
			return c.failHint(n, codeHint(set, s), "%q 不在代码集 %s 里", "%q is not in code set %s", s, set.Name)
		}
	case schemas.Decimal:
		if _, ok := appendDecimal(nil, s, t.Width, t.Scale); !ok {
			return c.fail(n, "%q 不是 %d 位、%d 位小数的数", "%q is no number of %d digits with %d decimals", s, t.Width, t.Scale)
		}
		return nil
	case schemas.Int, schemas.Bool, schemas.Time, schemas.Date:
		_, err := c.literal(n, s)
		return err
	}
	if w := utf8.RuneCountInString(s); t.Width > 0 && w > t.Width {
		return c.fail(n, "%q 有 %d 个字符，字段 %s 只容 %d 个", "%q has %d characters, field %s holds %d", s, w, t.Name, t.Width)
	}
	return nil
}

// codeHint is the codes a literal that is none may have meant: one alike, else all of a short
// list, else where they are.
func codeHint(set *schemas.CodeSet, s string) text.Text {
	if hint := nearest.Hint(s, codesOf(set)); !hint.IsZero() {
		return hint
	}
	if !set.Listed() || len(set.Codes) > 12 {
		return text.F("代码见 banjian codes show %s", "banjian codes show %s lists the codes", set.Name)
	}
	var zh, en []string
	for _, v := range set.Codes {
		zh, en = append(zh, v.Code+" "+v.Title.ZH), append(en, v.Code+" "+v.Title.In(text.EN))
	}
	return text.T("可用："+strings.Join(zh, "，"), "known: "+strings.Join(en, ", "))
}

func codesOf(set *schemas.CodeSet) []string {
	var out []string
	for _, v := range set.Codes {
		out = append(out, v.Code)
	}
	return out
}

// literal is a literal of the file as a value of the (not textual) target field.
func (c *fieldCompiler) literal(n *node, s string) (int64, error) {
	v, rule := parseTyped(c.plan.target.Type, defaultLayouts, &clock{}, s)
	if rule != "" {
		return 0, c.fail(n, "%q 不是字段 %s 的 %s", "%q is no %[3]s for field %[2]s", s, c.plan.target.Name, c.plan.target.Type)
	}
	return v, nil
}

// parseTyped reads text as an int, a truth value, an instant or a day; the second
// result is the rule it breaks.
func parseTyped(t schemas.Type, layouts []layout, k *clock, v string) (int64, string) {
	switch t {
	case schemas.Int:
		n, ok := parseInt(v)
		if !ok {
			return 0, "bad_int"
		}
		return n, ""
	case schemas.Bool:
		b, ok := parseBool(v)
		if !ok {
			return 0, "bad_bool"
		}
		if b {
			return 1, ""
		}
		return 0, ""
	case schemas.Date:
		return parseDay(layouts, v)
	}
	return parseTime(layouts, k, v)
}

// showPairs is a map of the file as one line, in the order written.
func showPairs(n *node) string {
	var b strings.Builder
	for i, k := range n.keys {
		if i > 0 {
			b.WriteString(", ")
		}
		to := n.vals[i].text
		if to == "" {
			to = "∅"
		}
		b.WriteString(k.text + "→" + to)
	}
	return b.String()
}
