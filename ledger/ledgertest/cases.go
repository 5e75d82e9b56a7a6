package ledgertest

import (
	"fmt"
	"maps"
	"slices"

	"banjian/ledger"
)

var caseTests = []test{
	{"CasesComeBackInTheOrderAsked", casesInOrder},
	{"ACaseIsFoundByAnyOfItsNumbers", findCases},
	{"AResultIsFoundByTheFlowNumberItBrings", resultsOfFlow},
	{"TheRecordsOfSeveralCasesComeTogether", caseMembers},
	{"CasesOfMoreRoundsAreTold", laterRounds},
	{"OneFlowNumberOfSeveralCasesOfOneItemIsSuspected", suspects},
	{"ALaterRoundWinsAnEarlierOneDoesNot", rounds},
	{"ARoundThatWasDeletedSpeaksForNoCaseThatHasAnother", deletedRound},
	{"AFlowNumberOnceKnownStays", flowNumber},
	{"TheCaseNumberMayChangeUntilItIsFrozen", numberBeforeFreeze},
	{"TheCaseNumberStaysOnceItIsFrozen", numberAfterFreeze},
	{"TheCaseNumberStaysThroughLaterRounds", numberThroughRounds},
	{"TheCaseNumberStaysWhenRoundsComeTogether", numberOfRoundsTogether},
}

func (k *kit) cases(names ...string) []ledger.Case {
	k.Helper()
	list, err := k.s.Cases(k.ctx, accepts.Source, names)
	k.ok(err)
	if len(list) != len(names) {
		k.Fatalf("%d cases for %d numbers", len(list), len(names))
	}
	return list
}

// accept collects an accept record of a case.
func (k *kit) accept(name string, hash byte, c ledger.Case) ledger.Entry {
	k.Helper()
	return k.collect(accepts, record{name, hash, &c})[0]
}

// suspects are told apart from rounds of one case, cases of other items and other sources,
// and what was deleted.
func suspects(k *kit) {
	case1 := func(round int64, flow, item string) ledger.Case {
		return ledger.Case{Round: round, FlowNo: flow, ItemCode: item}
	}
	k.accept("A", 1, case1(1, "F1", "I1"))
	k.round(2, 1, ledger.Case{Source: accepts.Source, LocalNo: "A", Round: 2, FlowNo: "F1", ItemCode: "I1"})
	k.accept("B", 1, case1(1, "F1", "I2"))
	k.accept("C", 1, case1(1, "F2", "I1"))
	k.collect(others, record{"D", 1, &ledger.Case{Round: 1, FlowNo: "F2", ItemCode: "I1"}})
	k.accept("E", 1, case1(1, "", "I1"))
	list, err := k.s.AliasSuspects(k.ctx)
	k.ok(err)
	if len(list) > 0 {
		k.Errorf("%+v", list)
	}
	k.accept("G", 1, case1(1, "F2", "I1"))
	k.accept("H", 1, case1(1, "F2", "I1"))
	gone := k.change(accepts, record{"H", 2, &ledger.Case{Round: 1, FlowNo: "F2", ItemCode: "I1", Again: true}})
	gone.Batches[0].Entries[0].Deleted = true
	k.commit(gone)
	list, err = k.s.AliasSuspects(k.ctx)
	k.ok(err)
	var said []string
	for _, s := range list {
		for _, e := range s.Entries {
			said = append(said, fmt.Sprint(s.Source, " ", s.FlowNo, " ", s.ItemCode, " ", ledger.FirstOfKey(e.Key)))
		}
	}
	if mates, indexed, err := k.s.FlowMates(k.ctx, accepts.Source, []string{"F2"}); err != nil || indexed || len(mates) > 0 {
		k.Errorf("without an index: %v %v, %v", mates, indexed, err)
	}
	k.ok(k.s.IndexFlows(k.ctx))
	mates, indexed, err := k.s.FlowMates(k.ctx, accepts.Source, []string{"F2", "", "F9", "F2"})
	k.ok(err)
	same(k, "mates", each(mates, func(c ledger.Case) string { return c.LocalNo + " " + c.ItemCode }), []string{"C I1", "G I1"})
	if !indexed {
		k.Errorf("the index is not known")
	}
	same(k, "suspects", said, []string{accepts.Source + " F2 I1 C", accepts.Source + " F2 I1 G"})
}

