package sqlview

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// span is a part of the day in minutes since midnight, end exclusive; it passes
// midnight when end is not behind start.
type span struct{ start, end int }

var spanForm = regexp.MustCompile(`^(\d\d):([0-5]\d)-(\d\d):([0-5]\d)$`)

func parseHours(hours string) ([]span, error) {
	var spans []span
	for _, part := range strings.Split(hours, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		m := spanForm.FindStringSubmatch(part)
		if m == nil {
			return nil, badHours(part)
		}
		var h1, m1, h2, m2 int
		fmt.Sscan(m[1]+" "+m[2]+" "+m[3]+" "+m[4], &h1, &m1, &h2, &m2)
		s := span{h1*60 + m1, h2*60 + m2}
		if h1 > 23 || s.end > 24*60 || s.start == s.end {
			return nil, badHours(part)
		}
		spans = append(spans, s)
	}
	return spans, nil
}

func badHours(part string) error {
	return fault.New(fault.Config, "read hours", "",
		text.F("时段 %q 的写法不对", "hours %q are not well formed", part),
		text.T("写成 22:00-06:00，多个时段以逗号分隔", "write 22:00-06:00, several separated by commas"))
}

func (s span) has(minute int) bool {
	if s.start < s.end {
		return minute >= s.start && minute < s.end
	}
	return minute >= s.start || minute < s.end
}

// checkHours is nil when spans are empty or now lies in one, else a Blocked fault that
// says when reading is allowed again.
func checkHours(spans []span, now time.Time, where string) error {
	if len(spans) == 0 {
		return nil
	}
	minute := now.Hour()*60 + now.Minute()
	wait := 24*60 + 1
	for _, s := range spans {
		if s.has(minute) {
			return nil
		}
		wait = min(wait, (s.start-minute+24*60)%(24*60))
	}
	opens := now.Truncate(time.Minute).Add(time.Duration(wait) * time.Minute).Format("2006-01-02 15:04")
	return fault.New(fault.Blocked, "check hours", where,
		text.F("现在不在允许读取的时段内，%s 开放", "reading is not allowed at this time; it opens at %s", opens),
		text.T("时段由连接的 hours 设定", "the connection's hours set this"))
}
