package simulator

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"banjian/internal/fault"
)

func TestRestartKnowsWhatWasTaken(t *testing.T) {
	w := newWorld(t, "")
	w.send("accept", acceptXML, "")
	w.send("course", courseXML, "")
	w.send("course", change(t, courseXML, "<SPYJ>同意", "<SPYJ>同意办理"), "")
	before := w.s.Effects()
	w.start("")
	after := w.s.Effects()
	if len(after) != 2 || after[1].Revision != 2 || after[1].Body != before[1].Body || !after[1].At.Equal(before[1].At) {
		t.Errorf("%+v became %+v", before, after)
	}
	w.send("accept", acceptXML, "")
	w.send("finish", finishXML, "")
	w.wantCount("accept", Count{Effects: 1, Repeats: 1})
	w.wantCount("course", Count{Effects: 1, Revisions: 1})
}

func TestLineCutShortByACrashWasNeverTaken(t *testing.T) {
	w := newWorld(t, "")
	w.send("accept", acceptXML, "")
	whole, err := os.ReadFile(w.state)
	if err != nil {
		t.Fatal(err)
	}
	w.send("course", courseXML, "")
	both, err := os.ReadFile(w.state)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{len(whole) + 1, (len(whole) + len(both)) / 2, len(both) - 1} {
		if err := os.WriteFile(w.state, both[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		w.start("")
		w.wantCount("course", Count{})
		w.send("course", courseXML, "")
		w.start("")
		w.wantCount("accept", Count{Effects: 1})
		w.wantCount("course", Count{Effects: 1})
	}
}

func TestBrokenLineInTheMiddleIsAConfigFaultAtItsLine(t *testing.T) {
	w := newWorld(t, "")
	w.send("accept", acceptXML, "")
	w.send("course", courseXML, "")
	data, err := os.ReadFile(w.state)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for name, c := range map[string]struct{ content, line string }{
		"torn":             {lines[0][:50] + "\n" + lines[1], ":1:1"},
		"unknown key":      {lines[0] + strings.Replace(lines[1], `"at"`, `"when"`, 1), ":2:1"},
		"other interface":  {strings.Replace(lines[0], `"accept"`, `"absent"`, 1), ":1:1"},
		"no message":       {strings.Replace(lines[0], "</SHOULI>", "", 1), ":1:1"},
		"the same twice":   {lines[0] + lines[0], ":2:1"},
		"a wrong revision": {strings.Replace(lines[0], `"revision":1`, `"revision":2`, 1), ":1:1"},
	} {
		if err := os.WriteFile(w.state, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openState(w.p, w.state, TryOutApplication, nil)
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), w.state+c.line) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEffectThatCannotBeMadeDurableIsNotAnsweredAsTaken(t *testing.T) {
	w := newWorld(t, "")
	w.send("accept", acceptXML, "")
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if resp, reply := w.do(w.request("", "course", courseXML)); resp.StatusCode != http.StatusInternalServerError || w.p.Done(reply) {
		t.Errorf("%d %v", resp.StatusCode, reply)
	}
	w.wantCount("course", Count{})
	if err := w.s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	w.s = nil
	w.start("")
	w.send("course", courseXML, "")
}

func TestSimulatorWithoutAStateFileKeepsNothing(t *testing.T) {
	w := newWorld(t, "")
	w.state = ""
	w.start("")
	w.send("accept", acceptXML, "")
	w.start("")
	w.send("course", courseXML, "还没有推送业务受理信息")
}

func TestServerIsReachedFromThisMachineOnlyUntilItIsStopped(t *testing.T) {
	w := newWorld(t, "")
	for _, addr := range []string{":0", "127.0.0.1:0"} {
		v, err := w.s.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Local || !strings.HasPrefix(v.Base, "http://127.0.0.1:") || strings.HasSuffix(v.Base, "/") {
			t.Errorf("%s: local %t, %s", addr, v.Local, v.Base)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- v.Serve(ctx) }()
		client := &http.Client{Transport: &http.Transport{}}
		resp, err := client.Do(w.request(v.Base, "accept", acceptXML))
		if err != nil {
			t.Fatal(err)
		}
		body, err := bodyOf(t, resp)
		if err != nil {
			t.Fatal(err)
		}
		if reply, err := w.p.DecodeReply(body, w.c); err != nil || !w.p.Done(reply) {
			t.Errorf("%v, %v", reply, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
		client.CloseIdleConnections()
		if _, err := client.Do(w.request(v.Base, "accept", acceptXML)); err == nil {
			t.Error("it still answers")
		}
	}
	for _, addr := range []string{"nowhere", "256.0.0.1:0", "127.0.0.1:99999"} {
		if _, err := w.s.Listen(addr); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
