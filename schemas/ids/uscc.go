package ids

// alphabet of GB 32100—2015: the value of a character is its place. There is no
// I, O, Z, S, V.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// usccValue is the value of every byte in the alphabet, -1 outside it.
var usccValue = func() (v [256]int8) {
	for i := range v {
		v[i] = -1
	}
	for i := 0; i < len(alphabet); i++ {
		v[alphabet[i]] = int8(i)
	}
	return v
}()

var usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// InAlphabet says whether c may stand in a unified social credit code.
func InAlphabet(c byte) bool { return usccValue[c] >= 0 }

// USCC checks a unified social credit code (GB 32100—2015): 18 characters of its
// alphabet, six digits of division at 3–8 and the check character. The stand-in TE…
// of a unit that has no code yet is refused with TEUnit.
func USCC(s string) Fault {
	if IsTEUnit(s) {
		return bad(TEUnit, 1)
	}
	if len(s) != 18 {
		return bad(Length, 0)
	}
	sum := 0
	for i := 0; i < 17; i++ {
		v := usccValue[s[i]]
		if v < 0 {
			return bad(Alphabet, i+1)
		}
		if i >= 2 && i < 8 && v > 9 {
			return bad(Format, i+1)
		}
		sum += int(v) * usccWeights[i]
	}
	if usccValue[s[17]] < 0 {
		return bad(Alphabet, 18)
	}
	if want := alphabet[(31-sum%31)%31]; want != s[17] {
		return Fault{Reason: CheckDigit, Pos: 18, Want: want}
	}
	return Fault{}
}

// USCCCheck is the check character that follows 17 characters, 0 if one of them is
// outside the alphabet.
func USCCCheck(s17 string) byte {
	if len(s17) != 17 {
		return 0
	}
	sum := 0
	for i, w := range usccWeights {
		v := usccValue[s17[i]]
		if v < 0 {
			return 0
		}
		sum += int(v) * w
	}
	return alphabet[(31-sum%31)%31]
}

// IsTEUnit says whether s is the stand-in that item catalogues use for a unit without
// a credit code: TE, six digits of division, ten digits or capitals.
func IsTEUnit(s string) bool {
	if len(s) != 18 || s[0] != 'T' || s[1] != 'E' || firstNotDigit(s[2:8]) >= 0 {
		return false
	}
	for i := 8; i < 18; i++ {
		if !isDigit(s[i]) && !isUpper(s[i]) {
			return false
		}
	}
	return true
}

var orgWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}

// OrgCode checks an organisation code (GB 11714—1997): 8 digits or capitals, the
// hyphen it is printed with or none, and the check character.
func OrgCode(s string) Fault {
	last := 8
	if len(s) == 10 {
		if s[8] != '-' {
			return bad(Format, 9)
		}
		last = 9
	} else if len(s) != 9 {
		return bad(Length, 0)
	}
	for i := 0; i < 8; i++ {
		if !isDigit(s[i]) && !isUpper(s[i]) {
			return bad(Format, i+1)
		}
	}
	if c := s[last]; !isDigit(c) && c != 'X' {
		return bad(Format, last+1)
	}
	if want := OrgCheck(s[:8]); want != s[last] {
		return Fault{Reason: CheckDigit, Pos: last + 1, Want: want}
	}
	return Fault{}
}

// OrgCheck is the check character that follows 8 characters, 0 if one of them is
// neither digit nor capital.
func OrgCheck(s8 string) byte {
	if len(s8) != 8 {
		return 0
	}
	sum := 0
	for i, w := range orgWeights {
		v := mod36Value(s8[i])
		if v < 0 {
			return 0
		}
		sum += v * w
	}
	return "0X987654321"[sum%11]
}
