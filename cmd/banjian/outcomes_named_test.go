package main

import (
	"context"
	"slices"
	"testing"

	"banjian/internal/fault"
	"banjian/ledger"
)

type asks = ledger.Outcomes

// openOutcomes is a ledger with these outcomes open.
type openOutcomes struct {
	asks
	list []ledger.Outcome
}

func (o openOutcomes) Outcomes(context.Context, ledger.OutcomeQuery) ([]ledger.Outcome, error) {
	return o.list, nil
}

func TestABatchNumberNamesAllOfItThatIsOpen(t *testing.T) {
	const batch = "0123456789abcdef0123456789abcdef"
	store := openOutcomes{list: []ledger.Outcome{{ID: 3, Batch: batch}, {ID: 4, Batch: "another"}, {ID: 7, Batch: batch}}}
	ids, err := outcomesNamed(t.Context(), store, []string{"7", "0123456789ABCDEF0123456789abcdef", "4"})
	if err != nil || !slices.Equal(ids, []int64{7, 3, 4}) {
		t.Errorf("named %v, %v", ids, err)
	}
	if _, err := outcomesNamed(t.Context(), store, []string{"f123456789abcdef0123456789abcdef"}); !fault.Is(err, fault.Gone) {
		t.Errorf("a batch of which nothing is open: %v", err)
	}
}
