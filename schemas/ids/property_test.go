package ids_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"banjian/schemas/ids"
	"banjian/schemas/region"
)

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var provinces = strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82")

func residentGen() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := fmt.Sprintf("%s%04d%04d%02d%02d%03d", rapid.SampledFrom(provinces).Draw(t, "province"),
			rapid.IntRange(0, 9999).Draw(t, "area"), rapid.IntRange(1900, 2025).Draw(t, "year"),
			rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(0, 999).Draw(t, "seq"))
		return s + string(ids.ResidentCheck(s))
	})
}

func creditGen() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringMatching("[159AY][1239]").Draw(t, "register") + rapid.StringMatching("[0-9]{6}").Draw(t, "area") +
			rapid.StringOfN(rapid.SampledFrom([]rune(creditAlphabet)), 9, 9, -1).Draw(t, "body")
		return s + string(ids.USCCCheck(s))
	})
}

// change replaces the character at i by another one of the alphabet.
func change(t *rapid.T, s, alphabet string) string {
	i := rapid.IntRange(0, len(s)-1).Draw(t, "place")
	c := rapid.SampledFrom([]rune(strings.ReplaceAll(alphabet, s[i:i+1], ""))).Draw(t, "character")
	return s[:i] + string(c) + s[i+1:]
}

func TestEveryWellMadeResidentNumberPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := residentGen().Draw(t, "number")
		if !ids.ResidentForm(s).OK() {
			t.Fatalf("%s: %+v", s, ids.ResidentForm(s))
		}
		if lax := ids.ResidentID(s); lax.OK() != region.Ever(s[:6]) {
			t.Fatalf("%s: %+v", s, lax)
		}
		if strict := ids.ResidentIDStrict(s); strict.OK() && !ids.ResidentID(s).OK() {
			t.Fatalf("%s passes the strict check only", s)
		}
	})
}

func TestOneChangedDigitOfAResidentNumberIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := change(t, residentGen().Draw(t, "number"), "0123456789X")
		if ids.ResidentID(s).OK() {
			t.Fatalf("%s passes", s)
		}
	})
}

func TestTwoSwappedDigitsOfAResidentNumberAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := residentGen().Draw(t, "number")
		i := rapid.IntRange(0, 15).Draw(t, "place")
		if s[i] == s[i+1] {
			return
		}
		if swapped := s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]; ids.ResidentID(swapped).OK() {
			t.Fatalf("%s passes", swapped)
		}
	})
}

func TestOneChangedCharacterOfACreditCodeIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := creditGen().Draw(t, "code")
		if !ids.USCC(s).OK() {
			t.Fatalf("%s: %+v", s, ids.USCC(s))
		}
		if c := change(t, s, creditAlphabet); ids.USCC(c).OK() {
			t.Fatalf("%s passes", c)
		}
	})
}

func TestOneChangedCharacterOfALicenceIdentifierIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.StringMatching("[0-9A-Z]{18}[0-9]{3}").Draw(t, "type")
		issuer := rapid.StringMatching("[0-9A-Z]{6,18}").Draw(t, "issuer")
		serial := rapid.StringMatching("[0-9A-Z]{1,30}").Draw(t, "serial")
		version := rapid.StringMatching("[0-9]{3}").Draw(t, "version")
		check := string(ids.LicenceCheck(typ + issuer + serial + version))
		if s := strings.Join([]string{"1.2.156.3005.2", typ, issuer, serial, version, check}, "."); !ids.LicenceID(s).OK() {
			t.Fatalf("%s: %+v", s, ids.LicenceID(s))
		}
		changed := change(t, issuer, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if s := strings.Join([]string{"1.2.156.3005.2", typ, changed, serial, version, check}, "."); ids.LicenceID(s).OK() {
			t.Fatalf("%s passes", s)
		}
	})
}

func TestGoodValuesAllocateNothing(t *testing.T) {
	for name, f := range map[string]func() ids.Fault{
		"resident": func() ids.Fault { return ids.ResidentID("440308199901101512") },
		"strict":   func() ids.Fault { return ids.ResidentIDStrict("44040119580101000X") },
		"passport": func() ids.Fault { return ids.ChinesePassport("EA1234567") },
		"uscc":     func() ids.Fault { return ids.USCC("11440000006939756B") },
		"bad uscc": func() ids.Fault { return ids.USCC("11440000006939756A") },
		"org":      func() ids.Fault { return ids.OrgCode("00877868-5") },
		"licence": func() ids.Fault {
			return ids.LicenceID("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9")
		},
		"mobile": func() ids.Fault { return ids.Mobile("13800000000") },
		"email":  func() ids.Fault { return ids.Email("a.b@example.cn") },
	} {
		if n := testing.AllocsPerRun(100, func() { f() }); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func FuzzResidentID(f *testing.F) {
	for _, s := range []string{"440308199901101512", "610104620927690", "44040119580101000x", "", "四四〇三〇八"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := ids.ResidentID(s)
		if got.Pos > len(s) {
			t.Fatalf("place %d beyond %q", got.Pos, s)
		}
		if got.Want != 0 && !ids.ResidentForm(s[:got.Pos-1]+string(rune(got.Want))+s[got.Pos:]).OK() {
			t.Fatalf("%q is not mended by the character it asks for", s)
		}
	})
}

// FuzzNumbers sends any text through every check.
func FuzzNumbers(f *testing.F) {
	for _, s := range []string{
		"11440000006939756B", "TE440000GD030003VV", "00877868-5", "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
		"E12345678", "H12345678", "12345678", "C12345678", "CAN110080010101", "13800000000", "a@b.cn", "", "１１４４", "\x00",
	} {
		f.Add(s)
	}
	checks := []func(string) ids.Fault{ids.USCC, ids.OrgCode, ids.LicenceID, ids.ResidentIDStrict, ids.ResidencePermit, ids.ChinesePassport, ids.Passport,
		ids.HKMacaoPermit, ids.TaiwanPermit, ids.HKMacaoTravel, ids.TaiwanTravel, ids.ForeignerPermit, ids.Mobile, ids.Zip, ids.Email}
	f.Fuzz(func(t *testing.T, s string) {
		for i, check := range checks {
			got := check(s)
			if got.Pos > max(len(s), 1) || got.Pos < 0 {
				t.Fatalf("check %d: place %d in %q", i, got.Pos, s)
			}
			if again := check(s); again != got {
				t.Fatalf("check %d of %q: %+v, then %+v", i, s, got, again)
			}
		}
		if folded := ids.Fold(s); ids.Fold(folded) != folded {
			t.Fatalf("%q folds to %q and further", s, folded)
		}
	})
}

func BenchmarkResidentID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.ResidentID("440308199901101512")
	}
}

func BenchmarkUSCC(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.USCC("11440000006939756B")
	}
}

func BenchmarkLicenceID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.LicenceID("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9")
	}
}
