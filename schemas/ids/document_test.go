package ids_test

import (
	"testing"

	"banjian/schemas/ids"
)

func TestDocumentsAreKnownByTheirPattern(t *testing.T) {
	for _, c := range []struct {
		name  string
		check func(string) ids.Fault
		value string
		want  ids.Reason
		pos   int
	}{
		{"E and digits", ids.ChinesePassport, "E12345678", ids.OK, 0},
		{"E and a letter", ids.ChinesePassport, "EA1234567", ids.OK, 0},
		{"G", ids.ChinesePassport, "G12345678", ids.OK, 0},
		{"diplomatic", ids.ChinesePassport, "DE1234567", ids.OK, 0},
		{"old", ids.ChinesePassport, "141234567", ids.OK, 0},
		{"letter I", ids.ChinesePassport, "EI1234567", ids.Format, 2},
		{"G and a letter", ids.ChinesePassport, "GA1234567", ids.Format, 2},
		{"small", ids.ChinesePassport, "e12345678", ids.Format, 1},
		{"short", ids.ChinesePassport, "E1234567", ids.Length, 0},
		{"foreign", ids.Passport, "C01X0006H", ids.OK, 0},
		{"letters", ids.Passport, "ABCDEFGH", ids.Format, 1},
		{"blank in it", ids.Passport, "AB 123456", ids.Format, 3},
		{"four", ids.Passport, "A123", ids.Length, 0},
		{"H and eight", ids.HKMacaoPermit, "H12345678", ids.OK, 0},
		{"M and ten", ids.HKMacaoPermit, "M1234567801", ids.OK, 0},
		{"C and eight", ids.HKMacaoPermit, "C12345678", ids.Format, 1},
		{"H and a letter", ids.HKMacaoPermit, "H1234567A", ids.Format, 9},
		{"eight", ids.TaiwanPermit, "12345678", ids.OK, 0},
		{"ten", ids.TaiwanPermit, "1234567801", ids.OK, 0},
		{"nine", ids.TaiwanPermit, "123456789", ids.Length, 0},
		{"C", ids.HKMacaoTravel, "C12345678", ids.OK, 0},
		{"C and a letter", ids.HKMacaoTravel, "CA1234567", ids.OK, 0},
		{"W", ids.HKMacaoTravel, "W12345678", ids.OK, 0},
		{"W and a letter", ids.HKMacaoTravel, "WA1234567", ids.Format, 2},
		{"L", ids.TaiwanTravel, "L12345678", ids.OK, 0},
		{"C of the other", ids.TaiwanTravel, "C12345678", ids.Format, 1},
		{"fifteen", ids.ForeignerPermit, "CAN110080010101", ids.OK, 0},
		{"fifteen digits", ids.ForeignerPermit, "123110080010101", ids.Format, 1},
		{"eighteen", ids.ForeignerPermit, foreigner(), ids.OK, 0},
		{"resident number", ids.ForeignerPermit, "440308199901101512", ids.Format, 1},
		{"residence permit", ids.ResidencePermit, "810000199408230021", ids.OK, 0},
		{"resident number", ids.ResidencePermit, "440308199901101512", ids.Area, 1},
		{"permit of 15", ids.ResidencePermit, "810000940823002", ids.Length, 0},
	} {
		if got := c.check(c.value); got.Reason != c.want || got.Pos != c.pos {
			t.Errorf("%s %s: %+v, want %q at %d", c.name, c.value, got, c.want, c.pos)
		}
	}
	if s := foreigner(); ids.ForeignerPermit(s[:17]+string(rune(s[17]^1))).Reason != ids.CheckDigit {
		t.Error("a wrong check character passes")
	}
}

// foreigner is an invented number of the form in use since 2023.
func foreigner() string {
	const s = "91131219850203001"
	return s + string(rune(ids.ResidentCheck(s)))
}

func TestAResidentNumberTellsTheBirth(t *testing.T) {
	for _, c := range []struct {
		number           string
		year, month, day int
	}{
		{"440308199901101512", 1999, 1, 10},
		{"44040119580101000x", 1958, 1, 1},
		{"610104620927690", 1962, 9, 27},
	} {
		if y, m, d, ok := ids.Birth(c.number); !ok || y != c.year || m != c.month || d != c.day {
			t.Errorf("%s: %d-%d-%d", c.number, y, m, d)
		}
	}
	if _, _, _, ok := ids.Birth("440308199902301512"); ok {
		t.Error("a birth on 30 February")
	}
}
