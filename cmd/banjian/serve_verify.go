package main

import (
	"context"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// doubtsLook is how often serve looks whether records wait to be verified.
const doubtsLook = time.Minute

// doubtKeeper verifies again what could not be verified, while serve runs. Nothing is read
// from departments for it, so their hours do not matter.
type doubtKeeper struct {
	app   *app
	house *house
	store ledger.Store
	feed  *feeders
	wg    sync.WaitGroup
}

func (k *doubtKeeper) start(ctx context.Context) {
	runner := k.app.runner(k.store)
	k.wg.Go(func() {
		for sleep(ctx, doubtsLook) {
			if err := k.look(ctx, runner); err != nil && ctx.Err() == nil {
				k.app.report(err)
			}
		}
	})
}

func (k *doubtKeeper) wait() { k.wg.Wait() }

// look asks again for the pipelines whose records wait.
func (k *doubtKeeper) look(ctx context.Context, runner *jobs.Runner) error {
	totals, err := k.store.DoubtTotals(ctx)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	var found fault.List
	for _, t := range totals {
		if done[t.Pipeline] {
			continue
		}
		done[t.Pipeline] = true
		specs, err := k.house.Pipelines([]string{t.Pipeline})
		if err != nil {
			continue // it is gone from the site; its records are shown as held
		}
		plan, err := k.house.CollectPlan(specs[0])
		if !found.Add(err) {
			found.Add(k.settle(ctx, runner, plan))
		}
	}
	return found.Err()
}

func (k *doubtKeeper) settle(ctx context.Context, runner *jobs.Runner, plan *jobs.CollectPlan) error {
	rep := runner.SettleDoubts(ctx, plan)
	if rep.Verified > 0 {
		k.app.note(text.F("%s 管道 %s 补核验，放行 %d 项", "%s pipeline %s: %d {is|are} verified now and {goes|go}", time.Now().In(k.house.Zone()).Format(time.DateTime), plan.Spec.Pipeline, rep.Verified))
		for _, r := range plan.Spec.Deliver {
			k.feed.ask(r)
		}
	}
	if fault.Is(rep.Err, fault.Blocked) { // being collected, which does the same
		return nil
	}
	return rep.Err
}
