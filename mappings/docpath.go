package mappings

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// docWalker takes values out of JSON and XML documents. It reads a document to its end,
// so that a broken one is known whatever is asked of it, and reuses its memory.
type docWalker struct {
	src  string
	at   int
	path *docPath
	add  func(string)
	buf  []byte
}

// walk hands every value at path to add: texts without their quotes, numbers and truth
// values as written, an object or array as its text; null and what is empty is nothing.
// It says no to a document that is not whole.
func (w *docWalker) walk(path *docPath, doc string, add func(string)) bool {
	w.src, w.at, w.path, w.add = strings.TrimPrefix(doc, "\ufeff"), 0, path, add
	if path.xml {
		return w.xml()
	}
	if !w.value(0, true, 0) {
		return false
	}
	w.space()
	return w.at == len(w.src)
}

func (w *docWalker) space() {
	for w.at < len(w.src) && strings.IndexByte(" \t\r\n", w.src[w.at]) >= 0 {
		w.at++
	}
}

func (w *docWalker) next(c byte) bool {
	w.space()
	if w.at < len(w.src) && w.src[w.at] == c {
		w.at++
		return true
	}
	return false
}

// value reads one value; on says that it lies on the path, of which n steps were taken.
func (w *docWalker) value(n int, on bool, depth int) bool {
	w.space()
	if w.at >= len(w.src) || depth > maxDocDepth {
		return false
	}
	hit := on && n == len(w.path.steps)
	start := w.at
	switch w.src[w.at] {
	case '{':
		if !w.object(n, on && !hit, depth) {
			return false
		}
	case '[':
		if !w.array(n, on && !hit, depth) {
			return false
		}
	case '"':
		v, ok := w.text()
		if !ok {
			return false
		}
		if hit && v != "" {
			w.add(v)
		}
		return true
	default:
		if !w.word() {
			return false
		}
	}
	if v := w.src[start:w.at]; hit && v != "null" {
		w.add(v)
	}
	return true
}

func (w *docWalker) object(n int, on bool, depth int) bool {
	w.at++
	if w.next('}') {
		return true
	}
	for {
		w.space()
		if w.at >= len(w.src) || w.src[w.at] != '"' {
			return false
		}
		name, ok := w.text()
		if !ok {
			return false
		}
		hit := on && w.path.steps[n].index == noIndex && w.path.steps[n].name == name
		if !w.next(':') || !w.value(n+1, hit, depth+1) {
			return false
		}
		if !w.next(',') {
			return w.next('}')
		}
	}
}

func (w *docWalker) array(n int, on bool, depth int) bool {
	w.at++
	if w.next(']') {
		return true
	}
	for k := 0; ; k++ {
		hit := on && (w.path.steps[n].index == anyIndex || w.path.steps[n].index == k)
		if !w.value(n+1, hit, depth+1) {
			return false
		}
		if !w.next(',') {
			return w.next(']')
		}
	}
}

// word reads a number, true, false or null.
func (w *docWalker) word() bool {
	start := w.at
	for w.at < len(w.src) && strings.IndexByte("{}[]:, \t\r\n\"", w.src[w.at]) < 0 {
		w.at++
	}
	switch v := w.src[start:w.at]; v {
	case "true", "false", "null":
		return true
	default:
		_, err := strconv.ParseFloat(v, 64)
		return (err == nil || isRange(err)) && (v[0] == '-' || v[0] >= '0' && v[0] <= '9')
	}
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// text reads a quoted text; it lies in the document or, with escapes, in w.buf.
func (w *docWalker) text() (string, bool) {
	w.at++
	start := w.at
	for w.at < len(w.src) {
		switch c := w.src[w.at]; {
		case c == '"':
			w.at++
			return w.src[start : w.at-1], true
		case c == '\\':
			return w.escaped(start)
		case c < ' ':
			return "", false
		}
		w.at++
	}
	return "", false
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (w *docWalker) escaped(start int) (string, bool) {
	w.buf = append(w.buf[:0], w.src[start:w.at]...)
	for w.at < len(w.src) {
		c := w.src[w.at]
		w.at++
		switch {
		case c == '"':
			return string(w.buf), true
		case c < ' ':
			return "", false
		case c != '\\':
			w.buf = append(w.buf, c)
			continue
		case w.at == len(w.src):
			return "", false
		}
		e := w.src[w.at]
		w.at++
		if e == 'u' {
			r, ok := w.codePoint()
			if !ok {
				return "", false
			}
			w.buf = utf8.AppendRune(w.buf, r)
			continue
		}
		plain, ok := jsonEscapes[e]
		if !ok {
			return "", false
		}
		w.buf = append(w.buf, plain)
	}
	return "", false
}

// codePoint reads the four digits of an escape, and those of its second half.
func (w *docWalker) codePoint() (rune, bool) {
	hex := func() (rune, bool) {
		if w.at+4 > len(w.src) {
			return 0, false
		}
		n, err := strconv.ParseUint(w.src[w.at:w.at+4], 16, 32)
		w.at += 4
		return rune(n), err == nil
	}
	r, ok := hex()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if !strings.HasPrefix(w.src[w.at:], `\u`) {
		return utf8.RuneError, true
	}
	w.at += 2
	low, ok := hex()
	return utf16.DecodeRune(r, low), ok
}

// xml reads the document with the library's decoder; what an element holds is its text
// and that of the elements in it. Names are compared without their namespace.
func (w *docWalker) xml() bool {
	d := xml.NewDecoder(strings.NewReader(w.src))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded by the source
	var counts [maxDocDepth + 1]int                                                      // equal elements seen at each step
	depth, on, inside := 0, 0, -1                                                        // open elements; steps they match; depth of the hit
	elements := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return depth == 0 && elements > 0
		}
		if err != nil {
			return false
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if elements++; depth == maxDocDepth {
				return false
			}
			if inside < 0 && on == depth && w.enter(t, on, &counts) {
				if on++; on < len(counts) {
					counts[on] = 0
				}
				if on == len(w.path.steps) {
					inside, w.buf = depth, w.buf[:0]
				}
			}
			depth++
		case xml.EndElement:
			depth--
			if inside == depth {
				inside = -1
				if v := strings.TrimSpace(string(w.buf)); v != "" {
					w.add(v)
				}
			}
			on = min(on, depth)
		case xml.CharData:
			if inside >= 0 {
				w.buf = append(w.buf, t...)
			}
		}
	}
}

// enter says that the element is the next step of the path; it hands on the attribute
// the path ends with.
func (w *docWalker) enter(t xml.StartElement, on int, counts *[maxDocDepth + 1]int) bool {
	if on >= len(w.path.steps) || w.path.steps[on].attr || t.Name.Local != w.path.steps[on].name {
		return false
	}
	st := w.path.steps[on]
	k := counts[on]
	counts[on]++
	if st.index != anyIndex && st.index != k {
		return false
	}
	if on+2 == len(w.path.steps) && w.path.steps[on+1].attr {
		for _, a := range t.Attr {
			if a.Name.Local == w.path.steps[on+1].name && a.Value != "" {
				w.add(a.Value)
			}
		}
	}
	return true
}
