package jobs

import (
	"context"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// checkShape compares what a view is made of with what it was at the last run, before a row
// is read. What breaks what the pipeline reads is a Config fault until a person approves it;
// anything else is told and the run goes on.
func (r *Runner) checkShape(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report, source pipelines.Source) error {
	s, can := source.(pipelines.Shaper)
	if !can || s.Shape() == nil {
		return nil
	}
	now := s.Shape()
	was, err := r.Store.Shape(ctx, plan.Spec.Pipeline)
	if err != nil {
		return err
	}
	if was != nil {
		rep.Drift = now.Drift(was)
		if len(rep.Drift) > 0 && rep.Drift[0].Breaking && !plan.Fuse.Approved {
			return brokenShape(plan.Spec.Pipeline, rep.Drift)
		}
		for _, d := range rep.Drift {
			r.Log.Info("view changed", "pipeline", plan.Spec.Pipeline, "what", d.What.EN)
		}
		if now.Definition == "" {
			now.Definition = was.Definition // the right to see it may come back
		}
		if now.Definition == was.Definition && slices.Equal(now.Columns, was.Columns) {
			return nil
		}
	}
	if plan.Dry {
		return nil
	}
	return r.Store.SaveShape(ctx, lease, plan.Spec.Pipeline, rep.Run.Num, now)
}

// mostDrift bounds what a report tells of it; a log has everything.
const mostDrift = 100

// telling tells after every batch what the source saw change. It goes on: what a pipeline
// reads of a topic is found by name, message by message.
func (r *Runner) telling(plan *CollectPlan, rep *Report, d pipelines.Drifter, shown func(pipelines.Counts)) func(pipelines.Counts) {
	return func(c pipelines.Counts) {
		for _, one := range d.Drifted() {
			r.Log.Info("topic changed", "pipeline", plan.Spec.Pipeline, "what", one.What.EN)
			if len(rep.Drift) < mostDrift {
				rep.Drift = append(rep.Drift, one)
			}
		}
		if shown != nil {
			shown(c)
		}
	}
}

func brokenShape(pipeline string, drift []pipelines.Drift) error {
	var zh, en []string
	for _, d := range drift {
		zh, en = append(zh, d.What.ZH), append(en, d.What.EN)
	}
	return fault.New(fault.Config, "check view", pipeline,
		text.T("视图的结构变了，先停下，什么也没有读："+strings.Join(zh, "；"), "the view changed; stopped before anything was read: "+strings.Join(en, "; ")),
		text.F("与部门核实，改好映射（banjian preview %[1]s 看效果）；确认无误后：banjian run %[1]s --approve-changes",
			"ask the department and mend the mapping (banjian preview %[1]s shows what it does); if it is right: banjian run %[1]s --approve-changes", pipeline))
}
