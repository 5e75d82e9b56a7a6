package sharing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"banjian/connectors/sharing/simulator"
	"banjian/internal/fault"
	"banjian/internal/testleak"
)

func TestMain(m *testing.M) { testleak.Main(m) }

func TestPeopleAreVerifiedInEveryFormTheGatewayHas(t *testing.T) {
	for name, change := range map[string]func(*setting){
		"signed": nil,
		"the secret itself": func(s *setting) {
			s.service.Direct = true
			s.simulate.Services = map[string]simulator.Service{"SID1": {AppKey: appKey, Direct: true, Known: s.simulate.Services["SID1"].Known}}
		},
		"both families, in the body too": func(s *setting) {
			s.gateway.Families, s.gateway.InBody = []string{"gjzwfwpt", "gjgxjhpt"}, true
			s.simulate.Families, s.simulate.InBody = s.gateway.Families, true
		},
		"a form with biz_content": func(s *setting) {
			s.service.Form, s.service.Within = true, "biz_content"
			s.gateway.InBody, s.simulate.InBody = true, true
			s.simulate.Services = map[string]simulator.Service{"SID1": {AppKey: appKey, Form: "biz_content", Known: s.simulate.Services["SID1"].Known}}
		},
		"a provincial proxy in plain": func(s *setting) { s.gateway.Plain, s.simulate.Plain = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change)
			got := w.ask(person("张样例", zhang), person("王样例", zhang), person("李样例", li), person("张样例", "110105194912310011"))
			if got != "yes(正常) no yes(注销) none" {
				t.Errorf("%s\n%s", got, w.log)
			}
			w.counts(4, 0, 1)
		})
	}
}

// The published known answer, and what must not be taken for it.
func TestTheGatewayRefusesSwappedStaleAndForeignSignatures(t *testing.T) {
	moment := time.UnixMilli(1700000000000)
	const right = "Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0="
	if got := simulator.Sign("SID1", "RID1", "1700000000000", "my-app-secret-0001"); got != right {
		t.Fatal(got)
	}
	if got := simulator.Seal(appKey, "my-app-secret-0001"); got != sealed {
		t.Fatal(got)
	}
	now := moment
	g := simulator.New(simulator.Options{RID: "RID1", Now: func() time.Time { return now }, Services: map[string]simulator.Service{"SID1": {AppKey: appKey, Known: map[string]simulator.Person{zhang: {Name: "张样例"}}}}})
	call := func(path, stamp, sign, body string) string {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for name, v := range map[string]string{"rid": "RID1", "sid": "SID1", "rtime": stamp, "sign": sign} {
			r.Header.Set("gjzwfwpt_"+name, v)
		}
		out := httptest.NewRecorder()
		g.ServeHTTP(out, r)
		return out.Body.String()
	}
	stamp := "1700000000000"
	members := func(sign string) string {
		return fmt.Sprintf(`{"gjzwfwpt_rid":"RID1","gjzwfwpt_sid":"SID1","gjzwfwpt_rtime":%q,"gjzwfwpt_sign":%q}`, stamp, sign)
	}
	sign := simulator.Sign("SID1", "RID1", stamp, appKey)
	answer, ok := decode([]byte(call(simulator.RefreshPath, stamp, sign, members(sign))))
	got, _ := at(answer, "data.secret")
	secret, err := OpenSecret(appKey, got)
	if !ok || err != nil {
		t.Fatal(answer, err)
	}
	const question = `{"gmsfhm":"` + zhang + `","xm":"张样例"}`
	good := simulator.Sign("SID1", "RID1", stamp, secret)
	for name, c := range map[string]struct {
		sign  string
		later time.Duration
		want  string
	}{
		"right":                     {good, 0, `"match":"1"`},
		"at the edge of the window": {good, 300 * time.Second, `"match":"1"`},
		"stale":                     {good, 301 * time.Second, `"rtime"`},
		"from the future":           {good, -301 * time.Second, `"rtime"`},
		"rid before sid":            {simulator.Sign("RID1", "SID1", stamp, secret), 0, `"sign"`},
		"by the app key":            {sign, 0, `"sign"`},
		"key and message swapped":   {simulator.Sign(secret, "", "", "SID1RID1"+stamp), 0, `"sign"`},
		"the secret itself":         {secret, 0, `"sign"`},
		"of another secret":         {right, 0, `"sign"`},
		"none":                      {"", 0, `"sign"`},
	} {
		now = moment.Add(c.later)
		if got := call(simulator.ServicePath+"SID1", stamp, c.sign, question); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestASecretIsRenewedEarlyByOneAndOnlyOnce(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.service.Keep, s.service.KeepNo, s.gateway.Most = 0, 0, 8 })
	many := make([]Question, 64)
	for i := range many {
		many[i] = person("张样例", zhang)
	}
	w.ask(many...)
	w.counts(64, 0, 1)
	w.clock.pass(53 * time.Minute) // good for an hour: not due yet
	w.ask(many...)
	w.counts(128, 0, 1)
	w.clock.pass(2 * time.Minute) // a tenth of its life before the end
	w.ask(many...)
	w.counts(192, 0, 2)
	w.clock.pass(2 * time.Hour) // ended
	w.ask(many...)
	w.counts(256, 0, 3)
}

