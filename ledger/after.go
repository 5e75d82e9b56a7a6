package ledger

import (
	"context"
	"maps"
	"slices"
)

// trailing says which cases have a record in a stream that is still on its way: a result must not
// overtake the steps and notices before it, which the receiver does not take after it. A case with
// a record that its mapping holds, such as a step nobody has closed, is not waited for.
func (w *waiter) trailing(ctx context.Context, s Stream, locals []string) (map[string]bool, error) {
	entries, err := w.store.CaseMembers(ctx, s, locals)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	sent, aside, err := w.standing(ctx, entries)
	if err != nil {
		return nil, err
	}
	trailing, held, below := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range entries {
		local, put := FirstOfKey(entries[i].Key), aside[entries[i].Rec]
		switch {
		case sent[i].Delivered >= entries[i].Version:
		case put.Version < entries[i].Version: // nothing was said of this version yet
			trailing[local] = true
		case put.State == Held && contains([]string{ruleWaitsEarlier, RuleWaitsOutcome, ruleWaitsVerification}, put.Rule):
			trailing[local] = true
		case put.State == Held && put.Rule == RuleWaitsParent:
			below[local] = true
		case put.State == Held && sent[i].Delivered == 0:
			held[local] = true
		}
	}
	if err := w.comingCases(ctx, s.Source, below, trailing); err != nil {
		return nil, err
	}
	for local := range held {
		delete(trailing, local)
	}
	return trailing, nil
}

// comingCases adds to trailing those of below, cases with records that wait for their
// acceptance, whose acceptance may go by itself. One that was refused or never collected does
// not: what need not wait for it need not wait for those records either.
func (w *waiter) comingCases(ctx context.Context, source string, below, trailing map[string]bool) error {
	if len(below) == 0 {
		return nil
	}
	locals := slices.Collect(maps.Keys(below))
	cases, err := w.store.Cases(ctx, source, locals)
	if err != nil {
		return err
	}
	recs := make([]int64, len(cases))
	for i := range cases {
		recs[i] = cases[i].Rec
	}
	aside, err := w.store.AsideOf(ctx, w.order.Receiver, slices.DeleteFunc(slices.Clone(recs), func(rec int64) bool { return rec == 0 }))
	if err != nil {
		return err
	}
	for i, rec := range recs {
		if state := aside[rec].State; rec != 0 && (state == "" || state == Held) {
			trailing[locals[i]] = true
		}
	}
	return nil
}
