package itemcode_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
)

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

func basicGen() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom(strings.Fields("00 11 31 42 44 45 51 65 71 82")).Draw(t, "region") +
			rapid.SampledFrom(strings.Fields("01 05 10 19 20 21 99")).Draw(t, "type") +
			rapid.StringOfN(rapid.SampledFrom([]rune(creditAlphabet)), 5, 5, -1).Draw(t, "main") +
			rapid.StringMatching("[0-9]{3}").Draw(t, "sub")
	})
}

func implementationGen() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		unit := rapid.StringMatching("1[123][0-9]{6}").Draw(t, "unit") +
			rapid.StringOfN(rapid.SampledFrom([]rune(creditAlphabet)), 9, 9, -1).Draw(t, "body")
		return unit + string(ids.USCCCheck(unit)) + rapid.StringMatching("[1-7]").Draw(t, "level") + basicGen().Draw(t, "basic")
	})
}

func TestEveryWellMadeCodePasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		impl := implementationGen().Draw(t, "code")
		biz := rapid.StringMatching("0[1-9]|[1-9][0-9]").Draw(t, "handling item")
		for code, kind := range map[string]itemcode.Kind{
			impl[19:]: itemcode.Basic, impl: itemcode.Implementation,
			impl + biz: itemcode.Handling, impl[19:] + biz: itemcode.Handling,
		} {
			if r := itemcode.Check(code); r.Verdict != itemcode.OK || r.Kind != kind {
				t.Fatalf("%s: %s %s %v", code, r.Kind, r.Verdict, r.Faults())
			}
		}
	})
}

func TestOneChangedCharacterOfTheUnitIsCaughtAndTheRightOneNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := implementationGen().Draw(t, "code")
		i := rapid.IntRange(0, 17).Draw(t, "place")
		c := rapid.SampledFrom([]rune(strings.ReplaceAll(creditAlphabet, code[i:i+1], ""))).Draw(t, "character")
		broken := code[:i] + string(c) + code[i+1:]
		r := itemcode.Check(broken)
		if r.Verdict != itemcode.Reject {
			t.Fatalf("%s passes", broken)
		}
		if i == 17 && (r.Faults()[0].Want != code[17] || r.Faults()[0].Pos != 18) {
			t.Fatalf("%s: %+v does not ask for %c", broken, r.Faults()[0], code[17])
		}
	})
}

func TestFoldingMendsWhatTypingAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := implementationGen().Draw(t, "code")
		i := rapid.IntRange(0, len(code)).Draw(t, "place")
		typed := strings.ToLower(code[:i]) + rapid.SampledFrom([]string{" ", "-", "—", "\u3000", "\u200b", "\t"}).Draw(t, "mark") + code[i:]
		if itemcode.Check(typed).Verdict != itemcode.Reject || ids.Fold(typed) != code {
			t.Fatalf("%q folds to %q", typed, ids.Fold(typed))
		}
	})
}

func TestJudgingAllocatesNothing(t *testing.T) {
	for _, code := range []string{"11440000006939756B2440101007000", "440101007000", "11440000006940116U244010200300103", "TE440000GD030003VV2442199678000"} {
		if n := testing.AllocsPerRun(100, func() { itemcode.Check(code) }); n != 0 {
			t.Errorf("%s allocates %v times", code, n)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"11440000006939756B2440101007000", "440101007000", "11450721MB155808114000104002000001", "",
		"511A0138000000-511602000000-000-115113010833722043-1-00", "G-000007-001", "十二", "-000000000000-000-1-1-00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := itemcode.Check(s)
		if (r.Verdict == itemcode.OK) != (len(r.Faults()) == 0) {
			t.Fatalf("%q: %s with %v", s, r.Verdict, r.Faults())
		}
		if r.Verdict == itemcode.OK && ids.Fold(s) != s {
			t.Fatalf("%q is good but folds to %q", s, ids.Fold(s))
		}
		if p, ok := itemcode.Split(s); ok && p.Unit+p.Level+p.Basic()+p.Item != s {
			t.Fatalf("%q comes apart as %+v", s, p)
		}
		for _, x := range r.Faults() {
			if x.Pos > len(s) {
				t.Fatalf("%q: place %d", s, x.Pos)
			}
		}
	})
}

func BenchmarkCheckImplementation(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		itemcode.Check("11440000006939756B2440101007000")
	}
}

func BenchmarkCheckBasic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		itemcode.Check("440101007000")
	}
}
