package wiring

import (
	"context"

	"banjian/connectors"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// CheckReread refuses a pipeline that cannot be asked for single rows by their keys.
func CheckReread(s *pipelines.Spec) error {
	if s.From.Topic == "" && s.From.Files == "" && s.From.Inbox == "" && !s.From.Numbered() {
		return nil
	}
	switch f := &s.From; {
	case f.Topic != "":
		return s.Fault(text.F("管道 %s 读主题，已读过的消息不能按键再问", "pipeline %s reads a topic, which cannot be asked for single rows", s.Pipeline),
			text.T("请部门把改好的行再发一次；或用不带 --reread 的 redrive 重新映射保留的行", "have the department send the mended rows again, or redrive without --reread, which maps the rows as they were kept"), "from", "topic")
	case f.Files != "":
		return s.Fault(text.F("管道 %s 读交来的文件，不能按键再问", "pipeline %s reads files that are handed over, which cannot be asked for single rows", s.Pipeline),
			text.T("请部门交一份更正的文件；或用 rejects import 读回更正", "have the department hand over a mended file, or read corrections back with rejects import"), "from", "files")
	case f.Inbox != "":
		return s.Fault(text.F("管道 %s 读业务中台推来的，网关自己会再取", "pipeline %s reads what a platform sends: the gateway fetches it again by itself", s.Pipeline),
			text.T("请中台再推一次这个流水号", "have the platform announce the number again"), "from", "inbox")
	}
	return s.Fault(text.F("管道 %s 的行没有自己的键，不能按键再问", "the rows of pipeline %s have no key of their own to ask for them by", s.Pipeline),
		text.F("整个视图再读一遍：banjian run %s --mode compare", "read the whole view again: banjian run %s --mode compare", s.Pipeline), "from")
}

// Reread makes a plan ask the department's view for the rows behind open rejects alone.
func (h *House) Reread(plan *jobs.CollectPlan) error {
	if err := CheckReread(&plan.Spec); err != nil {
		return err
	}
	o, err := h.View(plan.Spec)
	if err != nil {
		return err
	}
	o.From.Mode, o.From.Splits, o.From.Compare = "full", 0, nil
	plan.Again = &jobs.Again{Columns: o.Key, Open: func(ctx context.Context, at pipelines.Position, keys [][]any) (pipelines.Source, error) {
		one := o
		one.Keys, one.Placed, one.Keep = keys, plan.Placed, h.keeper(plan)
		return connectors.OpenSource(ctx, one, at)
	}}
	plan.Spec.From.Mode, plan.Spec.From.Compare = "reread", nil
	return nil
}
