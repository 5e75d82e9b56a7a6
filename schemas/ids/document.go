package ids

// The documents below are known by their pattern alone: they have no published check
// character, save the permanent residence card since 2023.

// ChinesePassport checks a Chinese passport: the series E (ordinary, since 2012) and D,
// S, P, G (older ordinary G; diplomatic D, service S, public affairs P) with eight
// digits; E, D, S or P with a letter and seven digits; and the old series 14 and 15 of
// nine digits.
func ChinesePassport(s string) Fault {
	if len(s) != 9 {
		return bad(Length, 0)
	}
	rest := 1
	switch {
	case s[:2] == "14" || s[:2] == "15":
	case s[0] == 'D' || s[0] == 'E' || s[0] == 'S' || s[0] == 'P':
		if isUpper(s[1]) && s[1] != 'I' && s[1] != 'O' {
			rest = 2
		}
	case s[0] != 'G':
		return bad(Format, 1)
	}
	return numeric(s, rest)
}

// Passport checks a passport of any country (ICAO 9303: digits and capitals, as its
// machine-readable zone shows them): 5 to 15 characters, one of them a digit.
func Passport(s string) Fault {
	if len(s) < 5 || len(s) > 15 {
		return bad(Length, 0)
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			digits++
		case !isUpper(s[i]):
			return bad(Format, i+1)
		}
	}
	if digits == 0 {
		return bad(Format, 1)
	}
	return Fault{}
}

// HKMacaoPermit checks the permit of Hong Kong and Macao residents for the mainland
// (港澳居民来往内地通行证): H or M and eight digits, on older cards two more for the
// number of issues.
func HKMacaoPermit(s string) Fault {
	switch {
	case len(s) != 9 && len(s) != 11:
		return bad(Length, 0)
	case s[0] != 'H' && s[0] != 'M':
		return bad(Format, 1)
	}
	return numeric(s, 1)
}

// TaiwanPermit checks the permit of Taiwan residents for the mainland
// (台湾居民来往大陆通行证): eight digits, on older booklets ten.
func TaiwanPermit(s string) Fault {
	if len(s) != 8 && len(s) != 10 {
		return bad(Length, 0)
	}
	return numeric(s, 0)
}

// HKMacaoTravel checks the permit of mainland residents for Hong Kong and Macao
// (往来港澳通行证): C, on older ones W, and eight digits, or C, a letter and seven.
func HKMacaoTravel(s string) Fault { return travel(s, 'C', 'W') }

// TaiwanTravel checks the permit of mainland residents for Taiwan (大陆居民往来台湾通行证):
// L, on older ones T, and eight digits.
func TaiwanTravel(s string) Fault { return travel(s, 'L', 'T') }

func travel(s string, now, before byte) Fault {
	switch {
	case len(s) != 9:
		return bad(Length, 0)
	case s[0] != now && s[0] != before:
		return bad(Format, 1)
	case s[0] == now && isUpper(s[1]) && s[1] != 'I' && s[1] != 'O':
		return numeric(s, 2)
	}
	return numeric(s, 1)
}

// ForeignerPermit checks the permanent residence card of a foreigner
// (外国人永久居留身份证): three capitals and twelve digits, or since 2023 eighteen
// characters that begin with 9 and end with the check character of GB 11643, with the
// day of birth at 7–14.
func ForeignerPermit(s string) Fault {
	switch len(s) {
	case 15:
		for i := range 3 {
			if !isUpper(s[i]) {
				return bad(Format, i+1)
			}
		}
		return numeric(s, 3)
	case 18:
		return foreigner18(s)
	}
	return bad(Length, 0)
}

func foreigner18(s string) Fault {
	if s[0] != '9' {
		return bad(Format, 1)
	}
	if i := firstNotDigit(s[:17]); i >= 0 {
		return bad(Format, i+1)
	}
	if !calendarDay(digits(s[6:10]), digits(s[10:12]), digits(s[12:14])) {
		return bad(Date, 7)
	}
	last := s[17]
	if last == 'x' {
		last = 'X'
	}
	if want := ResidentCheck(s[:17]); want != last {
		return Fault{Reason: CheckDigit, Pos: 18, Want: want}
	}
	return Fault{}
}

// numeric wants digits from offset on.
func numeric(s string, from int) Fault {
	if i := firstNotDigit(s[from:]); i >= 0 {
		return bad(Format, from+i+1)
	}
	return Fault{}
}
