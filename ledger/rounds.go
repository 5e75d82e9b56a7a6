package ledger

import (
	"context"
	"slices"
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
	if !s.Rounds || len(pass) == 0 {
		return nil, pass, nil
	}
	keys, _ := column(in, colKey).(*array.Binary)
	versions, _ := column(in, colVersion).(*array.Int64)
	recs := recsOf(in)
	locals := make([]string, len(pass))
	for at, i := range pass {
		locals[at], _ = roundOf(keys.Value(int(i)))
	}
	cases, err := s.roundsIn(ctx, s.Store, SharedOf(in).Source, locals)
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for at, i := range pass {
		_, round := roundOf(keys.Value(int(i)))
		is := judgeRound(cases[locals[at]], round)
		if is.Rule == "" && s.overtaken(cases[locals[at]], round) {
			is = pipelines.Issue{Rule: RuleWaitsOutcome, Severity: pipelines.Hold}
		}
		if is.Rule != "" {
			is.Row = i
			issues = append(issues, is)
			continue
		}
		keep = append(keep, i)
		if round > 1 {
			if s.passing == nil {
				s.passing = map[int64]uint32{}
			}
			s.passing[recs[i]] = uint32(versions.Value(int(i)))
		}
	}
	return issues, keep, nil
}

// overtaken says that a later round was let pass and is not in the ledger as frozen or put
// aside yet: batches are judged while those before them are still being frozen.
func (s *DeliverStage) overtaken(list []caseRound, round int) bool {
	for _, r := range list {
		version, passing := s.passing[r.rec]
		switch {
		case !passing:
		case r.known >= version:
			delete(s.passing, r.rec)
		case r.round > round:
			return true
		}
	}
	return false
}

// caseRound is a record of a case of one round.
type caseRound struct {
	rec   int64
	round int
	known uint32 // version that was frozen or put aside last
	sent  bool   // it went, in whatever version, and was not refused
	due   bool   // it is still to go, or its outcome is open
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

// roundsIn finds the records of cases in all rounds, by local number; cases of one round are
// left out.
func (o *Order) roundsIn(ctx context.Context, store DeliverStore, source string, locals []string) (map[string][]caseRound, error) {
	var err error
	if o.Subject == SubjectAccept { // most have one round, which an index of the others tells sooner
		if locals, err = store.LaterRounds(ctx, source, locals); err != nil || len(locals) == 0 {
			return nil, err
		}
	}
	entries, err := store.CaseMembers(ctx, Stream{source, o.Subject}, locals)
	if err != nil {
		return nil, err
	}
	of := map[string]int{}
	for i := range entries {
		of[FirstOfKey(entries[i].Key)]++
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return of[FirstOfKey(e.Key)] < 2 })
	if len(entries) == 0 {
		return nil, nil
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
		found[local] = append(found[local], caseRound{rec: entries[i].Rec, round: round, known: max(sent[i].Frozen, why.Version), sent: !why.lacks(sent[i]), due: sent[i].Delivered < entries[i].Version && !settled})
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
