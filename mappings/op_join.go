package mappings

import (
	"unsafe"

	"banjian/internal/text"
	"banjian/schemas"
)

// joining is how a list becomes a text.
type joining struct {
	sep   string
	width int // of the text in unit, 0 = any; what exceeds it is left out whole
	unit  schemas.Unit
}

// buildJoin is join: "、", join: "", or join: {with: "、", cut: true}: a list becomes a text; an
// empty list is NULL. The list is a column of a delivery mapping, an array, or what
// split made. With cut only as many whole elements are taken as the field is wide, and
// a too_long warning counts the row.
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
	sep := ""
	if with.kind != scalarNode || with.plain || with.text != "" { // join: "" sets them side by side
		var err error
		if sep, err = c.word(k, with); err != nil {
			return err
		}
	}
	if c.state != stateList {
		return c.fail(k, "join 只用于列表：列表列、array 或 split 之后", "join needs a list: a list column, an array, or split before it")
	}
	c.state = stateText
	j := &joining{sep: sep}
	c.plan.say(text.F("用 %q 连接", "join with %q", sep))
	if cut {
		j.width, j.unit = c.plan.target.Width, c.cat.UnitFor(c.subject)
		c.plan.say(text.T("超宽时只取前面的整项", "whole elements only, as many as fit"))
	}
	if c.plan.split != "" {
		c.plan.steps = append(c.plan.steps, j.step(c.plan.split))
		c.plan.split = ""
		return nil
	}
	c.plan.join = j
	return nil
}

// step is split and join in one.
func (j *joining) step(split string) step {
	return step{key: "join", run: func(s *scratch, v string) (string, outcome) {
		buf := joinBuffer{b: s.begin()}
		splitInto(v, split, func(part string) { buf.add(j, part) })
		if out, ok := buf.text(j, s); ok {
			s.end(buf.b)
			return out, valued
		}
		return "", empty
	}}
}

// joinBuffer is a joined text under construction.
type joinBuffer struct {
	b     []byte
	wide  int
	parts int
	full  bool
}

func (o *joinBuffer) reset() { *o = joinBuffer{b: o.b[:0]} }

func (o *joinBuffer) add(j *joining, v string) {
	o.wide += j.unit.Width(v)
	if o.parts > 0 {
		o.wide += j.unit.Width(j.sep)
	}
	if o.full = o.full || j.width > 0 && o.wide > j.width; !o.full {
		if o.parts > 0 {
			o.b = append(o.b, j.sep...)
		}
		o.b = append(o.b, v...)
	}
	o.parts++
}

// text is the joined text; one that had to be cut is a warning.
func (o *joinBuffer) text(j *joining, s *scratch) (string, bool) {
	switch {
	case o.full && j.unit.Bytes:
		s.warn("too_long_bytes", []string{itoa(j.width), itoa(o.wide), j.unit.Charset})
	case o.full:
		s.warn("too_long", []string{itoa(j.width), itoa(o.wide)})
	}
	return unsafe.String(unsafe.SliceData(o.b), len(o.b)), len(o.b) > 0
}
