package ids

// ResidentID checks a resident identity number (GB 11643—1999): 18 characters with a
// check character, where a lower-case x counts as X, or the older 15 digits, whose
// year is 19yy and which have no check. The residence permits of Hong Kong, Macao and
// Taiwan residents (areas 81, 82, 83) have the same form.
func ResidentID(s string) Fault {
	switch len(s) {
	case 18:
		return resident18(s)
	case 15:
		return resident15(s)
	}
	return bad(Length, 0)
}

func resident18(s string) Fault {
	if i := firstNotDigit(s[:17]); i >= 0 {
		return bad(Format, i+1)
	}
	last := s[17]
	if last == 'x' {
		last = 'X'
	}
	switch {
	case !isDigit(last) && last != 'X':
		return bad(Format, 18)
	case !province(s) && !taiwanPermit(s):
		return bad(Area, 1)
	case !calendarDay(digits(s[6:10]), digits(s[10:12]), digits(s[12:14])):
		return bad(Date, 7)
	}
	if want := ResidentCheck(s[:17]); want != last {
		return Fault{Reason: CheckDigit, Pos: 18, Want: want}
	}
	return Fault{}
}

func resident15(s string) Fault {
	switch i := firstNotDigit(s); {
	case i >= 0:
		return bad(Format, i+1)
	case !province(s):
		return bad(Area, 1)
	case !calendarDay(1900+digits(s[6:8]), digits(s[8:10]), digits(s[10:12])):
		return bad(Date, 7)
	}
	return Fault{}
}

var residentWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// ResidentCheck is the check character that follows 17 digits, 0 if they are not 17
// digits.
func ResidentCheck(s17 string) byte {
	if len(s17) != 17 {
		return 0
	}
	sum := 0
	for i, w := range residentWeights {
		if !isDigit(s17[i]) {
			return 0
		}
		sum += int(s17[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// taiwanPermit is area 830000, used by residence permits of Taiwan residents though
// GB/T 2260 gives Taiwan 71.
func taiwanPermit(s string) bool { return s[:6] == "830000" }

// digits is the number that digits spell; the caller has tested them.
func digits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// calendarDay says whether the day exists, within the years a living person or an old
// file can hold.
func calendarDay(year, month, day int) bool {
	if year < 1840 || year > 2099 || month < 1 || month > 12 || day < 1 {
		return false
	}
	last := monthDays[month]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		last = 29
	}
	return day <= last
}
