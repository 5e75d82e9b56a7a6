package region

// Level is how far down a code reaches.
type Level uint8

const (
	None       Level = iota // no division code
	Province                // 省级
	Prefecture              // 地级
	County                  // 县级
	Township                // 乡级
	Village                 // 村级
)

// LevelOf reads the form of a code of 6, 9 or 12 digits, 2+2+2(+3+3): province,
// prefecture, county, township, village; levels that do not apply are zeros. A level
// may be filled only when those above it are, save that a prefecture-level city without
// counties carries its townships under county 00. None: not such a code. Whether the
// division exists is not asked; see Known.
func LevelOf(code string) Level {
	if n := len(code); n != 6 && n != 9 && n != 12 {
		return None
	}
	for i := 0; i < len(code); i++ {
		if code[i]-'0' > 9 {
			return None
		}
	}
	prefecture, county := code[2:4] != "00", code[4:6] != "00"
	town := len(code) >= 9 && code[6:9] != "000"
	village := len(code) == 12 && code[9:12] != "000"
	switch {
	case code[:2] == "00", village && !town, town && !prefecture, county && !prefecture && !special(code):
		return None
	case village:
		return Village
	case town:
		return Township
	case county:
		return County
	case prefecture:
		return Prefecture
	}
	return Province
}

// special says that districts come right below the province: Hong Kong and Macao.
func special(code string) bool { return code[:2] == "81" || code[:2] == "82" }

// Known says whether a code of 6, 9 or 12 digits is well formed and its first six
// digits were ever a division.
func Known(code string) bool { return LevelOf(code) != None && Ever(code[:6]) }
