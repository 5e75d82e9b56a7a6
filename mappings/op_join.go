package mappings

import (
	"unicode/utf8"

	"banjian/internal/text"
	"banjian/schemas"
)

// joining is how a list becomes a text.
type joining struct {
	sep   string
	width int // characters the text may have, 0 = any; what exceeds it is left out whole
}

// buildJoin is join: "、", or join: {with: "、", cut: true}: a list becomes a text; an
// empty list is NULL. With cut only as many whole elements are taken as the field is
// wide, and a too_long warning counts the row. Delivery mappings only, as no
// department column is a list.
func buildJoin(c *fieldCompiler, k, v *node) error {
	var cut bool
	with := v
	if v.kind == mapNode {
		if err := c.file.known(v, []string{"with", "cut"}); err != nil {
			return err
		}
		if n := v.get("cut"); n != nil {
			if err := c.flag(k, n); err != nil {
				return err
			}
			cut = true
		}
		with = orNode(v.get("with"), v)
	}
	sep, err := c.word(k, with)
	if err != nil {
		return err
	}
	if c.sourceType() != schemas.List || c.state != stateList {
		return c.fail(k, "join 只用于来源是列表的字段", "join needs a list as its source")
	}
	c.plan.join = &joining{sep: sep}
	c.state = stateText
	c.plan.say(text.F("用 %q 连接", "join with %q", sep))
	if cut {
		c.plan.join.width = c.plan.target.Width
		c.plan.say(text.T("超宽时只取前面的整项", "whole elements only, as many as fit"))
	}
	return nil
}

// append joins the elements of row i to b; the number is the characters the whole
// text would have had when it was cut, else 0.
func (j *joining) append(b []byte, c *column, i int) ([]byte, int) {
	if c.list.IsNull(i) {
		return b, 0
	}
	chars, full := 0, false
	from, to := c.list.ValueOffsets(i)
	for k := from; k < to; k++ {
		v := c.str.Value(int(k))
		more := utf8.RuneCountInString(v)
		if k > from {
			more += utf8.RuneCountInString(j.sep)
		}
		chars += more
		if full = full || j.width > 0 && chars > j.width; full {
			continue
		}
		if k > from {
			b = append(b, j.sep...)
		}
		b = append(b, v...)
	}
	if full {
		return b, chars
	}
	return b, 0
}
