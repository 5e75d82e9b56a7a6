package mappings

import (
	"unicode/utf8"

	"banjian/internal/chars"
	"banjian/internal/text"
)

// buildClean is clean: true. Control characters (tab and line ends stay) and
// zero-width marks are dropped, then both ends are trimmed: the rule for names and
// opinions. Invalid UTF-8 is still bad_text.
func buildClean(c *fieldCompiler, k, v *node) error {
	if err := c.flag(k, v); err != nil {
		return err
	}
	c.plan.cleans = true
	return c.textStep(k, step{run: clean, say: text.T("去控制字符、零宽字符和首尾空白", "drop control and zero-width characters, trim")})
}

func clean(s *scratch, v string) (string, outcome) {
	if chars.Plain(v) && !hasZeroWidth(v) {
		return trim(s, v)
	}
	if !utf8.ValidString(v) {
		return s.fail("bad_text")
	}
	b := s.begin()
	for _, r := range v {
		if !isControl(r) && !isZeroWidth(r) {
			b = utf8.AppendRune(b, r)
		}
	}
	out, _ := s.end(b)
	if out == "" {
		return "", empty
	}
	return trim(s, out)
}

func hasZeroWidth(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] != 0xE2 && v[i] != 0xEF { // the leads of all of them
			continue
		}
		if r, _ := utf8.DecodeRuneInString(v[i:]); isZeroWidth(r) {
			return true
		}
	}
	return false
}

// isControl says that r is a control character other than tab and line ends.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r < 0xA0
}

// textGate refuses what is no text, so that else can say what becomes of it. It stands
// before the first operation of a field that ends as text, unless clean does its work
// or else is reject: then the schema check finds it.
var textGate = step{key: "text", run: func(s *scratch, v string) (string, outcome) {
	if chars.Plain(v) {
		return v, valued
	}
	return s.fail("bad_text")
}}
