package ledger

import (
	"context"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// Rules of rounds, at a receiver that knows all of a case by one identity.
const (
	ruleWaitsRound   = "waits_round"   // held until the receiver has the round before
	ruleEarlierRound = "earlier_round" // not applicable: the receiver has a later round
)

// dropRounds keeps the rounds of a case in order, where a later one takes the place of an
// earlier one: it waits for that, and after it nothing of that goes any more. A round that
// was refused, or is not for the receiver, is not waited for.
func (s *DeliverStage) dropRounds(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if !s.Rounds {
		return nil, pass, nil
	}
	keys, _ := column(in, colKey).(*array.Binary)
	version, _ := column(in, colVersion).(*array.Int64)
	from := sharedOf(in)
	var locals []string
	for _, i := range pass {
		local, round := roundOf(keys.Value(int(i)))
		// The first version of a first round has nothing before it, and comes before the others.
		if round > 1 || version.Value(int(i)) > 1 || from.was != "" {
			locals = append(locals, local)
		}
	}
	if len(locals) == 0 {
		return nil, pass, nil
	}
	cases, err := s.roundsIn(ctx, s.Store, from.source, locals)
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		local, round := roundOf(keys.Value(int(i)))
		if is := judgeRound(cases[local], round); is.Rule != "" {
			is.Row = i
			issues = append(issues, is)
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// caseRound is a record of a case of one round.
type caseRound struct {
	round int
	sent  bool // it went, in whatever version, and was not refused
	due   bool // it is still to go, or its outcome is open
}

// roundOf is the local number and the round in a key.
func roundOf(key []byte) (local string, round int) {
	parts := DecodeKey(key)
	if len(parts) > 1 {
		round, _ = strconv.Atoi(parts[1]) // an integer of the canonical model
	}
	return parts[0], round
}

func judgeRound(list []caseRound, round int) pipelines.Issue {
	var is pipelines.Issue
	for _, r := range list {
		switch {
		case r.round > round && r.sent:
			return pipelines.Issue{Rule: ruleEarlierRound, Severity: pipelines.NotApplicable}
		case r.round < round && r.due:
			is = pipelines.Issue{Rule: ruleWaitsRound, Severity: pipelines.Hold}
		}
	}
	return is
}

// roundsIn finds the records of cases in all rounds, by local number.
func (o *Order) roundsIn(ctx context.Context, store DeliverStore, source string, locals []string) (map[string][]caseRound, error) {
	entries, err := store.CaseMembers(ctx, Stream{source, o.Subject}, locals)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	recs := make([]int64, len(entries))
	for i := range entries {
		recs[i] = entries[i].Rec
	}
	sent, err := store.Sent(ctx, o.Receiver, recs)
	if err != nil {
		return nil, err
	}
	aside, err := store.AsideOf(ctx, o.Receiver, recs)
	if err != nil {
		return nil, err
	}
	found := map[string][]caseRound{}
	for i := range entries {
		local, round := roundOf(entries[i].Key)
		why := aside[entries[i].Rec]
		settled := why.State == Rejected || why.State == NotApplicable || why.State == Diverged
		found[local] = append(found[local], caseRound{round: round, sent: !why.lacks(sent[i]), due: sent[i].Delivered < entries[i].Version && !settled})
	}
	return found, nil
}

// inTurn frees what waited for a round that has arrived, or will not go.
func (s *Source) inTurn(ctx context.Context, source string, list []Exception, locals []string) ([]bool, error) {
	free := make([]bool, len(list))
	cases, err := s.Order.roundsIn(ctx, s.store, source, locals)
	for i := range list {
		_, round := roundOf(list[i].Key)
		free[i] = judgeRound(cases[locals[i]], round).Rule != ruleWaitsRound
	}
	return free, err
}
