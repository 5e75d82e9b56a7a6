package schemas

import (
	"banjian/internal/day"
	"banjian/internal/text"
)

func parseDay(s string) (int32, bool) { return day.Parse(s) }

var dayHint = text.T("按 2026-01-31 的写法，没有就留空", "write it as 2026-01-31, or leave it empty")
