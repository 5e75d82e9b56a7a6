package ledger

import (
	"context"

	"banjian/pipelines"
)

// trailing says which cases have a record in o.After that is still on its way: a result must not
// overtake the steps before it, which the receiver does not take after it. A case with a record
// that its mapping holds, such as a step nobody has closed, is not waited for.
func (w *waiter) trailing(ctx context.Context, source string, locals []string) (map[string]bool, error) {
	entries, err := w.store.CaseMembers(ctx, Stream{source, w.order.After}, locals)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	recs := make([]int64, len(entries))
	for i := range entries {
		recs[i] = entries[i].Rec
	}
	sent, err := w.store.Sent(ctx, w.order.Receiver, recs)
	if err != nil {
		return nil, err
	}
	aside, err := asideOf(ctx, w.store, w.order.Receiver, recs)
	if err != nil {
		return nil, err
	}
	trailing, held := map[string]bool{}, map[string]bool{}
	for i := range entries {
		local, put := DecodeKey(entries[i].Key)[0], aside[recs[i]]
		switch {
		case sent[i].Delivered > 0:
		case put.State == "", put.State == Held && contains([]string{ruleWaitsEarlier, ruleWaitsOutcome, ruleWaitsParent}, put.Rule):
			trailing[local] = true
		case put.State == Held:
			held[local] = true
		}
	}
	for local := range held {
		delete(trailing, local)
	}
	return trailing, nil
}

// overtakes is what is said of a record that would.
func (o *Order) overtakes() pipelines.Issue {
	return pipelines.Issue{Rule: ruleWaitsAll, Args: []string{o.After}, Severity: pipelines.Hold}
}
