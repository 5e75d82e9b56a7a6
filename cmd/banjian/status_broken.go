package main

import (
	"context"
	"slices"

	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// broken says whether a run that the ledger has as running ended without a word: its
// process was killed, or the disk was too full to write how it ended. A run is under its
// pipeline's lease from before it is written down until after its end is, so that looking
// in this order never finds fault with a run that lives. Topics are read under the leases of
// their parts, which come and go.
func (p *pipelineStand) broken(ctx context.Context, store ledger.Store, spec *pipelines.Spec, last ledger.Run) error {
	if p.State != pipelineRunning || spec.Continuous() {
		return nil
	}
	held, err := store.Holds(ctx)
	if err != nil || slices.Contains(held, jobs.CollectLease(spec.Pipeline)) {
		return err
	}
	now, err := store.LastRun(ctx, spec.Pipeline)
	if err != nil || now.Num != last.Num || now.State != last.State {
		return err
	}
	p.State, p.failed = pipelineFailed, last.Started
	p.Error = text.T("没有做完就断了（进程被终止、停电或磁盘满）；再运行一次就接着做，不会重报", "it broke off (process killed, power cut or disk full); run it again, it goes on from there and sends nothing twice").Packed()
	return nil
}
