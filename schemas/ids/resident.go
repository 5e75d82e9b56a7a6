package ids

import "banjian/schemas/region"

// ResidentID checks a resident identity number (GB 11643—1999): 18 characters with a
// check character, where a lower-case x counts as X, or the older 15 digits, whose
// year is 19yy and which have no check. Its area must have been a division of
// GB/T 2260 at some time: people keep the area of their first registration, abolished
// or not. The residence permits of Hong Kong, Macao and Taiwan residents (areas 81, 82,
// 83) have the same form.
func ResidentID(s string) Fault {
	f := ResidentForm(s)
	if f.OK() && !hasPermitArea(s) && !region.Ever(s[:6]) {
		return bad(AreaUnknown, 1)
	}
	return f
}

// firstNumbers is when numbers began to be allotted, with the first identity cards: a
// person born earlier carries an area in force then or later.
var firstNumbers = region.MonthOf(1984, 4)

// ResidentIDStrict is ResidentID with an area that was in force at the birth; for a
// birth before the first cards of 1984, at the birth or later. A number allotted long
// after the birth (a late registration) may fail it and still be genuine.
func ResidentIDStrict(s string) Fault {
	f := ResidentID(s)
	if !f.OK() || hasPermitArea(s) {
		return f
	}
	year, month, _, _ := Birth(s)
	m := region.MonthOf(year, month)
	if _, ok := region.At(s[:6], m); ok || m < firstNumbers && region.HeldSince(s[:6], m) {
		return f
	}
	return bad(AreaNotThen, 1)
}

// ResidentForm checks everything but the last four digits of the area: province, day
// of birth and check character. It is for numbers of zones whose area codes the police
// allotted outside GB/T 2260.
func ResidentForm(s string) Fault {
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
	case !province(s) && !hasPermitArea(s):
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

// ResidencePermit checks the number of a residence permit of Hong Kong, Macao and
// Taiwan residents (港澳台居民居住证, since 2018): a resident number of 18 characters
// whose area is 810000, 820000 or 830000.
func ResidencePermit(s string) Fault {
	if len(s) != 18 {
		return bad(Length, 0)
	}
	if f := resident18(s); !f.OK() {
		return f
	}
	if !hasPermitArea(s) {
		return bad(Area, 1)
	}
	return Fault{}
}

// hasPermitArea says whether the area is one of residence permits. 830000 is Taiwan's
// there, though GB/T 2260 gives Taiwan 71.
func hasPermitArea(s string) bool {
	return len(s) == 18 && s[0] == '8' && s[1] >= '1' && s[1] <= '3' && s[2:6] == "0000"
}

// Birth is the day of birth in a resident number; ok is false when the number is not
// well formed.
func Birth(s string) (year, month, day int, ok bool) {
	if !ResidentForm(s).OK() {
		return 0, 0, 0, false
	}
	if len(s) == 15 {
		return 1900 + digits(s[6:8]), digits(s[8:10]), digits(s[10:12]), true
	}
	return digits(s[6:10]), digits(s[10:12]), digits(s[12:14]), true
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
