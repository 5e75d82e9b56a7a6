package charset

import "testing"

func TestTextTakenForLatin1IsRestored(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"ÊÜÀí±àºÅ", "受理编号"},
		{"slbh ÊÜÀí", "slbh 受理"},
		{"受理编号", "受理编号"},            // as it should be
		{"café", "café"},            // no bytes of GBK
		{"plain", "plain"},          // nothing to restore
		{"", ""},                    //
		{"€\u0081", "\u20ac\u0081"}, // 80 81: none
	} {
		if got := GBK().Restore(c.s); got != c.want {
			t.Errorf("%q is restored to %q, not %q", c.s, got, c.want)
		}
	}
	for code := 0xB0A1; code <= 0xF7FE; code++ { // every character of GB 2312 that latin1 can carry
		if code&0xFF < 0xA1 || code&0xFF == 0xFF {
			continue
		}
		raw := []byte{byte(code >> 8), byte(code)}
		want := string(GBK().Append(nil, raw))
		if _, ok := Spot(want); !ok {
			continue
		}
		if got := GBK().Restore(string([]rune{rune(raw[0]), rune(raw[1])})); got != want {
			t.Fatalf("%X is restored to %q, not %q", raw, got, want)
		}
	}
}

func TestWhatCannotBeReadIsOneSign(t *testing.T) {
	for s, want := range map[string]string{
		"好": "好", "": "", "a\xE5\xA5b": "a\uFFFD\uFFFDb",
		string(GBK().Append(nil, []byte("\xD5\xC5\x81"))):   "张\uFFFD",
		string(GBK().Append(nil, []byte("a\xFF\xFFb\x81"))): "a\uFFFD\uFFFDb\uFFFD",
	} {
		if got := Readable(s); got != want {
			t.Errorf("%q reads as %q, not %q", s, got, want)
		}
	}
}

func TestAValueThatIsTooBigIsMarked(t *testing.T) {
	mark := string(AppendTooBig(nil, 5<<20, 1<<20))
	if size, most, ok := TooBig(mark); !ok || size != "5242880" || most != "1048576" {
		t.Errorf("%q is %s of %s, %t", mark, size, most, ok)
	}
	if _, ok := Spot(mark); ok {
		t.Error("the mark is legible")
	}
	for _, s := range []string{"", "5/1", mark + "x", "x" + mark, string(GBK().Append(nil, []byte{0x81})), "\xFF\xFE5/\xFF", "\xFF\xFE/5\xFF", "\xFF\xFE5/a\xFF"} {
		if _, _, ok := TooBig(s); ok {
			t.Errorf("%q is taken for a mark", s)
		}
	}
}
