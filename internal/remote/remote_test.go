package remote

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"banjian/internal/fault"
)

func TestACAFileWithoutCertificatesIsAFaultOfTheSettings(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, filepath.Join(t.TempDir(), "absent.pem")} {
		if _, err := Transport(TLS{CAFile: file}, 1); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

// certified calls call with addresses and ways to judge their certificates, and whether those
// are good; a good one answers "ok".
func certified(t *testing.T, call func(t *testing.T, base string, judge TLS, good bool)) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, c := range map[string]struct {
		url   string
		judge TLS
		good  bool
	}{
		"trusted":           {server.URL, TLS{CAFile: ca}, true},
		"unknown authority": {server.URL, TLS{}, false},
		"another name":      {server.URL, TLS{CAFile: ca, ServerName: "ywzt.example.org"}, false},
		"no TLS there":      {"https" + plain.URL[len("http"):], TLS{CAFile: ca}, false},
	} {
		t.Run(name, func(t *testing.T) { call(t, c.url, c.judge, c.good) })
	}
}

func TestACertificateIsAlwaysJudged(t *testing.T) {
	certified(t, func(t *testing.T, base string, judge TLS, good bool) {
		transport, err := Transport(judge, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(r)
		if err == nil {
			resp.Body.Close()
		}
		if good != (err == nil) || good == Distrusted(err) {
			t.Error(err)
		}
	})
}

func TestAnAddressIsWhatPathsMayFollow(t *testing.T) {
	for s, want := range map[string]bool{
		"https://host": true, "http://host:8080/a/b/": true,
		"": false, "host/path": false, "ftp://host": false, "https://": false, "https://u@host": false, "https://host?a=1": false, "https://host#a": false, "https://host/%zz": false,
	} {
		if u, ok := Address(s); ok != want || ok && u.Host == "" {
			t.Errorf("%q: %v", s, ok)
		}
	}
}

func TestAnAnswerSaysHowLongToStayAway(t *testing.T) {
	const most = time.Hour
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	stamp := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		written, date string
		want          time.Duration
		told          bool
	}{
		"nothing":                 {"", "", 0, false},
		"no time at all":          {"soon", "", 0, false},
		"seconds":                 {"90", "", 90 * time.Second, true},
		"none":                    {"0", "", 0, true},
		"less than none":          {"-5", "", 0, true},
		"more than we allow":      {"86400000", "", most, true},
		"a moment":                {stamp(time.Minute), "", time.Minute, true},
		"a moment of their clock": {stamp(11 * time.Minute), stamp(10 * time.Minute), time.Minute, true},
		"a moment gone by":        {stamp(-time.Minute), "", 0, true},
		"a moment far away":       {stamp(48 * time.Hour), "", most, true},
	} {
		h := http.Header{}
		if c.written != "" {
			h.Set("Retry-After", c.written)
		}
		if c.date != "" {
			h.Set("Date", c.date)
		}
		if d, told := RetryAfter(h, now, most); d != c.want || told != c.told {
			t.Errorf("%s: %s, %v", name, d, told)
		}
	}
}

func TestAServerThatStopsFinishesTheAnswerUnderWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-goOn
		_, _ = io.WriteString(w, "whole")
	})}
	stopping := make(chan struct{})
	server.RegisterOnShutdown(func() { close(stopping) })
	ctx, stop := context.WithCancel(t.Context())
	served, said := make(chan error, 1), make(chan string, 1)
	go func() { served <- Serve(ctx, server, l, time.Minute) }()
	transport, err := Transport(TLS{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer transport.CloseIdleConnections()
	go func() {
		r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+l.Addr().String(), nil)
		resp, err := transport.RoundTrip(r)
		if err != nil {
			said <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		said <- string(body)
	}()
	<-begun
	stop()
	<-stopping
	close(goOn)
	if got := <-said; got != "whole" {
		t.Error(got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