func casesInOrder(k *kit) {
	a := k.accept("A", 1, ledger.Case{CaseNo: "N-A", FlowNo: "F-A", ItemCode: "I-A", Round: 1, AcceptedAt: 1793494800})
	b := k.accept("B", 1, ledger.Case{Round: 2})
	k.collect(others, record{"A", 1, &ledger.Case{CaseNo: "N-other", Round: 1}})
	wantA := ledger.Case{Source: accepts.Source, LocalNo: "A", CaseNo: "N-A", FlowNo: "F-A", ItemCode: "I-A", Rec: a.Rec, Round: 1, AcceptedAt: 1793494800}
	wantB := ledger.Case{Source: accepts.Source, LocalNo: "B", Rec: b.Rec, Round: 2}
	same(k, "cases", k.cases("B", "nobody", "A", "B"), []ledger.Case{wantB, {}, wantA, wantB})
	if got := k.cases("nobody")[0]; got.Rec != 0 {
		k.Errorf("a case nobody knows has record %d", got.Rec)
	}
}

func caseMembers(k *kit) {
	a := k.collect(steps, record{"A", 1, nil})[0]
	k.collect(steps, record{"AB", 1, nil}, record{"C", 1, nil})
	c := k.collect(steps, record{"C", 2, nil})[0]
	k.collect(steps, record{"D", 1, nil})
	gone := k.change(steps, record{"D", 2, nil})
	gone.Batches[0].Entries[0].Deleted = true
	k.commit(gone)
	list, err := k.s.CaseMembers(k.ctx, steps, []string{"D", "C", "nobody", "A", "C"})
	k.ok(err)
	same(k, "records", each(list, func(e ledger.Entry) string { return fmt.Sprint(ledger.FirstOfKey(e.Key), e.Rec, e.Version, e.At.Seq) }),
		[]string{fmt.Sprint("A", a.Rec, 1, a.At.Seq), fmt.Sprint("C", c.Rec, 2, c.At.Seq)})
	if list, err = k.s.CaseMembers(k.ctx, ledger.Stream{Source: "nobody", Subject: "case/step"}, []string{"A"}); err != nil || len(list) > 0 {
		k.Errorf("%v, %v", list, err)
	}
}

func laterRounds(k *kit) {
	for name, round := range map[string]int64{"A": 1, "BB": 2, "C": 0, "D": 1, "E": 3} {
		k.accept(name, 1, ledger.Case{Round: round})
	}
	k.collect(others, record{"A", 1, &ledger.Case{Round: 2}})
	ask := func(locals ...string) []string {
		k.Helper()
		list, err := k.s.LaterRounds(k.ctx, accepts.Source, locals)
		k.ok(err)
		return list
	}
	same(k, "of some", ask("D", "BB", "nobody", "A"), []string{"BB"})
	same(k, "of all", ask("A", "BB", "C", "D", "E"), []string{"BB", "C", "E"})
	if list := slices.Concat(ask("A"), ask("nobody"), ask()); len(list) > 0 {
		k.Errorf("%v have more rounds", list)
	}
	var many []record
	for i := range 200 {
		many = append(many, record{fmt.Sprintf("M%03d", i), 1, &ledger.Case{Round: 2}})
	}
	k.collect(accepts, many...)
	same(k, "of many", ask("M000", "M199", "D"), []string{"M000", "M199", "D"}) // it may say more
}

