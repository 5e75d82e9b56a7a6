package chars

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// plain is Plain as anybody would write it.
func plain(s string) bool {
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xA0 {
			return false
		}
	}
	return utf8.ValidString(s)
}

func TestPlainIsWhatItIsRuneByRune(t *testing.T) {
	pieces := []string{"a", "~", " ", "\t", "\n", "\x1f", "\x00", "\x7f", "\u0080", "\u009f", "\u00a0", "é", "߿", "ࠀ", "\u0fff", "က", "经办", "\ud7ff", "\ue000", "\uffff", "�", "𠮷", "\U0010ffff",
		"12345678", "广东省岭南市", "\x80", "\xbf", "\xc0\x80", "\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe4\xb8", "\xed\xa0\x80", "\xed\xbf\xbf", "\xef\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8", "\xff"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), "") + string(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "tail"))
		if got, want := Plain(s), plain(s); got != want {
			t.Fatalf("%q: %v", s, got)
		}
		if got, want := PlainBytes([]byte(s)), plain(s); got != want {
			t.Fatalf("%q as bytes: %v", s, got)
		}
		if got, want := Legible([]byte(s)), utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError); got != want {
			t.Fatalf("%q is legible: %v", s, got)
		}
		printable := strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r >= 0x7f }) < 0
		if got := ASCII([]byte(s)); got != printable {
			t.Fatalf("%q is printable ASCII: %v", s, got)
		}
	})
}

// Every pair of bytes around every lead byte, in the middle of a word.
func TestPlainKnowsEveryThreeBytes(t *testing.T) {
	b := []byte("办abc\xe4\xb8\xad办办")
	for lead := 0xC0; lead < 0x100; lead++ {
		for x := 0; x < 0x100; x++ {
			for _, y := range []byte{0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0} {
				b[6], b[7], b[8] = byte(lead), byte(x), y
				if got, want := PlainBytes(b), plain(string(b)); got != want {
					t.Fatalf("% x: %v", b[6:9], got)
				}
			}
		}
	}
}

func TestPlainASCIIFindsEveryOtherByteAtEveryPlace(t *testing.T) {
	for n := 1; n < 20; n++ {
		for at := 0; at < n; at++ {
			for c := 0; c < 256; c++ {
				b := slices.Repeat([]byte{'~'}, n)
				b[at] = byte(c)
				if got, want := ASCII(b), c >= 0x20 && c < 0x7f; got != want {
					t.Fatalf("%d bytes, %#x at %d: %v", n, c, at, got)
				}
			}
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	for name, s := range map[string]string{"ascii": strings.Repeat("440106199001011234", 100), "chinese": strings.Repeat("经审查申请材料齐全", 100), "mixed": strings.Repeat("广东省岭南市体育西横街123号", 100)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Plain(s)
			}
		})
		b.Run(name+"/legible", func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Legible([]byte(s))
			}
		})
		b.Run(name+"/runes", func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				plain(s)
			}
		})
	}
}
