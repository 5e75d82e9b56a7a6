package ids

import "strings"

// Mobile checks a mobile number of the mainland: 11 digits, the first 1, the second
// 3–9.
func Mobile(s string) Fault {
	if len(s) != 11 {
		return bad(Length, 0)
	}
	if i := firstNotDigit(s); i >= 0 {
		return bad(Format, i+1)
	}
	if s[0] != '1' {
		return bad(Format, 1)
	}
	if s[1] < '3' {
		return bad(Format, 2)
	}
	return Fault{}
}

// Zip checks a postal code: 6 digits.
func Zip(s string) Fault {
	if len(s) != 6 {
		return bad(Length, 0)
	}
	if i := firstNotDigit(s); i >= 0 {
		return bad(Format, i+1)
	}
	return Fault{}
}

// Email checks the plain form of an e-mail address, local@domain in ASCII: no quoted
// local parts, no address literals, a domain of at least two labels.
func Email(s string) Fault {
	at := strings.LastIndexByte(s, '@')
	switch {
	case len(s) > 254 || at > 64:
		return bad(Length, 0)
	case at < 1:
		return bad(Format, 1)
	}
	if i := badLocal(s[:at]); i >= 0 {
		return bad(Format, i+1)
	}
	if i := badDomain(s[at+1:]); i >= 0 {
		return bad(Format, min(at+i+2, len(s)))
	}
	return Fault{}
}

// badLocal is the place of the first character that cannot stand there, -1 if none.
func badLocal(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			if i == 0 || i == len(s)-1 || s[i-1] == '.' {
				return i
			}
		case !isAlnum(c) && strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) < 0:
			return i
		}
	}
	return -1
}

func badDomain(s string) int {
	labels, start := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if !isAlnum(s[i]) && s[i] != '-' {
				return i
			}
			continue
		}
		label := s[start:i]
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return start
		}
		labels, start = labels+1, i+1
	}
	if labels < 2 {
		return 0
	}
	return -1
}

func isAlnum(c byte) bool { return isDigit(c) || isUpper(c) || c-'a' < 26 }
