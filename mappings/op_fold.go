package mappings

import (
	"strings"
	"unicode/utf8"

	"banjian/internal/text"
)

// buildFold is fold: width. Full-width digits, letters and punctuation become their
// ASCII forms, the ideographic space a space; nothing else changes. For codes,
// numbers and dates; registered names keep their full-width brackets.
func buildFold(c *fieldCompiler, k, v *node) error {
	if s, err := c.word(k, v); err != nil || s != "width" {
		return orErr(err, c.fail(v, "fold: 只有 width", "fold: knows only width"))
	}
	if err := c.mayRewrite(v, "fold: width"); err != nil {
		return err
	}
	return c.textStep(k, step{run: fold, say: text.T("全角转半角", "full width to half width")})
}

func fold(s *scratch, v string) (string, outcome) {
	// U+FF01–FF5E are EF BC 81 – EF BD 9E, U+3000 is E3 80 80.
	if strings.IndexByte(v, 0xEF) < 0 && strings.IndexByte(v, 0xE3) < 0 {
		return v, valued
	}
	b := s.begin()
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRuneInString(v[i:])
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			b = append(b, byte(r-0xFEE0))
		case r == 0x3000:
			b = append(b, ' ')
		default:
			b = append(b, v[i:i+n]...)
		}
		i += n
	}
	return s.end(b)
}

func orErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