func findCases(k *kit) {
	k.accept("A", 1, ledger.Case{CaseNo: "N-A", FlowNo: "F", Round: 1})
	k.accept("B", 1, ledger.Case{CaseNo: "N-B", FlowNo: "F", Round: 1})
	k.accept("C", 1, ledger.Case{Round: 1})
	for number, want := range map[string][]string{"A": {"A"}, "N-B": {"B"}, "F": {"A", "B"}, "C": {"C"}, "": nil, "X": nil} {
		list, err := k.s.FindCases(k.ctx, number)
		k.ok(err)
		same(k, "found by "+number, each(list, func(c ledger.Case) string { return c.LocalNo }), want)
	}
	k.ok(k.s.IndexFlows(k.ctx))
	for number, want := range map[string][]string{"F": {"A", "B"}, "A": nil, "N-B": nil, "": nil, "X": nil} {
		list, err := k.s.CasesOfFlow(k.ctx, number)
		k.ok(err)
		same(k, "of flow number "+number, each(list, func(c ledger.Case) string { return c.LocalNo }), want)
	}
}

// resultsOfFlow changes one that brought a number, one that brought none, and takes one back.
func resultsOfFlow(k *kit) {
	results := ledger.Stream{Source: accepts.Source, Subject: ledger.SubjectResult}
	bring := func(s ledger.Stream, h byte, flows map[string]string) {
		k.Helper()
		var list []record
		var numbers []string
		for _, name := range slices.Sorted(maps.Keys(flows)) {
			list, numbers = append([]record{{name, h, nil}}, list...), append([]string{flows[name]}, numbers...)
		}
		c := k.change(s, list...)
		c.Batches[0].Flows = numbers
		k.commit(c)
	}
	bring(results, 1, map[string]string{"A": "F1", "B": "", "C": "F2", "D": "F1"})
	bring(steps, 1, map[string]string{"E": "F1"})
	k.accept("F", 1, ledger.Case{FlowNo: "F1", Round: 1})
	k.collect(results, record{"G", 1, nil})
	bring(results, 2, map[string]string{"B": "F3", "C": ""})
	gone := k.change(results, record{"D", 2, nil})
	gone.Batches[0].Entries[0].Deleted = true
	k.commit(gone)
	k.ok(k.s.IndexFlows(k.ctx))
	for number, want := range map[string][]string{"F1": {"A 1"}, "F2": nil, "F3": {"B 2"}, "": nil, "A": nil} {
		list, err := k.s.ResultsOfFlow(k.ctx, number)
		k.ok(err)
		same(k, "of flow number "+number, each(list, func(e ledger.Entry) string { return fmt.Sprint(ledger.FirstOfKey(e.Key), " ", e.Version) }), want)
	}
}

// round collects the accept record of one round of case A.
func (k *kit) round(round int64, h byte, c ledger.Case) ledger.Entry {
	k.Helper()
	name := ledger.EncodeKey("A", string(rune('0'+round)))
	first, err := k.s.Lookup(k.ctx, accepts, [][]byte{name})
	k.ok(err)
	e := ledger.Entry{Key: name, Rec: first[0].Rec, Version: first[0].Version + 1, Record: hash(h), Run: k.run, Deleted: c.Deleted}
	if e.Rec == 0 {
		e.Rec, err = k.s.ReserveRecords(k.ctx, 1)
		k.ok(err)
	}
	c.Source, c.LocalNo, c.Rec, c.Round, c.Again = accepts.Source, "A", e.Rec, round, e.Version > 1 || round > 1
	k.commit(&ledger.Change{Run: k.run, Pipeline: pipeline, Batches: []ledger.LogBatch{{Stream: accepts, Payload: []byte("x"),
		Entries: []ledger.Entry{e}, Before: []ledger.Place{first[0].At}, Cases: []ledger.Case{c}}}})
	after, err := k.s.Lookup(k.ctx, accepts, [][]byte{name})
	k.ok(err)
	return after[0]
}

func rounds(k *kit) {
	k.round(2, 1, ledger.Case{CaseNo: "N-2", AcceptedAt: 20})
	k.round(1, 1, ledger.Case{CaseNo: "N-1", AcceptedAt: 10})
	if c := k.cases("A")[0]; c.Round != 2 || c.CaseNo != "N-2" || c.AcceptedAt != 20 {
		k.Errorf("an earlier round won: %+v", c)
	}
	e := k.round(3, 1, ledger.Case{CaseNo: "N-3", AcceptedAt: 30})
	if c := k.cases("A")[0]; c.Round != 3 || c.CaseNo != "N-3" || c.AcceptedAt != 30 || c.Rec != e.Rec {
		k.Errorf("a later round lost: %+v", c)
	}
}

