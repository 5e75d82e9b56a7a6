// Package chars looks at the bytes of many characters at once.
package chars

import (
	"unicode/utf8"
	"unsafe"
)

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// ascii says that eight bytes are printable ASCII: a byte below 0x20 borrows, 0x7f
// carries, a byte above has the bit.
func ascii(w uint64) bool { return (w|(w-ones*0x20)|(w+ones))&highBits == 0 }

// ASCII says that every byte is printable ASCII.
func ASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if !ascii(word(b)) {
			return false
		}
	}
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// Plain says that s is valid UTF-8 without a control character other than tab, newline
// and return. ASCII goes eight and Chinese two characters at a time.
func Plain(s string) bool {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for len(b) >= 8 {
		w := word(b)
		switch {
		case ascii(w):
			b = b[8:]
		case twoOfThree(w):
			b = b[6:]
		default:
			n := one(b)
			if n == 0 {
				return false
			}
			b = b[n:]
		}
	}
	for len(b) > 0 {
		n := one(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// PlainBytes is Plain of bytes.
func PlainBytes(b []byte) bool { return Plain(unsafe.String(unsafe.SliceData(b), len(b))) }

func word(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// twoOfThree says that the first six bytes are two characters of three bytes each. The
// leads E0 and ED, behind which not every continuation is good, are left to one.
func twoOfThree(w uint64) bool {
	first, second := byte(w), byte(w>>24)
	return w&0x0000C0C0F0C0C0F0 == 0x00008080E08080E0 && first != 0xE0 && first != 0xED && second != 0xE0 && second != 0xED
}

// one is the length of the first character, 0 if it is none or a control.
func one(b []byte) int {
	c := b[0]
	if c < utf8.RuneSelf {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return 0
		}
		return 1
	}
	r, n := utf8.DecodeRune(b)
	if r < 0xA0 || r == utf8.RuneError && n == 1 {
		return 0
	}
	return n
}
