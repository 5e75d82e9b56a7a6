package middleplatform

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonText opens the text at a path of object members in constant memory. A text on the
// way holds JSON itself. see is told of the plain values of the outermost object, those
// behind the text when it has been read to its end. The end of the text is io.EOF only when
// all that encloses it ended well too.
func jsonText(r io.Reader, path []string, see func(key, value string)) (io.Reader, error) {
	w := &jsonWalk{see: see}
	w.enter(r)
	if err := w.descend(path); err != nil {
		return nil, err
	}
	return w, nil
}

// jsonWalk is a way into JSON: of each reader on it, how many objects are open.
type jsonWalk struct {
	see    func(key, value string)
	levels []*jsonLevel
	ended  error
}

type jsonLevel struct {
	r    *bufio.Reader
	open int
	text *jsonString // of the level around it; nil of the outermost
}

func (w *jsonWalk) enter(r io.Reader) {
	b, ok := r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReaderSize(r, 4<<10)
	}
	text, _ := r.(*jsonString)
	w.levels = append(w.levels, &jsonLevel{r: b, text: text})
}

func (w *jsonWalk) last() *jsonLevel { return w.levels[len(w.levels)-1] }

var errNoText = errors.New("the JSON has no text at that place")

// descend stands behind the opening quote of the text when it returns.
func (w *jsonWalk) descend(path []string) error {
	l := w.last()
	if c, err := l.token(); err != nil || c != '{' {
		return errors.Join(err, errNoText)
	}
	l.open++
	found, err := l.members(w.seen(len(w.levels)-1), path[0])
	if err != nil {
		return err
	}
	if !found {
		return errNoText
	}
	c, err := l.token()
	switch {
	case err != nil:
		return err
	case c == '"' && len(path) == 1:
		w.levels = append(w.levels, &jsonLevel{text: &jsonString{r: l.r}})
		return nil
	case c == '"':
		w.enter(&jsonString{r: l.r})
		return w.descend(path[1:])
	case c == '{' && len(path) > 1:
		if err := l.r.UnreadByte(); err != nil {
			return err
		}
		return w.descend(path[1:])
	}
	return errNoText
}

// seen is who is told of the members at a level: nobody below the outermost object.
func (w *jsonWalk) seen(level int) func(key, value string) {
	if level > 0 || w.levels[0].open != 1 {
		return func(string, string) {}
	}
	return w.see
}

// Read gives the text, and looks at what is left around it when it has ended.
func (w *jsonWalk) Read(b []byte) (int, error) {
	if w.ended != nil {
		return 0, w.ended
	}
	n, err := w.last().text.Read(b)
	if errors.Is(err, io.EOF) {
		err = w.leave()
	}
	w.ended = err
	return n, err
}

// leave reads to the end of everything that is open.
func (w *jsonWalk) leave() error {
	for i := len(w.levels) - 2; i >= 0; i-- {
		l := w.levels[i]
		for l.open > 0 {
			if _, err := l.members(w.seen(i), ""); err != nil {
				return noEOF(err)
			}
			l.open--
		}
		if l.text != nil {
			if _, err := io.Copy(io.Discard, l.text); err != nil {
				return noEOF(err)
			}
		}
	}
	return io.EOF
}

// token is the next byte that is no white space, commas and colons left out.
func (l *jsonLevel) token() (byte, error) {
	for {
		c, err := l.r.ReadByte()
		if err != nil {
			return 0, noEOF(err)
		}
		if !strings.ContainsRune(" \t\r\n,:", rune(c)) {
			return c, nil
		}
	}
}

// members reads members of the open object until the wanted one's value begins, or to its
// closing brace.
func (l *jsonLevel) members(see func(key, value string), wanted string) (found bool, err error) {
	for {
		c, err := l.token()
		if err != nil {
			return false, err
		}
		if c == '}' {
			return false, nil
		}
		if c != '"' {
			return false, fmt.Errorf("JSON: a member begins with %q", c)
		}
		key, err := l.short()
		if err != nil {
			return false, err
		}
		if key == wanted && wanted != "" {
			return true, nil
		}
		value, err := l.skip(0)
		if err != nil {
			return false, err
		}
		see(key, value)
	}
}

// jsonKept is how much of a value that is passed over is kept.
const jsonKept = 512

// short is the rest of a text, its beginning if it is long.
func (l *jsonLevel) short() (string, error) {
	s := &jsonString{r: l.r}
	kept, err := io.ReadAll(io.LimitReader(s, jsonKept))
	if err == nil {
		_, err = io.Copy(io.Discard, s)
	}
	return string(kept), err
}

// skip passes a value over; a plain one is told.
func (l *jsonLevel) skip(depth int) (string, error) {
	c, err := l.token()
	switch {
	case err != nil:
		return "", err
	case depth > maxDepth:
		return "", errors.New("JSON: too deep")
	case c == '"':
		return l.short()
	case c == '{' || c == '[':
		for {
			c, err := l.token()
			if err != nil {
				return "", err
			}
			if c == '}' || c == ']' {
				return "", nil
			}
			if err := l.r.UnreadByte(); err != nil {
				return "", err
			}
			if _, err := l.skip(depth + 1); err != nil {
				return "", err
			}
		}
	}
	word := []byte{c}
	for len(word) < jsonKept {
		next, err := l.r.Peek(1)
		if err != nil || strings.IndexByte(" \t\r\n,:}]\"{[", next[0]) >= 0 {
			return string(word), nil
		}
		word = append(word, next[0])
		_, _ = l.r.Discard(1) // it was peeked
	}
	return "", errors.New("JSON: a word too long")
}

// jsonString is the inside of a text, behind its opening quote, without escapes.
type jsonString struct {
	r    *bufio.Reader
	rest []byte // of a character that did not fit
	end  bool
}

func (s *jsonString) Read(b []byte) (int, error) {
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	for n < len(b) && !s.end {
		if _, err := s.r.Peek(1); err != nil {
			return n, noEOF(err)
		}
		ahead, _ := s.r.Peek(min(s.r.Buffered(), len(b)-n)) // it is buffered
		run := bytes.IndexAny(ahead, "\"\\")
		if run < 0 {
			run = len(ahead)
		}
		n += copy(b[n:], ahead[:run])
		_, _ = s.r.Discard(run) // it was peeked
		if run == len(ahead) {
			continue
		}
		c, err := s.r.ReadByte()
		if err != nil {
			return n, noEOF(err)
		}
		if c == '"' {
			s.end = true
			break
		}
		r, err := s.escape()
		if err != nil {
			return n, err
		}
		char := utf8.AppendRune(nil, r)
		m := copy(b[n:], char)
		n, s.rest = n+m, char[m:]
	}
	if n == 0 && s.end && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

var jsonEscapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape is the character behind a backslash.
func (s *jsonString) escape() (rune, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, noEOF(err)
	}
	if c != 'u' {
		r, known := jsonEscapes[c]
		if !known {
			return 0, errors.New("JSON: no such escape")
		}
		return r, nil
	}
	r, err := s.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if next, err := s.r.Peek(2); err != nil || string(next) != `\u` {
		return utf8.RuneError, nil
	}
	_, _ = s.r.Discard(2) // they were peeked
	low, err := s.unit()
	return utf16.DecodeRune(r, low), err
}

func (s *jsonString) unit() (rune, error) {
	var digits [4]byte
	if _, err := io.ReadFull(s.r, digits[:]); err != nil {
		return 0, noEOF(err)
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	return rune(n), err
}
