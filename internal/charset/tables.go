package charset

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

//go:embed tables/gb18030.tsv
var overlay string

// fromLibrary fills the two-byte table with what the library decodes to a character.
func (c *Charset) fromLibrary(e encoding.Encoding) {
	c.two, c.more = make([]rune, places), map[int]rune{}
	var all []byte
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			all = append(all, byte(lead), byte(trail), '\n')
		}
	}
	out, err := e.NewDecoder().Bytes(all)
	if err != nil {
		panic(fmt.Sprintf("charset: %s: %v", c.name, err)) // decoders of tables have no errors
	}
	for i, line := range strings.SplitN(string(out), "\n", places+1)[:places] {
		r, n := utf8.DecodeRuneInString(line)
		rest := line[n:]
		if r == utf8.RuneError || r < utf8.RuneSelf {
			continue
		}
		c.two[i] = r
		if rest != "" {
			c.more[i], _ = utf8.DecodeRuneInString(rest)
		}
	}
}

// written makes the table of codes from the two-byte table.
func (c *Charset) written() {
	c.codes = make([]uint16, 0x10000)
	for i, r := range c.two {
		if r != 0 && c.codes[r] == 0 {
			c.codes[r] = codeAt(i)
		}
	}
}

func codeAt(i int) uint16 { return uint16(0x81+i/trails)<<8 | uint16(0x40+i%trails) }

// moved is a code whose character is another one than in an earlier edition.
type moved struct {
	code         uint16
	now, earlier rune
}

// overlaid writes the overlay into the two-byte table and gives the codes that moved.
func (c *Charset) overlaid() []moved {
	var list []moved
	for line := range strings.Lines(overlay) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var first, last uint16
		var now, earlier rune
		if n, _ := fmt.Sscanf(line, "%X\t%X\t%X\t%X", &first, &last, &now, &earlier); n < 3 {
			panic(fmt.Sprintf("charset: overlay: %q", line)) // the file is compiled in
		}
		for code := int(first); code <= int(last); code++ {
			p, ok := place(byte(code>>8), byte(code))
			if !ok {
				continue // 7F
			}
			c.two[p] = now
			if earlier != 0 {
				list = append(list, moved{uint16(code), now, earlier})
				earlier++
			}
			now++
		}
	}
	return list
}

func newGB18030() *Charset {
	c := &Charset{name: "gb18030"}
	c.fromLibrary(simplifiedchinese.GB18030)
	changes := c.overlaid()
	c.written()
	two := make([]bool, 0x10000)
	for r, code := range c.codes {
		two[r] = code != 0
	}
	for _, m := range changes {
		c.codes[m.earlier] = m.code
		two[m.earlier], two[m.now] = true, false
	}
	c.four = newFourByte(two)
	return c
}

func newGBK() *Charset {
	c := &Charset{name: "gbk", alone: map[byte]rune{0x80: '€'}}
	c.fromLibrary(simplifiedchinese.GBK)
	c.written()
	c.codes['€'] = 0x80
	c.overlaid()
	return c
}

func newBig5() *Charset {
	c := &Charset{name: "big5"}
	c.fromLibrary(traditionalchinese.Big5)
	return c
}
