package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"banjian/ledger"
)

type heldLine struct {
	Receiver, Subject, Source, Rule, Since string
	Key                                    []string
	WaitsFor                               string `json:"waits_for"`
	OverLimit                              bool   `json:"over_limit"`
}

func (w *troubled) held(flags ...string) []heldLine {
	w.t.Helper()
	out, _ := w.must(exitDone, append([]string{"held", "list", "--json", "--lang", "en"}, flags...)...)
	var list []heldLine
	for line := range strings.Lines(out) {
		var l heldLine
		decode(w.t, line, &l)
		list = append(list, l)
	}
	return list
}

func TestHeldRecordsSayWhatTheyWaitForOldestFirst(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("no_name")
	all, refused := w.held(), 0
	for i, l := range all {
		if i > 0 && l.Since < all[i-1].Since {
			t.Errorf("not oldest first: %v after %v", l, all[i-1])
		}
		if l.Key[0] == no && l.Rule == "waits_parent" {
			refused++
			wantText(t, l.WaitsFor, "its accept record: reject ", "a required value is missing")
		}
		if l.OverLimit {
			t.Errorf("over the limit already: %v", l)
		}
	}
	if refused == 0 {
		t.Errorf("nothing waits for %s", no)
	}
	for flags, want := range map[string]func(heldLine) bool{
		"--receiver national":   func(l heldLine) bool { return l.Receiver == "national" },
		"--rule waits_parent":   func(l heldLine) bool { return l.Rule == "waits_parent" },
		"--subject case/result": func(l heldLine) bool { return l.Subject == "case/result" },
		"--department gjj-core": func(l heldLine) bool { return l.Source == "gjj-core" },
	} {
		n := 0
		for _, l := range all {
			if want(l) {
				n++
			}
		}
		if got := w.held(strings.Fields(flags)...); len(got) != n {
			t.Errorf("%s: %d, want %d", flags, len(got), n)
		}
	}
	if got := w.held("--limit", "3"); len(got) != 3 || got[0].Since != all[0].Since {
		t.Errorf("--limit 3: %v", got)
	}
	for flags, want := range map[string]string{
		"--receiver nobody":       `no receiver "nobody"; it has: national`,
		"--department gjj":        `no pipeline reads a department "gjj"; there are: gjj-core`,
		"--subject case/resutl":   "no such subject\nwhat to do: did you mean case/result?",
		"--rule waits_parnet":     "no such rule\nwhat to do: did you mean waits_parent?",
		"--subject zzzzzzzzzzzzz": "what to do: the first column of banjian schema rules",
	} {
		code, out, errOut := w.says(append([]string{"held", "list", "--lang", "en", "--site", w.dir}, strings.Fields(flags)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, said %q", flags, code, errOut)
		}
	}
}

func TestHeldLongerThanTheLimitIsMarked(t *testing.T) {
	w := newRan(t)
	var out, errOut strings.Builder
	a := &app{out: &out, err: &errOut, lang: "zh"}
	store := w.openLedger()
	defer store.Close()
	list := func(now time.Time) string {
		t.Helper()
		out.Reset()
		if err := a.listHeld(context.Background(), w.house(), store, heldFilter{receiver: "national"}, now); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if said := list(time.Now().Add(71 * time.Hour)); strings.Contains(said, "超期") {
		t.Errorf("within three days:\n%s", said)
	}
	wantText(t, list(time.Now().Add(73*time.Hour)), "3 天 1 小时 超期")
	w.edit("banjian.yaml", "profile: national-2020", "profile: national-2020, alert_held_after: 10d")
	if said := list(time.Now().Add(73 * time.Hour)); strings.Contains(said, "超期") {
		t.Errorf("within ten days:\n%s", said)
	}
}

func TestCaseTellsDeliveriesReceiptsAndSinceWhenItIsStale(t *testing.T) {
	w := newRan(t)
	no := w.clean()
	life := func() caseLife {
		t.Helper()
		out, _ := w.must(exitDone, "case", "show", no, "--json", "--lang", "en")
		var l caseLife
		decode(t, out, &l)
		return l
	}
	for _, r := range life().Records {
		if r.Collected.At.IsZero() || r.Collected.Mapping == "" || r.Collected.Pipeline == "" || r.Collected.Run == 0 {
			t.Errorf("%s: collected %+v", r.Subject, r.Collected)
		}
		at := r.Receivers[0]
		if at.Receiver != "national" || at.State != "delivered" || len(at.Deliveries) != 1 {
			t.Fatalf("%s: %+v", r.Subject, at)
		}
		if d := at.Deliveries[0]; len(d.Batch) != 32 || d.Operation != "I" || d.Version != 1 || d.ReceiptAt.IsZero() || d.FrozenAt.After(d.ReceiptAt) {
			t.Errorf("%s: %+v", r.Subject, d)
		}
	}
	w.sourceExec("UPDATE gjj_ywsl SET slyj='同意受理', gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	if at := life().Records[0].Receivers[0]; at.Version != 2 || len(at.Deliveries) != 2 || at.Deliveries[1].Operation != "U" || at.Deliveries[0].From.At.After(at.Deliveries[1].From.At) {
		t.Errorf("a second version: %+v", at)
	}
	w.sourceExec("UPDATE gjj_ywsl SET sqr=NULL, gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	if r := life().Records[0]; r.StaleSince.IsZero() || r.StaleReject == 0 {
		t.Errorf("its row is refused, but %+v", r)
	}
	out, _ := w.must(exitDone, "case", "show", no, "--lang", "zh")
	wantText(t, out, "过时：源数据自 ", "已上报第 2 版", "第 1 版 I  批次 ", "第 2 版 U  批次 ", "回执 2")
	w.must(exitDone, "receivers", "rewind", "national", "--all", "--yes")
	if at := life().Records[0].Receivers[0]; at.State != "pending" || at.Rule != ledger.RuleRedrive || at.Version != 0 {
		t.Errorf("after a rewind: %+v", at)
	}
	held := w.ofDirt("no_name")
	out, _ = w.must(exitDone, "case", "show", held, "--lang", "en")
	wantText(t, out, "held: its accept record: reject ", "  since 2")
}
