package mappings

import (
	"strings"
	"unsafe"

	"banjian/internal/text"
	"banjian/schemas"
)

// composeParts are the segments of an item code in their order and their width:
// implementation code (31) = credit code of the body 18, level of exercise 1, basic code
// 12; handling-item code (33) = that and the number of the handling item 2.
var composeParts = []struct {
	key   string
	width int
}{{"unit", 18}, {"level", 1}, {"basic", 12}, {"handling", 2}}

// buildCompose is the head {item_code: {unit, level, basic, handling}}: an implementation
// code (实施编码), or with handling a handling-item code (业务办理项编码), put together from
// national segments the department holds in columns of their own; {const: "3"} is the same
// for every row. Full-width forms are folded, blanks dropped and letters raised, and the
// whole is checked as check: item_code does; a segment of another width fails with
// item_code. NULL when a segment is. Local codes are never composed: they need a crosswalk.
func (c *fieldCompiler) buildCompose(k, v *node) error {
	h := &head{key: "item_code"}
	var fixed []string // per segment, empty: a column
	shown := make([]string, 0, len(composeParts))
	for _, p := range composeParts {
		n := v.get(p.key)
		switch {
		case n == nil && p.key == "handling":
			continue
		case n == nil:
			return c.failHint(v, text.T("例如 item_code: {unit: tyxydm, level: xscj, basic: jbbm}", "for example item_code: {unit: tyxydm, level: xscj, basic: jbbm}"), "缺少 %s:", "%s: is missing", p.key)
		case n.kind == mapNode && len(n.keys) == 1 && n.keys[0].text == "const":
			if len(n.vals[0].text) != p.width {
				return c.fail(n.vals[0], "%s 要 %d 位", "the width of %s is %d", p.key, p.width)
			}
			fixed = append(fixed, n.vals[0].text)
			shown = append(shown, n.vals[0].text)
			continue
		}
		name, err := c.textColumn(k, n)
		if err != nil {
			return err
		}
		fixed, shown = append(fixed, ""), append(shown, name)
		h.columns = append(h.columns, name)
	}
	if len(h.columns) == 0 {
		return c.fail(v, "各段都是固定值，请用 const", "every segment is fixed: use const")
	}
	h.bind = bindCompose(fixed)
	h.say = text.F("由 %s 拼成事项编码", "item code of %s", strings.Join(shown, " + "))
	if err := c.setHead(h, k); err != nil {
		return err
	}
	if check, ok := schemas.ValueCheck("item_code"); ok {
		c.plan.steps = append(c.plan.steps, checkStep("item_code", check))
		c.plan.say(text.T("检查 item_code", "check item_code"))
	}
	return nil
}

func bindCompose(fixed []string) func([]*column, *scratch) headFn {
	return func(cols []*column, s *scratch) headFn {
		var buf []byte
		return func(i int, add func(string)) bool {
			buf = buf[:0]
			next := 0
			for k, part := range fixed {
				if part != "" {
					buf = append(buf, part...)
					continue
				}
				v, ok := cols[next].text(i)
				next++
				if !ok {
					return true
				}
				before := len(buf)
				if buf = appendCode(buf, v); len(buf)-before != composeParts[k].width {
					s.fail("item_code", "length")
					return false
				}
			}
			add(unsafe.String(unsafe.SliceData(buf), len(buf)))
			return true
		}
	}
}

// appendCode appends v as codes are written: ASCII, capitals, no blanks.
func appendCode(b []byte, v string) []byte {
	for _, r := range v {
		switch {
		case isBlankRune(r):
			continue
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		b = append(b, string(r)...)
	}
	return b
}
