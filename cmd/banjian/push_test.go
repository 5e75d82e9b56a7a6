package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"banjian/cmd/internal/status"
	"banjian/cmd/internal/wiring"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/deploy/demo"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// pushCases make about 20,000 messages for the platform.
const pushCases = 7500

// network is the way to an embedded platform: calls take a while, and for an hour after
// a number of them nobody is there.
type network struct {
	*simulator.Embedded
	outage   int // call it begins at
	calls    int
	until    time.Time
	inOutage int
	turn     chan struct{}
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.turn <- struct{}{}
	n.calls++
	if n.calls == n.outage {
		n.until = time.Now().Add(time.Hour)
	}
	away := time.Now().Before(n.until)
	if away {
		n.inOutage++
	}
	<-n.turn
	if away {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	time.Sleep(20 * time.Millisecond)
	return n.Embedded.RoundTrip(r)
}

// One in five answers is lost after the message took effect, one in ten calls gets a
// proxy's error page, one is told that its key is refused, and for an hour nobody
// answers. Every message the department's cases ask for takes effect once, none is lost.
func TestEveryPushTakesEffectOnceWhateverHappensOnTheWay(t *testing.T) {
	t.Parallel()
	cases := pushCases
	if testing.Short() {
		cases = 300
	}
	pushThroughTrouble(t, embedded(t), cases)
}

// So it does where batches are small, new records go before a backlog and a case is spread
// over several of them.
func TestEveryPushTakesEffectOnceBesideABacklog(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	pushThroughTrouble(t, w, 300, "profile: sd-ywzt-2024", "profile: sd-ywzt-2024, backlog: {over: 50, share: 20}")
}

// pushThroughTrouble lays out a demo, with changes to its banjian.yaml (old, new), and pushes it.
func pushThroughTrouble(t *testing.T, w *world, cases int, change ...string) {
	o := demoOptions{dir: w.dir, cases: cases, seed: 3}
	if err := (&app{out: os.Stderr, err: os.Stderr}).layOutDemo(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(change); i += 2 {
		w.edited("banjian.yaml", change[i], change[i+1])
	}
	e := expectOf(t, demo.Options{Cases: o.cases, Seed: 3})
	w.exec("run", "--all", "--json", "--collect-only", "--fail-on", "none", "--site", w.dir)
	synctest.Test(t, func(t *testing.T) { w.push(t, len(e.messages)) })
	w.wantPlatform(e)
}

func (w *world) push(t *testing.T, messages int) {
	s, err := site.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	profile := platformProfile(t)
	way := &network{turn: make(chan struct{}, 1), outage: messages / 3, Embedded: simulator.NewEmbedded(simulator.Options{Profile: profile, State: s.Path(demo.PlatformFile),
		Faults: &simulator.Faults{Seed: 3, Faults: []simulator.Fault{{Do: simulator.Drop, Share: 0.2}, {Do: simulator.Status502, Share: 0.1}, {Do: simulator.Status401, Interface: "accept", Nth: []int{messages / 8}}}}})}
	defer way.Close()
	store, err := h.OpenLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	time.Sleep(time.Until(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))) // its clock begins in another century
	began, ends := time.Now(), map[fault.Kind]int{}
	for run := 1; ; run++ {
		err := w.pushOnce(t, h, store, profile, way)
		if err == nil {
			break
		}
		if ends[fault.KindOf(err)]++; ends[fault.KindOf(err)] == 1 {
			w.explains(t, h, store, fault.Say(err, text.EN))
		}
		if run > 120 {
			t.Fatalf("it never ends: %v", err)
		}
		time.Sleep(time.Minute)
	}
	if open, err := store.Unsettled(t.Context(), "platform"); err != nil || len(open) != 0 {
		t.Errorf("%d batches are open, %v", len(open), err)
	}
	if ends[fault.Blocked] != 1 || ends[fault.Transient] == 0 {
		t.Errorf("runs ended %v, want one that was refused and some that found nobody", ends)
	}
	t.Logf("%d messages, %d calls (%d while nobody was there) in %s of its clock; runs that did not end well: %v", messages, way.calls, way.inOutage, time.Since(began).Round(time.Second), ends)
}

// pushOnce is one run of the product, with the platform behind the given way.
func (w *world) pushOnce(t *testing.T, h *house, store ledger.Store, profile *middleplatform.Profile, way http.RoundTripper) error {
	a := &app{out: os.Stderr, err: os.Stderr}
	plan, err := h.DeliverPlan("platform")
	if err != nil {
		t.Fatal(err)
	}
	target, err := middleplatform.New(middleplatform.Options{Name: "platform", Profile: profile, Base: simulator.EmbeddedBase, Keys: []middleplatform.Keys{simulator.TryOut}, Transport: way})
	if err != nil {
		t.Fatal(err)
	}
	plan.Caller, plan.Clock = target, target.Clock
	defer target.Close()
	return jobs.NewRunner(store, a.log()).Deliver(t.Context(), plan, jobs.NewCollecting())
}

// A platform that refuses the signature stops that receiver within one call and leaves
// every record pending; the national receiver goes on.
func TestARefusedSignatureStopsThePlatformWithinOneCallAndNothingElse(t *testing.T) {
	var calls atomic.Int64
	base := servePlatform(t, middleplatform.Credentials{Key: "site", Secret: "another"}, &calls)
	w := bothReceivers(t, base)
	code, sums, errOut := w.run()
	if code != exitUsage || calls.Load() != 1 {
		t.Errorf("exited %d after %d calls\n%s", code, calls.Load(), errOut)
	}
	e := expectOf(t, demo.Options{Cases: fewCases})
	for name, s := range sums {
		foretold := e.summary.Receivers["national"][name]
		if s.Receivers["national"].Delivered != int64(foretold.Delivered) {
			t.Errorf("%s → national: %+v, foretold %+v", name, s.Receivers["national"], foretold)
		}
		foretold = e.summary.Receivers["platform"][name]
		if r, fed := s.Receivers["platform"]; fed && (r.Delivered != 0 || r.Rejected > int64(foretold.Rejected) || r.Pending == 0) {
			t.Errorf("%s → platform: %+v", name, r)
		}
	}
	// With the right key everything goes.
	t.Setenv("PLATFORM_SECRET", "another")
	if code, _, errOut = w.run(); code != exitDone && code != exitNews {
		t.Fatalf("exited %d\n%s", code, errOut)
	}
	if got := int64(len(e.messages)); calls.Load() < got {
		t.Errorf("%d calls, %d messages", calls.Load(), got)
	}
}

// servePlatform is a platform on a port of this machine that takes one key.
func servePlatform(t *testing.T, key middleplatform.Credentials, calls *atomic.Int64) string {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Profile: platformProfile(t), Credentials: key, SM4Key: "demoSm4Key"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		sim.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() {
		server.Close()
		sim.Close()
	})
	return server.URL
}

// explains checks that one page of status says why the platform does not get on.
func (w *world) explains(t *testing.T, h *house, store ledger.Store, why string) {
	var page bytes.Buffer
	a := &app{out: &page, err: &page, lang: text.EN}
	if err := a.status(t.Context(), h, store, status.Scope{}, statusOptions{failOn: "new"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(page.String(), "\n"); lines > 24 || !strings.Contains(page.String(), why) {
		t.Errorf("status in %d lines does not say %q:\n%s", lines, why, &page)
	}
}
