package charset

import (
	"encoding/binary"
	"slices"
	"sync"
	"unicode/utf8"
)

// Charset is one charset; it is read-only and may be used concurrently.
type Charset struct {
	name  string
	two   []rune        // by place of a two-byte code; 0: none
	more  map[int]rune  // second character of codes that stand for two
	codes []uint16      // two-byte code by character up to U+FFFF; 0: none. nil: not written
	four  *fourByte     // nil: there are no four-byte codes
	alone map[byte]rune // single bytes from 0x80 that stand for a character
}

// The charsets. Their tables are made at the first call.
var (
	// GBK is GBK as Windows and databases have it (code page 936), with the user-defined
	// areas when reading. Writing gives no code that only some of them know.
	GBK = sync.OnceValue(newGBK)
	// GB18030 is GB 18030-2022. Reading, the codes that an edition moved from private use
	// to a real character give the real one; writing takes both.
	GB18030 = sync.OnceValue(newGB18030)
	// Big5 is Big5 with the Hong Kong supplement. It is not written.
	Big5 = sync.OnceValue(newBig5)
)

// Names are the charsets that ByName knows, UTF-8 left out.
func Names() []string { return []string{"gbk", "gb18030", "big5"} }

// Known says that ByName knows the name.
func Known(name string) bool {
	return name == "" || name == "utf8" || slices.Contains(Names(), name)
}

// ByName is the charset of that name, nil for UTF-8 ("", "utf8"); false: not known.
func ByName(name string) (*Charset, bool) {
	switch name {
	case "", "utf8":
		return nil, true
	case "gbk":
		return GBK(), true
	case "gb18030":
		return GB18030(), true
	case "big5":
		return Big5(), true
	}
	return nil, false
}

// Name is the charset's name.
func (c *Charset) Name() string { return c.name }

const (
	trails = 0xFE - 0x40 + 1
	places = (0xFE - 0x81 + 1) * trails
)

// place is where a two-byte code stands in a table; false: bytes of no such code.
func place(lead, trail byte) (int, bool) {
	if lead < 0x81 || lead > 0xFE || trail < 0x40 || trail == 0x7F || trail > 0xFE {
		return 0, false
	}
	return int(lead-0x81)*trails + int(trail-0x40), true
}

// Append appends src to dst as UTF-8. What stands for nothing is marked: Spot finds it.
// ASCII, controls too, stays as it is.
func (c *Charset) Append(dst, src []byte) []byte {
	for len(src) > 0 {
		if n := asciiRun(src); n > 0 {
			dst, src = append(dst, src[:n]...), src[n:]
			continue
		}
		r, second, n, ok := c.next(src)
		switch {
		case !ok:
			dst = appendMark(dst, src[:n])
		case second != 0:
			dst = utf8.AppendRune(utf8.AppendRune(dst, r), second)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		src = src[n:]
	}
	return dst
}

// asciiRun is how many bytes below 0x80 b begins with.
func asciiRun(b []byte) int {
	n := 0
	for len(b)-n >= 8 && binary.LittleEndian.Uint64(b[n:])&0x8080808080808080 == 0 {
		n += 8
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// next is the first character of b, which begins with a byte from 0x80, and how many
// bytes it, or what stands for nothing, takes.
func (c *Charset) next(b []byte) (r, second rune, n int, ok bool) {
	if r, ok := c.alone[b[0]]; ok {
		return r, 0, 1, true
	}
	if len(b) < 2 {
		return 0, 0, 1, false
	}
	if p, ok := place(b[0], b[1]); ok {
		if r := c.two[p]; r != 0 {
			return r, c.more[p], 2, true
		}
		if b[1] < utf8.RuneSelf {
			return 0, 0, 1, false // the second may well be a letter of its own
		}
		return 0, 0, 2, false
	}
	if c.four != nil && len(b) >= 4 {
		if linear, ok := linearOf(b); ok {
			r, ok := c.four.character(linear)
			return r, 0, 4, ok
		}
	}
	return 0, 0, 1, false
}

// Encode appends s, valid UTF-8, to dst in the charset; false, with dst up to there, at a
// character it lacks.
func (c *Charset) Encode(dst []byte, s string) ([]byte, bool) {
	for _, r := range s {
		code, n := c.code(r)
		switch n {
		case 0:
			return dst, false
		case 1:
			dst = append(dst, byte(code))
		case 2:
			dst = binary.BigEndian.AppendUint16(dst, uint16(code))
		default:
			dst = binary.BigEndian.AppendUint32(dst, code)
		}
	}
	return dst, true
}

// Width is how many bytes s, valid UTF-8, takes in the charset; false when it lacks a
// character of it.
func (c *Charset) Width(s string) (width int, ok bool) {
	ok = true
	for _, r := range s {
		_, n := c.code(r)
		width, ok = width+n, ok && n > 0
	}
	return width, ok
}

// code is r in the charset and how many bytes that is, 0 when it lacks r.
func (c *Charset) code(r rune) (uint32, int) {
	switch {
	case r < utf8.RuneSelf:
		return uint32(r), 1
	case c.codes == nil || r == utf8.RuneError:
		return 0, 0
	case r <= 0xFFFF && c.codes[r] != 0:
		code := uint32(c.codes[r])
		if code < 0x100 {
			return code, 1
		}
		return code, 2
	case c.four != nil:
		return c.four.code(r)
	}
	return 0, 0
}
