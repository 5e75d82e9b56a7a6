package jobs

import (
	"context"
	"time"

	"banjian/ledger/collect"
)

// compareMode is how a run reads that compares the whole view with the ledger.
const compareMode = "compare"

// settleMode has a pipeline that compares by itself do so when that is due. What was never
// read is read first: there is nothing to compare it with. After a comparison that failed
// one run reads what changed, so that a view that cannot be read whole does not keep
// anything from being collected; the next tries again. One that was killed is begun again.
func (r *Runner) settleMode(ctx context.Context, plan *CollectPlan) error {
	c := plan.Spec.From.Compare
	if c == nil || plan.Remap || plan.Spec.From.Whole() {
		return nil
	}
	at, err := r.Store.Position(ctx, plan.Spec.Pipeline)
	if err != nil || at == "" {
		return err
	}
	last, err := r.Store.LastCompared(ctx, plan.Spec.Pipeline)
	if err != nil || !c.Due(last.Started, plan.now()) {
		return err
	}
	newest, err := r.Store.LastRun(ctx, plan.Spec.Pipeline)
	if err != nil || newest.Mode == compareMode && newest.State != "done" && newest.State != "running" {
		return err
	}
	plan.Spec.From.Mode = compareMode
	r.Log.Info("comparing the whole view, as is due", "pipeline", plan.Spec.Pipeline, "last", last.Started)
	return nil
}

// now is the time of the plan, in the zone of its scope.
func (p *CollectPlan) now() time.Time {
	now, zone := time.Now, p.Zone
	if p.Now != nil {
		now = p.Now
	}
	if zone == nil {
		zone = time.FixedZone("UTC+8", 8*3600)
	}
	return now().In(zone)
}

// compared says that a run that ended with err and absence compared the whole view with the
// ledger: also one whose deletes wait for a person.
func compared(whole bool, absence *collect.Absence, err error) bool {
	return whole && (err == nil || absence != nil && absence.Stopped)
}
