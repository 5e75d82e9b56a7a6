package ledger

import (
	"strings"
	"testing"

	"banjian/pipelines"
)

// What a record waits for by its acceptance, and what it needs where it need not wait.
func TestARecordGoesByItsAcceptanceOrByWhatItHasItself(t *testing.T) {
	free := Unless{Field: "result_code", In: []string{"lapsed"}}
	for name, c := range map[string]struct {
		order  Order
		parent parent
		own    numbers
		unless string
		want   string // empty = it goes
	}{
		"no order":                             {},
		"accepted":                             {order: Order{Parent: true}, parent: parent{Case{Rec: 1}, parentDelivered, PutAside{}}},
		"not accepted yet":                     {order: Order{Parent: true}, want: "held waits_parent case/accept"},
		"collected, not there yet":             {order: Order{Parent: true}, parent: parent{Case: Case{Rec: 1}}, want: "held waits_parent case/accept"},
		"not for the receiver":                 {order: Order{Parent: true}, parent: parent{state: parentNotApplicable}, want: "not_applicable parent_not_applicable case/accept"},
		"need not wait, its case is there":     {order: Order{Parent: true, Unless: free}, parent: parent{Case: Case{Rec: 1}}, unless: "lapsed"},
		"need not wait, another value does":    {order: Order{Parent: true, Unless: free}, parent: parent{Case: Case{Rec: 1}}, unless: "granted", want: "held waits_parent case/accept"},
		"need not wait, the case is too early": {order: Order{Parent: true, Unless: free}, parent: parent{Case{Rec: 1}, parentNotApplicable, PutAside{Aside: Aside{NotApplicable, ruleBeforeStart}}}, unless: "lapsed", want: "not_applicable parent_not_applicable case/accept"},
		"need not wait, its acceptance is not for the receiver": {order: Order{Parent: true, Unless: free}, parent: parent{state: parentNotApplicable, Case: Case{Rec: 1}}, unless: "lapsed"},
		"need not wait and has what it needs":                   {order: Order{Parent: true, Unless: free, Needs: []string{"flow_no", "item_code"}}, own: numbers{flowNo: "F", itemCode: "I"}, unless: "lapsed"},
		"the item is its application's":                         {order: Order{Parent: true, Unless: free, Needs: []string{"flow_no", "item_code"}}, parent: parent{Case: Case{ItemCode: "I"}}, own: numbers{flowNo: "F"}, unless: "lapsed"},
		"need not wait and lacks the item":                      {order: Order{Parent: true, Unless: free, Needs: []string{"flow_no", "item_code"}}, own: numbers{flowNo: "F"}, unless: "lapsed", want: "held waits_application case/application"},
		"before an acceptance, lacks the number":                {order: Order{Needs: []string{"flow_no"}}, own: numbers{itemCode: "I"}, want: "held waits_application case/application"},
		"before an acceptance, which came":                      {order: Order{Needs: []string{"flow_no"}}, parent: parent{Case: Case{Rec: 1}}},
	} {
		s := &DeliverStage{Order: c.order}
		is, stop := s.judge([]parent{c.parent}, 0, c.own, c.unless)
		got := ""
		if stop {
			got = strings.Join([]string{map[pipelines.Severity]string{pipelines.Hold: "held", pipelines.NotApplicable: "not_applicable"}[is.Severity], is.Rule, is.Args[0]}, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A round waits for those before it that are still to go, and does not go after a later one.
func TestRoundsAreJudgedByTheOthersOfTheirCase(t *testing.T) {
	for name, c := range map[string]struct {
		others []caseRound
		round  int
		want   string
	}{
		"alone":                             {[]caseRound{{round: 1, due: true}}, 1, ""},
		"the one before is to go":           {[]caseRound{{round: 1, due: true}, {round: 2, due: true}}, 2, ruleWaitsRound},
		"the one before is there":           {[]caseRound{{round: 1, sent: true}, {round: 2, due: true}}, 2, ""},
		"the one before changed since":      {[]caseRound{{round: 1, sent: true, due: true}, {round: 2, due: true}}, 2, ruleWaitsRound},
		"the one before was refused":        {[]caseRound{{round: 1}, {round: 2, due: true}}, 2, ""},
		"a later one went":                  {[]caseRound{{round: 1, sent: true, due: true}, {round: 2, sent: true}}, 1, ruleEarlierRound},
		"a later one went, one before is":   {[]caseRound{{round: 1, due: true}, {round: 2, due: true}, {round: 3, sent: true}}, 2, ruleEarlierRound},
		"a later one did not go yet":        {[]caseRound{{round: 1, sent: true, due: true}, {round: 2, due: true}}, 1, ""},
		"a version of itself is under way":  {[]caseRound{{round: 1, sent: true, due: true}}, 1, ""},
		"two before it, of which one waits": {[]caseRound{{round: 1, sent: true}, {round: 2, due: true}, {round: 3, due: true}}, 3, ruleWaitsRound},
	} {
		if got := judgeRound(c.others, c.round); got.Rule != c.want {
			t.Errorf("%s: %q, want %q", name, got.Rule, c.want)
		}
	}
}

// The number of the last part tells a first round, not any part that ends like it.
func TestAFirstRoundIsToldByItsKey(t *testing.T) {
	for _, c := range []struct {
		key   []string
		first bool
	}{{[]string{"A", "1"}, true}, {[]string{"A1", "1"}, true}, {[]string{"A", "2"}, false}, {[]string{"A", "11"}, false}, {[]string{"A", "21"}, false}} {
		if got := inFirstRound(EncodeKey(c.key...)); got != c.first {
			t.Errorf("%v: %t", c.key, got)
		}
	}
}