func deletedRound(k *kit) {
	first := k.round(1, 1, ledger.Case{CaseNo: "N-1", AcceptedAt: 10})
	second := k.round(2, 1, ledger.Case{CaseNo: "N-2", AcceptedAt: 20})
	k.round(2, 2, ledger.Case{CaseNo: "N-2", AcceptedAt: 20, Deleted: true})
	if c := k.cases("A")[0]; c.Rec != first.Rec || c.Round != 1 || c.AcceptedAt != 10 || c.Deleted {
		k.Errorf("the other is there: %+v", c)
	}
	k.round(1, 2, ledger.Case{CaseNo: "N-1", AcceptedAt: 10, Deleted: true})
	if c := k.cases("A")[0]; c.Rec != second.Rec || c.Round != 2 || !c.Deleted {
		k.Errorf("both are gone: %+v", c)
	}
}

func flowNumber(k *kit) {
	k.accept("A", 1, ledger.Case{FlowNo: "F", Round: 1})
	k.accept("A", 2, ledger.Case{Round: 1})
	if c := k.cases("A")[0]; c.FlowNo != "F" {
		k.Errorf("it is %q now", c.FlowNo)
	}
}

func numberBeforeFreeze(k *kit) {
	k.accept("A", 1, ledger.Case{CaseNo: "N-1", Round: 1})
	k.accept("A", 2, ledger.Case{CaseNo: "N-2", Round: 1})
	if c := k.cases("A")[0]; c.CaseNo != "N-2" {
		k.Errorf("it is %q", c.CaseNo)
	}
}

func numberAfterFreeze(k *kit) {
	e := k.accept("A", 1, ledger.Case{CaseNo: "N-1", Round: 1})
	k.freeze(national, "f1", accepts, e)
	for h, no := range []string{"N-2", "", "N-3"} {
		k.accept("A", byte(2+h), ledger.Case{CaseNo: no, Round: 1, AcceptedAt: int64(h)})
		if c := k.cases("A")[0]; c.CaseNo != "N-1" || c.AcceptedAt != int64(h) {
			k.Errorf("after %q: %+v", no, c)
		}
	}
}

func numberThroughRounds(k *kit) {
	e := k.round(1, 1, ledger.Case{CaseNo: "N-1"})
	k.freeze(national, "f1", accepts, e)
	k.round(2, 1, ledger.Case{CaseNo: "N-2"}) // never frozen itself
	k.round(2, 2, ledger.Case{CaseNo: "N-3"})
	if c := k.cases("A")[0]; c.CaseNo != "N-1" || c.Round != 2 {
		k.Errorf("a number that a receiver has seen became %q in round %d", c.CaseNo, c.Round)
	}
}

func numberOfRoundsTogether(k *kit) {
	k.freeze(national, "f1", accepts, k.round(1, 1, ledger.Case{CaseNo: "N-1"}))
	b := ledger.LogBatch{Stream: accepts, Payload: []byte("x")}
	for i, round := range []string{"3", "2"} {
		rec, err := k.s.ReserveRecords(k.ctx, 1)
		k.ok(err)
		b.Entries = append(b.Entries, ledger.Entry{Key: ledger.EncodeKey("A", round), Rec: rec, Version: 1, At: ledger.Place{Row: int32(i)}, Run: 2})
		b.Before = append(b.Before, ledger.Place{})
		b.Cases = append(b.Cases, ledger.Case{Source: accepts.Source, LocalNo: "A", CaseNo: "N-" + round, Rec: rec, Round: int64(3 - i), Again: true})
	}
	k.commit(&ledger.Change{Run: 2, Pipeline: pipeline, Batches: []ledger.LogBatch{b}})
	if c := k.cases("A")[0]; c.CaseNo != "N-1" || c.Round != 3 {
		k.Errorf("a number that a receiver has seen became %q in round %d", c.CaseNo, c.Round)
	}
}
