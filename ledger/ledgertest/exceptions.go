package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
)

var exceptionTests = []test{
	{"AnExceptionComesBackWhole", exceptionWhole},
	{"AnOlderVersionReplacesNothing", exceptionVersions},
	{"ANewerVersionIsThatOfThePipelineItCameBy", exceptionPipelines},
	{"SinceStaysWhileTheStateDoes", exceptionSince},
	{"ExceptionsAreFoundByEveryField", exceptionQueries},
	{"WhatIsPutAsideIsToldByRecord", asideOfRecords},
	{"SourcesAreNamedByWhatTheyHavePutAside", asidesBySource},
}

func exceptionWhole(k *kit) {
	e := k.collect(accepts, record{name: "甲", hash: 1})[0]
	want := exception(accepts, e, ledger.Held)
	want.Field, want.Run = "local_no", 42
	k.putAside(accepts, want)
	got := k.exceptions(ledger.ExceptionQuery{})[0]
	if !got.Since.Equal(want.Since) {
		k.Errorf("since %s, want %s", got.Since, want.Since)
	}
	got.Since, want.At = want.Since, got.At
	if got.At.Seq != e.At.Seq || got.At.Row != e.At.Row || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		k.Errorf("got %+v\nwant %+v", got, want)
	}
}

func exceptionVersions(k *kit) {
	old := k.collect(accepts, record{name: "A", hash: 1})[0]
	newer := k.collect(accepts, record{name: "A", hash: 2})[0]
	k.putAside(accepts, exception(accepts, newer, ledger.Held))
	k.putAside(accepts, exception(accepts, old, ledger.Rejected))
	got := k.exceptions(ledger.ExceptionQuery{})
	if len(got) != 1 || got[0].Version != 2 || got[0].State != ledger.Held || got[0].At.Seq != newer.At.Seq {
		k.Errorf("got %+v", got)
	}
}

func exceptionPipelines(k *kit) {
	e := exception(accepts, k.collect(accepts, record{name: "A", hash: 1})[0], ledger.Held)
	k.putAside(accepts, e)
	e.Version, e.Pipeline = 2, "another"
	k.putAside(accepts, e)
	if got := k.exceptions(ledger.ExceptionQuery{})[0]; got.Pipeline != "another" {
		k.Errorf("it is of %s", got.Pipeline)
	}
}

func exceptionSince(k *kit) {
	e := exception(accepts, k.collect(accepts, record{name: "A", hash: 1})[0], ledger.Held)
	for _, c := range []struct {
		state ledger.State
		at    int
		since int
	}{{ledger.Held, 0, 0}, {ledger.Held, 1, 0}, {ledger.Rejected, 2, 2}, {ledger.Rejected, 3, 2}, {ledger.Held, 4, 4}} {
		e.Version++
		e.State, e.Since = c.state, epoch.Add(time.Duration(c.at)*time.Hour)
		k.putAside(accepts, e)
		if got := k.exceptions(ledger.ExceptionQuery{})[0]; got.State != c.state || !got.Since.Equal(epoch.Add(time.Duration(c.since)*time.Hour)) {
			k.Errorf("%s at hour %d: %s since %s", c.state, c.at, got.State, got.Since.Sub(epoch))
		}
	}
}

