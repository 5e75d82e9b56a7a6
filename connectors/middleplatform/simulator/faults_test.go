package simulator

import (
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
)

func TestFaultStrikesTheCallsItsFileNames(t *testing.T) {
	w := newWorld(t, `
faults:
  - {do: 401, interface: accept, nth: [1]}
  - {do: 429, interface: accept, nth: [2], retry_after: 7s}
  - {do: "502", nth: [3]}
  - {do: delay, interface: course, for: 2s}
`)
	if resp, reply := w.do(w.request("", "accept", acceptXML)); resp.StatusCode != 401 || reply.Data != "签名不对" {
		t.Errorf("first: %d %v", resp.StatusCode, reply)
	}
	if resp, _ := w.do(w.request("", "accept", acceptXML)); resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "7" {
		t.Errorf("second: %d after %s", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	base, client := w.over()
	resp, err := client.Do(w.request(base, "accept", acceptXML))
	if err != nil {
		t.Fatal(err)
	}
	body, err := bodyOf(t, resp)
	if err != nil || resp.StatusCode != 502 {
		t.Errorf("third: %d, %v", resp.StatusCode, err)
	}
	if _, err := w.p.DecodeReply(body, w.c); !fault.Is(err, fault.Data) {
		t.Errorf("a proxy's page was read: %v", err)
	}
	w.wantCount("accept", Count{})
	w.send("accept", acceptXML, "")
	w.send("course", courseXML, "")
	if got := time.Duration(w.slept.Load()); got != 2*time.Second {
		t.Errorf("it waited %v", got)
	}
}

func TestAnswerIsLostAfterTheMessageWasTaken(t *testing.T) {
	for _, do := range []string{Drop, Truncated} {
		t.Run(do, func(t *testing.T) {
			w := newWorld(t, "faults: [{do: "+do+", nth: [1]}]")
			base, client := w.over()
			resp, err := client.Do(w.request(base, "accept", acceptXML))
			if err == nil {
				if _, err = bodyOf(t, resp); err == nil {
					t.Error("the whole answer came")
				}
			}
			w.wantCount("accept", Count{Effects: 1})
			resp, err = client.Do(w.request(base, "accept", acceptXML))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bodyOf(t, resp); err != nil {
				t.Error(err)
			}
			w.wantCount("accept", Count{Effects: 1, Repeats: 1})
		})
	}
}

func TestRetryUntilAnsweredHasOneEffectUnderEveryFault(t *testing.T) {
	w := newWorld(t, `
seed: 7
faults:
  - {do: drop_after_apply, share: 0.3}
  - {do: truncated, share: 0.2}
  - {do: 401, share: 0.1}
  - {do: 429, share: 0.1}
  - {do: 502, share: 0.2}
  - {do: slow, share: 0.1, for: 1s}
  - {do: delay, share: 0.1, for: 1s}
`)
	base, client := w.over()
	calls := 0
	deliver := func(name, xml string) {
		for range 200 {
			calls++
			resp, err := client.Do(w.request(base, name, xml))
			if err != nil {
				continue
			}
			body, err := bodyOf(t, resp)
			if err != nil {
				continue
			}
			if reply, err := w.p.DecodeReply(body, w.c); err == nil && w.p.Done(reply) {
				return
			}
		}
		t.Fatalf("%s was never answered", name)
	}
	deliver("accept", acceptXML)
	steps := []string{"受理", "审查", "审核", "决定", "制证", "送达"}
	for _, step := range steps {
		deliver("course", change(t, courseXML, "<SPHJDM>2", "<SPHJDM>"+step))
	}
	deliver("finish", finishXML)
	for name, want := range map[string]int{"accept": 1, "course": len(steps), "finish": 1} {
		if got := w.s.Count(name); got.Effects != want || got.Revisions != 0 || got.Refused != 0 {
			t.Errorf("%s: %+v, want %d effects", name, got, want)
		}
	}
	if calls < 2*(len(steps)+2) {
		t.Errorf("%d calls only: the faults did not strike", calls)
	}
}

func TestSlowAnswerIsWhole(t *testing.T) {
	w := newWorld(t, "faults: [{do: slow, for: 30s}]")
	w.send("accept", acceptXML, "")
	if got := time.Duration(w.slept.Load()); got != 30*time.Second {
		t.Errorf("it took %v", got)
	}
}

func TestShareOfCallsFollowsFromTheSeedAlone(t *testing.T) {
	w := newWorld(t, "")
	struck := func(file string) (list []bool, n int) {
		f, err := ParseFaults("f.yaml", []byte(file), w.p)
		if err != nil {
			t.Fatal(err)
		}
		c := newChaos(f)
		for range 2000 {
			hit := c.next("accept").refuse == Status502
			if list = append(list, hit); hit {
				n++
			}
		}
		return list, n
	}
	one, n := struck("seed: 1\nfaults: [{do: 502, share: 0.25}]")
	same, _ := struck("seed: 1\nfaults: [{do: 502, share: 0.25}]")
	other, _ := struck("seed: 2\nfaults: [{do: 502, share: 0.25}]")
	differ := false
	for i := range one {
		if one[i] != same[i] {
			t.Fatal("the same seed struck other calls")
		}
		differ = differ || one[i] != other[i]
	}
	if !differ || n < 400 || n > 600 {
		t.Errorf("of 2000 calls %d were struck, another seed differs: %t", n, differ)
	}
}

func TestWrongFaultsFileIsRefusedAtItsLine(t *testing.T) {
	w := newWorld(t, "")
	for name, c := range map[string]struct{ line, says string }{
		"unknown fault":      {"{do: explode}", "no fault"},
		"unknown interface":  {"{do: drop_after_apply, interface: acept}", "no interface"},
		"share above one":    {"{do: 401, share: 1.5}", "share"},
		"share and nth":      {"{do: 401, share: 0.5, nth: [1]}", "nth"},
		"zeroth call":        {"{do: 401, nth: [0]}", "counts from 1"},
		"delay of nothing":   {"{do: delay}", "need for"},
		"time of a 401":      {"{do: 401, for: 1s}", "need for"},
		"retry of a 502":     {"{do: 502, retry_after: 1s}", "429 only"},
		"retry of a half":    {"{do: 429, retry_after: 500ms}", "whole seconds"},
		"unknown key":        {"{do: 401, often: 1}", "unknown key"},
		"time without units": {"{do: delay, for: fast}", "500ms, 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseFaults("f.yaml", []byte("seed: 1\nfaults:\n  - "+c.line+"\n"), w.p)
			if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "f.yaml:3:") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	if f, err := ParseFaults("f.yaml", nil, w.p); err != nil || len(f.Faults) != 0 {
		t.Errorf("an empty file: %v, %v", f, err)
	}
}
