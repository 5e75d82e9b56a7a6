package ledger

import (
	"context"
	"slices"
	"strings"
)

// asides are the records put aside that may go by themselves later: those that wait
// for their case's accept record, those left out because it was, those refused or left
// out before it changed or before a person asked for another try (see Settlement.Parents
// and Receivers.Redrive), those behind an older version whose outcome was open,
// those of pipelines that did not deliver to the receiver, and deletes that a person has
// approved meanwhile.
var asides = []struct {
	state State
	rule  string
}{{Held, ruleWaitsParent}, {NotApplicable, ruleParentNotApplicable}, {Rejected, RuleRedrive}, {NotApplicable, RuleRedrive}, {Held, ruleWaitsOutcome}, {NotApplicable, ruleNotDelivered},
	{Held, ruleWaitsDelete}}

// readAside queues one page of records put aside whose parent is delivered.
func (s *Source) readAside(ctx context.Context) error {
	a := asides[s.aside]
	list, err := s.store.Exceptions(ctx, ExceptionQuery{Receiver: s.Receiver, Subject: s.Subject, State: a.state, Rule: a.rule, After: s.heldAfter, Limit: exceptionPage})
	if err != nil {
		return err
	}
	if len(list) < exceptionPage {
		s.aside, s.heldAfter = s.aside+1, 0
	} else {
		s.heldAfter = list[len(list)-1].Rec
	}
	if len(list) == 0 {
		return nil
	}
	list, err = s.releasable(ctx, list)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		stream := list[0].Stream
		n := slices.IndexFunc(list, func(e Exception) bool { return e.Stream != stream })
		if n < 0 {
			n = len(list)
		}
		if err := s.queueExceptions(ctx, stream, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// releasable keeps the exceptions whose case's accept record has arrived.
func (s *Source) releasable(ctx context.Context, list []Exception) ([]Exception, error) {
	slices.SortStableFunc(list, func(a, b Exception) int { return strings.Compare(a.Stream.Source, b.Stream.Source) })
	var out []Exception
	for len(list) > 0 {
		source := list[0].Stream.Source
		n := slices.IndexFunc(list, func(e Exception) bool { return e.Stream.Source != source })
		if n < 0 {
			n = len(list)
		}
		locals := make([]string, n)
		for i := range locals {
			locals[i] = DecodeKey(list[i].Key)[0]
		}
		parents, err := parentsOf(ctx, s.store, s.Receiver, source, locals)
		if err != nil {
			return nil, err
		}
		for i := range n {
			if s.mayGo(&list[i], parents[i].state) {
				out = append(out, list[i])
			}
		}
		list = list[n:]
	}
	return out, nil
}

func (s *Source) mayGo(e *Exception, parent parentState) bool {
	switch e.Rule {
	case RuleRedrive:
		return true
	case ruleNotDelivered:
		return s.From == nil || s.From(e.Pipeline)
	case ruleWaitsDelete:
		return s.Deletes
	case ruleWaitsOutcome:
		return s.Open == nil || !s.Open(e.Stream.Source, DecodeKey(e.Key)[0], e.Rec)
	}
	return parent == parentDelivered || parent == parentNotApplicable && e.State == Held
}

// queueExceptions reads the payload rows of exceptions of one stream.
func (s *Source) queueExceptions(ctx context.Context, stream Stream, list []Exception) error {
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
		b, err := s.batch(ctx, seq, rows, string(list[0].State), position(stream.Source, 0))
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
