package ledger

import (
	"context"
	"slices"
)

// asides are the records put aside that may go by themselves later: those that wait
// for their case's accept record, those refused or left out before it changed or went, or
// before a person asked for another try (see Settlement and Receivers.Redrive), those behind
// an older version whose outcome was open, those of pipelines that did not deliver to the
// receiver, deletes that a person has approved meanwhile, those that wait for other records of their case or for their
// application, those a table of routes left out before it changed, those of systems whose
// word did not count before the table of precedence changed, those that waited to be
// verified, and those of a later round.
var asides = []Aside{{Held, RuleWaitsParent}, {Rejected, RuleRedrive}, {NotApplicable, RuleRedrive}, {Held, RuleWaitsOutcome}, {NotApplicable, RuleNotDelivered},
	{Held, ruleWaitsDelete}, {Held, ruleWaitsAll}, {Held, ruleWaitsOne}, {NotApplicable, ruleNotDue}, {Held, RuleWaitsApplication},
	{NotApplicable, ruleOtherDepartment}, {NotApplicable, ruleNoRoute}, {Held, ruleWaitsRoute},
	{NotApplicable, RuleCompared}, {NotApplicable, RuleToldElsewhere}, {Held, ruleWaitsRound}, {Held, ruleWaitsVerification}, {Held, ruleVerificationFailed}, {Held, ruleWaitsEarlier}}

// readAside queues one page of records put aside of one source that may go now.
func (s *Source) readAside(ctx context.Context) error {
	if s.put == nil {
		var err error
		if s.put, err = s.store.Asides(ctx, s.Receiver, s.Subject, asides); err != nil {
			return err
		}
	}
	a := asides[s.aside]
	if len(s.put[a]) == 0 || s.stays(a) {
		s.aside++
		return nil
	}
	source := s.put[a][0]
	list, err := s.store.Exceptions(ctx, ExceptionQuery{Receiver: s.Receiver, Source: source, Subject: s.Subject, State: a.State, Rule: a.Rule, After: s.heldAfter, Limit: exceptionPage})
	if err != nil {
		return err
	}
	if len(list) == exceptionPage {
		s.heldAfter = list[len(list)-1].Rec
	} else {
		s.heldAfter, s.put[a] = 0, s.put[a][1:]
	}
	if len(s.put[a]) == 0 { // what was looked at may be put aside for something else by now
		s.aside, s.put = s.aside+1, nil
	}
	if len(list) == 0 {
		return nil
	}
	if list, err = s.releasable(ctx, source, list); err != nil {
		return err
	}
	return s.queueExceptions(ctx, source, list)
}

// stays says that nothing put aside for this reason may go, since what it goes by is as it was.
func (s *Source) stays(a Aside) bool {
	switch a.Rule {
	case RuleNotDelivered:
		return s.Fed != nil && !s.Fed.again
	case ruleOtherDepartment, ruleNoRoute, ruleWaitsRoute:
		return s.Order.Route != nil && !s.Order.Route.again
	case RuleCompared, RuleToldElsewhere:
		return !s.Order.Precedence.changed()
	}
	return false
}

// releasable keeps the exceptions of one source and rule that may be offered again.
func (s *Source) releasable(ctx context.Context, source string, list []Exception) ([]Exception, error) {
	locals := make([]string, len(list))
	for i := range locals {
		locals[i] = FirstOfKey(list[i].Key)
	}
	free, err := s.free(ctx, source, list, locals)
	if err != nil {
		return nil, err
	}
	out := list[:0:0]
	for i := range list {
		if free[i] {
			out = append(out, list[i])
		}
	}
	return out, nil
}

// free says which exceptions of one source and rule may be offered again.
func (s *Source) free(ctx context.Context, source string, list []Exception, locals []string) ([]bool, error) {
	w := &waiter{s.store, &s.Order, s.Alloc}
	free := make([]bool, len(list))
	if s.Order.Route != nil {
		switch list[0].Rule {
		case ruleOtherDepartment, ruleNoRoute, ruleWaitsRoute, RuleWaitsApplication:
			return s.rerouted(ctx, source, list, locals)
		}
	}
	switch list[0].Rule {
	case RuleRedrive, RuleNotDelivered, ruleWaitsDelete, RuleWaitsOutcome,
		ruleOtherDepartment, ruleNoRoute, ruleWaitsRoute: // of these three there is no table any more
		for i := range list {
			free[i] = s.mayGo(&list[i])
		}
		return free, nil
	case ruleWaitsRound:
		return s.inTurn(ctx, source, list, locals)
	case ruleWaitsVerification, ruleVerificationFailed:
		return free, s.verified(ctx, list, free)
	case ruleWaitsAll, ruleWaitsOne, ruleNotDue:
		verdicts, err := w.judge(ctx, source, locals)
		for i := range verdicts {
			free[i] = verdicts[i].Rule != list[i].Rule
		}
		return free, err
	}
	if list[0].Rule == ruleWaitsEarlier {
		return s.behind(ctx, w, source, list, locals)
	}
	if list[0].Rule == RuleCompared || list[0].Rule == RuleToldElsewhere {
		return free, s.reranked(ctx, w, list, locals, free)
	}
	parents, err := parentsOf(ctx, s.store, s.Receiver, source, locals)
	if err != nil {
		return nil, err
	}
	if list[0].Rule == RuleWaitsApplication {
		return free, s.applied(ctx, w, list, parents, free)
	}
	for i := range list {
		free[i] = parents[i].state != parentMissing
	}
	return free, s.spared(ctx, list, parents, free)
}

