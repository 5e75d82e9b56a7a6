package ledgertest

import (
	"fmt"

	"banjian/ledger"
)

var rejectTests = []test{
	{"ARejectComesBackWhole", rejectWhole},
	{"ReadingARejectedRowAgainAddsNone", rejectUnique},
	{"WhatARuleFindsInSeveralFieldsIsOneRejectThatNamesThemAll", rejectFields},
	{"OtherRulesKeysAndVersionsAreOtherRejects", rejectsApart},
	{"APassingKeyClosesItsRejects", rejectClosed},
	{"ARowRefusedInTheSameRunStaysOpenThoughItsKeyPasses", rejectOfAnotherRow},
	{"ARejectSeenAgainIsOpenAgain", rejectReopened},
	{"OfARowThatChangedAndIsStillBadOneRejectIsOpen", rejectReplaced},
	{"OfARowStillRefusedWhatWasMendedIsClosed", rejectHalfMended},
	{"RejectsAreFoundByEveryField", rejectQueries},
	{"RejectsOfAReceiverAreNotClosedByACollect", rejectsOfReceivers},
	{"OpenRejectsAreThoseOfThePipeline", openRejects},
}

func reject(name, rule string, source byte) ledger.Reject {
	return ledger.Reject{Pipeline: pipeline, Subject: accepts.Subject, Key: key(name), Field: "id_no", Rule: rule, Args: []string{"18", "17"}, Source: hash(source)}
}

// rejectOf is a reject of one more field.
func rejectOf(field string, source byte) ledger.Reject {
	r := reject("甲", "required", source)
	r.Field, r.Args = field, nil
	return r
}

func rejectFields(k *kit) {
	fields := func() string {
		return fmt.Sprint(each(k.rejects(ledger.RejectQuery{State: "open"}), func(r ledger.Reject) string { return fmt.Sprint(r.Field, r.Also) }))
	}
	if n := k.refuse(1, rejectOf("case_no", 1), rejectOf("task_code", 1), rejectOf("task_code", 1), rejectOf("item_version", 1)); n != 1 {
		k.Errorf("%d are new", n)
	}
	if got := fields(); got != "[case_no[task_code item_version]]" {
		k.Errorf("open are %s", got)
	}
	if n := k.refuse(2, rejectOf("task_code", 1)); n != 0 { // what refuses it was mended in part
		k.Errorf("%d are new", n)
	}
	if got := fields(); got != "[task_code[]]" {
		k.Errorf("then open are %s", got)
	}
}

// refuse commits rejects in a run and returns how many of them are new.
func (k *kit) refuse(run int64, rejects ...ledger.Reject) int64 {
	k.Helper()
	for i := range rejects {
		rejects[i].Run = run
	}
	return k.commit(&ledger.Change{Run: run, Pipeline: pipeline, Rejects: rejects})
}

func (k *kit) pass(run int64, names ...string) {
	k.Helper()
	k.commit(&ledger.Change{Run: run, Pipeline: pipeline, Passed: keys(names...)})
}

// states is what every reject is in, oldest first.
func (k *kit) states() []string {
	k.Helper()
	return each(k.rejects(ledger.RejectQuery{}), func(r ledger.Reject) string { return r.State })
}

func rejectWhole(k *kit) {
	want := reject("甲", "too_long", 3)
	if n := k.refuse(1, want); n != 1 {
		k.Errorf("%d are new", n)
	}
	got := k.rejects(ledger.RejectQuery{})[0]
	if got.ID == 0 || got.At.IsZero() || got.Run != 1 || got.State != "open" || !got.ClosedAt.IsZero() {
		k.Errorf("got %+v", got)
	}
	if fmt.Sprint(got.Pipeline, got.Subject, got.Key, got.Field, got.Rule, got.Args, got.Source) !=
		fmt.Sprint(want.Pipeline, want.Subject, want.Key, want.Field, want.Rule, want.Args, want.Source) {
		k.Errorf("got %+v, want %+v", got, want)
	}
}

func rejectUnique(k *kit) {
	k.refuse(1, reject("A", "required", 1))
	for run := int64(2); run < 5; run++ {
		if n := k.refuse(run, reject("A", "required", 1), reject("A", "required", 1)); n != 0 {
			k.Errorf("run %d: %d are new", run, n)
		}
	}
	if list := k.rejects(ledger.RejectQuery{}); len(list) != 1 || list[0].Run != 1 {
		k.Errorf("got %+v", list)
	}
}

func rejectsApart(k *kit) {
	n := k.refuse(1, reject("A", "required", 1), reject("A", "too_long", 1), reject("B", "required", 1), reject("A", "required", 2))
	if list := k.rejects(ledger.RejectQuery{}); n != 4 || len(list) != 4 {
		k.Errorf("%d new, %d stored", n, len(list))
	}
}

func rejectClosed(k *kit) {
	k.refuse(1, reject("A", "required", 1), reject("B", "required", 1), reject("A", "too_long", 2))
	k.pass(2, "A")
	same(k, "states", k.states(), []string{"closed", "open", "closed"})
	if list := k.rejects(ledger.RejectQuery{State: "closed"}); len(list) != 2 || list[0].ClosedAt.IsZero() {
		k.Errorf("closed: %+v", list)
	}
}

