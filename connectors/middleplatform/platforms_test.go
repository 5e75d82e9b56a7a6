package middleplatform_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/pipelines"
)

// peerOf is a platform of another profile behind a real port, and a target of it.
func peerOf(t *testing.T, profile, faults string, now func() time.Time) (*peer, *middleplatform.Target) {
	t.Helper()
	p, err := middleplatform.LoadProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := simulator.ParseFaults("faults.yaml", []byte(faults), p)
	if err != nil {
		t.Fatal(err)
	}
	e := newPeer(t, "", func(o *simulator.Options) { o.Profile, o.Faults, o.Now = p, f, now })
	return e, open(t, e.base, func(o *middleplatform.Options) {
		o.Profile, o.Now = p, now
		o.Files, _ = store(t, "%PDF-1.7")
	})
}

func TestAWholeCaseIsTakenByEachPlatform(t *testing.T) {
	for _, profile := range middleplatform.Profiles() {
		t.Run(profile, func(t *testing.T) {
			e, target := peerOf(t, profile, "seed: 1\nfaults:\n  - {do: drop_after_apply, nth: [2, 5]}\n  - {do: truncated, nth: [7]}\n", nil)
			mapping := profileOf(t)
			for _, c := range []struct {
				name string
				row  map[string]string
			}{{"correction", canonicalCorrection}, {"accept", canonicalAccept}, {"course", canonicalStep}, {"suspend", endedSpecial}, {"finish", canonicalResult}, {"result_file", canonicalFile}} {
				d := &pipelines.Delivery{Table: c.name, Record: mapped(t, mapping, c.name, c.row).Outputs[0].Record}
				is, err := target.Call(t.Context(), d, 0)
				for try := 0; fault.Is(err, fault.Unknown) && try < 3; try++ {
					is, err = target.Call(t.Context(), d, 0)
				}
				if is != nil || err != nil {
					t.Errorf("%s: %+v, %v", c.name, is, err)
				}
			}
			if n := len(e.Effects()); n != 7 {
				t.Errorf("%d effects", n)
			}
			refused := &pipelines.Delivery{Table: "finish", Record: mapped(t, mapping, "finish", with(refusedAtAcceptance, "flow_no", "2407010000002")).Outputs[0].Record}
			is, err := target.Call(t.Context(), refused, 0)
			if last := e.Effects()[len(e.Effects())-1]; is != nil || err != nil || last.Interface != "accept" || last.Key[0] != "2407010000002" {
				t.Errorf("refused at acceptance: %+v, %v, %+v", is, err, last)
			}
			d := delivery(t, mapping, "course", with(courseRow, "SXBM", "GJJ-0302", "GDBSSPCL_SPHJDM", "3"))
			if is, err = target.Call(t.Context(), d, 0); is == nil || err != nil || !strings.Contains(is.Args[0], "顺序不对") {
				t.Errorf("a step after the result: %+v, %v", is, err)
			}
		})
	}
}

func TestWrongKeysStopTheReceiverWhateverTheProfile(t *testing.T) {
	for _, profile := range middleplatform.Profiles() {
		e, _ := peerOf(t, profile, "", nil)
		p, err := middleplatform.LoadProfile(profile)
		if err != nil {
			t.Fatal(err)
		}
		target := open(t, e.base, func(o *middleplatform.Options) { o.Profile, o.Keys[0].Credentials.Secret = p, "wrong" })
		for range 3 {
			_, err = target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
			wantFault(t, err, fault.Blocked, "")
		}
		if n := len(e.Effects()); n != 0 {
			t.Errorf("%s: %d effects", profile, n)
		}
	}
}

