package draft

import (
	"time"

	"banjian/schemas"
)

// Invented values, for the test of a draft: valid by their rules and nobody's.
const (
	inventedResident = "440308199901101512"
	inventedMobile   = "13800000000"
	inventedUSCC     = "11440399MB00000196"
)

// inventedAt is the day the invented case was accepted.
var inventedAt = time.Date(2025, 3, 13, 9, 26, 53, 0, time.UTC)

// inventedDays is how many days before or after a time of the case lies.
var inventedDays = map[string]int{"applied_at": -1, "pre_at": -1, "promised_at": 10, "ended_at": 1, "finished_at": 5, "pickup_at": 6, "changed_at": 6}

func inventedTime(field string) time.Time { return inventedAt.AddDate(0, 0, inventedDays[field]) }

var inventedTexts = map[string]string{
	"local_no": "CS2025031300001", "flow_no": "2025031300001", "case_no": "CS-2025-00001", "item_code": "CS-0101", "item_name": "测试事项",
	"dept_name": "测试受理部门", "dept_code": inventedUSCC, "fee_currency": "CNY", "zip_code": "518000", "contact_email": "cs@example.cn", "round": "1",
}

// inventedText is a value of the field that its width takes.
func inventedText(f *schemas.Field) string {
	s, ok := inventedTexts[f.Name]
	if !ok {
		switch f.Mask {
		case schemas.MaskName:
			s = "测试人"
		case schemas.MaskID:
			s = inventedResident
		case schemas.MaskPhone:
			s = inventedMobile
		case schemas.MaskAddress:
			s = "测试路1号"
		default:
			s = "测试" + f.Title.ZH
		}
		if n := len(f.Name); n > 3 && s[0] > 0x7f && (f.Name[n-3:] == "_no" || f.Name[n-3:] == "_pk" || f.Name[n-3:] == "_id") {
			s = "CS-0001"
		}
	}
	if r := []rune(s); f.Width > 0 && len(r) > f.Width {
		s = string(r[:f.Width])
	}
	return s
}
