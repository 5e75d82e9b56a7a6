package mappings

import "banjian/internal/text"

// buildLower is lower: true, for ASCII letters; full-width ones need fold first.
func buildLower(c *fieldCompiler, k, v *node) error {
	if err := c.flag(k, v); err != nil {
		return err
	}
	return c.textStep(k, step{run: lower, say: text.T("转小写", "lower case")})
}

func lower(s *scratch, v string) (string, outcome) { return shift(s, v, 'A', 32) }
