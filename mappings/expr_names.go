package mappings

import (
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"
)

// An expression names a column by its name; one with letters outside ASCII as well, and
// any other between backticks: `办结时间(单位)`. CEL knows ASCII names only, so within CEL
// such a name is written in hexadecimal digits. The two forms give each other.
const hexName = "column_0x"

// inCEL is an expression as CEL reads it, and for each of its characters the one of src
// it comes from.
func inCEL(src string) (out string, from []int) {
	in := []rune(src)
	var b strings.Builder
	put := func(s string, at int) {
		b.WriteString(s)
		for range s { // names are ASCII
			from = append(from, at)
		}
	}
	for i := 0; i < len(in); {
		switch r := in[i]; {
		case r == '\'' || r == '"':
			end := textEnd(in, i)
			for ; i < end; i++ {
				b.WriteRune(in[i])
				from = append(from, i)
			}
		case r == '`':
			end := i + 1
			for end < len(in) && in[end] != '`' {
				end++
			}
			if end == len(in) || end == i+1 {
				put("`", i)
				i++
				continue
			}
			put(hexName+hex.EncodeToString([]byte(string(in[i+1:end]))), i)
			i = end + 1
		case r == '_' || unicode.IsLetter(r):
			end := i
			for end < len(in) && (in[end] == '_' || unicode.IsLetter(in[end]) || unicode.IsDigit(in[end])) {
				end++
			}
			name := string(in[i:end])
			if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
				put(hexName+hex.EncodeToString([]byte(name)), i)
			} else {
				for k := range end - i {
					put(name[k:k+1], i+k)
				}
			}
			i = end
		default:
			b.WriteRune(r)
			from = append(from, i)
			i++
		}
	}
	return b.String(), append(from, len(in))
}

// textEnd is the character after the text literal that begins at i.
func textEnd(in []rune, i int) int {
	quote := in[i]
	for i++; i < len(in); i++ {
		switch in[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(in)
}

// columnOf is the column that a name within CEL stands for.
func columnOf(ident string) string {
	if digits, ok := strings.CutPrefix(ident, hexName); ok {
		if b, err := hex.DecodeString(digits); err == nil {
			return string(b)
		}
	}
	return ident
}

func columnsOf(idents []string) []string {
	out := make([]string, len(idents))
	for i, s := range idents {
		out[i] = columnOf(s)
	}
	return out
}

var hexNames = regexp.MustCompile(hexName + `[0-9a-f]+`)

// readable is what CEL says or prints, with the names as people write them.
func readable(s string) string { return hexNames.ReplaceAllStringFunc(s, columnOf) }
