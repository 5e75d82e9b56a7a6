package kafka

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// kind is what a JSON value is.
type kind uint8

const (
	absent kind = iota
	null
	plainText   // a string without escapes
	escapedText // a string with some
	number
	yes
	no
	object
	list
)

// span is a value within a message; of a string what stands between its quotes.
type span struct {
	from, to int
	kind     kind
}

// deepest is how deep values may be nested.
const deepest = 64

// scanner walks over one JSON text, which must be valid UTF-8. It takes what RFC 8259
// takes and nothing else.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// take steps over c, behind white space.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// end says that nothing but white space is left.
func (s *scanner) end() bool {
	s.space()
	return s.i == len(s.b)
}

// value steps over any value.
func (s *scanner) value(depth int) (span, bool) {
	s.space()
	if s.i >= len(s.b) || depth > deepest {
		return span{}, false
	}
	switch c := s.b[s.i]; {
	case c == '"':
		return s.str()
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.list(depth)
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true", yes)
	case c == 'f':
		return s.word("false", no)
	case c == 'n':
		return s.word("null", null)
	}
	return span{}, false
}

func (s *scanner) word(w string, k kind) (span, bool) {
	from := s.i
	if len(s.b)-from < len(w) || string(s.b[from:from+len(w)]) != w {
		return span{}, false
	}
	s.i += len(w)
	return span{from, s.i, k}, true
}

func (s *scanner) str() (span, bool) {
	from, k := s.i+1, plainText
	b := s.b
	for i := from; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			return span{from, i, k}, true
		case c == '\\':
			k = escapedText
			n := escape(b[i:])
			if n == 0 {
				return span{}, false
			}
			i += n - 1
		case c < ' ':
			return span{}, false
		}
	}
	return span{}, false
}

// escape is the length of the escape that b begins with, 0 if it is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 {
			if _, err := strconv.ParseUint(string(b[2:6]), 16, 16); err == nil {
				return 6
			}
		}
	}
	return 0
}

func (s *scanner) number() (span, bool) {
	from := s.i
	if s.b[s.i] == '-' {
		s.i++
	}
	whole := s.i
	if !s.digits() || s.b[whole] == '0' && s.i > whole+1 {
		return span{}, false
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return span{}, false
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return span{}, false
		}
	}
	return span{from, s.i, number}, true
}

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *scanner) object(depth int) (span, bool) {
	from := s.i
	for first := true; ; first = false {
		_, more, ok := s.member(first)
		if !ok {
			return span{}, false
		}
		if !more {
			return span{from, s.i, object}, true
		}
		if _, ok := s.value(depth + 1); !ok {
			return span{}, false
		}
	}
}

// member steps to the value of an object's next member and gives its name; more is false
// behind the last. Before the first the scanner stands on the brace.
func (s *scanner) member(first bool) (name span, more, ok bool) {
	if first {
		s.i++
		if s.take('}') {
			return span{}, false, true
		}
	} else if !s.take(',') {
		return span{}, false, s.take('}')
	}
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return span{}, false, false
	}
	if name, ok = s.str(); !ok || !s.take(':') {
		return span{}, false, false
	}
	return name, true, true
}

func (s *scanner) list(depth int) (span, bool) {
	from := s.i
	s.i++
	if s.take(']') {
		return span{from, s.i, list}, true
	}
	for {
		if _, ok := s.value(depth + 1); !ok {
			return span{}, false
		}
		if s.take(']') {
			return span{from, s.i, list}, true
		}
		if !s.take(',') {
			return span{}, false
		}
	}
}

// items calls f with every item of a list, which is known to be well formed.
func (s *scanner) items(l span, f func(span) bool) bool {
	in := scanner{b: s.b[:l.to-1], i: l.from + 1}
	for !in.end() {
		v, ok := in.value(0)
		if !ok || !f(v) {
			return false
		}
		in.take(',')
	}
	return true
}

// unescape appends a string, known to be well formed, with its escapes resolved. Half of a
// pair of surrogates stands for no character: it is refused.
func unescape(to, b []byte) ([]byte, bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' {
			to = append(to, c)
			continue
		}
		i++
		switch b[i] {
		case 'b':
			to = append(to, '\b')
		case 'f':
			to = append(to, '\f')
		case 'n':
			to = append(to, '\n')
		case 'r':
			to = append(to, '\r')
		case 't':
			to = append(to, '\t')
		case 'u':
			r := hex4(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				if i+6 >= len(b) || b[i+1] != '\\' || b[i+2] != 'u' {
					return to, false
				}
				if r = utf16.DecodeRune(r, hex4(b[i+3:])); r == utf8.RuneError {
					return to, false
				}
				i += 6
			}
			to = utf8.AppendRune(to, r)
		default:
			to = append(to, b[i])
		}
	}
	return to, true
}

func hex4(b []byte) rune {
	v, err := strconv.ParseUint(string(b[:4]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(v)
}
