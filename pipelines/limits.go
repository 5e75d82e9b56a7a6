package pipelines

import (
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Limits stop a run that refuses too many rows: something is wrong with the view or
// the mapping, not with single rows. What was written stays; the position stands
// where it was written.
type Limits struct {
	Max   int64   // rejected rows of one run, 0 = no limit
	Ratio float64 // share of rows read, 0 = no limit
	After int64   // rows read before Ratio counts
}

// Check returns a Data fault once a limit is passed.
func (l Limits) Check(c Counts) error {
	switch {
	case l.Max > 0 && c.Rejected > l.Max:
		return tooMany(text.F("问题数据 %d 行，超过上限 %d 行", "%d row{|s} rejected, the limit is %d", c.Rejected, l.Max))
	case l.Ratio > 0 && c.Read >= max(l.After, 1) && float64(c.Rejected) > l.Ratio*float64(c.Read):
		return tooMany(text.F("读取 %d 行，问题数据 %d 行，超过上限 %.1f%%", "%d row{|s} read, %d rejected, the limit is %.1f%%", c.Read, c.Rejected, l.Ratio*100))
	}
	return nil
}

func tooMany(what text.Text) error {
	return fault.New(fault.Data, "collect", "", what,
		text.T("用 banjian rejects list 查看原因，修好映射或请部门更正，再运行；确属正常时调高 rejects 的上限",
			"see the reasons with banjian rejects list, mend the mapping or ask the department, and run again; raise the limits under rejects if this is normal"))
}
