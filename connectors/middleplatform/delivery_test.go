package middleplatform_test

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/remote"
)

// What a caller does that follows the contract: the same row again while the outcome is
// open, and nothing else.
func TestEveryRowHasOneEffectHoweverAnswersAreLost(t *testing.T) {
	const rows, workers = 200, 8
	e := newPeer(t, `
seed: 3
faults:
  - {do: drop_after_apply, share: 0.15}
  - {do: "502", share: 0.15}
  - {do: truncated, share: 0.15}
  - {do: 429, share: 0.05}
`, nil)
	target := open(t, e.base, nil)
	var list []map[string]string
	for i := range rows {
		list = append(list, with(acceptRow, "SBLSH_SHORT", fmt.Sprintf("24070100%05d", i)))
	}
	d := delivery(t, profileOf(t), "accept", list...)
	work := make(chan int)
	go func() {
		defer close(work)
		for row := range rows {
			work <- row
		}
	}()
	together(workers, func(int) {
		for row := range work {
			for try := 0; ; try++ {
				is, err := target.Call(t.Context(), d, row)
				if err == nil && is == nil {
					break
				}
				if is != nil || !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Transient) || try > 100 {
					t.Errorf("row %d: %+v, %v", row, is, err)
					break
				}
			}
		}
	})
	got := e.Count("accept")
	if got.Effects != rows || got.Revisions != 0 || got.Refused != 0 || got.Repeats == 0 {
		t.Errorf("%+v", got)
	}
}

func TestCaseGoesThroughAllThreeInterfaces(t *testing.T) {
	e := newPeer(t, "", nil)
	target := open(t, e.base+"/", nil)
	p := profileOf(t)
	is, err := target.Call(t.Context(), delivery(t, p, "course", courseRow), 0)
	if err != nil || is == nil || is.Args[0] != "顺序不对：该办件还没有推送业务受理信息" {
		t.Errorf("a step before its acceptance: %+v, %v", is, err)
	}
	for _, name := range []string{"accept", "course", "finish"} {
		if is, err := target.Call(t.Context(), delivery(t, p, name, acceptOr(name)), 0); is != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, is, err)
		}
	}
	if n := len(e.Effects()); n != 3 {
		t.Errorf("%d effects", n)
	}
}

func TestProbeProvesTheWayWithoutEffect(t *testing.T) {
	e := newPeer(t, "", nil)
	p, err := open(t, e.base, nil).Probe(t.Context())
	if err != nil || !p.Dated || p.Offset.Abs() > 5*time.Second || p.Answer <= 0 || len(e.Effects()) != 0 {
		t.Errorf("%+v, %v, %d effects", p, err, len(e.Effects()))
	}
	for name, c := range map[string]struct {
		change func(*middleplatform.Options)
		kind   fault.Kind
	}{
		"wrong secret":  {func(o *middleplatform.Options) { o.Keys[0].Credentials.Secret = "x" }, fault.Blocked},
		"wrong SM4 key": {func(o *middleplatform.Options) { o.Keys[0].SM4Key = "x" }, fault.Config},
		"wrong path":    {func(o *middleplatform.Options) { o.Base += "/ywzt" }, fault.Config},
		"wrong clock":   {func(o *middleplatform.Options) { o.Now = func() time.Time { return time.Now().Add(-time.Hour) } }, fault.Blocked},
	} {
		_, err := open(t, e.base, c.change).Probe(t.Context())
		if wantFault(t, err, c.kind, ""); len(e.Effects()) != 0 {
			t.Errorf("%s had an effect", name)
		}
	}
}

// With a wrong SM4 key a platform refuses every message; none is to be taken for wrong.
func TestWrongCipherStopsTheReceiverAndRefusesNoRow(t *testing.T) {
	e := newPeer(t, "", nil)
	target := open(t, e.base, func(o *middleplatform.Options) { o.Keys[0].SM4Key = "x" })
	is, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
	if wantFault(t, err, fault.Config, "did not open the message"); is != nil {
		t.Errorf("%+v", is)
	}
}

// A platform that refuses content without sealing its answer is believed once it has
// opened a message.
func TestPlainRefusalIsBelievedOfAPlatformThatOpensMessages(t *testing.T) {
	p := profileOf(t)
	c, err := middleplatform.NewCipher(p, keys.SM4Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		body, _ := io.ReadAll(r.Body)
		if _, m, _ := p.DecodeCall(body, c); len(m.Children) == 0 {
			answers(t, w, 200, middleplatform.Reply{Code: "200", Status: "300", Data: "申报流水号必填"})
			return
		}
		answers(t, w, 422, middleplatform.Reply{Code: "422", Data: "受理人“张三”与“受理人工号”不符"})
	})
	target := open(t, base, nil)
	d := delivery(t, p, "accept", acceptRow)
	for want := range 3 {
		is, err := target.Call(t.Context(), d, 0)
		if err != nil || is == nil || is.Args[0] != "受理人“***”与“受理人工号”不符" || calls != 2+want {
			t.Errorf("after %d calls: %+v, %v", calls, is, err)
		}
	}
}

func TestCertificateIsAlwaysJudged(t *testing.T) {
	p := profileOf(t)
	s, err := simulator.New(simulator.Options{Profile: p, Credentials: who, SM4Key: keys.SM4Key})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	clear := serve(t, s.ServeHTTP)
	d := delivery(t, p, "accept", acceptRow)
	for name, c := range map[string]struct {
		base string
		tls  remote.TLS
		ok   bool
	}{
		"trusted":           {server.URL, remote.TLS{CAFile: ca}, true},
		"under its name":    {server.URL, remote.TLS{CAFile: ca, ServerName: "example.com"}, true},
		"unknown authority": {server.URL, remote.TLS{}, false},
		"another name":      {server.URL, remote.TLS{CAFile: ca, ServerName: "ywzt.example.org"}, false},
		"no TLS there":      {"https" + clear[len("http"):], remote.TLS{CAFile: ca}, false},
	} {
		is, err := open(t, c.base, func(o *middleplatform.Options) { o.TLS = c.tls }).Call(t.Context(), d, 0)
		switch {
		case c.ok && (is != nil || err != nil):
			t.Errorf("%s: %+v, %v", name, is, err)
		case !c.ok:
			wantFault(t, err, fault.Config, "certificate is not trusted")
		}
	}
}

func TestHandshakeThatBreaksOffIsTransient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	_, err = open(t, "https://"+l.Addr().String(), nil).Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
	wantFault(t, err, fault.Transient, "")
	_ = l.Close()
	<-done

	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	defer old.Close()
	_, err = open(t, old.URL, nil).Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
	wantFault(t, err, fault.Transient, "")
}
