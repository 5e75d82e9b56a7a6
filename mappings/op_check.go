package mappings

import (
	"banjian/internal/nearest"

	"banjian/internal/text"
	"banjian/schemas"
)

// buildCheck is check: name, a named check of schemas (resident_id, uscc, mobile …).
// The value itself never changes. With a when, only in rows where it holds.
// {item_in_force: …} is the check of an item, see buildItemCheck.
func buildCheck(c *fieldCompiler, k, v *node) error {
	if v.kind == mapNode {
		return c.buildItemCheck(k, v)
	}
	name, err := c.word(k, v)
	if err != nil {
		return err
	}
	check, ok := schemas.ValueCheck(name)
	if !ok {
		return c.failHint(v, nearest.Hint(name, schemas.ValueChecks()), "没有检查 %s", "there is no check %s", name)
	}
	st := checkStep(name, check)
	st.cond = c.f.get("when") != nil
	return c.textStep(k, st)
}

func checkStep(name string, check func(string) schemas.Finding) step {
	return step{
		key: "check",
		run: func(s *scratch, v string) (string, outcome) {
			f := check(v)
			switch {
			case f.Warn:
				s.warn(f.Rule, f.Args)
			case !f.OK:
				return s.fail(f.Rule, f.Args...)
			}
			return v, valued
		},
		say: text.F("检查 %s", "check %s", name),
	}
}
