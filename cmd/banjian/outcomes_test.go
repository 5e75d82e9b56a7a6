package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAPersonSettlesWhatIsNotKnownAndNewerVersionsGoOn(t *testing.T) {
	w := newDoubtful(t, "")
	w.happens(acceptPath, goesWell, answerLost, callLost, callLost)
	w.mustRun()
	open := w.outcomes()
	if len(open) != 3 {
		t.Fatalf("open: %+v", open)
	}
	var arrived outcomeLine
	var lost []outcomeLine
	for _, o := range open {
		if o.State != "unknown" || o.Receiver != "platform" || o.Subject != "case/accept" || o.Version != 1 || o.Tries != 1 || o.Why == "" || o.Since.IsZero() || o.Who != "" || o.Decided != "" {
			t.Errorf("%+v", o)
		}
		if n, _ := w.has(o.Key[0], ""); n == 1 {
			arrived = o
		} else {
			lost = append(lost, o)
		}
	}
	if len(lost) != 2 {
		t.Fatalf("%d of %d took no effect", len(lost), len(open))
	}
	again, gone := lost[0], lost[1]
	w.wantToldOf(arrived)
	for _, o := range open {
		w.change(o.Key[0], "复核后受理")
	}
	w.mustRun()
	if now := w.outcomes(); fmt.Sprint(now) != fmt.Sprint(open) {
		t.Errorf("%+v\nwas %+v", now, open)
	}
	for _, o := range open {
		if n, newer := w.has(o.Key[0], "复核后受理"); newer || n > 1 {
			t.Errorf("%v went on in revision %d with its outcome open", o.Key, n)
		}
	}
	before := time.Now().Add(-time.Second)
	w.settle("--arrived", arrived.ID)
	w.settle("--again", again.ID)
	w.settle("--give-up", gone.ID)
	w.mustRun()
	w.mustRun()
	for _, c := range []struct {
		of       outcomeLine
		revision int
		state    string
	}{{arrived, 2, "arrived"}, {again, 2, "again"}, {gone, 1, "given_up"}} {
		if n, newer := w.has(c.of.Key[0], "复核后受理"); n != c.revision || !newer {
			t.Errorf("%s: the platform has revision %d, the newer one: %t", c.state, n, newer)
		}
		w.wantDecided(c.of.ID, c.state, before)
	}
	if left := w.outcomes(); len(left) != 0 {
		t.Errorf("open: %+v", left)
	}
	w.wantNothingTwice()
}

// wantToldOf says that the verbs a person looks at tell of three open outcomes.
func (w *doubtful) wantToldOf(one outcomeLine) {
	w.t.Helper()
	for _, c := range []struct {
		args   string
		zh, en string
	}{
		{"outcomes list", "结果不明，等人认定", "unknown, for a person"},
		{"outcomes list --receiver platform", "banjian outcomes settle 编号 --arrived", "banjian outcomes settle ID with --arrived"},
		{"status", "结果不明 3 条，等人认定：banjian outcomes list --receiver platform", "outcome unknown 3, for a person: banjian outcomes list --receiver platform"},
		{"receivers list", "3 条等人认定", "3 for a person"},
		{"case show " + one.Key[0], fmt.Sprintf("（编号 %d）", one.ID), fmt.Sprintf("(outcome %d)", one.ID)},
		{"outcomes list --decided", "还没有人认定过", "nobody has settled any"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			code, out, errOut := w.says(append(strings.Fields(c.args), "--lang", lang, "--site", w.dir)...)
			if said := out + errOut; !strings.Contains(said, want) || strings.Contains(said, "%!") || code == exitUsage {
				w.t.Errorf("%s exited %d without %q:\n%s", c.args, code, want, said)
			}
		}
	}
}

// wantDecided says that who settled it, when and in which words is kept and shown.
func (w *doubtful) wantDecided(id int64, state string, since time.Time) {
	w.t.Helper()
	for _, o := range w.outcomes("--decided") {
		at, err := time.Parse(time.RFC3339, o.Decided)
		if o.State != state {
			continue
		}
		if err != nil || at.Before(since.Add(-time.Second)) || at.After(time.Now()) || o.Who != whoami() || o.Said != "电话核对" || o.Version != 1 || state != "again" && o.ID != id {
			w.t.Errorf("%+v, %v", o, err)
		}
		if _, out, _ := w.says("case", "show", o.Key[0], "--lang", "zh", "--site", w.dir); !strings.Contains(out, whoami()+" 认定 ") || !strings.Contains(out, "电话核对") {
			w.t.Errorf("case show: %s", out)
		}
		return
	}
	w.t.Errorf("nothing was settled as %s", state)
}

