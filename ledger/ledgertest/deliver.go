package ledgertest

import (
	"fmt"
	"reflect"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

var freezeTests = []test{
	{"OnlyARecordNeverFrozenIsAnInsert", operations},
	{"OffsetsNeverGoBack", offsets},
	{"AFrozenBatchComesBackAsItWas", frozenBack},
	{"UnsettledBatchesComeOldestFirst", unsettled},
	{"VersionsOfRecordsFarApartAreKept", sentPages},
	{"AnAttemptIsNotedAndForgetsWhatWasNotKnown", attempts},
	{"TheTimeOfBatchesIsKnownAndDoesNotGoBack", stamped},
}

var settleTests = []test{
	{"ASettledBatchIsDelivered", settled},
	{"RefusedMembersAreNotDelivered", settleRefused},
	{"MembersLeftOpenComeBackAlone", settleInParts},
	{"SettlingAnOlderVersionChangesNothingBack", settleOlder},
	{"SettlingForgetsOlderExceptions", settleClears},
	{"SettlingForgetsThoseOfRecordsFarApart", settleFarApart},
	{"ANewVersionOfACaseHasItsRecordsLookedAtAgain", settleParents},
	{"WhatWasLeftOutWithItsCaseIsLookedAtAgainWhenThatMayGo", settleChildren},
	{"SettlingTwiceIsHarmless", settleTwice},
}

func operations(k *kit) {
	a := k.collect(accepts, record{name: "A", hash: 1})[0]
	if got := k.freeze(national, "f1", accepts, a).Members[0].Op; got != pipelines.OpInsert {
		k.Errorf("a new record: %c", got)
	}
	if got := k.sent(national, a.Rec)[0]; got != (ledger.Sent{Frozen: 1}) {
		k.Errorf("frozen, not settled: %+v", got)
	}
	list := k.collect(accepts, record{name: "A", hash: 2}, record{name: "B", hash: 1})
	members := k.freeze(national, "f2", accepts, list...).Members
	if members[0].Op != pipelines.OpUpdate || members[1].Op != pipelines.OpInsert {
		k.Errorf("frozen before, though never delivered, and new: %c %c", members[0].Op, members[1].Op)
	}
	gone := k.collect(accepts, record{name: "B", hash: 2})[0]
	gone.Deleted = true
	if got := k.freeze(national, "f3", accepts, gone).Members[0]; got.Op != pipelines.OpDelete || !got.Delete {
		k.Errorf("deleted: %+v", got)
	}
	if got := k.freeze("platform-test", "f4", accepts, a).Members[0].Op; got != pipelines.OpInsert {
		k.Errorf("new to another receiver: %c", got)
	}
}

func offsets(k *kit) {
	move := func(s ledger.Stream, to, want int64) {
		k.Helper()
		_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: s, Offset: to})
		k.ok(err)
		got, err := k.s.Offset(k.ctx, national, s)
		if got != want || err != nil {
			k.Errorf("%v to %d: stands at %d, %v, want %d", s, to, got, err, want)
		}
	}
	if got, err := k.s.Offset(k.ctx, national, accepts); got != 0 || err != nil {
		k.Errorf("nothing delivered: %d, %v", got, err)
	}
	move(accepts, 5, 5)
	move(accepts, 3, 5)
	move(accepts, 0, 5)
	move(accepts, 9, 9)
	move(steps, 2, 2)
	if got, _ := k.s.Offset(k.ctx, "platform-test", accepts); got != 0 {
		k.Errorf("another receiver moved to %d", got)
	}
}

func (k *kit) unsettled(receiver string) []*ledger.Frozen {
	k.Helper()
	list, err := k.s.Unsettled(k.ctx, receiver)
	k.ok(err)
	return list
}

func frozenBack(k *kit) {
	var records []record
	for i := range 300 {
		records = append(records, record{name: fmt.Sprint("R", i), hash: 1})
	}
	list := k.collect(accepts, records...)
	list[7].Deleted = true
	want := k.freeze(national, "0123456789abcdef0123456789abcdef", accepts, list...)
	got := k.unsettled(national)
	if len(got) != 1 || !got[0].At.Equal(want.At) {
		k.Fatalf("got %+v", got)
	}
	if !got[0].Tried.Equal(want.At) { // it may have gone from then on
		k.Errorf("tried at %v", got[0].Tried)
	}
	got[0].At, got[0].Tried = want.At, time.Time{}
	if !reflect.DeepEqual(got[0], want) {
		k.Errorf("got %+v\nwant %+v", got[0], want)
	}
}

