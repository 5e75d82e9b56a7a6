package itemcode

// isLocal recognises the form in which a province publishes its own implementation
// codes:
//
//	地方基本编码-区划12-000-实施主体-1|2-00
//
// where the local basic code may hold hyphens itself and the body may be an
// organisation code printed with one; and a bare local basic code of the form
// L-000000-000 with or without a body.
func isLocal(s string) bool {
	return isLocalLink(s) || isLocalBase(s)
}

func isLocalLink(s string) bool {
	n := len(s)
	// Shortest: base 1, -, 12, -, 3, -, body 1, -, 1, -, 2.
	if n < 1+1+12+1+3+1+1+5 || n > 80 {
		return false
	}
	tail := s[n-5:] // "-1-00"
	if tail[0] != '-' || !digit(tail[1]) || tail[2] != '-' || !digit(tail[3]) || !digit(tail[4]) {
		return false
	}
	body := s[:n-5]
	if !words(body) {
		return false
	}
	for i := 1; i+18 <= len(body); i++ {
		if body[i] == '-' && run(body[i+1:]) == 12 && body[i+13] == '-' &&
			run(body[i+14:]) == 3 && i+17 < len(body)-1 && body[i+17] == '-' {
			return true
		}
	}
	return false
}

// isLocalBase is L-000000-000 or L-000000-0000, then nothing or -body.
func isLocalBase(s string) bool {
	if len(s) < 12 || s[0]-'A' >= 26 || s[1] != '-' || run(s[2:]) != 6 || s[8] != '-' {
		return false
	}
	n := run(s[9:])
	if n != 3 && n != 4 {
		return false
	}
	rest := s[9+n:]
	return rest == "" || rest[0] == '-' && len(rest) > 1 && len(rest) <= 20 && words(rest[1:])
}

// run is the number of digits s begins with.
func run(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

// words says that s holds nothing but digits, letters and hyphens, and does not begin
// with a hyphen.
func words(s string) bool {
	if s == "" || s[0] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !digit(c) && c|0x20-'a' >= 26 && c != '-' {
			return false
		}
	}
	return true
}
