package status

import (
	"context"
	"strconv"

	"banjian/connectors/kafka"
	"banjian/ledger"
	"banjian/pipelines"
)

// paused says since when a continuous pipeline is.
func (p *Pipeline) paused(ctx context.Context, store ledger.Store) error {
	since, err := ledger.PausedSince(ctx, store, p.Pipeline)
	if err == nil && !since.IsZero() {
		p.State, p.PausedSince = Paused, Moment{since}
	}
	return err
}

// flow says how far a continuous pipeline has come.
func (p *Pipeline) flow(ctx context.Context, store ledger.Store) error {
	if err := p.paused(ctx, store); err != nil {
		return err
	}
	slots, err := store.Slots(ctx, p.Pipeline)
	if err != nil || len(slots) == 0 {
		return err
	}
	behind := int64(0)
	for _, s := range slots {
		at, err := kafka.ReadPlace(s.Position)
		if err != nil {
			continue // of another kind of source: the pipeline's next run says so
		}
		behind += at.Lag()
		if at.At().After(p.Newest.Time) {
			p.Newest = Moment{at.At()}
		}
	}
	p.Behind = &behind
	return nil
}

// flowInbox says the same of a pipeline that reads what a platform sends.
func (s *Site) flowInbox(ctx context.Context, p *Pipeline, spec *pipelines.Spec) error {
	if err := p.paused(ctx, s.Store); err != nil {
		return err
	}
	slots, err := s.Store.Slots(ctx, p.Pipeline)
	if err != nil {
		return err
	}
	at := int64(0)
	for _, slot := range slots {
		n, _ := strconv.ParseInt(string(slot.Position), 10, 64) // of another kind of source: the pipeline's next run says so
		at = max(at, n)
	}
	j, done, err := s.House.JournalIfAny(ctx)
	if err != nil || j == nil {
		return err
	}
	defer done()
	behind, err := j.Behind(ctx, spec.From.SourceID, spec.From.Inbox, at)
	p.Behind = &behind
	return err
}
