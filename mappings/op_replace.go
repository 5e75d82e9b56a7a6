package mappings

import "banjian/internal/text"

// buildReplace is replace: {old: new}: whole values, never parts of one; a value that
// is not listed stays.
func buildReplace(c *fieldCompiler, k, v *node) error {
	table, err := c.pairs(k, v)
	if err != nil {
		return err
	}
	run := func(_ *scratch, v string) (string, outcome) {
		if to, ok := table[v]; ok {
			return to, valued
		}
		return v, valued
	}
	return c.textStep(k, step{run: run, say: text.F("整值替换 %s", "replace whole values %s", showPairs(v))})
}
