package ledger

import (
	"context"
	"testing"
)

// What a receiver has is told by what it answered: a version it refused it does not have; one
// that is tried again, that a person gave up, or of which nobody knows, it may have.
func TestAReceiverLacksWhatItRefused(t *testing.T) {
	for name, c := range map[string]struct {
		sent  Sent
		aside PutAside
		lacks bool
	}{
		"nothing was frozen":                         {lacks: true},
		"nothing was frozen, it is held":             {aside: PutAside{Aside{Held, RuleWaitsParent}, 1, nil}, lacks: true},
		"it arrived":                                 {sent: Sent{Frozen: 1, Delivered: 1}},
		"it arrived, a later version was refused":    {sent: Sent{Frozen: 2, Delivered: 1}, aside: PutAside{Aside{Rejected, "receiver_refused"}, 2, nil}},
		"it has no outcome":                          {sent: Sent{Frozen: 1}},
		"it was refused":                             {sent: Sent{Frozen: 1}, aside: PutAside{Aside{Rejected, "receiver_refused"}, 1, nil}, lacks: true},
		"it was refused and is tried again":          {sent: Sent{Frozen: 1}, aside: PutAside{Aside{Rejected, RuleRedrive}, 1, nil}},
		"a person gave it up":                        {sent: Sent{Frozen: 1}, aside: PutAside{Aside{Rejected, RuleGivenUp}, 1, nil}},
		"a later version was refused before it went": {sent: Sent{Frozen: 1}, aside: PutAside{Aside{Rejected, ruleAliasConflict}, 2, nil}},
		"it was refused, a later one is not for it":  {sent: Sent{Frozen: 1}, aside: PutAside{Aside{NotApplicable, "filtered"}, 2, nil}, lacks: true},
		"it goes though it was left out before":      {sent: Sent{Frozen: 1}, aside: PutAside{Aside{NotApplicable, ruleParentNotApplicable}, 1, nil}},
		"its pipeline does not deliver any more":     {sent: Sent{Frozen: 1}, aside: PutAside{Aside{NotApplicable, RuleNotDelivered}, 2, nil}},
		"a later one is held":                        {sent: Sent{Frozen: 1}, aside: PutAside{Aside{Held, RuleWaitsOutcome}, 2, nil}},
	} {
		s := newShelf()
		s.sent[7], s.aside[7] = c.sent, c.aside
		if c.aside.State == "" {
			delete(s.aside, 7)
		}
		lacks, err := Lacking(context.Background(), s, "platform", []int64{7}, []Sent{c.sent})
		if err != nil || lacks[0] != c.lacks {
			t.Errorf("%s: %v, %v", name, lacks, err)
		}
	}
}