// spared frees records that need no acceptance and waited for one to inherit from: it is
// there, whatever the receiver made of it.
func (s *Source) spared(ctx context.Context, list []Exception, parents []parent, free []bool) error {
	if list[0].Rule != RuleWaitsParent || len(s.Order.Unless.In) == 0 {
		return nil
	}
	var entries []Entry
	var at []int
	for i := range list {
		if !free[i] && parents[i].Rec != 0 {
			entries, at = append(entries, Entry{At: list[i].At}), append(at, i)
		}
	}
	values, err := Values(ctx, s.store, entries, []string{s.Order.Unless.Field}, s.Alloc)
	for i := range values {
		free[at[i]] = contains(s.Order.Unless.In, values[i][0])
	}
	return err
}

// behind frees records all earlier ones of whose case have gone, or go together with them.
func (s *Source) behind(ctx context.Context, w *waiter, source string, list []Exception, locals []string) ([]bool, error) {
	if s.known == nil {
		s.known = moments{}
	}
	at, batch, free := make([]int64, len(list)), map[int64]bool{}, make([]bool, len(list))
	for i := range list {
		if s.Order.InOrder == "" {
			break // the profile does not ask for it any more
		}
		var err error
		if at[i], err = s.known.of(ctx, w, list[i].At); err != nil {
			return nil, err
		}
		batch[list[i].Rec] = true
	}
	wait, err := w.behind(ctx, s.known, source, locals, at, batch)
	for i := range wait {
		free[i] = !wait[i]
	}
	return free, err
}

// applied frees records whose case was accepted, or whose application came.
func (s *Source) applied(ctx context.Context, w *waiter, list []Exception, parents []parent, free []bool) error {
	entries := make([]Entry, len(list))
	for i := range list {
		entries[i].At = list[i].At
	}
	values, err := Values(ctx, s.store, entries, []string{"case_no", "flow_no", "item_code"}, s.Alloc)
	if err != nil {
		return err
	}
	own := make([]numbers, len(list))
	for i, v := range values {
		own[i] = numbers{v[0], v[1], v[2]}
	}
	if err := w.fill(ctx, parents, own); err != nil {
		return err
	}
	for i := range list {
		free[i] = parents[i].Rec != 0 || s.Order.enough(own[i], &parents[i].Case)
	}
	return nil
}

// mayGo decides about a record that does not wait for others of its case.
func (s *Source) mayGo(e *Exception) bool {
	switch e.Rule {
	case RuleNotDelivered:
		return s.From == nil || s.From(e.Pipeline)
	case ruleWaitsDelete:
		return !s.Order.AskDeletes || s.Order.Approved.Has(e.Rec, e.Version)
	case RuleWaitsOutcome:
		return s.Open == nil || !s.Open(e.Stream.Source, FirstOfKey(e.Key), e.Rec)
	}
	return true
}

// queueExceptions reads the payload rows of exceptions of one source.
func (s *Source) queueExceptions(ctx context.Context, source string, list []Exception) error {
	slices.SortFunc(list, func(a, b Exception) int {
		if a.At.Seq != b.At.Seq {
			return int(a.At.Seq - b.At.Seq)
		}
		return int(a.At.Row - b.At.Row)
	})
	for len(list) > 0 {
		seq := list[0].At.Seq
		n := slices.IndexFunc(list, func(e Exception) bool { return e.At.Seq != seq })
		if n < 0 {
			n = len(list)
		}
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = list[i].At.Row
		}
		b, err := s.batch(ctx, seq, rows, string(list[0].State), position(source, 0))
		if err != nil {
			return err
		}
		if b.Record != nil {
			s.queue = append(s.queue, b)
		}
		list = list[n:]
	}
	return nil
}
