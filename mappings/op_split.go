package mappings

import (
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// buildSplit is split: "、": a text becomes a list; parts are trimmed, empty ones
// dropped, and a list without parts is NULL. Into a text field join follows.
func buildSplit(c *fieldCompiler, k, v *node) error {
	sep, err := c.word(k, v)
	if err != nil {
		return err
	}
	if c.plan.target.Type != schemas.List && c.f.get("join") == nil {
		return c.fail(k, "split 只用于列表字段", "split is for list fields")
	}
	if err := c.needText(k); err != nil {
		return err
	}
	c.plan.split = sep
	c.state = stateList
	c.plan.say(text.F("按 %q 拆分", "split at %q", sep))
	return nil
}

// splitInto hands each part of v to add and says how many there were.
func splitInto(v, sep string, add func(string)) int {
	n := 0
	for more := true; more; {
		var part string
		part, v, more = strings.Cut(v, sep)
		if part = strings.TrimFunc(part, isBlankRune); part != "" {
			add(part)
			n++
		}
	}
	return n
}
