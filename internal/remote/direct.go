package remote

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Most that Direct carries: a larger body may be refused before all of it is written, which
// only net/http listens for.
const DirectBody = 64 << 10

const (
	headBytes  = 32 << 10    // the most an answer's head may have
	trustedFor = time.Second // after so long in silence it is looked whether a connection still stands
)

// ErrTooMuch is an answer longer than the caller takes.
var ErrTooMuch = errors.New("the answer is longer than it may be")

// Unsent is a call of which nothing can have been written: there was no connection.
type Unsent struct{ Err error }

func (e *Unsent) Error() string { return e.Err.Error() }
func (e *Unsent) Unwrap() error { return e.Err }

// Answer is what came back. Where it broke off, or was too much, Body is not all of it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Direct makes small calls to one host over HTTP/1.1: who calls writes the request and reads
// the answer itself. net/http has two goroutines more at each connection, and half of what a
// call costs is waking them (decision 0029). It follows no redirect, sends nothing twice, and
// may be used concurrently: the caller limits how many calls are under way.
type Direct struct {
	addr string
	tls  *tls.Config // nil: plain text
	dial *net.Dialer

	trusted time.Duration

	mu     sync.Mutex
	idle   []*line // the one used last at the end
	closed bool
}

// line is one connection.
type line struct {
	net.Conn
	plain net.Conn // beneath TLS
	r     *bufio.Reader
	w     *bufio.Writer
	used  time.Time
}

// NewDirect prepares the way to the host of base. It is nil where a proxy stands before that.
func NewDirect(judge TLS, base *url.URL) (*Direct, error) {
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: base}); err != nil || proxy != nil {
		return nil, err
	}
	d := &Direct{trusted: trustedFor, dial: dialer(), addr: net.JoinHostPort(base.Hostname(), base.Port())}
	if base.Port() == "" {
		d.addr = net.JoinHostPort(base.Hostname(), base.Scheme)
	}
	if base.Scheme != "https" {
		return d, nil
	}
	conf, err := judge.Config()
	if err != nil {
		return nil, err
	}
	if conf.ServerName == "" {
		conf.ServerName = base.Hostname()
	}
	d.tls = conf
	return d, nil
}

// Do sends req with body in the place of its own and reads the answer, of most bytes at most:
// a longer one is ErrTooMuch. It ends at until, with context.DeadlineExceeded, and with ctx.
// Where an answer's head came and the rest did not, there are an Answer and an error.
func (d *Direct) Do(ctx context.Context, req *http.Request, body []byte, until time.Time, most int) (*Answer, error) {
	l, err := d.take(ctx, until)
	if err != nil {
		return nil, &Unsent{Err: timely(ctx, err)}
	}
	if err := l.plain.SetDeadline(until); err != nil {
		_ = l.Close() // nothing is lost with it
		return nil, &Unsent{Err: err}
	}
	var stop func() bool
	if ctx.Done() != nil { // from here on nothing but a stop sets the deadline
		stop = context.AfterFunc(ctx, func() { _ = l.plain.SetDeadline(time.Unix(1, 0)) })
	}
	a, again, err := l.exchange(req, body, most)
	if stop != nil && !stop() {
		again = false
	}
	if again {
		d.put(l)
	} else {
		_ = l.Close() // nothing is lost with it
	}
	return a, timely(ctx, err)
}

// timely is an error with its reason, where that is that time was up.
func timely(ctx context.Context, err error) error {
	var late net.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fasthttp.ErrTimeout), errors.As(err, &late) && late.Timeout():
		return errors.Join(context.DeadlineExceeded, err)
	}
	return err
}

// exchange makes one call; again says that the connection is good for another.
func (l *line) exchange(req *http.Request, body []byte, most int) (a *Answer, again bool, err error) {
	out, in := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(out)
	defer fasthttp.ReleaseResponse(in)
	fill(out, req, body)
	if err = out.Write(l.w); err == nil {
		err = l.w.Flush()
	}
	if err != nil {
		return nil, false, err
	}
	if err = readHead(l.r, in); err != nil {
		return nil, false, err
	}
	a = &Answer{Status: in.StatusCode(), Header: make(http.Header, 8)}
	for name, value := range in.Header.All() {
		a.Header[string(name)] = append(a.Header[string(name)], string(value))
	}
	err = readBody(l.r, in, most)
	a.Body = slices.Clone(in.Body())
	return a, err == nil && !in.ConnectionClose() && l.r.Buffered() == 0, err
}

// readHead passes over what a server says before its answer.
func readHead(r *bufio.Reader, in *fasthttp.Response) error {
	for range 5 {
		if err := in.Header.Read(r); err != nil || in.StatusCode() >= http.StatusOK {
			return err
		}
	}
	return errors.New("the server says 100 and no more")
}

func readBody(r *bufio.Reader, in *fasthttp.Response, most int) error {
	if in.StatusCode() == http.StatusNoContent || in.StatusCode() == http.StatusNotModified {
		return nil
	}
	const chunked = -1
	err := in.ReadBody(r, most)
	if err == nil && in.Header.ContentLength() == chunked {
		err = in.Header.ReadTrailer(r)
	}
	if errors.Is(err, fasthttp.ErrBodyTooLarge) {
		return ErrTooMuch
	}
	return err
}

// fill writes names of headers as req has them.
func fill(out *fasthttp.Request, req *http.Request, body []byte) {
	h := &out.Header
	h.DisableNormalizing()
	h.SetMethod(req.Method)
	h.SetRequestURI(req.URL.RequestURI())
	h.SetHost(req.Host)
	for name, values := range req.Header {
		for _, v := range values {
			switch name {
			case "Content-Type":
				h.SetContentType(v)
			case "User-Agent":
				h.SetUserAgent(v)
			default:
				h.Add(name, v)
			}
		}
	}
	out.SetBodyRaw(body)
}

// take is a connection that stands: an idle one, or a new one.
func (d *Direct) take(ctx context.Context, until time.Time) (*line, error) {
	for now := time.Now(); ; {
		d.mu.Lock()
		if len(d.idle) == 0 {
			d.mu.Unlock()
			return d.connect(ctx, until)
		}
		l := d.idle[len(d.idle)-1]
		d.idle = d.idle[:len(d.idle)-1]
		d.mu.Unlock()
		if silent := now.Sub(l.used); silent < d.trusted || silent < idleTimeout && stands(l.plain) {
			return l, nil
		}
		_ = l.Close() // nothing is lost with it
	}
}

func (d *Direct) connect(ctx context.Context, until time.Time) (*line, error) {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	conn, err := d.dial.DialContext(ctx, "tcp", d.addr)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: conn, plain: conn}
	if d.tls != nil {
		secure := tls.Client(conn, d.tls)
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close() // the handshake's error counts
			return nil, err
		}
		l.Conn = secure
	}
	l.r, l.w = bufio.NewReaderSize(l.Conn, headBytes), bufio.NewWriter(l.Conn)
	return l, nil
}

func (d *Direct) put(l *line) {
	l.used = time.Now()
	d.mu.Lock()
	keep := !d.closed
	if keep {
		d.idle = append(d.idle, l)
	}
	d.mu.Unlock()
	if !keep {
		_ = l.Close() // nothing is lost with it
	}
}

// Close gives idle connections back; those of calls under way follow.
func (d *Direct) Close() {
	d.mu.Lock()
	idle := d.idle
	d.idle, d.closed = nil, true
	d.mu.Unlock()
	for _, l := range idle {
		_ = l.Close() // nothing is lost with it
	}
}
