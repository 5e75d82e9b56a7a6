package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// keysOfLife open both doors.
var keysOfLife = middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "life-key", Secret: "life-secret"}, SM4Key: "lifeSm4Key"}

// lifeFaults is what happens to calls of the platform.
const lifeFaults = `
seed: 11
faults:
  - {do: drop_after_apply, share: 0.2}
  - {do: "502", share: 0.1}
  - {do: "401", share: 0.001}
  - {do: "401", interface: accept, nth: [9]}
  - {do: "401", interface: apply_info, nth: [9]}
  - {do: "429", share: 0.01, retry_after: 2s}
`

// outageAfter is when, after the start, nobody hears anybody for an hour.
const (
	outageAfter = 2 * time.Hour
	outageFor   = time.Hour
)

// lifeTown is the platform with its applicants, and the network between it and us. All
// of it lives on the clock of a bubble.
type lifeTown struct {
	t        *testing.T
	model    *lifeModel
	profile  *middleplatform.Profile
	platform *simulator.Simulator
	cipher   *middleplatform.Cipher
	began    time.Time
	door     *door
	client   *http.Client // to our gateway

	mu       sync.Mutex
	apps     map[string]*simulator.Application // by flow number
	r        *rand.Rand
	bodies   map[string][]string // messages that were sent, by key: each form once
	heard    map[string]string   // the form that was acknowledged last, by key
	needless []string            // what went again though it was
	calls    int
	ends     map[string]int // how calls ended that did not end well
	told     int            // calls to us
	repeated int            // of these for the second time
	unheard  int            // of these whose answers were lost
}

func newLifeTown(t *testing.T, p *middleplatform.Profile, lives []*life) *lifeTown {
	w := &lifeTown{t: t, model: newLifeModel(p), profile: p, began: time.Now(), door: &door{}, apps: map[string]*simulator.Application{}, r: rand.New(rand.NewPCG(5, 5)), bodies: map[string][]string{}, heard: map[string]string{}, ends: map[string]int{}}
	for _, l := range lives {
		app := simulator.TryOutApplication(l.flow)
		app.AppliedAt = w.began.Add(l.begins - 10*time.Minute).Truncate(time.Second)
		app.Instant = l.instant
		w.apps[l.flow] = app
	}
	faults, err := simulator.ParseFaults("faults.yaml", []byte(lifeFaults), p)
	if err != nil {
		t.Fatal(err)
	}
	if w.cipher, err = middleplatform.NewCipher(p, keysOfLife.SM4Key, nil); err != nil {
		t.Fatal(err)
	}
	if w.platform, err = simulator.New(simulator.Options{Profile: p, Credentials: keysOfLife.Credentials, SM4Key: keysOfLife.SM4Key, Faults: faults, Applications: w.application}); err != nil {
		t.Fatal(err)
	}
	w.client = &http.Client{Transport: &toGateway{town: w, inner: &http.Transport{DialContext: w.door.dial}}}
	return w
}

func (w *lifeTown) close() {
	w.client.Transport.(*toGateway).inner.CloseIdleConnections()
	w.platform.Close()
}

func (w *lifeTown) application(flow string) *simulator.Application {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.apps[flow]
}

// cut says that nobody hears anybody now.
func (w *lifeTown) cut() bool {
	since := time.Since(w.began)
	return since >= outageAfter && since < outageAfter+outageFor
}

var errCut = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// RoundTrip is the way of the product to the platform.
func (w *lifeTown) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	key, form := w.note(r, body)
	if w.cut() {
		w.ended("nobody there")
		return nil, errCut
	}
	time.Sleep(20 * time.Millisecond)
	got := &answered{header: http.Header{}, status: http.StatusOK}
	if breaksOff(func() { w.platform.ServeHTTP(got, r) }) {
		w.ended("answer lost")
		return nil, io.ErrUnexpectedEOF
	}
	if got.status != http.StatusOK {
		w.ended(strconv.Itoa(got.status))
	} else if key != "" {
		w.mu.Lock()
		w.heard[key] = form
		w.mu.Unlock()
	}
	return &http.Response{StatusCode: got.status, Header: got.header, Body: io.NopCloser(&got.Buffer), ContentLength: int64(got.Len()), Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
}

func (w *lifeTown) ended(how string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends[how]++
}

