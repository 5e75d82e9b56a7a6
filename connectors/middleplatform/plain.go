package middleplatform

import (
	"strings"
	"unicode/utf8"
)

// Answers come by the hundred a second and nearly all are plain. These readers take what is,
// and leave everything else to those of encoding/json and encoding/xml.

// plainEnvelope reads an answer of the usual form, <ROOT><code>…</code><data>…</data></ROOT>
// without a prolog, references or anything else, which needs no XML reader.
func plainEnvelope(s string) (code, data string, ok bool) {
	if !strings.HasPrefix(s, "<") {
		return "", "", false
	}
	root, rest, ok := strings.Cut(s[1:], "><code>")
	if !ok || !isName(root) {
		return "", "", false
	}
	code, rest, ok = strings.Cut(rest, "</code><data>")
	if !ok {
		return "", "", false
	}
	data, end, ok := strings.Cut(rest, "</data></")
	if !ok || end != root+">" || strings.ContainsAny(code, "<>& \t\r\n") || strings.ContainsAny(data, "<>& \t\r\n") {
		return "", "", false
	}
	return code, data, true
}

// plainMember is a member of a plain object.
type plainMember struct{ name, text string }

// plainObject reads a JSON object all of whose values are texts without escapes.
func plainObject(s string) (list []plainMember, ok bool) {
	rest, ok := strings.CutPrefix(s, "{")
	if !ok || strings.IndexByte(s, '\\') >= 0 || !utf8.ValidString(s) {
		return nil, false
	}
	list = make([]plainMember, 0, 6)
	for {
		var m plainMember
		if m.name, rest, ok = plainText(rest); !ok {
			return nil, false
		}
		if rest, ok = strings.CutPrefix(skipSpace(rest), ":"); !ok {
			return nil, false
		}
		if m.text, rest, ok = plainText(rest); !ok {
			return nil, false
		}
		list = append(list, m)
		rest = skipSpace(rest)
		if next, more := strings.CutPrefix(rest, ","); more {
			rest = next
			continue
		}
		rest, ok = strings.CutPrefix(rest, "}")
		return list, ok && skipSpace(rest) == ""
	}
}

// plainText reads a text in quotation marks, in which no backslash is.
func plainText(s string) (text, rest string, ok bool) {
	s, ok = strings.CutPrefix(skipSpace(s), `"`)
	if !ok {
		return "", "", false
	}
	text, rest, ok = strings.Cut(s, `"`)
	for i := range len(text) {
		if text[i] < ' ' {
			return "", "", false
		}
	}
	return text, rest, ok
}

func skipSpace(s string) string { return strings.TrimLeft(s, " \t\r\n") }