func unsettled(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1})
	var batches []*ledger.Frozen
	for i, e := range list {
		b := &ledger.Frozen{ID: fmt.Sprint("f", 9-i), Receiver: national, Stream: accepts, Table: "t", At: epoch.Add(time.Duration(i) * time.Second),
			Members: []ledger.Member{{Rec: e.Rec, Version: e.Version, At: e.At}}}
		_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Batch: b, Receiver: national, Stream: accepts})
		k.ok(err)
		batches = append(batches, b)
	}
	ids := func() []string {
		return each(k.unsettled(national), func(b *ledger.Frozen) string { return b.ID })
	}
	same(k, "all", ids(), []string{"f9", "f8", "f7"})
	k.settle(batches[1])
	same(k, "one settled", ids(), []string{"f9", "f7"})
	if list := k.unsettled("platform-test"); len(list) != 0 {
		k.Errorf("another receiver has %d", len(list))
	}
}

func attempts(k *kit) {
	b, list := k.lost(ledger.OutcomeUnknown)
	at := epoch.Add(9 * time.Hour)
	k.ok(k.s.Attempt(k.ctx, ledger.Lease{}, b.ID, at))
	if got := k.unsettled(national)[0]; !got.Tried.Equal(at) || got.Partly {
		k.Errorf("tried again: %+v", got)
	}
	same(k, "what was not known", k.outcomes(ledger.OutcomeQuery{}), nil)
	part := *b
	part.Members = b.Members[:1]
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: &part, Left: b.Members[1:]})
	k.ok(err)
	k.ok(k.s.Attempt(k.ctx, ledger.Lease{}, b.ID, time.Time{}))
	if got := k.unsettled(national)[0]; !got.Tried.IsZero() || !got.Partly || len(got.Members) != len(list)-1 {
		k.Errorf("nothing was written of the rest: %+v", got)
	}
}

func stamped(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	for i, hours := range []time.Duration{5, 3} {
		b := &ledger.Frozen{ID: fmt.Sprint("f", i), Receiver: national, Stream: accepts, Table: "t", At: epoch.Add(hours * time.Hour), Members: []ledger.Member{{Rec: list[i].Rec, Version: 1, At: list[i].At}}}
		_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Batch: b, Receiver: national, Stream: accepts})
		k.ok(err)
	}
	if got := k.receiver(national).Stamped; !got.Equal(epoch.Add(5 * time.Hour)) {
		k.Errorf("stamped last %v", got)
	}
}

func sentPages(k *kit) {
	recs := []int64{1, 2, 511, 512, 513, 1023, 1024, 65536, 1 << 33}
	b := &ledger.Frozen{ID: "f1", Receiver: national, Stream: accepts, Table: "t", At: epoch}
	for i, rec := range recs {
		b.Members = append(b.Members, ledger.Member{Rec: rec, Version: uint32(i + 1), At: ledger.Place{Seq: 1}})
	}
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Batch: b, Receiver: national, Stream: accepts})
	k.ok(err)
	part := *b
	part.Members = b.Members[:5]
	k.settle(&part)
	for i, got := range k.sent(national, recs...) {
		want := ledger.Sent{Frozen: uint32(i + 1)}
		if i < 5 {
			want.Delivered = want.Frozen
		}
		if got != want {
			k.Errorf("record %d: %+v, want %+v", recs[i], got, want)
		}
	}
	same(k, "neighbours", k.sent(national, 3, 510, 514, 1<<33+1, 0), make([]ledger.Sent, 5))
	same(k, "another receiver", k.sent("platform-test", recs...), make([]ledger.Sent, len(recs)))
}

func settled(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, list...))
	same(k, "sent", k.sent(national, list[0].Rec, list[1].Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}, {Frozen: 1, Delivered: 1}})
	if list := k.unsettled(national); len(list) != 0 {
		k.Errorf("%d are not settled", len(list))
	}
}

