package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/testleak"
)

func TestMain(m *testing.M) { testleak.Main(m) }

var credentials = middleplatform.Credentials{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001"}

const sm4Key = "demoSm4Key"

// Messages of one case; the people are invented.
const (
	acceptXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SHOULI><YWSLSJ>2024-07-01 09:00:00</YWSLSJ><YWSLRMC>张三</YWSLRMC><YWSLZT>1</YWSLZT><YWSLQHMC>历下区</YWSLQHMC><YWSLQHBM>370102000000</YWSLQHBM><YWSLBMMC>某公积金中心</YWSLBMMC><YWSLBMBM>11370000MB284651XX</YWSLBMBM></SHOULI></APPROVEDATAINFO>`
	courseXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><GDBSSPCL><SPHJDM>2</SPHJDM><SPHJMC>审核</SPHJMC><SPBMMC>某公积金中心</SPBMMC><SPBMZZJDMD>11370000MB284651XX</SPBMZZJDMD><XZQHDM>370102000000</XZQHDM><SPRXM>李四</SPRXM><SPHJZTDM>1</SPHJZTDM><SPYJ>同意</SPYJ><JSSJ>2024-07-01 10:00:00</JSSJ><SPSJ>2024-07-01 11:00:00</SPSJ></GDBSSPCL></APPROVEDATAINFO>`
	finishXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SPBANJIE><BJBMMC>某公积金中心</BJBMMC><BJBMZZJDDM>11370000MB284651XX</BJBMZZJDDM><XZQHDM>370102000000</XZQHDM><SPRXM>王五</SPRXM><BJJGDM>6</BJJGDM><BJJGMS>准予</BJJGMS><BJSJ>2024-07-02 09:00:00</BJSJ></SPBANJIE></APPROVEDATAINFO>`
)

// world is a simulator with a clock and pauses that take no time.
type world struct {
	t     *testing.T
	p     *middleplatform.Profile
	c     *middleplatform.Cipher
	s     *Simulator
	now   time.Time
	slept atomic.Int64 // nanoseconds
	n     atomic.Int64
	state string
}

func newWorld(t *testing.T, faults string) *world {
	t.Helper()
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	c, err := middleplatform.NewCipher(p, sm4Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, p: p, c: c, now: time.UnixMilli(1719800000000), state: filepath.Join(t.TempDir(), "state.jsonl")}
	t.Cleanup(func() {
		if w.s != nil {
			_ = w.s.Close()
		}
	})
	w.start(faults)
	return w
}

// start opens the simulator, again if it was open.
func (w *world) start(faults string) {
	w.t.Helper()
	if w.s != nil {
		if err := w.s.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	f, err := ParseFaults("faults.yaml", []byte(faults), w.p)
	if err != nil {
		w.t.Fatal(err)
	}
	w.s, err = New(Options{Profile: w.p, Credentials: credentials, SM4Key: sm4Key, State: w.state, Faults: f,
		Now: func() time.Time { return w.now }, Sleep: func(ctx context.Context, d time.Duration) error { w.slept.Add(int64(d)); return ctx.Err() }})
	if err != nil {
		w.t.Fatal(err)
	}
}

// request is a call of an interface, signed with a fresh nonce.
func (w *world) request(base, name, xml string) *http.Request {
	w.t.Helper()
	sealed, err := w.c.Encrypt(xml)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.p.Interfaces[name].URL(base), strings.NewReader(`{"xmlStr":"`+sealed+`"}`))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.p.Body.ContentType)
	w.sign(r)
	return r
}

func (w *world) sign(r *http.Request) {
	w.t.Helper()
	headers, err := w.p.Sign(credentials, fmt.Sprintf("nonce-%d", w.n.Add(1)), w.p.Stamp(w.now))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range headers {
		r.Header.Set(h.Name, h.Value)
	}
}

// do sends a request without a network.
func (w *world) do(r *http.Request) (*http.Response, middleplatform.Reply) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	reply, err := w.p.DecodeReply(rec.Body.Bytes(), w.c)
	if err != nil {
		w.t.Fatalf("%v: %s", err, rec.Body)
	}
	return rec.Result(), reply
}

// send sends a message and wants it taken, or refused with these words.
func (w *world) send(name, xml, refusal string) {
	w.t.Helper()
	resp, reply := w.do(w.request("", name, xml))
	if resp.StatusCode != http.StatusOK || reply.Code != "200" {
		w.t.Errorf("%s: %d %v", name, resp.StatusCode, reply)
	}
	if w.p.Done(reply) != (refusal == "") || !strings.Contains(reply.Data, refusal) {
		w.t.Errorf("%s was answered %v, want %q", name, reply, refusal)
	}
}

func (w *world) wantCount(name string, want Count) {
	w.t.Helper()
	if got := w.s.Count(name); got != want {
		w.t.Errorf("%s: %+v, want %+v", name, got, want)
	}
}

// change is a message with a part replaced, which must be there.
func change(t *testing.T, xml, old, new string) string {
	t.Helper()
	if !strings.Contains(xml, old) {
		t.Fatalf("there is no %q", old)
	}
	return strings.ReplaceAll(xml, old, new)
}

// over runs a test against the simulator behind a real port.
func (w *world) over() (base string, client *http.Client) {
	w.t.Helper()
	server := httptest.NewServer(w.s)
	w.t.Cleanup(server.Close)
	return server.URL, server.Client()
}

func bodyOf(t *testing.T, resp *http.Response) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	_, err := io.Copy(&b, resp.Body)
	_ = resp.Body.Close()
	return b.Bytes(), err
}
