package rejects

import (
	"cmp"
	"context"
	"slices"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/ledger"
)

// Choice is which rejects are meant. The zero value is all of them.
type Choice struct {
	Rules     []string // any of these
	Run       int64    // first found in this run
	Pipelines []string // those of a department
	Case      string   // any of its numbers
	Pipeline  string
	Receiver  string // that refused them
	State     string // open, closed, waived
	Limit     int    // 0: all
}

// Cases finds cases by any of their numbers.
type Cases interface {
	FindCases(ctx context.Context, number string) ([]ledger.Case, error)
}

// Found is where rejects are found.
type Found interface {
	Rejects(ctx context.Context, q ledger.RejectQuery) ([]ledger.Reject, error)
}

// Store is where rejects are, and the cases they are about.
type Store interface {
	Found
	Cases
}

// Of finds what is chosen, oldest first. A pipeline or a rule that there is not, and that
// left no rejects, is refused with the nearest name.
func (c *Choice) Of(ctx context.Context, h *wiring.House, store Store) ([]ledger.Reject, error) {
	if err := c.CheckNames(ctx, h, store); err != nil {
		return nil, err
	}
	places, err := casePlaces(ctx, store, c.Case)
	if err != nil {
		return nil, err
	}
	rules := c.Rules
	if len(rules) == 0 {
		rules = []string{""}
	}
	q := ledger.RejectQuery{Pipeline: c.Pipeline, Pipelines: c.Pipelines, Receiver: c.Receiver, State: c.State, Run: c.Run}
	if len(places) == 1 && places[0].source == "" && len(rules) == 1 {
		q.Limit = c.Limit
	}
	var list []ledger.Reject
	for _, rule := range rules {
		for _, p := range places {
			q.Rule, q.KeyPrefix = rule, p.prefix
			found, err := store.Rejects(ctx, q)
			if err != nil {
				return nil, err
			}
			list = append(list, slices.DeleteFunc(found, func(r ledger.Reject) bool { return !from(h, r.Pipeline, p.source) })...)
		}
	}
	slices.SortFunc(list, func(a, b ledger.Reject) int { return cmp.Compare(a.ID, b.ID) })
	list = slices.CompactFunc(list, func(a, b ledger.Reject) bool { return a.ID == b.ID })
	if c.Limit > 0 && len(list) > c.Limit {
		list = list[:c.Limit]
	}
	return list, nil
}

// CheckNames refuses a pipeline and rules that there are not; one that left rejects may
// be gone from the site.
func (c *Choice) CheckNames(ctx context.Context, h *wiring.House, store Found) error {
	left := func(q ledger.RejectQuery) func() (bool, error) {
		return func() (bool, error) {
			q.Limit = 1
			list, err := store.Rejects(ctx, q)
			return len(list) > 0, err
		}
	}
	var found fault.List
	found.Add(h.CheckPipeline(c.Pipeline, left(ledger.RejectQuery{Pipeline: c.Pipeline})))
	for _, rule := range c.Rules {
		found.Add(h.CheckRule(rule, left(ledger.RejectQuery{Rule: rule})))
	}
	return found.Err()
}

// from says whether a pipeline reads this system; an empty source, and a pipeline that
// is no more, may be any.
func from(h *wiring.House, pipeline, source string) bool {
	is, known := h.SourceOf(pipeline)
	return source == "" || !known || is == source
}

// casePlace is where the records of a case are filed: keys that begin with its local
// number, in one system or, when that is empty, in any.
type casePlace struct {
	source string
	prefix []byte
}

// casePlaces is where a case may be filed that is known by some number; a case without
// an accept record is known by its local number alone. No number: one place, everywhere.
func casePlaces(ctx context.Context, store Cases, number string) ([]casePlace, error) {
	if number == "" {
		return []casePlace{{}}, nil
	}
	cases, err := store.FindCases(ctx, number)
	if err != nil {
		return nil, err
	}
	places := []casePlace{{prefix: ledger.EncodeKey(number)}}
	for _, c := range cases {
		if c.LocalNo != number {
			places = append(places, casePlace{c.Source, ledger.EncodeKey(c.LocalNo)})
		}
	}
	return places, nil
}