func TestAnEarlyRenewalThatFailsLeavesTheOldSecretInUse(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.service.Keep, s.service.KeepNo = 0, 0 })
	w.ask(person("张样例", zhang))
	w.gateway.Break("refresh", simulator.Out)
	w.clock.pass(56 * time.Minute)
	if got := w.ask(person("张样例", zhang), person("李样例", li)); got != "yes(正常) yes(注销)" {
		t.Error(got)
	}
	w.gateway.Break("refresh", simulator.Healthy)
	w.clock.pass(time.Minute)
	w.ask(person("张样例", zhang))
	w.counts(4, 0, 2)
}

func TestARefusedSignatureRenewsTheSecretOnceAndCallsOnceMore(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.service.Keep = 0 })
	w.ask(person("张样例", zhang))
	w.gateway.Revoke("SID1")
	if got := w.ask(person("张样例", zhang)); got != "yes(正常)" {
		t.Error(got)
	}
	w.counts(2, 1, 2)
	w.gateway.Break("SID1", simulator.Forget)
	for range 5 {
		if got := w.ask(person("张样例", zhang)); got != "unknown:key" {
			t.Error(got)
		}
	}
	w.counts(2, 3, 3) // one call, one more with a renewed secret; then it is left alone
	w.gateway.Break("SID1", simulator.Healthy)
	w.clock.pass(6 * time.Minute)
	if got := w.ask(person("张样例", zhang)); got != "yes(正常)" {
		t.Error(got)
	}
}

func TestAnswersAreRememberedForTheirTimeAndUnknownNever(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.service.KeepNo = 10 * time.Minute })
	for range 3 {
		w.ask(person("张样例", zhang), person("王样例", zhang))
	}
	w.counts(2, 0, 1)
	w.clock.pass(11 * time.Minute)
	w.ask(person("张样例", zhang), person("王样例", zhang))
	w.counts(3, 0, 1)
	w.gateway.Break("SID1", simulator.Gibberish)
	for range 2 {
		if got := w.ask(person("李样例", li)); got != "unknown:answer" {
			t.Error(got)
		}
	}
	w.gateway.Break("SID1", simulator.Healthy)
	if got := w.ask(person("李样例", li)); got != "yes(注销)" {
		t.Error(got)
	}
}

func TestAServiceThatIsDownForHoursIsCalledSeldomAndFoundWhenItIsBack(t *testing.T) {
	for _, f := range []simulator.Fault{simulator.Out, simulator.Truncate} {
		w := newWorld(t, func(s *setting) { s.service.Keep = 0 })
		w.ask(person("张样例", zhang))
		w.gateway.Break("SID1", f)
		for range 3 * 60 { // three hours of a question a minute
			if got := w.ask(person("张样例", zhang), person("李样例", li)); got != "unknown:down unknown:down" {
				t.Fatal(f, got)
			}
			w.clock.pass(time.Minute)
		}
		if rest := &w.client.services["person-id"].rest; rest.failed > 28 { // 3, then pauses of 30 s to 10 min
			t.Errorf("%s: %d calls to a service that is down", f, rest.failed)
		}
		w.gateway.Break("SID1", simulator.Healthy)
		w.clock.pass(10 * time.Minute)
		if got := w.ask(person("张样例", zhang), person("李样例", li)); got != "yes(正常) yes(注销)" {
			t.Error(f, got)
		}
		if n := strings.Count(w.log.String(), "\n"); n != 2 {
			t.Errorf("%s: %d lines are logged for one outage:\n%s", f, n, w.log)
		}
	}
}

