package mappings

import (
	"unicode/utf8"

	"banjian/internal/text"
)

// buildPadLeft and buildPadRight are pad_left: {to: 12, with: "0"}: short values are
// filled up to so many characters; longer ones stay.
func buildPadLeft(c *fieldCompiler, k, v *node) error {
	to, with, err := c.padding(k, v)
	if err != nil {
		return err
	}
	run := func(s *scratch, v string) (string, outcome) {
		missing := to - utf8.RuneCountInString(v)
		if missing <= 0 {
			return v, valued
		}
		return s.end(append(fill(s.begin(), with, missing), v...))
	}
	return c.textStep(k, step{run: run, say: text.F("左补 %s 到 %d 位", "pad left with %s to %d", with, to)})
}

func buildPadRight(c *fieldCompiler, k, v *node) error {
	to, with, err := c.padding(k, v)
	if err != nil {
		return err
	}
	run := func(s *scratch, v string) (string, outcome) {
		missing := to - utf8.RuneCountInString(v)
		if missing <= 0 {
			return v, valued
		}
		return s.end(fill(append(s.begin(), v...), with, missing))
	}
	return c.textStep(k, step{run: run, say: text.F("右补 %s 到 %d 位", "pad right with %s to %d", with, to)})
}

func (c *fieldCompiler) padding(k, v *node) (int, string, error) {
	if v.kind != mapNode {
		return 0, "", c.failHint(orNode(v, k), text.F("例如 %s: {to: 12, with: \"0\"}", "for example %s: {to: 12, with: \"0\"}", k.text),
			"%s: 要写 {to, with}", "%s: needs {to, with}", k.text)
	}
	if err := c.file.known(v, []string{"to", "with"}); err != nil {
		return 0, "", err
	}
	to, err := c.number(k, v.get("to"))
	if err != nil {
		return 0, "", err
	}
	if w := c.plan.target.Width; w > 0 && to > w {
		return 0, "", c.fail(v.get("to"), "补到 %d 位，超过字段宽度 %d", "padding to %d is wider than the field's %d", to, w)
	}
	with := v.get("with")
	if with == nil || with.kind != scalarNode || utf8.RuneCountInString(with.text) != 1 {
		return 0, "", c.fail(orNode(with, k), "with: 要是一个字符", "with: needs one character")
	}
	return to, with.text, nil
}

func fill(b []byte, with string, n int) []byte {
	for range n {
		b = append(b, with...)
	}
	return b
}
