package mappings

import (
	"slices"
	"strings"

	"banjian/internal/text"
)

// buildBlank is blank: [无, "-"]: these texts mean nothing and become NULL.
func buildBlank(c *fieldCompiler, k, v *node) error {
	list, err := c.words(k, v)
	if err != nil {
		return err
	}
	run := func(_ *scratch, v string) (string, outcome) {
		if slices.Contains(list, v) {
			return "", empty
		}
		return v, valued
	}
	shown := strings.Join(list, " ")
	return c.textStep(k, step{run: run, say: text.F("视为空：%s", "NULL when %s", shown)})
}
