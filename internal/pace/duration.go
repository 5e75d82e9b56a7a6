package pace

import (
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as files have it: 30s, 10m, 36h, and whole days, 7d. It is
// not negative; false: s is none.
func Duration(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n >= 0 && n < 100_000
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}
