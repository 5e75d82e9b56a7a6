package middleplatform_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
)

func TestARefusedSignatureStopsAfterOneCall(t *testing.T) {
	e := newPeer(t, "", nil)
	target := open(t, e.base, func(o *middleplatform.Options) { o.Keys[0].Credentials.Secret = "another" })
	d := delivery(t, profileOf(t), "accept", acceptRow)
	together(8, func(int) {
		_, err := target.Call(t.Context(), d, 0)
		wantFault(t, err, fault.Blocked, "签名不对")
	})
	if _, err := target.Call(t.Context(), d, 0); !fault.Is(err, fault.Blocked) {
		t.Errorf("later: %v", err)
	}
	if n := e.requests.Load(); n != 1 {
		t.Errorf("%d calls reached the platform", n)
	}
}

func TestUntilTheKeyIsProvenOneCallIsUnderWayAtATime(t *testing.T) {
	var under, most, calls atomic.Int64
	var once sync.Once
	proven := make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, call := under.Add(1), calls.Add(1)
		defer under.Add(-1)
		if call <= 8 {
			most.Store(max(most.Load(), n))
		}
		if call < 8 { // a gateway's page proves nothing
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		once.Do(func() { close(proven) })
		answers(t, w, 200, middleplatform.Reply{Code: "200", Status: "200"})
	})
	target := open(t, base, nil)
	d := delivery(t, profileOf(t), "accept", acceptRow)
	together(8, func(int) {
		for {
			_, err := target.Call(t.Context(), d, 0)
			select {
			case <-proven:
				return
			default:
			}
			if !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Transient) {
				t.Errorf("%v", err)
				return
			}
		}
	})
	if most.Load() != 1 {
		t.Errorf("%d calls were under way together", most.Load())
	}
}

// Those who wait for a first answer are not made to wait for one timeout each.
func TestCallersBehindACallThatGetsNoAnswerAreSentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		transport := newCanned(t, time.Hour)
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) { o.Transport = transport })
		d := delivery(t, profileOf(t), "accept", acceptRow)
		var unknown, back atomic.Int64
		together(8, func(int) {
			_, err := target.Call(t.Context(), d, 0)
			switch fault.KindOf(err) {
			case fault.Unknown:
				unknown.Add(1)
			case fault.Transient:
				back.Add(1)
				wantFault(t, err, fault.Transient, "has not answered yet")
			}
		})
		if unknown.Load() != 1 || back.Load() != 7 || len(transport.began) != 1 || time.Since(began) != 30*time.Second {
			t.Errorf("%d unknown, %d sent back, %d calls in %v", unknown.Load(), back.Load(), len(transport.began), time.Since(began))
		}
	})
}

func TestOtherKeyIsTriedOnceAndKept(t *testing.T) {
	old := middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "old-app-key", Secret: "old"}, SM4Key: "oldSm4Key"}
	e := newPeer(t, "", nil)
	target := open(t, e.base, func(o *middleplatform.Options) { o.Keys = []middleplatform.Keys{old, keys} })
	d := delivery(t, profileOf(t), "accept", acceptRow)
	together(8, func(int) {
		if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
			t.Errorf("%+v, %v", is, err)
		}
	})
	if n := e.requests.Load(); n != 9 || e.Count("accept") != (simulator.Count{Effects: 1, Repeats: 7}) {
		t.Errorf("%d calls, %+v", n, e.Count("accept"))
	}

	e = newPeer(t, "", func(o *simulator.Options) { o.Credentials.Secret = "a third" })
	target = open(t, e.base, func(o *middleplatform.Options) { o.Keys = []middleplatform.Keys{old, keys} })
	together(8, func(int) {
		_, err := target.Call(t.Context(), d, 0)
		wantFault(t, err, fault.Blocked, "签名不对")
	})
	if n := e.requests.Load(); n != 2 {
		t.Errorf("%d calls reached the platform", n)
	}
}

// The platform changes the key while calls are under way.
func TestKeyChangedInTheMiddleLosesNothing(t *testing.T) {
	next := middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "next-app-key", Secret: "next"}, SM4Key: keys.SM4Key}
	p := profileOf(t)
	before := middleplatform.NewVerifier(p, who, time.Now)
	after := middleplatform.NewVerifier(p, next.Credentials, time.Now)
	var calls, refusals atomic.Int64
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		v := before
		if calls.Add(1) > 50 {
			v = after
		}
		if reason := v.Verify(r.Header); reason != "" {
			refusals.Add(1)
			answers(t, w, 401, middleplatform.Reply{Code: "401", Data: reason.Text().ZH})
			return
		}
		answers(t, w, 200, middleplatform.Reply{Code: "200", Status: "200"})
	})
	target := open(t, base, func(o *middleplatform.Options) { o.Keys = []middleplatform.Keys{keys, next} })
	d := delivery(t, p, "accept", acceptRow)
	together(8, func(int) {
		for range 12 {
			if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
				t.Errorf("%+v, %v", is, err)
			}
		}
	})
	if n := refusals.Load(); n < 1 || n > 8 {
		t.Errorf("%d calls were refused, at most those under way can be", n)
	}
}

func TestWrongClockIsNamedWithHowMuch(t *testing.T) {
	now := time.Date(2024, 7, 1, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		date string
		says string
	}{
		"behind":          {"Mon, 01 Jul 2024 01:10:05 GMT", "10m5s behind"},
		"ahead":           {"Mon, 01 Jul 2024 00:54:00 GMT", "6m0s ahead of"},
		"within bounds":   {"Mon, 01 Jul 2024 01:04:59 GMT", "超出允许的时间差"},
		"says no time":    {"-", "超出允许的时间差"},
		"speaks nonsense": {"yesterday", "超出允许的时间差"},
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = nil
				if c.date != "-" {
					w.Header().Set("Date", c.date)
				}
				answers(t, w, 401, middleplatform.Reply{Code: "401", Data: "时间戳超出允许的时间差"})
			})
			target := open(t, base, func(o *middleplatform.Options) { o.Now = func() time.Time { return now } })
			_, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
			wantFault(t, err, fault.Blocked, c.says)
		})
	}
}

// Calls that wait for their turn when the key is refused are not made any more.
func TestCallsWaitingForTheirTurnAreNotMadeAfterARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := newCanned(t, 0)
		var calls atomic.Int64
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) {
			o.Limits = map[string]middleplatform.Limit{"accept": {PerSecond: 1}}
			o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				if calls.Add(1) == 1 {
					return good.RoundTrip(r)
				}
				return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: http.NoBody}, nil
			})
		})
		d := delivery(t, profileOf(t), "accept", acceptRow)
		if _, err := target.Call(t.Context(), d, 0); err != nil {
			t.Fatal(err)
		}
		together(6, func(int) {
			_, err := target.Call(t.Context(), d, 0)
			wantFault(t, err, fault.Blocked, "(403)")
		})
		if calls.Load() != 2 {
			t.Errorf("%d calls were made", calls.Load())
		}
	})
}
