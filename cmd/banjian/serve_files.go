package main

import (
	"cmp"
	"context"
	"sync"
	"time"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// filesLook is how often serve looks whether files that are owed are due.
const filesLook = time.Minute

// fileKeeper asks for files that records wait for, while serve runs.
type fileKeeper struct {
	app   *app
	house *house
	store ledger.Store
	feed  *feeders
	wg    sync.WaitGroup
}

// start begins to look, if any pipeline has files.
func (k *fileKeeper) start(ctx context.Context) error {
	specs, err := k.house.Pipelines(nil)
	if err != nil {
		return err
	}
	var plans []*jobs.CollectPlan
	for _, spec := range specs {
		if spec.Attachments == nil {
			continue
		}
		plan, err := k.house.CollectPlan(spec)
		if err != nil {
			return err
		}
		plans = append(plans, plan)
	}
	if len(plans) > 0 {
		k.wg.Go(func() { k.keep(ctx, plans) })
	}
	return nil
}

func (k *fileKeeper) wait() { k.wg.Wait() }

func (k *fileKeeper) keep(ctx context.Context, plans []*jobs.CollectPlan) {
	runner := k.app.runner(k.store)
	for sleep(ctx, filesLook) {
		for _, plan := range plans {
			if k.open(plan, time.Now()) {
				k.settle(ctx, runner, plan)
			}
		}
	}
}

// open says whether the connection that the plan's files come from may be asked now.
func (k *fileKeeper) open(plan *jobs.CollectPlan, now time.Time) bool {
	c := k.house.Site().Connections[cmp.Or(plan.Spec.Attachments.From, plan.Spec.From.Connection)]
	hours, err := day.ParseHours(c.Hours)
	return err != nil || hours.Has(now.In(k.house.Zone())) // what is wrong with them the pipeline's run says
}

func (k *fileKeeper) settle(ctx context.Context, runner *jobs.Runner, plan *jobs.CollectPlan) {
	rep := runner.SettleFiles(ctx, plan)
	if rep.Err != nil && ctx.Err() == nil && !fault.Is(rep.Err, fault.Blocked) { // being collected, which does the same
		k.app.report(rep.Err)
	}
	if rep.Counts.Records == 0 {
		return
	}
	k.app.note(text.F("%s 管道 %s 补取附件，%d 条记录更新", "%s pipeline %s: files came, %d record{|s} changed", time.Now().In(k.house.Zone()).Format(time.DateTime), plan.Spec.Pipeline, rep.Counts.Records))
	for _, r := range plan.Spec.Deliver {
		k.feed.ask(r)
	}
}
