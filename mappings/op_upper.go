package mappings

import "banjian/internal/text"

// buildUpper is upper: true, for ASCII letters; full-width ones need fold first.
func buildUpper(c *fieldCompiler, k, v *node) error {
	if err := c.flag(k, v); err != nil {
		return err
	}
	return c.textStep(k, step{run: upper, say: text.T("转大写", "upper case")})
}

func upper(s *scratch, v string) (string, outcome) { return shift(s, v, 'a', -32) }

// shift moves the 26 letters from first by by.
func shift(s *scratch, v string, first byte, by int8) (string, outcome) {
	i := 0
	for i < len(v) && v[i]-first >= 26 {
		i++
	}
	if i == len(v) {
		return v, valued
	}
	b := append(s.begin(), v...)
	for ; i < len(b); i++ {
		if b[i]-first < 26 {
			b[i] += byte(by)
		}
	}
	return s.end(b)
}
