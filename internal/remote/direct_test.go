package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long a call may take where its time is not what is tested.
const patience = 3 * time.Minute

func directTo(t *testing.T, base string, judge TLS) *Direct {
	t.Helper()
	u, ok := Address(base)
	if !ok {
		t.Fatal(base)
	}
	d, err := NewDirect(judge, u)
	if err != nil || d == nil {
		t.Fatal(d, err)
	}
	t.Cleanup(d.Close)
	return d
}

func post(t *testing.T, d *Direct, base, body string) (*Answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/take?a=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"text/plain"}, "User-Agent": {"banjian"}, "X-two": {"a", "b"}}
	return d.Do(t.Context(), req, []byte(body), time.Now().Add(patience), 100)
}

// scripted answers every request with the same bytes, then goes on listening or hangs up.
func scripted(t *testing.T, answer string, hangUp bool) (base string, conns *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	conns = new(atomic.Int64)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					_, _ = io.WriteString(conn, answer)
					if hangUp {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), conns
}

func TestADirectCallSaysWhatNetHTTPWouldSay(t *testing.T) {
	seen := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen <- r
		w.Header().Add("x-kept", "1")
		w.Header().Add("x-kept", "2")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body)
	}))
	defer server.Close()
	a, err := post(t, directTo(t, server.URL, TLS{}), server.URL, "甲")
	if err != nil || a.Status != http.StatusTeapot || string(a.Body) != "甲" || strings.Join(a.Header["X-Kept"], "") != "12" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, ok := Date(a.Header); !ok {
		t.Error("no date")
	}
	r := <-seen
	if got := fmt.Sprint(r.Method, r.URL, r.Host == server.Listener.Addr().String(), r.ContentLength, r.Header["Content-Type"], r.Header["User-Agent"], r.Header["X-Two"]); got != "POST/take?a=1 true 3 [text/plain] [banjian] [a b]" {
		t.Error(got)
	}
}

func TestAConnectionServesAsLongAsBothSidesSayAll(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		answer string
		want   string
		conns  int64 // of three calls
	}{
		"length":         {head + "Content-Length: 2\r\n\r\nok", "ok", 1},
		"chunks":         {head + "Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", "ok", 1},
		"nothing":        {"HTTP/1.1 204 No Content\r\n\r\n", "", 1},
		"early words":    {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + head + "Content-Length: 2\r\n\r\nok", "ok", 1},
		"close":          {head + "Connection: close\r\nContent-Length: 2\r\n\r\nok", "ok", 3},
		"more than that": {head + "Content-Length: 2\r\n\r\nok!", "ok", 3},
	} {
		t.Run(name, func(t *testing.T) {
			base, conns := scripted(t, c.answer, false)
			d := directTo(t, base, TLS{})
			for range 3 {
				if a, err := post(t, d, base, "x"); err != nil || string(a.Body) != c.want {
					t.Fatalf("%+v, %v", a, err)
				}
			}
			if got := conns.Load(); got != c.conns {
				t.Errorf("%d connections", got)
			}
		})
	}
}

func TestAConnectionThatWasHungUpInSilenceIsNotUsed(t *testing.T) {
	base, conns := scripted(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)
	d := directTo(t, base, TLS{})
	d.trusted = 0
	for range 3 {
		if a, err := post(t, d, base, "x"); err != nil || string(a.Body) != "ok" {
			t.Fatalf("%+v, %v", a, err)
		}
		for stands(d.idle[0].plain) { // until the end has come
			time.Sleep(time.Millisecond)
		}
	}
	if conns.Load() != 3 {
		t.Errorf("%d connections", conns.Load())
	}
}

func TestHowFarACallCameIsTold(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	short, _ := scripted(t, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 20\r\n\r\nwho", true)
	long, _ := scripted(t, "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"+strings.Repeat("x", 101), false)
	gone, _ := scripted(t, "", true)
	garbled, _ := scripted(t, "hello\r\n\r\n", true)
	for name, c := range map[string]struct {
		base   string
		within time.Duration
		status int
		is     error // nil: any
		unsent bool
	}{
		"nobody listens":    {"http://127.0.0.1:1", patience, 0, nil, true},
		"no time":           {short, -time.Second, 0, context.DeadlineExceeded, true},
		"no answer in time": {"http://" + silent.Addr().String(), 100 * time.Millisecond, 0, context.DeadlineExceeded, false},
		"hung up":           {gone, patience, 0, nil, false},
		"not HTTP":          {garbled, patience, 0, nil, false},
		"broken off":        {short, patience, http.StatusUnauthorized, nil, false},
		"too much":          {long, patience, http.StatusOK, ErrTooMuch, false},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base, nil)
			if err != nil {
				t.Fatal(err)
			}
			d := directTo(t, c.base, TLS{})
			var unsent *Unsent
			a, err := d.Do(t.Context(), req, []byte("x"), time.Now().Add(c.within), 100)
			for !c.unsent && errors.Is(err, context.DeadlineExceeded) && errors.As(err, &unsent) && c.within < patience { // the machine did not get round to it
				c.within *= 2
				a, err = d.Do(t.Context(), req, []byte("x"), time.Now().Add(c.within), 100)
			}
			if unsent = nil; err == nil || c.is != nil && !errors.Is(err, c.is) || errors.As(err, &unsent) != c.unsent || (a == nil) != (c.status == 0) || a != nil && a.Status != c.status {
				t.Errorf("%+v, %v", a, err)
			}
			if len(d.idle) != 0 {
				t.Error("its connection is kept")
			}
		})
	}
}

func TestACallUnderWayEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err == nil {
			defer conn.Close()
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			stop()
			<-t.Context().Done()
		}
	}()
	base := "http://" + l.Addr().String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	var unsent *Unsent
	if _, err := directTo(t, base, TLS{}).Do(ctx, req, []byte("x"), time.Now().Add(patience), 100); !errors.Is(err, context.Canceled) || errors.As(err, &unsent) {
		t.Error(err)
	}
}

func TestADirectCallJudgesTheCertificate(t *testing.T) {
	certified(t, func(t *testing.T, base string, judge TLS, good bool) {
		d := directTo(t, base, judge)
		for range 2 {
			a, err := post(t, d, base, "x")
			var unsent *Unsent
			if good != (err == nil) || good == Distrusted(err) || good == errors.As(err, &unsent) || good && string(a.Body) != "ok" {
				t.Errorf("%+v, %v", a, err)
			}
		}
	})
}

// lastDeadline is a connection to nobody that remembers the deadline it was given last.
type lastDeadline struct {
	net.Conn
	mu sync.Mutex
	at time.Time
}

func (l *lastDeadline) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = t
	return l.Conn.SetDeadline(t)
}

// A stop is not lost, however close it comes to the call's beginning.
func TestACallBegunAsItsContextEndsEndsWithIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/take", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 20000 {
		ours, theirs := net.Pipe()
		conn := &lastDeadline{Conn: ours}
		d := &Direct{trusted: time.Hour, idle: []*line{{Conn: conn, plain: conn, r: bufio.NewReaderSize(conn, headBytes), w: bufio.NewWriter(conn), used: time.Now()}}}
		until := time.Now().Add(5 * time.Second)
		_, err := d.Do(ctx, req, []byte("x"), until, 100)
		_ = theirs.Close()
		conn.mu.Lock()
		last := conn.at
		conn.mu.Unlock()
		if last.Equal(until) || !errors.Is(err, context.Canceled) {
			t.Fatalf("it went on until its time was up: %v", err)
		}
	}
}