// A record that nobody answers for, though it may be sent again, holds its newer versions only
// until it is given up.
func TestAPoisonRecordIsGivenUpWhileTheReceiverIsLeftAlone(t *testing.T) {
	w := newDoubtful(t, ", breaker: {failures: 3, wait: 1h, at_most: 1h}")
	w.edit("schemas/profiles/sd-ywzt-2024.yaml", acceptPath+"\n    repeat: never\n", acceptPath+"\n")
	w.edit("banjian.yaml", "max_connections: 1,", "max_connections: 4,")
	w.always(&callLost)
	if code, said := w.ran(); code != exitFailed {
		t.Fatalf("exited %d\n%s", code, said)
	}
	open := w.outcomes()
	if len(open) == 0 || open[0].State != "open" || open[0].Tries != 1 {
		t.Fatalf("open: %+v", open)
	}
	poison := open[0]
	w.settle("--give-up", poison.ID)
	w.change(poison.Key[0], "更正后受理")
	w.always(nil)
	if code, out, errOut := w.says("receivers", "resume", "platform", "--lang", "zh", "--site", w.dir); code != exitDone {
		t.Fatalf("exited %d\n%s%s", code, out, errOut)
	}
	w.mustRun()
	if n, newer := w.has(poison.Key[0], "更正后受理"); n != 1 || !newer {
		t.Errorf("the platform has revision %d, the newer one: %t", n, newer)
	}
	if left := w.outcomes(); len(left) != 0 {
		t.Errorf("open: %+v", left)
	}
	w.wantNothingTwice()
}

func TestSettlingSaysWhatIsWrongInBothLanguages(t *testing.T) {
	w := newDoubtful(t, "")
	w.happens(acceptPath, answerLost, answerLost)
	w.mustRun()
	open := w.outcomes()
	if len(open) != 2 {
		t.Fatalf("open: %+v", open)
	}
	settled, other := fmt.Sprint(open[0].ID), fmt.Sprint(open[1].ID)
	w.settle("--arrived", open[0].ID)
	for _, c := range []struct {
		args   string
		code   int
		zh, en string
	}{
		{"settle --arrived --why x", exitUsage, "写出 banjian outcomes list 列出的编号", "name numbers that banjian outcomes list shows"},
		{"settle " + other + " --arrived", exitUsage, "用 --why 写明依据", "say with --why"},
		{"settle " + other + " --why x", exitUsage, "三者取一", "say one of --arrived"},
		{"settle " + other + " --why x --arrived --again", exitUsage, "三者取一", "say one of --arrived"},
		{"settle 三 --arrived --why x", exitUsage, `"三" 不是编号`, `"三" is no number of an outcome`},
		{"settle 0 --arrived --why x", exitUsage, `"0" 不是编号`, `"0" is no number of an outcome`},
		{"settle 9999 --arrived --why x", exitFailed, "9999 已经有了结果，或没有这个编号", "outcome 9999 is settled, or there is none of that number"},
		{"settle " + settled + " --again --why x", exitFailed, settled + " 已经有了结果", "outcome " + settled + " is settled"},
		{"list --receiver nobody", exitUsage, "nobody", "nobody"},
		{"list x", exitUsage, "不带参数", "takes no argument"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			code, out, errOut := w.says(append(append([]string{"outcomes"}, strings.Fields(c.args)...), "--lang", lang, "--site", w.dir)...)
			if code != c.code || !strings.Contains(errOut, want) || out != "" || strings.Contains(errOut, "%!") {
				t.Errorf("%s in %s: exit %d, %q, %q", c.args, lang, code, out, errOut)
			}
		}
	}
	if code, _, errOut := w.says("outcomes", "settle", other, "--arrived", "--why", "  ", "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(errOut, "say with --why") {
		t.Errorf("a blank reason: exit %d, %q", code, errOut)
	}
	for i, want := range []string{`{"already":[],"as":"again"`, `{"already":[` + other + `],"as":"again"`} {
		code, out, errOut := w.says("outcomes", "settle", other, "--again", "--why", "x", "--json", "--site", w.dir)
		if code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("sent again, said %d times: exit %d, %q, %q", i+1, code, out, errOut)
		}
	}
	if _, out, _ := w.says("outcomes", "settle", other, "--again", "--why", "x", "--lang", "en", "--site", w.dir); !strings.Contains(out, "nothing was recorded: "+other) || len(w.outcomes("--decided")) != 2 {
		t.Errorf("sent again, said three times: %q, recorded %+v", out, w.outcomes("--decided"))
	}
	code, out, errOut := w.says("outcomes", "settle", "9999", other, other, "--arrived", "--why", "x", "--json", "--lang", "en", "--site", w.dir)
	if code != exitFailed || !strings.Contains(out, `"settled":[`+other+`]`) || strings.Count(errOut, "is settled") != 1 || !strings.Contains(errOut, "outcome 9999 is settled") {
		t.Errorf("one of two: exit %d, %q, %q", code, out, errOut)
	}
	if left := w.outcomes(); len(left) != 0 {
		t.Errorf("open: %+v", left)
	}
}