// note remembers what was sent under which identity.
func (w *lifeTown) note(r *http.Request, body []byte) (key, form string) {
	in := w.profile.ByPath(r.URL.Path)
	if in != nil {
		_, m, err := w.profile.DecodeCall(body, w.cipher)
		if err == nil {
			key = effectKey(in.Name, in.KeyOf(m))
			form, err = middleplatform.EncodeXML(m)
		}
		if err != nil {
			w.t.Errorf("a call to %s is no message: %v", in.Name, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if in != nil && !slices.Contains(w.bodies[key], form) {
		w.bodies[key] = append(w.bodies[key], form)
	}
	if in != nil && w.heard[key] == form {
		w.needless = append(w.needless, key)
	}
	return key, form
}

// wantIdentities holds every call against the script: none for what is not foreseen, none
// in a form the department never gave it, none of what was acknowledged.
func (w *lifeTown) wantIdentities() {
	w.t.Helper()
	if len(w.needless) > 0 {
		w.t.Errorf("%d messages went again though they were acknowledged: %.10q", len(w.needless), w.needless)
	}
	for key, forms := range w.bodies {
		if f := w.model.messages[key]; f == nil || len(forms) > f.forms {
			w.t.Errorf("%s was sent in %d forms: %+v", key, len(forms), f)
		}
	}
}

// answered is an answer in memory.
type answered struct {
	bytes.Buffer
	header http.Header
	status int
}

func (a *answered) Header() http.Header    { return a.header }
func (a *answered) WriteHeader(status int) { a.status = status }
func (a *answered) Flush()                 {}

// breaksOff says that serving ended as net/http ends a connection that is to break.
func breaksOff(serve func()) (broke bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			broke = true
		} else if p != nil {
			panic(p)
		}
	}()
	serve()
	return false
}

// toGateway is the way of the platform to us: every fifth answer is lost.
type toGateway struct {
	town  *lifeTown
	inner *http.Transport
}

func (g *toGateway) RoundTrip(r *http.Request) (*http.Response, error) {
	w := g.town
	if w.cut() {
		return nil, errCut
	}
	w.mu.Lock()
	w.told++
	lost := w.r.IntN(5) == 0
	w.mu.Unlock()
	resp, err := g.inner.RoundTrip(r)
	if err == nil && lost {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		w.mu.Lock()
		w.unheard++
		w.mu.Unlock()
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

// door is an address that only this process can reach.
type door struct {
	mu   sync.Mutex
	open *doorway // nil: nobody listens
}

func (d *door) bind(string, string) (net.Listener, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = &doorway{door: d, conns: make(chan net.Conn), shut: make(chan struct{})}
	return d.open, nil
}

func (d *door) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	d.mu.Lock()
	way := d.open
	d.mu.Unlock()
	if way == nil {
		return nil, errCut
	}
	ours, theirs := net.Pipe()
	select {
	case way.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
	case <-way.shut:
	}
	return nil, errors.Join(ctx.Err(), errCut)
}

// doorway is the door while somebody listens.
type doorway struct {
	door  *door
	conns chan net.Conn
	shut  chan struct{}
	once  sync.Once
}

func (w *doorway) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.shut:
		return nil, net.ErrClosed
	}
}

func (w *doorway) Close() error {
	w.once.Do(func() {
		close(w.shut)
		w.door.mu.Lock()
		defer w.door.mu.Unlock()
		w.door.open = nil
	})
	return nil
}

func (w *doorway) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8443} }

// announce tells the approval system until it acknowledges, and sometimes once more.
func (w *lifeTown) announce(a simulator.Announcement) string {
	w.t.Helper()
	a.Item, a.Region = middleplatform.TryOutItem, "370102000000"
	w.mu.Lock()
	a.How = middleplatform.Notice{Place: []string{"form", "query", "json"}[w.r.IntN(3)], Sealed: w.profile.Cipher.Kind != "none" && w.r.IntN(2) == 0}
	again := w.r.IntN(20) == 0
	w.mu.Unlock()
	first := ""
	for range 200 {
		status, err := w.platform.Announce(w.t.Context(), w.client, "http://gateway.invalid/spj", a)
		switch {
		case err != nil:
			time.Sleep(time.Minute)
		case first != "" && first != status:
			w.t.Errorf("%s is answered %s and then %s", a.Flow, first, status)
			return first
		case first != "" || !again:
			return status
		default:
			first = status
			w.mu.Lock()
			w.repeated++
			w.mu.Unlock()
			time.Sleep(time.Minute)
		}
	}
	w.t.Errorf("%s was never acknowledged", a.Flow)
	return first
}

func wall(t time.Time) string {
	return t.In(time.FixedZone("", 8*3600)).Format(time.DateTime)
}

func joinedBy(list []string, by string) string { return strings.Join(list, by) }