func exceptionQueries(k *kit) {
	var want []int64
	for i, name := range []string{"A", "B", "C", "D", "E"} {
		s := accepts
		if i >= 3 {
			s = steps
		}
		e := exception(s, k.collect(s, record{name: name, hash: 1})[0], ledger.Held)
		if i == 1 {
			e.State = ledger.NotApplicable
		}
		k.putAside(s, e)
		want = append(want, e.Rec)
	}
	k.Helper()
	elsewhere := exception(accepts, k.lookup(accepts, "A")[0], ledger.Held)
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: "platform-test", Stream: accepts, Exceptions: []ledger.Exception{elsewhere}})
	k.ok(err)
	for _, c := range []struct {
		name string
		q    ledger.ExceptionQuery
		want []int
	}{
		{"receiver", ledger.ExceptionQuery{Receiver: national}, []int{0, 1, 2, 3, 4}},
		{"another receiver", ledger.ExceptionQuery{Receiver: "platform-test"}, []int{0}},
		{"subject", ledger.ExceptionQuery{Receiver: national, Subject: steps.Subject}, []int{3, 4}},
		{"state", ledger.ExceptionQuery{Receiver: national, State: ledger.NotApplicable}, []int{1}},
		{"records", ledger.ExceptionQuery{Receiver: national, Recs: []int64{want[2], want[0], 1 << 40}}, []int{0, 2}},
		{"after", ledger.ExceptionQuery{Receiver: national, State: ledger.Held, After: want[2]}, []int{3, 4}},
		{"limit", ledger.ExceptionQuery{Receiver: national, State: ledger.Held, Limit: 2}, []int{0, 2}},
		{"page", ledger.ExceptionQuery{Receiver: national, State: ledger.Held, After: want[0], Limit: 1}, []int{2}},
		{"nobody", ledger.ExceptionQuery{Receiver: "nobody"}, nil},
	} {
		same(k, c.name, each(k.exceptions(c.q), func(e ledger.Exception) int64 { return e.Rec }), each(c.want, func(i int) int64 { return want[i] }))
	}
}

// asideOfRecords asks for more than one statement takes, most of which are not put aside.
func asideOfRecords(k *kit) {
	var records []record
	for i := range 300 {
		records = append(records, record{name: fmt.Sprint(i), hash: 1})
	}
	list := k.collect(accepts, records...)
	var put []ledger.Exception
	recs := make([]int64, len(list))
	for i, e := range list {
		recs[i] = e.Rec
		if i%7 == 0 {
			put = append(put, exception(accepts, e, ledger.Held))
		}
	}
	k.putAside(accepts, put...)
	found, err := k.s.AsideOf(k.ctx, national, recs)
	k.ok(err)
	if len(found) != len(put) {
		k.Errorf("%d found, %d put aside", len(found), len(put))
	}
	for _, e := range put {
		if f := found[e.Rec]; f.State != e.State || f.Rule != e.Rule || f.Version != e.Version || fmt.Sprint(f.Args) != fmt.Sprint(e.Args) {
			k.Errorf("got %+v, want %+v", f, e)
		}
	}
	if found, err := k.s.AsideOf(k.ctx, "platform-test", recs); err != nil || len(found) != 0 {
		k.Errorf("another receiver: %v, %v", found, err)
	}
}

func asidesBySource(k *kit) {
	waits, refused, other := ledger.Aside{State: ledger.Held, Rule: "waits_parent"}, ledger.Aside{State: ledger.Rejected, Rule: "waits_parent"}, ledger.Aside{State: ledger.Held, Rule: "waits_one"}
	ask := func(receiver, subject string, of ...ledger.Aside) string {
		found, err := k.s.Asides(k.ctx, receiver, subject, of)
		k.ok(err)
		return fmt.Sprint(found[waits], found[refused], found[other])
	}
	if got := ask(national, "case/accept", waits, refused, other); got != "[] [] []" {
		k.Errorf("before anything was: %s", got)
	}
	for _, s := range []ledger.Stream{accepts, others} {
		k.putAside(s, exception(s, k.collect(s, record{name: "A", hash: 1})[0], ledger.Held))
	}
	k.putAside(steps, exception(steps, k.collect(steps, record{name: "A", hash: 1})[0], ledger.Rejected))
	k.putAside(others, exception(others, k.collect(others, record{name: "B", hash: 1})[0], ledger.Rejected))
	for _, c := range []struct{ receiver, subject, want string }{
		{national, "case/accept", "[gjj-core jtj] [jtj] []"}, {national, "case/step", "[] [gjj-core] []"}, {national, "case/finish", "[] [] []"}, {"platform-test", "case/accept", "[] [] []"},
	} {
		if got := ask(c.receiver, c.subject, waits, refused, other); got != c.want {
			k.Errorf("%s, %s: %s, want %s", c.receiver, c.subject, got, c.want)
		}
	}
	if got := ask(national, "case/accept", refused); got != "[] [jtj] []" {
		k.Errorf("asked for one: %s", got)
	}
}
