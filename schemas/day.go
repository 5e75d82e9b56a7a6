package schemas

import (
	"time"

	"banjian/internal/text"
)

// parseDay reads a calendar day as 2026-01-31, 20260131 or 2026/1/31, the time of day
// behind it ignored: days since 1970-01-01.
func parseDay(s string) (int32, bool) {
	if len(s) > 10 && (s[10] == ' ' || s[10] == 'T') {
		s = s[:10]
	}
	for _, layout := range []string{"2006-01-02", "20060102", "2006/1/2"} {
		if t, err := time.Parse(layout, s); err == nil {
			return int32(t.Unix() / 86400), true
		}
	}
	return 0, false
}

var dayHint = text.T("按 2026-01-31 的写法，没有就留空", "write it as 2026-01-31, or leave it empty")
