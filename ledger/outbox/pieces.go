package outbox

import (
	"context"
	"sync"
	"time"

	"banjian/internal/failpoint"
	"banjian/ledger"
	"banjian/pipelines"
)

// pieces is a pipelines.PieceKeeper for the rows of one delivery.
type pieces struct {
	outbox *Outbox
	going  []ledger.Row

	mu sync.Mutex
	at map[int]time.Time // of a row's last acknowledgement in this run
}

func (p *pieces) Pieces(ctx context.Context, row int) (pipelines.Pieces, int, error) {
	m := p.going[row].Member
	sent, err := p.outbox.store.SentPieces(ctx, p.outbox.Receiver, m.Rec, m.Version)
	return sent.Pieces, len(sent.Acknowledged), err
}

// Keep is a moment between two pieces: what asks before a call is asked here too.
func (p *pieces) Keep(ctx context.Context, row int, division pipelines.Pieces, done int) error {
	o, m := p.outbox, p.going[row].Member
	sent, err := o.store.SentPieces(ctx, o.Receiver, m.Rec, m.Version)
	if err != nil {
		return err
	}
	times := sent.Acknowledged[:min(done, len(sent.Acknowledged))]
	for len(times) < done {
		times = append(times, o.Now())
	}
	if done > 0 {
		failpoint.Hit(failpoint.AfterPiece)
	}
	if err := o.store.KeepPieces(ctx, o.Lease, &ledger.SentPieces{Receiver: o.Receiver, Rec: m.Rec, Version: m.Version, Pieces: division, Acknowledged: times}); err != nil {
		return err
	}
	if done > 0 {
		failpoint.Hit(failpoint.KeptPiece)
	}
	p.mu.Lock()
	p.at[row] = time.Now()
	p.mu.Unlock()
	o.silent.Store(0)
	if done == division.Count {
		return nil
	}
	select {
	case <-o.Done:
		return context.Canceled
	default:
	}
	if o.Fence != nil {
		return o.Fence()
	}
	return nil
}

// moved is when a call last came on, at the earliest when it began.
func (p *pieces) moved(rows pipelines.Together, began time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.at[rows[0]]; at.After(began) {
		return at
	}
	return began
}
