package status

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

func TestAReceiverIsJSONInTheLanguageItIsPutIn(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 5, time.FixedZone("", 8*3600))
	refused := ledger.Reason{What: text.T("表少了一列 <a>", "a column <a> is missing"), Hint: text.T("补上", "add it")}
	for lang, want := range map[text.Lang]string{
		text.ZH: `"state":"blocked","since":"2026-11-22T09:00:00+08:00","why":"表少了一列 \u003ca\u003e","hint":"补上","pending":0`,
		text.EN: `"state":"blocked","since":"2026-11-22T09:00:00+08:00","why":"a column \u003ca\u003e is missing","hint":"add it","pending":0`,
	} {
		r := &Receiver{}
		r.judge(ledger.ReceiverState{BlockedAt: at, BlockedWhy: refused, FailedAt: at, FailedWhy: refused}, nil)
		data, err := json.Marshal(r.In(lang))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(data); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", lang, got, want)
		}
		var again Receiver
		if err := json.Unmarshal(data, &again); err != nil || again.State != Blocked || !again.Since.Equal(at.Truncate(time.Second)) || !again.Until.IsZero() || again.Why.In(lang) != r.Why.In(lang) {
			t.Errorf("read again: %+v, %v", again, err)
		}
	}
}

func TestWhatKeepsAReceiverIsToldInThisOrder(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	st := ledger.ReceiverState{}
	judged := func(rest *Rest) string {
		r := &Receiver{}
		r.judge(st, rest)
		return r.State + " / " + r.StateText(time.UTC).EN
	}
	want := func(rest *Rest, want string) {
		t.Helper()
		if got := judged(rest); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	want(nil, "ready / ready")
	st.FailedAt, st.FailedWhy.What = at, text.T("连不上", "unreachable")
	want(nil, "failing / failing, last 2026-11-22 09:00: unreachable")
	st.Break.At, st.Break.Until, st.Break.Why = at, at.Add(time.Hour), st.FailedWhy
	want(nil, "left_alone / left alone since 2026-11-22 09:00, tried again 2026-11-22 10:00: unreachable")
	st.BlockedAt, st.BlockedWhy = at.Add(time.Minute), st.FailedWhy
	want(nil, "blocked / blocked since 2026-11-22 09:01: unreachable")
	want(&Rest{Until: at, Why: "upgrade"}, "maintenance / in maintenance until 2026-11-22 09:00: upgrade")
	want(&Rest{Since: at}, "paused / paused since 2026-11-22 09:00")
}

func TestConcernsAreToldOldestFirstAndThoseWithoutADateLast(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	r := &Report{At: Moment{at}, Unrouted: 2, unroutedSince: at.Add(-time.Minute),
		Inbox: []*Inbox{{System: "sp", FilesFailed: 1}},
		Files: []OwedFiles{{"gjj", "p", "down", 3, Moment{at.Add(-owedTooLong)}, Moment{at}}, {"gjj", "q", "down", 3, Moment{at.Add(-owedTooLong - 1)}, Moment{at}}},
		Unverified: []Unverified{{Department: "gjj", Pipeline: "p", Service: "id", Records: 1, Since: Moment{at.Add(-25 * time.Hour)}},
			{Department: "gjj", Pipeline: "p", Service: "id", Failed: true, Records: 1, Since: Moment{at.Add(-99 * time.Hour)}}}}
	(&Site{Now: at}).concerns(r, Scope{})
	var said []string
	for _, c := range r.Trouble {
		said = append(said, c.Where.EN)
	}
	if got, want := strings.Join(said, "|"), "gjj / q|gjj / p|routes|inbox / sp"; got != want || !r.NeedsPerson {
		t.Errorf("got %s, want %s", got, want)
	}
	quiet := &Report{At: Moment{at}}
	if (&Site{Now: at}).concerns(quiet, Scope{}); quiet.NeedsPerson || quiet.Trouble == nil {
		t.Errorf("of nothing: %+v", quiet.Trouble)
	}
}
