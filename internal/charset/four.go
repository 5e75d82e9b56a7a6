package charset

import "sort"

// fourByte is the four-byte part of GB 18030: the characters up to U+FFFF that have no
// two-byte code in the first edition, counted up in their order, and those beyond, counted
// from 90308130.
type fourByte struct{ ranges []fourRange }

// fourRange is characters one after the other.
type fourRange struct {
	first  rune
	linear int // of the first
	n      int
}

const (
	beyond     = (0x90 - 0x81) * 12600 // linear number of U+10000
	surrogates = 0xD800
)

// newFourByte counts the characters that two does not have.
func newFourByte(two []bool) *fourByte {
	f, linear := &fourByte{}, 0
	for r := rune(0x80); r <= 0xFFFF; r++ {
		if two[r] || r >= surrogates && r < 0xE000 {
			continue
		}
		if last := len(f.ranges) - 1; last >= 0 && f.ranges[last].first+rune(f.ranges[last].n) == r {
			f.ranges[last].n++
		} else {
			f.ranges = append(f.ranges, fourRange{r, linear, 1})
		}
		linear++
	}
	return f
}

// linearOf is the number of the four-byte code b begins with; false: bytes of no such code.
func linearOf(b []byte) (int, bool) {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	lead := func(c byte) bool { return c >= 0x81 && c <= 0xFE }
	if !lead(b[0]) || !digit(b[1]) || !lead(b[2]) || !digit(b[3]) {
		return 0, false
	}
	return ((int(b[0]-0x81)*10+int(b[1]-'0'))*126+int(b[2]-0x81))*10 + int(b[3]-'0'), true
}

func codeOf(linear int) uint32 {
	d := byte(linear % 10)
	c := byte(linear / 10 % 126)
	b := byte(linear / 1260 % 10)
	a := byte(linear / 12600)
	return uint32(a+0x81)<<24 | uint32(b+'0')<<16 | uint32(c+0x81)<<8 | uint32(d+'0')
}

func (f *fourByte) character(linear int) (rune, bool) {
	if linear >= beyond {
		r := rune(linear-beyond) + 0x10000
		return r, r <= 0x10FFFF
	}
	i := sort.Search(len(f.ranges), func(i int) bool { return f.ranges[i].linear > linear }) - 1
	off := linear - f.ranges[i].linear
	return f.ranges[i].first + rune(off), off < f.ranges[i].n
}

func (f *fourByte) code(r rune) (uint32, int) {
	if r > 0xFFFF {
		return codeOf(int(r-0x10000) + beyond), 4
	}
	i := sort.Search(len(f.ranges), func(i int) bool { return f.ranges[i].first > r }) - 1
	if i < 0 || r >= f.ranges[i].first+rune(f.ranges[i].n) {
		return 0, 0
	}
	return codeOf(f.ranges[i].linear + int(r-f.ranges[i].first)), 4
}
