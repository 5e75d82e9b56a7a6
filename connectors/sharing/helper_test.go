package sharing

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/connectors/sharing/simulator"
)

// clock is a virtual clock: waiting lets time pass.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	waited time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.pass(d)
	return ctx.Err()
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.waited = c.at.Add(d), c.waited+d
}

// world is a gateway with two people, a client of it and what the client logs.
type world struct {
	*testing.T
	gateway *simulator.Gateway
	client  *Client
	clock   *clock
	log     *bytes.Buffer
}

const (
	zhang, li = "11010519491231002X", "440308199901101512"
)

type setting struct {
	simulate simulator.Options
	gateway  Gateway
	service  Service
}

func newWorld(t *testing.T, change func(*setting)) *world {
	t.Helper()
	w := &world{T: t, clock: &clock{at: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)}, log: &bytes.Buffer{}}
	s := setting{
		simulate: simulator.Options{RID: "RID1", Now: w.clock.Now, Grace: time.Minute},
		gateway:  Gateway{Name: "national", RID: "RID1", Refresh: simulator.RefreshPath, Timeout: 3 * time.Minute},
		service: Service{Name: "person-id", Gateway: "national", SID: "SID1", AppKey: func() (string, error) { return appKey, nil }, Path: simulator.ServicePath + "SID1",
			Send: map[string]string{"name": "xm", "id_no": "gmsfhm"}, Keep: time.Hour, KeepNo: time.Hour,
			Answer: AnswerForm{OK: Conditions{"code": {"200"}}, None: Conditions{"data.found": {"0"}}, Match: Conditions{"data.match": {"1"}}, Values: map[string]string{"status": "data.status"}}},
	}
	known := simulator.Service{AppKey: appKey, Known: map[string]simulator.Person{zhang: {Name: "张样例", Status: "正常"}, li: {Name: "李样例", Status: "注销"}}}
	s.simulate.Services = map[string]simulator.Service{"SID1": known}
	if change != nil {
		change(&s)
	}
	w.gateway = simulator.New(s.simulate)
	server := httptest.NewServer(w.gateway)
	t.Cleanup(server.Close)
	s.gateway.URL = server.URL
	var err error
	w.client, err = New([]Gateway{s.gateway}, []Service{s.service}, w.clock, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.Close)
	return w
}

func person(name, no string) Question {
	return Question{Service: "person-id", With: []Input{{"id_no", no}, {"name", name}}}
}

// ask gives the answers as words.
func (w *world) ask(questions ...Question) string {
	w.Helper()
	answers, err := w.client.Verify(context.Background(), questions)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, a := range answers {
		word := [...]string{"unknown:" + a.Why, "yes", "no", "none"}[a.Verdict]
		if s := a.Values["status"]; s != "" {
			word += "(" + s + ")"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func (w *world) counts(asked, refused, renewed int) {
	w.Helper()
	if a, b, c := w.gateway.Counts("SID1"); a != asked || b != refused || c != renewed {
		w.Errorf("asked %d, refused %d, secrets %d; want %d, %d, %d", a, b, c, asked, refused, renewed)
	}
}