func settleRefused(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	r := reject("B", "receiver_refused", 1)
	r.Receiver = national
	n, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: b, Refused: []ledger.Exception{exception(accepts, list[1], ledger.Rejected)}, Rejects: []ledger.Reject{r}})
	if n != 1 || err != nil {
		k.Errorf("%d new rejects, %v", n, err)
	}
	same(k, "sent", k.sent(national, list[0].Rec, list[1].Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}, {Frozen: 1}})
	got := k.exceptions(ledger.ExceptionQuery{Receiver: national})
	if len(got) != 1 || got[0].Rec != list[1].Rec || got[0].State != ledger.Rejected {
		k.Errorf("exceptions: %+v", got)
	}
}

func settleInParts(k *kit) {
	var records []record
	for i := range 20 {
		records = append(records, record{name: fmt.Sprintf("R%02d", i), hash: 1})
	}
	list := k.collect(accepts, records...)
	whole := k.freeze(national, "f1", accepts, list...)
	settle := func(done, left []ledger.Member, refused ...ledger.Exception) {
		part := *whole
		part.Members = done
		_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: &part, Left: left, Refused: refused})
		k.ok(err)
	}
	open := func(want []ledger.Member, refused int) {
		k.Helper()
		got := k.unsettled(national)
		if len(got) != 1 || !reflect.DeepEqual(got[0].Members, want) {
			k.Errorf("open: %+v, want %+v", got, want)
		}
		if n := k.delivered(national, list); n != 20-len(want)-refused {
			k.Errorf("%d have a receipt, %d are open, %d were refused", n, len(want), refused)
		}
	}
	odd := func(from []ledger.Member, wanted bool) (part []ledger.Member) {
		for i, m := range from {
			if i%2 == 1 == wanted {
				part = append(part, m)
			}
		}
		return part
	}
	first, left := odd(whole.Members, false), odd(whole.Members, true)
	settle(first, left)
	open(left, 0)
	if got := k.sent(national, first[0].Rec, left[0].Rec); got[0].Delivered != 1 || got[1].Delivered != 0 {
		k.Errorf("sent: %+v", got)
	}
	settle(left[:9], left[9:], exception(accepts, list[1], ledger.Rejected))
	open(left[9:], 1)
	settle(left[9:], nil)
	if got := k.unsettled(national); len(got) != 0 {
		k.Errorf("still open: %+v", got)
	}
	if got := k.sent(national, list[1].Rec, list[19].Rec); got[0].Delivered != 0 || got[1].Delivered != 1 {
		k.Errorf("sent: %+v", got)
	}
}

func settleOlder(k *kit) {
	old := k.collect(accepts, record{name: "A", hash: 1})[0]
	first := k.freeze(national, "f1", accepts, old)
	second := k.freeze(national, "f2", accepts, k.collect(accepts, record{name: "A", hash: 2})[0])
	k.settle(second)
	k.settle(first)
	same(k, "sent", k.sent(national, old.Rec), []ledger.Sent{{Frozen: 2, Delivered: 2}})
}

func settleClears(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1}, record{name: "C", hash: 1})
	k.putAside(accepts, exception(accepts, list[0], ledger.Held), exception(accepts, list[1], ledger.Held), exception(accepts, list[2], ledger.Held))
	newer := k.collect(accepts, record{name: "B", hash: 2})[0]
	b := k.freeze(national, "f1", accepts, list[:2]...)
	k.putAside(accepts, exception(accepts, newer, ledger.NotApplicable))
	k.settle(b)
	got := each(k.exceptions(ledger.ExceptionQuery{Receiver: national}), func(e ledger.Exception) string { return fmt.Sprint(string(e.Key), e.Version, e.State) })
	same(k, "left", got, []string{fmt.Sprint(string(key("B")), 2, ledger.NotApplicable), fmt.Sprint(string(key("C")), 1, ledger.Held)})
}

func settleFarApart(k *kit) {
	a := k.collect(accepts, record{name: "A", hash: 1})[0]
	_, err := k.s.ReserveRecords(k.ctx, 10_000)
	k.ok(err)
	b := k.collect(accepts, record{name: "B", hash: 1})[0]
	c := k.collect(accepts, record{name: "C", hash: 1})[0]
	k.putAside(accepts, exception(accepts, a, ledger.Held), exception(accepts, b, ledger.Held), exception(accepts, c, ledger.Held))
	k.settle(k.freeze(national, "f1", accepts, a, c))
	same(k, "left", each(k.exceptions(ledger.ExceptionQuery{Receiver: national}), func(e ledger.Exception) int64 { return e.Rec }), []int64{b.Rec})
}

