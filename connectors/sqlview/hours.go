package sqlview

import (
	"time"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// checkHours is nil when now lies in the hours, else a Blocked fault that says when reading
// is allowed again.
func checkHours(hours day.Hours, now time.Time, where string) error {
	if hours.Has(now) {
		return nil
	}
	opens := hours.Next(now).Format("2006-01-02 15:04")
	return fault.New(fault.Blocked, "check hours", where,
		text.F("现在不在允许读取的时段内，%s 开放", "reading is not allowed at this time; it opens at %s", opens),
		text.T("时段由连接的 hours 设定", "the connection's hours set this"))
}
