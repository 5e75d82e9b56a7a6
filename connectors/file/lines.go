package file

import (
	"bytes"
	"errors"
	"io"
)

// lineBuffer is a window on a file that is read from front to back, as wide as the record at
// hand.
type lineBuffer struct {
	in    *input
	buf   []byte
	start int   // of what was not consumed
	base  int64 // place of buf[0] in the file
	line  int64 // lines consumed
	eof   bool
}

const window = 256 << 10

// begin looks at the first bytes: marks of a charset are passed over, or tell that the file
// is not what was declared.
func (l *lineBuffer) begin(declared string) error {
	for len(l.buf) < 4 && !l.eof {
		if err := l.fill(); err != nil {
			return err
		}
	}
	head := l.buf[l.start:]
	found := ""
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		if declared == "" || declared == "utf8" {
			l.start += 3
			return nil
		}
		found = "utf8"
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		found = "UTF-16"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		found = "Excel"
	default:
		return nil
	}
	if declared == "" {
		declared = "utf8"
	}
	return &refusal{ruleCharset, []string{found, declared}}
}

// seek goes to a row.
func (l *lineBuffer) seek(to mark) {
	l.in.offset, l.base, l.line = to.Offset, to.Offset, to.Line
	l.buf, l.start, l.eof = l.buf[:0], 0, false
}

func (l *lineBuffer) offset() int64 { return l.base + int64(l.start) }

// bytes is what was read and not consumed; eof says that there is no more.
func (l *lineBuffer) bytes() ([]byte, bool) { return l.buf[l.start:], l.eof }

func (l *lineBuffer) consume(n int, lines int64) {
	l.start += n
	l.line += lines
}

// fill reads more.
func (l *lineBuffer) fill() error {
	if l.start > 0 && (l.start == len(l.buf) || len(l.buf) == cap(l.buf)) {
		l.base += int64(l.start)
		l.buf = l.buf[:copy(l.buf, l.buf[l.start:])]
		l.start = 0
	}
	if len(l.buf) == cap(l.buf) {
		wider := make([]byte, len(l.buf), max(window, 2*cap(l.buf)))
		copy(wider, l.buf)
		l.buf = wider
	}
	n, err := l.in.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	if errors.Is(err, io.EOF) {
		l.eof, err = true, nil
	}
	return err
}

// skip consumes up to and with the next line end.
func (l *lineBuffer) skip() error {
	for {
		b, eof := l.bytes()
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			l.consume(i+1, 1)
			return nil
		}
		if l.consume(len(b), 0); eof {
			return nil
		}
		if err := l.fill(); err != nil {
			return err
		}
	}
}
