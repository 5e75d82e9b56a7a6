package charset

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

// eachTwo calls f for every code of the two-byte area.
func eachTwo(f func(code []byte)) {
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail != 0x7F {
				f([]byte{byte(lead), byte(trail)})
			}
		}
	}
}

func TestEveryTwoByteCodeOfGB18030GoesThereAndBack(t *testing.T) {
	c, n, private := GB18030(), 0, 0
	seen := map[string]string{}
	eachTwo(func(code []byte) {
		n++
		s := string(c.Append(nil, code))
		if _, ok := Spot(s); !ok || utf8.RuneCountInString(s) != 1 {
			t.Fatalf("% X reads as %+q", code, s)
		}
		if other := seen[s]; other != "" {
			t.Errorf("% X and %s both read as %+q", code, other, s)
		}
		seen[s] = fmt.Sprintf("% X", code)
		if r, _ := utf8.DecodeRuneInString(s); r >= 0xE000 && r <= 0xF8FF {
			private++
		}
		if back, ok := c.Encode(nil, s); !ok || !bytes.Equal(back, code) {
			t.Errorf("% X reads as %+q and is written % X", code, s, back)
		}
	})
	if n != 23940 || private != 2049 {
		t.Errorf("%d codes, %d of private use", n, private)
	}
}

func TestEveryCharacterOfUnicodeGoesThereAndBackInGB18030(t *testing.T) {
	c := GB18030()
	var code, back []byte
	moved := 0
	for r := rune(0); r <= 0x10FFFF; r++ {
		if r >= 0xD800 && r < 0xE000 || r == utf8.RuneError {
			continue
		}
		var ok bool
		if code, ok = c.Encode(code[:0], string(r)); !ok {
			t.Fatalf("U+%04X is not written", r)
		}
		if w, ok := c.Width(string(r)); !ok || w != len(code) {
			t.Fatalf("U+%04X: width %d, % X", r, w, code)
		}
		if back = c.Append(back[:0], code); string(back) == string(r) {
			continue
		}
		if moved++; r < 0xE000 || r > 0xF8FF {
			t.Errorf("U+%04X is written % X and read as %+q", r, code, back)
		}
	}
	if moved != 19 {
		t.Errorf("%d private-use characters read as the real ones, 19 were moved by the editions", moved)
	}
}

func TestThePublishedPairs(t *testing.T) {
	for _, p := range []struct {
		code    string
		says    rune
		earlier rune // written as the same code
	}{
		{"\xFE\x59", 0x9FB4, 0xE81E}, {"\xFE\x61", 0x9FB5, 0xE826}, {"\xFE\x66", 0x9FB6, 0xE82B}, {"\xFE\x67", 0x9FB7, 0xE82C},
		{"\xFE\x6D", 0x9FB8, 0xE832}, {"\xFE\x7E", 0x9FB9, 0xE843}, {"\xFE\x90", 0x9FBA, 0xE854}, {"\xFE\xA0", 0x9FBB, 0xE864},
		{"\xA6\xD9", 0xFE10, 0xE78D}, {"\xA6\xDA", 0xFE12, 0xE78E}, {"\xA6\xDB", 0xFE11, 0xE78F}, {"\xA6\xDC", 0xFE13, 0xE790},
		{"\xA6\xDD", 0xFE14, 0xE791}, {"\xA6\xDE", 0xFE15, 0xE792}, {"\xA6\xDF", 0xFE16, 0xE793}, {"\xA6\xEC", 0xFE17, 0xE794},
		{"\xA6\xED", 0xFE18, 0xE795}, {"\xA6\xF3", 0xFE19, 0xE796}, {"\xA8\xBC", 0x1E3F, 0xE7C7},
		{"\xAA\xA1", 0xE000, 0}, {"\xAF\xFE", 0xE233, 0}, {"\xF8\xA1", 0xE234, 0}, {"\xFE\xFE", 0xE4C5, 0}, {"\xA1\x40", 0xE4C6, 0}, {"\xA7\xA0", 0xE765, 0},
		{"\xFE\x51", 0xE816, 0}, {"\xFE\x91", 0xE855, 0}, {"\xA3\xA0", 0xE5E5, 0}, {"\xA8\xBF", 0x01F9, 0}, {"\xD6\xD0", '中', 0}, {"\xA2\xE3", '€', 0},
		{"\x81\x30\x81\x30", 0x80, 0}, {"\x81\x39\xEE\x39", 0x3400, 0}, {"\x84\x31\xA4\x39", 0xFFFF, 0}, {"\x83\x36\xD0\x30", 0xE865, 0},
		{"\x90\x30\x81\x30", 0x10000, 0}, {"\x95\x32\x90\x31", 0x20087, 0}, {"\x95\x32\x82\x36", 0x20000, 0}, {"\xE3\x32\x9A\x35", 0x10FFFF, 0},
	} {
		c := GB18030()
		if got := string(c.Append(nil, []byte(p.code))); got != string(p.says) {
			t.Errorf("% X reads as %+q, not %+q", p.code, got, p.says)
		}
		for _, r := range []rune{p.says, p.earlier} {
			if got, ok := c.Encode(nil, string(r)); r != 0 && (!ok || string(got) != p.code) {
				t.Errorf("%+q is written % X, not % X", r, got, p.code)
			}
		}
	}
	// In four bytes some editions have the real character, some the private one.
	if got := string(GB18030().Append(nil, []byte("\x82\x35\x90\x37\x84\x31\x82\x36\x81\x35\xF4\x37"))); got != "\u9FB4\uFE10\u1E3F" {
		t.Errorf("got %+q", got)
	}
}

func TestBadBytesAreMarkedAndFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		with   *Charset
		raw    string
		spot   string // "": good
		length int    // of what is read, where it is good
	}{
		{"a name", GBK(), "\xD5\xC5\xC8\xFD", "", 6},
		{"empty", GBK(), "", "", 0},
		{"ASCII with controls", GBK(), "a\x00b\x7f", "", 4},
		{"cut in the middle", GBK(), "\xD5\xC5\xC8", "C8", 0},
		{"a lead byte before a digit", GBK(), "\xD5\xC51\xC82", "C8", 0},
		{"a byte that is none", GBK(), "\xD5\xC5\xFF", "FF", 0},
		{"euro of Windows", GBK(), "\x80", "", 3},
		{"no euro in GB 18030", GB18030(), "\x80", "80", 0},
		{"four bytes in GBK", GBK(), "\x95\x32\x90\x31", "95", 0},
		{"four bytes", GB18030(), "\x95\x32\x90\x31", "", 4},
		{"four bytes beyond Unicode", GB18030(), "\xE3\x32\x9A\x36", "E3 32 9A 36", 0},
		{"four bytes of nothing", GB18030(), "\x84\x31\xA5\x30", "84 31 A5 30", 0},
		{"U+FFFD in four bytes", GB18030(), "a\x84\x31\xA4\x37", "", 0},
		{"Big5", Big5(), "\xB1\x69\xA4\x54", "", 6},
		{"Big5 with two characters", Big5(), "\x88\x62", "", 4},
		{"Big5 beyond U+FFFF", Big5(), "\x87\x4B", "", 3},
		{"no Big5", Big5(), "\xA4\x54\xFE\xFF", "FE", 0},
		{"Big5 bytes of nothing", Big5(), "\x81\xA1", "81 A1", 0},
		{"UTF-8 taken for GBK", GBK(), "张三丰", "B0", 0},
	} {
		got := string(c.with.Append(nil, []byte(c.raw)))
		spot, ok := Spot(got)
		if spot != c.spot || c.spot != "" && ok {
			t.Errorf("%s: read as %+q, spot %q", c.name, got, spot)
		}
		if c.length > 0 && len(got) != c.length {
			t.Errorf("%s: read as %+q", c.name, got)
		}
	}
	if _, ok := Spot("a�"); ok {
		t.Error("a real U+FFFD passes")
	}
	for raw, want := range map[string]string{"好\xE5": "E5", "\xE5\xA5": "E5 A5", "a\xFF\xFEzz\xFF": "FF FE", "\xFF\xFE": "FF FE", "\xC0\x80x": "C0 80"} {
		if spot, ok := Spot(raw); ok || spot != want {
			t.Errorf("%q: %q, %v", raw, spot, ok)
		}
	}
}

func TestWhatTheLibraryKnowsReadsAsTheLibraryReadsIt(t *testing.T) {
	for _, c := range []*Charset{GBK(), GB18030()} {
		library := simplifiedchinese.GB18030.NewDecoder()
		if c.Name() == "gbk" {
			library = simplifiedchinese.GBK.NewDecoder()
		}
		differ := 0
		eachTwo(func(code []byte) {
			want, err := library.Bytes(code)
			if got := c.Append(nil, code); err == nil && !bytes.Equal(want, []byte("\uFFFD")) && !bytes.Equal(got, want) {
				differ++
			}
		})
		if differ != 1 { // A3A0
			t.Errorf("%s: %d codes read otherwise", c.Name(), differ)
		}
	}
}

// GBK receivers are sent nothing that only some of them know.
func TestGBKIsWrittenWithoutPrivateUse(t *testing.T) {
	for _, s := range []string{"\uE000", "\uE81E", "\u9FB4", "ḿ", "㐀", "𠮷", "\uFFFD"} {
		if got, ok := GBK().Encode(nil, s); ok {
			t.Errorf("%+q is written % X", s, got)
		}
	}
	if got, ok := GBK().Encode(nil, "张€a"); !ok || string(got) != "\xD5\xC5\x80a" {
		t.Errorf("% X, %v", got, ok)
	}
	if _, ok := Big5().Encode(nil, "張"); ok {
		t.Error("Big5 is written")
	}
}

func TestWhateverIsReadIsGoodOrMarked(t *testing.T) {
	sets := []*Charset{GBK(), GB18030(), Big5()}
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOf(rapid.Byte()).Draw(t, "raw")
		c := rapid.SampledFrom(sets).Draw(t, "charset")
		s := string(c.Append(nil, raw))
		_, ok := Spot(s)
		if ok != utf8.ValidString(s) && !bytes.Contains([]byte(s), []byte("\uFFFD")) {
			t.Fatalf("% X reads as %+q", raw, s)
		}
		if back, written := c.Encode(nil, s); ok && c == GB18030() && !(written && string(c.Append(nil, back)) == s) {
			t.Fatalf("% X reads as %+q, written % X", raw, s, back)
		}
	})
}

func TestNamesAreKnown(t *testing.T) {
	for _, name := range append(Names(), "", "utf8") {
		if c, ok := ByName(name); !ok || slices.Contains(Names(), name) != (c != nil) {
			t.Errorf("%q: %v, %v", name, c, ok)
		}
	}
	if _, ok := ByName("latin1"); ok {
		t.Error("latin1 is known")
	}
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte("\xD5\xC5\x95\x32\x90\x31\xFF"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, c := range []*Charset{GBK(), GB18030(), Big5()} {
			Spot(string(c.Append(nil, raw)))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	raw := bytes.Repeat([]byte("\xD5\xC5\xC8\xFD440106199001011234"), 50)
	var dst []byte
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		dst = GBK().Append(dst[:0], raw)
	}
}

func BenchmarkTables(b *testing.B) {
	for b.Loop() {
		newGB18030()
	}
}
