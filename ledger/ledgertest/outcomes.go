package ledgertest

import (
	"fmt"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

var outcomeTests = []test{
	{"WhatIsNotKnownOfACallIsKeptAndCounted", outcomesKept},
	{"AReceiptForgetsWhatWasNotKnown", outcomesForgotten},
	{"APersonsWordSettlesARecordAndIsKept", outcomesDecided},
	{"WhatASecondPersonSaysOfItIsRefused", outcomesTwice},
}

// lost freezes two records and notes the first one's outcome.
func (k *kit) lost(state ledger.OutcomeState) (*ledger.Frozen, []ledger.Entry) {
	k.Helper()
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	k.note(list[0], state)
	return b, list
}

func (k *kit) note(e ledger.Entry, state ledger.OutcomeState) {
	k.Helper()
	k.ok(k.s.PutOutcomes(k.ctx, ledger.Lease{}, []ledger.Outcome{{Receiver: national, Rec: e.Rec, Version: e.Version, Batch: "f1", Stream: accepts, Key: e.Key, Pipeline: pipeline, Run: 1, State: state,
		Since: epoch.Add(time.Hour), Why: ledger.Reason{What: text.T("断了", "it broke")}}}))
}

func (k *kit) outcomes(q ledger.OutcomeQuery) (said []string) {
	k.Helper()
	list, err := k.second().s.Outcomes(k.ctx, q)
	k.ok(err)
	for _, o := range list {
		said = append(said, fmt.Sprintf("%s %d.%d %s %d %s%s%s", o.Receiver, o.Rec, o.Version, o.State, o.Tries, o.Why.What.EN, o.Who, o.Said))
	}
	return said
}

func outcomesKept(k *kit) {
	_, list := k.lost(ledger.OutcomeCalling)
	k.note(list[0], ledger.OutcomeOpen)
	k.note(list[0], ledger.OutcomeUnknown)
	want := []string{fmt.Sprintf("%s %d.1 unknown 2 it broke", national, list[0].Rec)}
	same(k, "noted", k.outcomes(ledger.OutcomeQuery{Receiver: national}), want)
	same(k, "by record", k.outcomes(ledger.OutcomeQuery{Recs: []int64{list[0].Rec, 99}}), want)
	same(k, "of another receiver", k.outcomes(ledger.OutcomeQuery{Receiver: "platform-test"}), nil)
	k.note(list[0], ledger.OutcomeNone)
	same(k, "taken back", k.outcomes(ledger.OutcomeQuery{}), nil)
}

func outcomesForgotten(k *kit) {
	b, list := k.lost(ledger.OutcomeOpen)
	k.note(list[1], ledger.OutcomeUnknown)
	part := *b
	part.Members = b.Members[:1]
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: &part, Left: b.Members[1:]})
	k.ok(err)
	same(k, "of the other", k.outcomes(ledger.OutcomeQuery{}), []string{fmt.Sprintf("%s %d.1 unknown 1 it broke", national, list[1].Rec)})
}

func outcomesDecided(k *kit) {
	_, list := k.lost(ledger.OutcomeUnknown)
	k.note(list[1], ledger.OutcomeUnknown)
	decide := func(i int, as ledger.OutcomeState) {
		k.Helper()
		open, err := k.s.Outcomes(k.ctx, ledger.OutcomeQuery{Recs: []int64{list[i].Rec}})
		k.ok(err)
		k.ok(k.s.DecideOutcome(k.ctx, ledger.Lease{}, ledger.OutcomeDecision{ID: open[0].ID, As: as, Who: "王工", Said: "核对"}))
	}
	decide(0, ledger.OutcomeAgain)
	decide(0, ledger.OutcomeAgain) // once is enough
	decide(0, ledger.OutcomeArrived)
	if got := k.sent(national, list[0].Rec)[0]; got != (ledger.Sent{Frozen: 1, Delivered: 1}) {
		k.Errorf("it arrived: %+v", got)
	}
	if open := k.unsettled(national); len(open) != 1 || len(open[0].Members) != 1 || open[0].Members[0].Rec != list[1].Rec {
		k.Errorf("open: %+v", open)
	}
	decide(1, ledger.OutcomeGivenUp)
	if got := k.sent(national, list[1].Rec)[0]; got != (ledger.Sent{Frozen: 1}) || len(k.unsettled(national)) != 0 {
		k.Errorf("given up: %+v, %d batches are open", got, len(k.unsettled(national)))
	}
	if list := k.exceptions(ledger.ExceptionQuery{Receiver: national, State: ledger.Rejected}); len(list) != 1 || list[0].Rule != ledger.RuleGivenUp {
		k.Errorf("given up: %+v", list)
	}
	for _, c := range []struct {
		rule string
		n    int64
	}{{"", 0}, {"receiver_refused", 0}, {ledger.RuleGivenUp, 1}} {
		if n, err := k.s.Redrive(k.ctx, national, c.rule); n != c.n || err != nil {
			k.Errorf("redriven by rule %q: %d, %v", c.rule, n, err)
		}
	}
	waived := k.rejects(ledger.RejectQuery{State: ledger.Waived})
	if len(waived) != 1 || waived[0].Rule != ledger.RuleGivenUp || len(k.rejects(ledger.RejectQuery{State: "open"})) != 0 {
		k.Errorf("rejects: %+v", waived)
	}
	same(k, "open", k.outcomes(ledger.OutcomeQuery{}), nil)
	same(k, "decided", k.outcomes(ledger.OutcomeQuery{Decided: true}), []string{
		fmt.Sprintf("%s %d.1 arrived 1 it broke王工核对", national, list[0].Rec), fmt.Sprintf("%s %d.1 given_up 1 it broke王工核对", national, list[1].Rec), fmt.Sprintf("%s %d.1 again 1 it broke王工核对", national, list[0].Rec)})
}

func outcomesTwice(k *kit) {
	b, list := k.lost(ledger.OutcomeUnknown)
	open, err := k.s.Outcomes(k.ctx, ledger.OutcomeQuery{})
	k.ok(err)
	d := ledger.OutcomeDecision{ID: open[0].ID, As: ledger.OutcomeArrived, Who: "王工"}
	k.ok(k.s.DecideOutcome(k.ctx, ledger.Lease{}, d))
	k.wantKind(k.s.DecideOutcome(k.ctx, ledger.Lease{}, d), fault.Gone)
	k.wantKind(k.s.DecideOutcome(k.ctx, ledger.Lease{}, ledger.OutcomeDecision{ID: 1 << 40, As: ledger.OutcomeArrived}), fault.Gone)
	k.settle(b)
	if got := k.sent(national, list[1].Rec)[0]; got.Delivered != 1 {
		k.Errorf("the other: %+v", got)
	}
}
