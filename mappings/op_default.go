package mappings

import "banjian/internal/text"

// buildDefault is default: v, the value of a row that has NULL at this place of the
// chain. A value that failed does not come here: else says what becomes of it.
func buildDefault(c *fieldCompiler, k, v *node) error {
	s, err := c.word(k, v)
	if err != nil {
		return err
	}
	say := text.F("为空时取 %s", "when NULL: %s", s)
	switch c.state {
	case stateTyped:
		n, err := c.literal(v, s)
		if err != nil {
			return err
		}
		c.plan.onNull, c.plan.hasOnNull = n, true
		c.plan.say(say)
		return nil
	case stateList:
		return c.fail(k, "列表字段不能有 default", "a list cannot have a default")
	}
	later := c.f.get("map") != nil && !c.seen["map"] || c.f.get("time") != nil
	if !later {
		if err := c.fits(v, s); err != nil {
			return err
		}
	}
	return c.textStep(k, step{
		run:  func(_ *scratch, v string) (string, outcome) { return v, valued },
		null: func(*scratch) (string, outcome) { return s, valued },
		say:  say,
	})
}
