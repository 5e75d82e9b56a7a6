package connectors_test

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
)

// lossy is the way to the approval system: every fifth answer is lost.
type lossy struct {
	handler http.Handler
	calls   atomic.Int64
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := serve(l.handler, r)
	if l.calls.Add(1)%5 == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

// serve answers a request in this process; a handler that breaks off breaks the answer.
func serve(h http.Handler, r *http.Request) (resp *http.Response, err error) {
	w := &written{header: http.Header{}, status: http.StatusOK}
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			resp, err = nil, io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	h.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r, ProtoMajor: 1, ProtoMinor: 1}, nil
}

type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(status int)      { w.status = status }
func (w *written) Write(b []byte) (int, error) { return w.body.Write(b) }
