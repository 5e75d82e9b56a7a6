package pipelines

import (
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Limits stop a run that refuses too many rows: something is wrong with the view or
// the mapping, not with single rows. What was written stays; the position stands
// where it was written.
type Limits struct {
	Pipeline string  // whose they are, for what is told
	Dry      bool    // nothing is written: what was refused is shown, and nowhere kept
	Max      int64   // rejected rows of one run, 0 = no limit
	Ratio    float64 // share of rows read, 0 = no limit
	After    int64   // rows read before Ratio counts
}

// Check returns a Data fault once a limit is passed.
func (l Limits) Check(c Counts) error {
	switch {
	case l.Max > 0 && c.Rejected > l.Max:
		return l.tooMany(text.F("问题数据 %d 行，超过上限 %d 行（rejects.max）", "%d row{|s} rejected, the limit is %d (rejects.max)", c.Rejected, l.Max))
	case l.Ratio > 0 && c.Read >= max(l.After, 1) && float64(c.Rejected) > l.Ratio*float64(c.Read):
		return l.tooMany(text.F("读取 %d 行，问题数据 %d 行，超过上限 %.1f%%（rejects.ratio）", "%d row{|s} read, %d rejected, the limit is %.1f%% (rejects.ratio)", c.Read, c.Rejected, l.Ratio*100))
	}
	return nil
}

func (l Limits) tooMany(what text.Text) error {
	hint := text.F("banjian rejects list --kinds --pipeline %[1]s 看有哪几种；改好映射后，banjian rejects redrive --pipeline %[1]s 把已退回的行重新映射，没读到的行下次运行接着读；确属正常时调高 rejects 的上限",
		"see the kinds with banjian rejects list --kinds --pipeline %[1]s; once the mapping is mended, banjian rejects redrive --pipeline %[1]s maps what was refused again, and the next run reads on from here; raise the limits under rejects if this is normal", l.Pipeline)
	if l.Dry {
		hint = text.T("有哪几种见试跑列出的；改好映射或请部门更正后再试；确属正常时调高 rejects 的上限",
			"the dry run lists the kinds; mend the mapping or ask the department, and try again; raise the limits under rejects if this is normal")
	}
	return fault.New(fault.Data, "collect", l.Pipeline, what, hint)
}
