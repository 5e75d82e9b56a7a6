package ids

import "strings"

const licencePrefix = "1.2.156.3005.2."

// LicenceID checks the identifier of an electronic licence (GB/T 36904—2018):
// 1.2.156.3005.2 . licence type (credit code of the defining ministry and 3 digits) .
// issuer . serial . version (3 digits) . check character. The check is ISO/IEC 7064
// MOD 37,36 over the four middle segments without their dots.
func LicenceID(s string) Fault {
	if !strings.HasPrefix(s, licencePrefix) {
		return bad(Prefix, 1)
	}
	start := len(licencePrefix)
	seg, at, p := 0, start, 36
	for i := start; i < len(s); i++ {
		if s[i] == '.' {
			if f := segment(seg, s[at:i], at); !f.OK() {
				return f
			}
			seg, at = seg+1, i+1
			continue
		}
		v := mod36Value(s[i])
		if v < 0 {
			return bad(Format, i+1)
		}
		if seg < 4 {
			p = mod3736(p, v)
		}
	}
	if seg != 4 || at != len(s)-1 {
		return bad(Length, 0)
	}
	if want := mod3736Check(p); want != s[at] {
		return Fault{Reason: CheckDigit, Pos: at + 1, Want: want}
	}
	return Fault{}
}

// segment checks the form of segment n (0 type, 1 issuer, 2 serial, 3 version), which
// begins at offset at.
func segment(n int, s string, at int) Fault {
	switch {
	case s == "":
		return bad(Format, at+1)
	case n == 0 && (len(s) != 21 || firstNotDigit(s[18:]) >= 0):
		return bad(Type, at+1)
	case n == 3 && (len(s) != 3 || firstNotDigit(s) >= 0):
		return bad(Version, at+1)
	}
	return Fault{}
}

// LicenceCheck is the check character over the four middle segments joined without
// dots, 0 if one character is neither digit nor capital.
func LicenceCheck(joined string) byte {
	p := 36
	for i := 0; i < len(joined); i++ {
		v := mod36Value(joined[i])
		if v < 0 {
			return 0
		}
		p = mod3736(p, v)
	}
	return mod3736Check(p)
}

// mod3736 is one step of ISO/IEC 7064 MOD 37,36.
func mod3736(p, v int) int {
	s := (p + v) % 36
	if s == 0 {
		s = 36
	}
	return s * 2 % 37
}

func mod3736Check(p int) byte {
	return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37-p)%36]
}

// mod36Value is 0–9 for digits, 10–35 for capitals, -1 otherwise.
func mod36Value(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case isUpper(c):
		return int(c-'A') + 10
	}
	return -1
}
