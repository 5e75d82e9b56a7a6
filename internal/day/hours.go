package day

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Hours (时段) is parts of the day: "22:00-06:00,12:00-13:30". None is the whole day.
type Hours []span

// span is in minutes since midnight, end exclusive; it passes midnight when end is not
// behind start.
type span struct{ start, end int }

var spanForm = regexp.MustCompile(`^(\d\d):([0-5]\d)-(\d\d):([0-5]\d)$`)

// ParseHours reads them. Errors are Config faults.
func ParseHours(written string) (Hours, error) {
	var list Hours
	for part := range strings.SplitSeq(written, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		m := spanForm.FindStringSubmatch(part)
		if m == nil {
			return nil, badHours(part)
		}
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1]) // two digits
		}
		s := span{n[0]*60 + n[1], n[2]*60 + n[3]}
		if n[0] > 23 || s.end > 24*60 || s.start == s.end {
			return nil, badHours(part)
		}
		list = append(list, s)
	}
	return list, nil
}

func badHours(part string) error {
	return fault.New(fault.Config, "read hours", "",
		text.F("时段 %q 的写法不对", "hours %q are not well formed", part),
		text.T("写成 22:00-06:00，多个时段以逗号分隔", "write 22:00-06:00, several separated by commas"))
}

// Has says that now, in its own zone, lies in the hours.
func (h Hours) Has(now time.Time) bool {
	minute := now.Hour()*60 + now.Minute()
	for _, s := range h {
		if s.has(minute) {
			return true
		}
	}
	return len(h) == 0
}

// Next is when the hours begin next, to the minute, after a moment that lies in none.
func (h Hours) Next(now time.Time) time.Time {
	minute := now.Hour()*60 + now.Minute()
	wait := 24*60 + 1
	for _, s := range h {
		wait = min(wait, (s.start-minute+24*60)%(24*60))
	}
	return now.Truncate(time.Minute).Add(time.Duration(wait) * time.Minute)
}

func (s span) has(minute int) bool {
	if s.start < s.end {
		return minute >= s.start && minute < s.end
	}
	return minute >= s.start || minute < s.end
}
