package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
)

// shelf is what a store knows of the records of some cases at one receiver, in memory.
type shelf struct {
	DeliverStore
	entries map[string][]Entry // by subject, by key
	cases   map[string]Case    // by local number
	sent    map[int64]Sent
	aside   map[int64]PutAside
}

func (s *shelf) CaseMembers(_ context.Context, of Stream, numbers []string) (list []Entry, err error) {
	for _, e := range s.entries[of.Subject] {
		if slices.Contains(numbers, FirstOfKey(e.Key)) {
			list = append(list, e)
		}
	}
	return list, nil
}

func (s *shelf) Cases(_ context.Context, _ string, locals []string) ([]Case, error) {
	list := make([]Case, len(locals))
	for i, local := range locals {
		list[i] = s.cases[local]
	}
	return list, nil
}

func (s *shelf) Sent(_ context.Context, _ string, recs []int64) ([]Sent, error) {
	list := make([]Sent, len(recs))
	for i, rec := range recs {
		list[i] = s.sent[rec]
	}
	return list, nil
}

func (s *shelf) AsideOf(_ context.Context, _ string, recs []int64) (map[int64]PutAside, error) {
	found := map[int64]PutAside{}
	for _, rec := range recs {
		if put, is := s.aside[rec]; is {
			found[rec] = put
		}
	}
	return found, nil
}

// stand is a record in version 2: "" was not offered yet, "open" has no outcome, "delivered"
// or "older" arrived, in this version or in the one before; else it is put aside, as
// "held waits_parent"; "older " before that: the version before arrived, "newer ": that is what
// is put aside.
func (s *shelf) stand(subject, local, n, how string) {
	rec, put := int64(len(s.sent)+1), uint32(2)
	s.entries[subject] = append(s.entries[subject], Entry{Key: EncodeKey(local, n), Rec: rec, Version: 2})
	s.sent[rec] = map[string]Sent{"open": {Frozen: 2}, "delivered": {Frozen: 2, Delivered: 2}, "older": {Frozen: 2, Delivered: 1}}[how]
	if rest, is := strings.CutPrefix(how, "older "); is {
		s.sent[rec], how = Sent{Frozen: 1, Delivered: 1}, rest
	}
	if rest, is := strings.CutPrefix(how, "newer "); is {
		put, how = 1, rest
	}
	if state, rule, is := strings.Cut(how, " "); is {
		s.aside[rec] = PutAside{Aside: Aside{State(state), rule}, Version: put}
	}
	if subject == SubjectAccept {
		s.cases[local] = Case{LocalNo: local, Rec: rec}
	}
}

func newShelf() *shelf {
	return &shelf{entries: map[string][]Entry{}, cases: map[string]Case{}, sent: map[int64]Sent{}, aside: map[int64]PutAside{}}
}

const noAcceptance = "none"

// A result waits for what is still on its way of the records it must not overtake, steps or
// notices of correction, and for nothing else.
func TestAResultWaitsForWhatIsOnItsWayBeforeIt(t *testing.T) {
	for name, c := range map[string]struct {
		accept string // "" = delivered
		steps  []string
		waits  bool
	}{
		"there is no step": {},
		"all arrived":      {steps: []string{"delivered", "delivered"}},
		"an older version arrived, this one has no outcome":      {steps: []string{"older"}, waits: true},
		"an older version arrived, this one is refused":          {steps: []string{"older rejected receiver_refused"}},
		"an older version arrived, the mapping holds this one":   {steps: []string{"older held step_pending"}},
		"the same, and another is on its way":                    {steps: []string{"older held step_pending", "open"}, waits: true},
		"an older version arrived, this one cannot be told":      {steps: []string{"older diverged update_not_taken"}},
		"an older version was refused":                           {steps: []string{"newer rejected receiver_refused"}, waits: true},
		"an older version was held by the mapping":               {steps: []string{"newer held step_pending"}, waits: true},
		"one was not offered yet":                                {steps: []string{"delivered", ""}, waits: true},
		"one was sent and has no outcome":                        {steps: []string{"open"}, waits: true},
		"one is behind an outcome":                               {steps: []string{"held waits_outcome"}, waits: true},
		"one is behind an earlier one that has no outcome":       {steps: []string{"open", "held waits_earlier"}, waits: true},
		"one cannot be verified just now":                        {steps: []string{"held waits_verification"}, waits: true},
		"one is not what the register says":                      {steps: []string{"held verification_failed"}},
		"the mapping holds one, such as a step nobody has ended": {steps: []string{"held step_pending"}},
		"one is behind a step the mapping holds":                 {steps: []string{"held step_pending", "held waits_earlier"}},
		"one was refused":                                        {steps: []string{"rejected receiver_refused"}},
		"one is not for the receiver":                            {steps: []string{"not_applicable not_delivered"}},
		"one diverged":                                           {steps: []string{"diverged update_not_taken"}},
		"their acceptance was not offered yet":                   {accept: "unoffered", steps: []string{"held waits_parent"}, waits: true},
		"their acceptance has no outcome":                        {accept: "open", steps: []string{"held waits_parent"}, waits: true},
		"their acceptance is held":                               {accept: "held waits_verification", steps: []string{"held waits_parent"}, waits: true},
		"their acceptance has come by now":                       {steps: []string{"held waits_parent"}, waits: true},
		"their acceptance was refused":                           {accept: "rejected receiver_refused", steps: []string{"held waits_parent"}},
		"their acceptance is not for the receiver":               {accept: "not_applicable before_start", steps: []string{"held waits_parent"}},
		"their acceptance was never collected":                   {accept: noAcceptance, steps: []string{"held waits_parent"}},
		"of a refused acceptance, another one on its way":        {accept: "rejected receiver_refused", steps: []string{"held waits_parent", "open"}, waits: true},
		"the mapping holds one, others wait for the acceptance":  {accept: "held waits_route", steps: []string{"held waits_parent", "held step_pending"}},
	} {
		for _, subject := range []string{"case/step", "case/correction"} {
			t.Run(name+", "+subject, func(t *testing.T) {
				s := newShelf()
				if c.accept != noAcceptance {
					s.stand(SubjectAccept, "A", "1", cmp.Or(c.accept, "delivered"))
				}
				for i, how := range c.steps {
					s.stand(subject, "A", string(rune('1'+i)), how)
				}
				s.stand(subject, "B", "1", "open") // of another case, asked about together
				s.stand(subject, "C", "1", "open") // and of one nobody asks about
				w := &waiter{store: s, order: &Order{Receiver: "platform", Subject: SubjectResult, After: []string{"case/correction", "case/step"}}}
				verdicts, err := w.judge(context.Background(), "gjj-core", []string{"A", "B", "A"})
				if err != nil {
					t.Fatal(err)
				}
				for i, want := range []bool{c.waits, true, c.waits} {
					if got := verdicts[i].Rule == ruleWaitsAll && verdicts[i].Args[0] == subject; got != want || !want && verdicts[i].Rule != "" {
						t.Errorf("row %d: %+v, want it to wait: %t", i, verdicts[i], want)
					}
				}
			})
		}
	}
}
