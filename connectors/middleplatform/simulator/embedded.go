package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"syscall"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// EmbeddedBase is the base address of an embedded simulator; nothing listens there.
const EmbeddedBase = "http://simulator.invalid"

// TryOut are the keys that embedded simulators take: nothing secret is behind them.
var TryOut = middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "demo-app-key", Secret: "demo-app-secret"}, SM4Key: "demoSm4Key"}

// Embedded is a simulator in the caller's process: an http.RoundTripper that opens the
// state file with the first call, so that it is held only while it is used.
type Embedded struct {
	options Options

	mu  sync.Mutex
	sim *Simulator
}

// NewEmbedded opens nothing yet. Without credentials the simulator takes TryOut.
func NewEmbedded(o Options) *Embedded {
	if o.Credentials == (middleplatform.Credentials{}) {
		o.Credentials, o.SM4Key = TryOut.Credentials, TryOut.SM4Key
	}
	return &Embedded{options: o}
}

func (e *Embedded) open() (*Simulator, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sim != nil {
		return e.sim, nil
	}
	sim, err := New(e.options)
	if err == nil {
		e.sim = sim
	}
	return sim, err
}

// RoundTrip serves one call.
func (e *Embedded) RoundTrip(r *http.Request) (*http.Response, error) {
	sim, err := e.open()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fault.New(fault.Transient, "call simulator", e.options.State, text.T("状态文件正被另一个进程使用，没有推送", "another process uses the state file, nothing was sent"),
			text.T("等它结束", "wait for it to end"))
	}
	if err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	if broken(func() { sim.ServeHTTP(w, r) }) {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

// broken says that serving ended as net/http ends a connection that is to break.
func broken(serve func()) (aborted bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(p)
		}
	}()
	serve()
	return false
}

// Effects is what the platform has so far, see Simulator.Effects.
func (e *Embedded) Effects() ([]Effect, error) {
	sim, err := e.open()
	if err != nil {
		return nil, err
	}
	return sim.Effects(), nil
}

// Close gives the state file free; a later call opens it again.
func (e *Embedded) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sim == nil {
		return nil
	}
	err := e.sim.Close()
	e.sim = nil
	return err
}

// recorder is an answer in memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Flush has nobody to pass on to.
func (w *recorder) Flush() {}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }
