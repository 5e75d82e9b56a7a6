package mappings

import "banjian/internal/text"

// buildRequired is required: true: NULL at this place of the chain is a reject,
// whatever else says. With a when, only in rows where it holds.
func buildRequired(c *fieldCompiler, k, v *node) error {
	if err := c.flag(k, v); err != nil {
		return err
	}
	if c.f.get("default") != nil && !c.seen["default"] {
		return c.fail(k, "required 之后的 default 不会生效", "a default after required never takes effect")
	}
	c.plan.required = true
	say := text.T("必填", "required")
	if c.state != stateText {
		c.plan.requiredEnd = true
		c.plan.say(say)
		return nil
	}
	return c.textStep(k, step{
		run:  func(_ *scratch, v string) (string, outcome) { return v, valued },
		null: func(s *scratch) (string, outcome) { return s.fail("required") },
		cond: c.f.get("when") != nil,
		say:  say,
	})
}
