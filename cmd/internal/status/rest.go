package status

import (
	"context"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/ledger"
)

// Rest is why a receiver is left alone now. Two that are alike are equal.
type Rest struct {
	Since time.Time // paused by a person
	Until time.Time // in a maintenance window, or left alone after failures
	Why   string    // in the words of whoever paused it or wrote the window

	Broken text.Text // why it is left alone after failures
}

// Resting says whether a receiver is to be left alone; nil: it may be fed.
func Resting(h *wiring.House, s ledger.ReceiverState, receiver string, now time.Time) (*Rest, error) {
	if !s.PausedAt.IsZero() {
		return &Rest{Since: s.PausedAt, Why: s.PausedWhy}, nil
	}
	w, err := h.Windows(receiver)
	if err != nil {
		return nil, err
	}
	if until, why, in := w.Open(now); in {
		return &Rest{Until: until, Why: why}, nil
	}
	if s.Break.Left(now) > ledger.BreakPatience { // what is shorter a delivery waits for
		return &Rest{Until: s.Break.Until, Broken: s.Break.Why.What}, nil
	}
	return nil, nil
}

// Sentence says it for people.
func (r *Rest) Sentence(receiver string, zone *time.Location) text.Text {
	if !r.Broken.IsZero() {
		return text.F("接收方 %[1]s 到 %[2]s 之前不再推送：%[3]s；记录留在台账里待报", "receiver %[1]s is left alone until %[2]s: %[4]s; records wait in the ledger", receiver, ShortTime(r.Until, zone), r.Broken.ZH, r.Broken.EN)
	}
	t := text.F("接收方 %s 在维护，到 %s；记录留在台账里待报", "receiver %s is in maintenance until %s; records wait in the ledger", receiver, ShortTime(r.Until, zone))
	if r.Until.IsZero() {
		t = text.F("接收方 %s 自 %s 起暂停；记录留在台账里待报", "receiver %s is paused since %s; records wait in the ledger", receiver, ShortTime(r.Since, zone))
	}
	if r.Why != "" {
		t.ZH, t.EN = t.ZH+"（"+r.Why+"）", t.EN+" ("+r.Why+")"
	}
	return t
}

// Known is where a ledger keeps what it knows of receivers.
type Known interface {
	ReceiverStates(ctx context.Context) ([]ledger.ReceiverState, error)
}

// States is what the ledger knows of receivers, by name.
func States(ctx context.Context, store Known) (map[string]ledger.ReceiverState, error) {
	list, err := store.ReceiverStates(ctx)
	states := make(map[string]ledger.ReceiverState, len(list))
	for _, s := range list {
		states[s.Name] = s
	}
	return states, err
}

// RestingNow asks the ledger and then whether the receiver is to be left alone.
func RestingNow(ctx context.Context, h *wiring.House, store Known, receiver string, now time.Time) (*Rest, error) {
	states, err := States(ctx, store)
	if err != nil {
		return nil, err
	}
	return Resting(h, states[receiver], receiver, now)
}