// Five minutes up, five minutes down: nobody is told a lie, and the service is not called
// more often for it.
func TestAServiceThatComesAndGoesIsFollowed(t *testing.T) {
	w := newWorld(t, func(s *setting) { s.service.Keep = 0 })
	yes := 0
	for minute := range 3 * 60 {
		down := minute/5%2 == 1
		w.gateway.Break("SID1", simulator.Healthy)
		if down {
			w.gateway.Break("SID1", simulator.Out)
		}
		got := w.ask(person("张样例", zhang))
		if got == "yes(正常)" && !down {
			yes++
		} else if got != "unknown:down" || down && got == "yes(正常)" {
			t.Fatalf("minute %d: %s", minute, got)
		}
		w.clock.pass(time.Minute)
	}
	if yes < 60 {
		t.Errorf("of 90 questions while it was there %d were answered", yes)
	}
	asked, refused, renewed := w.gateway.Counts("SID1")
	if asked != yes || refused != 0 || renewed > 4 {
		t.Errorf("asked %d, answers %d, refused %d, secrets %d", asked, yes, refused, renewed)
	}
}

func TestATooBusyGatewayIsLeftAloneAsLongAsItAsks(t *testing.T) {
	w := newWorld(t, nil)
	w.gateway.Break("SID1", simulator.Throttle)
	if got := w.ask(person("张样例", zhang)); got != "unknown:throttled" {
		t.Error(got)
	}
	w.gateway.Break("SID1", simulator.Healthy)
	w.clock.pass(59 * time.Second)
	if got := w.ask(person("张样例", zhang)); got != "unknown:throttled" {
		t.Error(got)
	}
	w.clock.pass(time.Second)
	if got := w.ask(person("张样例", zhang)); got != "yes(正常)" {
		t.Error(got)
	}
	w.counts(1, 0, 1)
}

func TestCallsKeepToTheRate(t *testing.T) {
	w := newWorld(t, func(s *setting) {
		s.service.Keep, s.service.KeepNo, s.service.PerSecond, s.gateway.PerSecond = 0, 0, 2, 100
	})
	many := make([]Question, 21)
	for i := range many {
		many[i] = person("张样例", fmt.Sprintf("%s%02d", zhang[:16], i))
	}
	before := w.clock.Now()
	w.ask(many...)
	if took := w.clock.Now().Sub(before); took < 10*time.Second {
		t.Errorf("21 calls of 2 a second took %v", took)
	}
}

func TestSilenceAFloodAndNonsenseAreUnknown(t *testing.T) {
	for f, want := range map[simulator.Fault]string{simulator.Hang: "unknown:down", simulator.Flood: "unknown:answer", simulator.Gibberish: "unknown:answer"} {
		within := time.Minute
		if f == simulator.Hang {
			within = 200 * time.Millisecond
		}
		w := newWorld(t, func(s *setting) { s.gateway.Timeout = within })
		w.gateway.Break("SID1", f)
		if got := w.ask(person("张样例", zhang)); got != want {
			t.Errorf("%s: %s", f, got)
		}
	}
	w := newWorld(t, func(s *setting) { s.service.Answer.Match = Conditions{"data.same": {"1"}} })
	if got := w.ask(person("张样例", zhang)); got != "unknown:answer" {
		t.Errorf("an answer without what it is judged by: %s", got)
	}
	w = newWorld(t, func(s *setting) { s.service.Send = nil })
	if got := w.ask(person("张样例", zhang)); got != "unknown:refused" {
		t.Errorf("a question the service does not take: %s", got)
	}
}

