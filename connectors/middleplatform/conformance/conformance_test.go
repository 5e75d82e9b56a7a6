package conformance

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/testleak"
)

func TestMain(m *testing.M) { testleak.Main(m) }

var keys = middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "demo-app-key", Secret: "demo-app-secret"}, SM4Key: "demoSm4Key"}

// platform is a simulator behind a port, and what it takes to check it.
func platform(t *testing.T, profile, broken, quirks string) Options {
	t.Helper()
	p, err := middleplatform.LoadProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	i, err := middleplatform.LoadIntake(p)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(simulator.Options{Profile: p, Intake: i, Credentials: keys.Credentials, SM4Key: keys.SM4Key, Break: broken, Quirks: quirks})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return Options{Profile: p, Intake: i, Base: server.URL, Keys: keys, Within: 5 * time.Minute}
}

func checked(t *testing.T, o Options) *Report {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSoundPlatformHoldsEveryAssertionOfEachProfile(t *testing.T) {
	for _, profile := range middleplatform.Profiles() {
		t.Run(profile, func(t *testing.T) {
			o := platform(t, profile, "", "")
			for range 2 { // a second check does not stumble over the first
				r := checked(t, o)
				for _, one := range r.Results {
					if !one.OK {
						t.Errorf("%s: %s", one.Name, one.Detail.EN)
					}
				}
				if len(r.Results) < 60 {
					t.Errorf("%d assertions", len(r.Results))
				}
			}
			t.Logf("%d assertions", len(Names(o.Profile, false)))
		})
	}
}

// profileWith is a profile that an assertion makes sense with, the default one if it does.
func profileWith(t *testing.T, assertion string) string {
	t.Helper()
	for _, name := range []string{middleplatform.DefaultProfile, "json"} {
		p, err := middleplatform.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(Names(p, false), func(one Result) bool { return one.Name == assertion }) {
			return name
		}
	}
	return middleplatform.DefaultProfile
}

func TestEachDefectIsFoundByTheAssertionThatNamesIt(t *testing.T) {
	if n := len(simulator.Defects()); n < 20 {
		t.Errorf("%d defects", n)
	}
	for _, d := range simulator.Defects() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			r := checked(t, platform(t, profileWith(t, d.Name), d.Name, ""))
			at := slices.IndexFunc(r.Results, func(one Result) bool { return one.Name == d.Name })
			if at < 0 {
				t.Fatal("no assertion has that name")
			}
			if r.Results[at].OK {
				t.Error("the assertion holds")
			}
			if n := r.Failed(); n > 20 && d.Name != "cipher.answer" { // then no answer can be read
				t.Errorf("%d assertions fail", n)
			}
		})
	}
}

func TestAssertionsHaveNamesOfTheirOwnAndSentencesInBothLanguages(t *testing.T) {
	for _, profile := range middleplatform.Profiles() {
		p, err := middleplatform.LoadProfile(profile)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, one := range Names(p, true) {
			if seen[one.Name] || one.Says.ZH == "" || one.Says.EN == "" {
				t.Errorf("%s: %v", one.Name, one.Says)
			}
			seen[one.Name] = true
		}
	}
}

func TestCheckOfNobodyIsAFault(t *testing.T) {
	o := platform(t, middleplatform.DefaultProfile, "", "")
	for base, kind := range map[string]fault.Kind{"http://127.0.0.1:1": fault.Transient, "nowhere": fault.Config} {
		o.Base = base
		if _, err := Run(t.Context(), o); !fault.Is(err, kind) {
			t.Errorf("%s: %v", base, err)
		}
	}
	o.Base, o.Keys.Credentials.Secret = "http://127.0.0.1:1", ""
	if _, err := Run(t.Context(), o); !fault.Is(err, fault.Config) {
		t.Errorf("without a secret: %v", err)
	}
}

func TestCheckThatHasNoTimeLeftSaysSo(t *testing.T) {
	o := platform(t, middleplatform.DefaultProfile, "", "")
	o.Workers = 1
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	o.Client = &http.Client{Transport: counted(func(r *http.Request) (*http.Response, error) {
		if calls++; calls > 3 {
			cancel()
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	r, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Results[len(r.Results)-1]
	if last.OK || last.Detail.EN != "no time was left to check" || r.Failed() < 60 {
		t.Errorf("%+v, %d failed", last, r.Failed())
	}
}

type counted func(*http.Request) (*http.Response, error)

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

func TestFlowNumbersOfAProvinceAreUsedInTurn(t *testing.T) {
	o := platform(t, middleplatform.DefaultProfile, "", "")
	n := int64(0)
	o.Flow = func() (string, string) {
		n++
		return middleplatform.TryOutFlow(n + time.Now().UnixMilli()*1000), middleplatform.TryOutItem
	}
	if r := checked(t, o); r.Failed() > 0 || n < 60 {
		t.Errorf("%d failed, %d flow numbers used", r.Failed(), n)
	}
}