// settleParents settles new versions of more cases than one statement takes.
func settleParents(k *kit) {
	const cases = 150
	var records []record
	var parents []string
	for i := range cases {
		records = append(records, record{name: fmt.Sprintf("%03d", i), hash: 1})
		parents = append(parents, records[i].name)
	}
	acc, list := k.collect(accepts, records...), k.collect(steps, records...)
	another := k.collect(ledger.Stream{Source: "jtj", Subject: steps.Subject}, records[0])[0]
	put := func(s ledger.Stream, e ledger.Entry, state ledger.State, rule string) {
		x := exception(s, e, state)
		x.Rule = rule
		k.putAside(s, x)
	}
	put(steps, list[0], ledger.Rejected, "required")
	put(steps, list[1], ledger.NotApplicable, "no_flow")
	put(steps, list[2], ledger.NotApplicable, "parent_not_applicable")
	put(steps, list[3], ledger.Rejected, ledger.RuleGivenUp)
	put(steps, list[4], ledger.Held, "step_pending")
	put(steps, list[cases-2], ledger.Rejected, "required")
	put(steps, list[cases-1], ledger.Rejected, "required") // its case has no new version
	put(accepts, acc[0], ledger.Rejected, "required")
	put(ledger.Stream{Source: "jtj", Subject: steps.Subject}, another, ledger.Rejected, "required")
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: k.freeze(national, "f1", accepts, acc[5]), Parents: parents[:cases-1]})
	k.ok(err)
	same(k, "looked at again", each(k.exceptions(ledger.ExceptionQuery{Receiver: national, Rule: ledger.RuleRedrive}), func(e ledger.Exception) int64 { return e.Rec }),
		[]int64{list[0].Rec, list[1].Rec, list[2].Rec, list[cases-2].Rec})
}

// settleChildren leaves a step out with its case; then something becomes of the case.
func settleChildren(k *kit) {
	left := map[string]int64{}
	for _, name := range []string{"went", "later round", "never left out", "changed", "adopted", "as it was"} {
		accept, step := k.collect(accepts, record{name: name, hash: 1})[0], k.collect(steps, record{name: name, hash: 1})[0]
		e := exception(steps, step, ledger.NotApplicable)
		e.Rule = "parent_not_applicable"
		k.putAside(steps, e)
		left[name] = step.Rec
		if name != "never left out" {
			k.putAside(accepts, exception(accepts, accept, ledger.NotApplicable))
		}
		switch name {
		case "went", "never left out":
			k.settle(k.freeze(national, name, accepts, accept))
		case "later round":
			_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: k.freeze(national, name, accepts, k.collect(accepts, record{name: "round 2", hash: 1})...), Rounds: []string{name}})
			k.ok(err)
		case "changed":
			k.putAside(accepts, exception(accepts, k.collect(accepts, record{name: name, hash: 2})[0], ledger.NotApplicable))
		case "adopted":
			k.ok(k.s.Adopt(k.ctx, &ledger.Adopting{Receiver: national, List: []ledger.Adoption{{Stream: accepts, Key: accept.Key, Rec: accept.Rec, Table: "up_pro_accept", GUID: [16]byte{1, 2, 3}}}}))
		}
	}
	same(k, "looked at again", each(k.exceptions(ledger.ExceptionQuery{Receiver: national, Rule: ledger.RuleRedrive}), func(e ledger.Exception) int64 { return e.Rec }),
		[]int64{left["went"], left["later round"], left["changed"], left["adopted"]})
}

func settleTwice(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	b := k.freeze(national, "f1", accepts, e)
	k.settle(b)
	k.settle(b)
	same(k, "sent", k.sent(national, e.Rec), []ledger.Sent{{Frozen: 1, Delivered: 1}})
}

// delivered counts records with a receipt of their newest version.
func (k *kit) delivered(receiver string, list []ledger.Entry) (n int) {
	k.Helper()
	recs := each(list, func(e ledger.Entry) int64 { return e.Rec })
	for i, s := range k.sent(receiver, recs...) {
		if s.Delivered == list[i].Version {
			n++
		}
	}
	return n
}