func rejectOfAnotherRow(k *kit) {
	k.refuse(1, reject("A", "duplicate_key", 2))
	c := k.change(accepts, record{name: "A", hash: 1})
	c.Run = 2
	c.Rejects = []ledger.Reject{reject("A", "duplicate_key", 2)}
	c.Rejects[0].Run = 2
	c.Passed = keys("A")
	if n := k.commit(c); n != 0 {
		k.Errorf("%d are new", n)
	}
	same(k, "refused with the passing row", k.states(), []string{"open"})
	k.refuse(3, reject("A", "duplicate_key", 2))
	k.pass(3, "A")
	same(k, "refused before the passing row", k.states(), []string{"open"})
	k.pass(4, "A")
	same(k, "not refused any more", k.states(), []string{"closed"})
}

func rejectReopened(k *kit) {
	k.refuse(1, reject("A", "required", 1))
	k.pass(2, "A")
	if n := k.refuse(3, reject("A", "required", 1)); n != 1 {
		k.Errorf("%d are new", n)
	}
	k.pass(3, "A")
	list := k.rejects(ledger.RejectQuery{})
	if len(list) != 1 || list[0].State != "open" || !list[0].ClosedAt.IsZero() {
		k.Errorf("got %+v", list)
	}
}

func rejectReplaced(k *kit) {
	k.refuse(1, reject("A", "required", 1), reject("A", "too_long", 1), reject("A", "duplicate_key", 9), reject("B", "required", 1))
	k.refuse(2, reject("A", "required", 2))
	same(k, "after a change", k.states(), []string{"closed", "closed", "open", "open", "open"})
	if n := k.refuse(3, reject("A", "required", 1)); n != 1 {
		k.Errorf("back as it was: %d are new", n)
	}
	same(k, "back as it was", k.states(), []string{"open", "closed", "open", "open", "closed"})
}

func rejectHalfMended(k *kit) {
	k.refuse(1, reject("A", "required", 1), reject("A", "too_long", 1), reject("A", "duplicate_key", 1), reject("B", "too_long", 1))
	if n := k.refuse(2, reject("A", "required", 1)); n != 0 {
		k.Errorf("%d are new", n)
	}
	same(k, "one of two corrected", k.states(), []string{"open", "closed", "open", "open"})
}

func rejectQueries(k *kit) {
	other := reject("A", "required", 1)
	other.Pipeline = "another"
	long := reject("A", "long", 1)
	long.Key = ledger.EncodeKey("A", string(make([]byte, 255)))
	k.refuse(1, reject("A", "required", 1), reject("AB", "required", 1), reject("B", "too_long", 1), other, long)
	k.pass(2, "B")
	all := k.rejects(ledger.RejectQuery{})
	for _, c := range []struct {
		name string
		q    ledger.RejectQuery
		want []int
	}{
		{"all", ledger.RejectQuery{}, []int{0, 1, 2, 3, 4}},
		{"id", ledger.RejectQuery{ID: all[2].ID}, []int{2}},
		{"pipeline", ledger.RejectQuery{Pipeline: "another"}, []int{3}},
		{"rule", ledger.RejectQuery{Rule: "required"}, []int{0, 1, 3}},
		{"state", ledger.RejectQuery{State: "closed"}, []int{2}},
		{"key", ledger.RejectQuery{Key: key("AB")}, []int{1}},
		{"keys of a case", ledger.RejectQuery{KeyPrefix: ledger.EncodeKey("A")}, []int{0, 3, 4}},
		{"together", ledger.RejectQuery{Pipeline: pipeline, Rule: "required", Key: key("A")}, []int{0}},
		{"limit", ledger.RejectQuery{Rule: "required", Limit: 2}, []int{0, 1}},
	} {
		want := each(c.want, func(i int) int64 { return all[i].ID })
		same(k, c.name, each(k.rejects(c.q), func(r ledger.Reject) int64 { return r.ID }), want)
	}
}

func rejectsOfReceivers(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	r := reject("A", "too_long", 1)
	r.Receiver, r.Run = national, 1
	n, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: accepts, Rejects: []ledger.Reject{r},
		Exceptions: []ledger.Exception{exception(accepts, e, ledger.Rejected)}})
	if n != 1 || err != nil {
		k.Errorf("%d new, %v", n, err)
	}
	k.pass(2, "A")
	same(k, "after a collect", k.states(), []string{"open"})
	newer := k.collect(accepts, record{name: "A", hash: 2})[0]
	k.settle(k.freeze(national, "f1", accepts, newer))
	same(k, "after the newer version was delivered", k.states(), []string{"closed"})
}

func openRejects(k *kit) {
	other := reject("A", "required", 1)
	other.Pipeline = "another"
	k.refuse(1, reject("A", "required", 1), reject("B", "required", 2), other)
	k.pass(2, "B")
	atReceiver := reject("A", "too_long", 3)
	atReceiver.Receiver = national
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: accepts, Rejects: []ledger.Reject{atReceiver}})
	k.ok(err)
	list, err := k.s.OpenRejects(k.ctx, pipeline)
	k.ok(err)
	if len(list) != 1 || string(list[0].Key) != string(key("A")) || list[0].Rule != "required" || list[0].Source != hash(1) {
		k.Errorf("got %+v", list)
	}
}