func TestNothingOfAPersonOrAKeyIsLoggedOrInAFault(t *testing.T) {
	for _, f := range []simulator.Fault{simulator.Out, simulator.Hang, simulator.Throttle, simulator.Forget, simulator.Truncate, simulator.Gibberish} {
		w := newWorld(t, func(s *setting) { s.gateway.Timeout = 100 * time.Millisecond })
		w.gateway.Break("SID1", f)
		for range 4 {
			w.ask(person("张样例", zhang))
			_, err := w.client.call(context.Background(), w.client.services["person-id"], ptr(person("张样例", zhang)))
			fmt.Fprintln(w.log, err, fault.HintOf(err))
		}
		h := w.client.services["person-id"].secrets.now()
		for _, secret := range []string{zhang, "张样例", appKey, h.text} {
			if secret != "" && strings.Contains(w.log.String(), secret) {
				t.Errorf("%s: %s is told in\n%s", f, secret, w.log)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestWhoeverStopsGetsTheReasonAndNothingIsRemembered(t *testing.T) {
	w := newWorld(t, nil)
	w.gateway.Break("SID1", simulator.Hang)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := w.client.Verify(ctx, []Question{person("张样例", zhang)})
		done <- err
	}()
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	w.gateway.Break("SID1", simulator.Healthy)
	if got := w.ask(person("张样例", zhang)); got != "yes(正常)" {
		t.Error(got)
	}
	if _, err := w.client.Verify(context.Background(), []Question{{Service: "persn-id"}}); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
}

func TestAClockThatIsOffIsNamed(t *testing.T) {
	w := newWorld(t, nil) // whose clock is months off that of the server's Date
	w.gateway.Break("refresh", simulator.Forget)
	err := w.client.Probe(context.Background(), "person-id")
	if hint := fault.HintOf(err).EN; !fault.Is(err, fault.Blocked) || !strings.Contains(hint, "clock is ") {
		t.Errorf("%v; %s", err, hint)
	}
}

func TestMemoryIsBoundedAndHoldsNoInput(t *testing.T) {
	m := newMemory(2)
	now := time.Unix(0, 0)
	a, b, c := person("甲", "1"), person("乙", "2"), person("丙", "3")
	for _, q := range []*Question{&a, &b} {
		m.put(m.digest(q), Answer{Verdict: Yes}, now.Add(time.Hour))
	}
	m.get(m.digest(&a), now)
	m.put(m.digest(&c), Answer{Verdict: Yes}, now.Add(time.Hour))
	for q, want := range map[*Question]bool{&a: true, &b: false, &c: true} {
		if _, got := m.get(m.digest(q), now); got != want {
			t.Errorf("%s: %v", q.With[1].Value, got)
		}
	}
	if _, there := m.get(m.digest(&a), now.Add(time.Hour)); there || len(m.known) != 1 || m.used.Len() != 1 {
		t.Error("what ended stays")
	}
	if m.digest(&a) == newMemory(2).digest(&a) {
		t.Error("the digest of a number can be looked up")
	}
	x, y := Question{"s", []Input{{"a", "bc"}}}, Question{"s", []Input{{"ab", "c"}}}
	if m.digest(&x) == m.digest(&y) {
		t.Error("two questions have one digest")
	}
}

func TestTheEndOfASecretIsReadAsGatewaysWriteIt(t *testing.T) {
	want := time.Date(2026, 3, 1, 10, 0, 0, 0, chinaTime)
	for _, s := range []string{fmt.Sprint(want.Unix()), fmt.Sprint(want.UnixMilli()), "2026-03-01 10:00:00", "20260301100000", "2026-03-01T02:00:00Z"} {
		if at, ok := moment(s); !ok || !at.Equal(want) {
			t.Errorf("%s: %v", s, at)
		}
	}
	g := Gateway{Lasts: time.Minute}
	asked := want
	for end, until := range map[string]time.Time{"soon": asked.Add(time.Minute), "": asked.Add(time.Minute), "2020-01-01 00:00:00": asked.Add(time.Minute), "2026-03-01 12:00:00": asked.Add(2 * time.Hour)} {
		in, _ := decode(fmt.Appendf(nil, `{"code":0,"data":{"secret":%q,"secretEndTime":%q}}`, sealed, end))
		h, err := g.readSecret(in, appKey, asked)
		if err != nil || h.text != "my-app-secret-0001" || !h.until.Equal(until) || !h.early.Before(h.until) || !h.early.After(asked) {
			t.Errorf("%q: %+v %v", end, h, err)
		}
	}
}
