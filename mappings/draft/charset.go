package draft

import (
	"unicode"

	"banjian/internal/charset"
)

// Mistaken is the columns whose values are GBK that the database takes for latin1: read
// as they are, 受理 is ÊÜÀí.
func Mistaken(v View) []string {
	var columns []string
	for _, c := range v.Columns {
		wide, meant := 0, 0
		for _, s := range c.Values {
			if !isWide(s) {
				continue
			}
			wide++
			if restored := charset.GBK().Restore(s); restored != s && chinese(restored) {
				meant++
			}
		}
		if meant > 0 && 2*meant >= wide {
			columns = append(columns, c.Name)
		}
	}
	return columns
}

func isWide(s string) bool {
	for _, r := range s {
		if r > unicode.MaxASCII {
			return true
		}
	}
	return false
}

// chinese says that all beyond ASCII are ideographs and their punctuation, two of them at
// least: one alone might be an accent.
func chinese(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case r <= unicode.MaxASCII:
		case unicode.Is(unicode.Han, r):
			n++
		case r >= 0x3000 && r <= 0x303F, r >= 0xFF01 && r <= 0xFF5E, r == '—', r == '·', r >= '‘' && r <= '”':
		default:
			return false
		}
	}
	return n >= 2
}
