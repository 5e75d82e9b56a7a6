package wiring

import (
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// Bounds are what a person asks of one run beside what its pipeline says.
type Bounds struct {
	Limit int64     // rows of the source that are read at most; 0: all there are
	Since time.Time // what changed at the source from then on is read once more; zero: nothing is
}

// Of is the pipeline as it runs within the bounds: what is read from a moment on is read by
// the time of change. Config: the pipeline cannot be run so.
func (b Bounds) Of(spec pipelines.Spec) (pipelines.Spec, error) {
	var found fault.List
	if b.Limit > 0 {
		found.Add(checkLimit(&spec))
	}
	if !b.Since.IsZero() && !found.Add(checkSince(&spec)) {
		spec.From.Mode, spec.From.Compare = "incremental", nil
	}
	return spec, found.Err()
}

// Set has a plan keep to the bounds.
func (b Bounds) Set(plan *jobs.CollectPlan) { plan.Limit, plan.Since = b.Limit, b.Since }

// checkLimit refuses a pipeline that cannot be read in part.
func checkLimit(s *pipelines.Spec) error {
	switch f := &s.From; {
	case f.Inbox != "":
		return s.Fault(text.F("管道 %s 读业务中台推来的，不能只读一部分", "pipeline %s reads what a platform sends, which cannot be read in part", s.Pipeline),
			text.T("不带 --limit 运行", "run it without --limit"), "from", "inbox")
	case f.Topic == "" && f.Files == "" && f.Numbered():
		return s.Fault(text.F("管道 %s 的行没有自己的键，不能只读一部分：相同的行要全部数过才有编号", "the rows of pipeline %s have no key of their own and cannot be read in part: they are numbered among all that are equal", s.Pipeline),
			text.F("看几行用 banjian preview %[1]s --rows 20；归集时不带 --limit", "to look at some rows: banjian preview %[1]s --rows 20; collect without --limit", s.Pipeline), "from")
	}
	return nil
}

// checkSince refuses a pipeline whose rows do not say when they changed.
func checkSince(s *pipelines.Spec) error {
	switch f := &s.From; {
	case f.Topic != "":
		return s.Fault(text.F("管道 %s 读主题，没有更新时间列，不能用 --since", "pipeline %s reads a topic, which has no column of the time of change: --since does not go with it", s.Pipeline),
			text.F("把读取位置移回那个时刻：banjian streams rewind %[1]s --to 时刻", "move the place it is read from back to that time: banjian streams rewind %[1]s --to TIME", s.Pipeline), "from", "topic")
	case f.Files != "":
		return s.Fault(text.F("管道 %s 读交来的文件，没有更新时间列，不能用 --since", "pipeline %s reads files that are handed over, which have no column of the time of change: --since does not go with it", s.Pipeline),
			text.T("要再读哪份文件，请部门换个内容或名字再交一次；或用 --remap 对保留的来源数据重新映射", "have the department hand the file over again, or use --remap, which maps the rows as they were kept"), "from", "files")
	case f.Inbox != "":
		return s.Fault(text.F("管道 %s 读业务中台推来的，没有更新时间列，不能用 --since", "pipeline %s reads what a platform sends, which has no column of the time of change: --since does not go with it", s.Pipeline),
			text.T("漏掉的流水号：banjian reconcile --numbers 文件 --fetch-missing", "numbers that were missed: banjian reconcile --numbers FILE --fetch-missing"), "from", "inbox")
	case f.Mode == pipelines.ModeFlagged:
		return s.Fault(text.F("管道 %s 按标志读取，没有更新时间列，不能用 --since", "pipeline %s is read by flags and has no column of the time of change: --since does not go with it", s.Pipeline),
			text.F("请部门把要重取的行的标志改回待取；或全部读一遍：banjian run %s --mode full", "have the department set the flags of these rows back, or read everything: banjian run %s --mode full", s.Pipeline), "from", "mode")
	case f.Cursor == "" || f.Numbered():
		return s.Fault(text.F("管道 %s 每次读整个视图，没有更新时间列（cursor），不能用 --since", "pipeline %s reads the whole view every time and has no column of the time of change (cursor): --since does not go with it", s.Pipeline),
			text.F("不带 --since 运行就会全部重读：banjian run %s", "a run without --since reads everything again anyway: banjian run %s", s.Pipeline), "from")
	}
	return nil
}