func TestTokenIsFetchedOnceAndAgainWhenItIsNoLongerGood(t *testing.T) {
	var ahead atomic.Int64
	e, target := peerOf(t, "sd-2020", "", func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	call := func(n int) {
		t.Helper()
		d := delivery(t, profileOf(t), "accept", with(acceptRow, "SBLSH_SHORT", fmt.Sprintf("24070100%05d", n)))
		if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
			t.Errorf("%+v, %v", is, err)
		}
	}
	call(1)
	call(2)
	if n := e.requests.Load(); n != 3 {
		t.Errorf("%d requests for a token and two calls", n)
	}
	ahead.Store(int64(28 * time.Minute)) // before the token ends
	call(3)
	if n := e.requests.Load(); n != 5 {
		t.Errorf("%d requests, the token was to be fetched again", n)
	}
}

// A platform that was started anew knows none of its tokens.
func TestTokenThatThePlatformForgotIsFetchedAnew(t *testing.T) {
	p, err := middleplatform.LoadProfile("sd-2020")
	if err != nil {
		t.Fatal(err)
	}
	var sim atomic.Pointer[simulator.Simulator]
	begin := func() {
		s, err := simulator.New(simulator.Options{Profile: p, Credentials: who})
		if err != nil {
			t.Fatal(err)
		}
		sim.Store(s)
	}
	begin()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sim.Load().ServeHTTP(w, r) }))
	defer server.Close()
	target := open(t, server.URL, func(o *middleplatform.Options) { o.Profile = p })
	for range 2 {
		if is, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0); is != nil || err != nil {
			t.Errorf("%+v, %v", is, err)
		}
		begin()
	}
}

func TestAnswerThatIsSignedWronglyLeavesTheOutcomeOpen(t *testing.T) {
	e, target := peerOf(t, middleplatform.DefaultProfile, "seed: 1\nfaults:\n  - {do: wrong_signature, nth: [1]}\n", nil)
	d := delivery(t, profileOf(t), "accept", acceptRow)
	_, err := target.Call(t.Context(), d, 0)
	wantFault(t, err, fault.Unknown, "")
	if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
		t.Errorf("%+v, %v", is, err)
	}
	if got := e.Count("accept"); got.Effects != 1 || got.Repeats != 1 {
		t.Errorf("%+v", got)
	}
}

// While one call asks for a token and nobody answers, others that wait for it end when they
// are told to.
func TestACallWaitingForAnothersTokenEndsWhenItIsToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := middleplatform.LoadProfile("sd-2020")
		if err != nil {
			t.Fatal(err)
		}
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) {
			o.Profile = p
			o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		})
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = target.Token(t.Context()) })
		synctest.Wait()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err = target.Token(ctx)
		wantFault(t, err, fault.Transient, "access token")
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("it waited %s", waited)
		}
		wg.Wait()
	})
}

// silentAboutTokens is a target whose platform gives tokens and answers no call; asked counts them.
func silentAboutTokens(t *testing.T) (target *middleplatform.Target, asked *atomic.Int64) {
	t.Helper()
	p, err := middleplatform.LoadProfile("sd-2020")
	if err != nil {
		t.Fatal(err)
	}
	asked = new(atomic.Int64)
	target = open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) {
		o.Profile = p
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			asked.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
	})
	return target, asked
}

// Who waits behind a question for a token that nobody answers is not made to ask it once more,
// one after the other; who comes later asks again.
func TestCallsThatWaitForATokenNobodyGivesEndWithTheOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, asked := silentAboutTokens(t)
		for turn := range 2 {
			began := time.Now()
			together(8, func(int) {
				_, err := target.Token(t.Context())
				wantFault(t, err, fault.Transient, "access token")
			})
			if waited := time.Since(began); waited != 30*time.Second || asked.Load() != int64(turn+1) {
				t.Errorf("%d questions, it took %s", asked.Load(), waited)
			}
		}
	})
}

// A question for a token that was given up by the one who asked it says nothing to the others.
func TestATokenGivenUpByOneCallIsAskedForByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target, asked := silentAboutTokens(t)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = target.Token(ctx) })
		synctest.Wait()
		_, err := target.Token(t.Context())
		wantFault(t, err, fault.Transient, "access token")
		wg.Wait()
		if asked.Load() != 2 {
			t.Errorf("%d questions", asked.Load())
		}
	})
}
