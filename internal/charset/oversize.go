package charset

import (
	"strconv"
	"strings"
)

// AppendTooBig appends to dst a text that stands for a value of size bytes where most are
// read. Like other marks it is no UTF-8, so it is never taken for the value.
func AppendTooBig(dst []byte, size, most int64) []byte {
	dst = strconv.AppendInt(append(dst, markBegin...), size, 10)
	dst = strconv.AppendInt(append(dst, '/'), most, 10)
	return append(dst, markEnd...)
}

// TooBig takes what AppendTooBig made apart; false: s is something else.
func TooBig(s string) (size, most string, ok bool) {
	rest, marked := strings.CutPrefix(s, markBegin)
	rest, closed := strings.CutSuffix(rest, markEnd)
	size, most, cut := strings.Cut(rest, "/")
	number := func(n string) bool { return n != "" && strings.Trim(n, "0123456789") == "" }
	return size, most, marked && closed && cut && number(size) && number(most)
}
