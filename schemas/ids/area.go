package ids

// provinces holds the first two digits of GB/T 2260 in use: bit t of row s is "st".
var provinces = [10]uint16{
	1: digitsOf(1, 2, 3, 4, 5),
	2: digitsOf(1, 2, 3),
	3: digitsOf(1, 2, 3, 4, 5, 6, 7),
	4: digitsOf(1, 2, 3, 4, 5, 6),
	5: digitsOf(0, 1, 2, 3, 4),
	6: digitsOf(1, 2, 3, 4, 5),
	7: digitsOf(1),
	8: digitsOf(1, 2),
}

func digitsOf(ds ...int) uint16 {
	var bits uint16
	for _, d := range ds {
		bits |= 1 << d
	}
	return bits
}

// Province says whether s begins with the two digits of a province (GB/T 2260).
func Province(s string) bool { return len(s) >= 2 && province(s) }

func province(s string) bool {
	return isDigit(s[0]) && isDigit(s[1]) && provinces[s[0]-'0']>>(s[1]-'0')&1 == 1
}

// Region12 says whether s is a well-formed division code of 12 digits, 2+2+2+3+3:
// province, prefecture, county, township, village (GB/T 2260 and 统计用区划代码). A level
// may be filled only when the levels above it are, save that a prefecture-level city
// without counties carries its townships under 00. Whether the division exists is not
// tested.
func Region12(s string) bool {
	if len(s) != 12 || firstNotDigit(s) >= 0 || !province(s) {
		return false
	}
	prefecture, county := s[2:4] != "00", s[4:6] != "00"
	town, village := s[6:9] != "000", s[9:12] != "000"
	switch {
	case county && !prefecture:
		return false
	case town && !prefecture:
		return false
	case village && !town:
		return false
	}
	return true
}
