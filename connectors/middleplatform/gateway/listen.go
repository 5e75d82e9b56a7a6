package gateway

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// ListenOptions say where calls come in.
type ListenOptions struct {
	Address     string // host:port
	Certificate string // PEM file; with PrivateKey, calls come over TLS
	PrivateKey  string
	BehindProxy bool // a proxy before us ends TLS: plain connections are taken from other machines too
	// Bind opens the address; nil = net.Listen.
	Bind func(network, address string) (net.Listener, error)
}

// Bounds of a connection.
const (
	headerTime = 5 * time.Second
	readTime   = 15 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = time.Minute
	stopTime   = 10 * time.Second // answers under way, once it is to stop
	mostConns  = 512
)

// Server is a gateway that listens.
type Server struct {
	Address  string // as bound
	TLS      bool
	listener net.Listener
	server   *http.Server
}

// Listen binds. Only this machine may call without TLS, unless a proxy stands before us.
func (g *Gateway) Listen(o ListenOptions) (*Server, error) {
	const op = "open gateway"
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, fault.New(fault.Config, op, o.Address, text.T("gateway.listen 要写成 主机:端口", "gateway.listen is host:port"), text.T("例如 127.0.0.1:8443", "such as 127.0.0.1:8443"))
	}
	conf, err := tlsOf(o)
	if err != nil {
		return nil, err
	}
	if conf == nil && !o.BehindProxy && !loopback(host) {
		return nil, fault.New(fault.Config, op, o.Address, text.T("没有证书就只能监听本机地址", "without a certificate it listens on this machine alone"),
			text.T("写上 certificate 和 private_key；前面有代理负责 TLS 的写 behind_proxy: true", "write certificate and private_key; behind_proxy: true where a proxy in front ends TLS"))
	}
	if o.Bind == nil {
		o.Bind = net.Listen
	}
	l, err := o.Bind("tcp", o.Address)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, op, o.Address, text.T("这个地址不能监听", "cannot listen there"), text.T("换一个端口，或看看谁占着它", "take another port, or see who has it"))
	}
	s := &Server{Address: l.Addr().String(), TLS: conf != nil, listener: bounded(l, mostConns),
		server: &http.Server{Handler: g, TLSConfig: conf, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
			MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0)}}
	return s, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// tlsOf is nil without a certificate.
func tlsOf(o ListenOptions) (*tls.Config, error) {
	if o.Certificate == "" && o.PrivateKey == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.Certificate, o.PrivateKey)
	if err != nil {
		return nil, fault.New(fault.Config, "open gateway", o.Certificate, text.T("证书或私钥读不了，或两者不是一对", "certificate or private key cannot be read, or do not belong together"), text.T("检查 gateway 的 certificate 和 private_key（PEM）", "check certificate and private_key of gateway, in PEM"))
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

// Serve answers until ctx ends, then lets answers under way finish for a moment. It closes
// the port; it is called once.
func (s *Server) Serve(ctx context.Context) error {
	return remote.Serve(ctx, s.server, s.listener, stopTime)
}

// boundedListener has few connections open at a time; the next waits in the kernel's queue.
type boundedListener struct {
	net.Listener
	slots chan struct{}
	once  sync.Once
	quit  chan struct{}
}

func bounded(l net.Listener, most int) *boundedListener {
	return &boundedListener{Listener: l, slots: make(chan struct{}, most), quit: make(chan struct{})}
}

func (l *boundedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.quit:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &boundedConn{Conn: c, free: func() { <-l.slots }}, nil
}

func (l *boundedListener) Close() error {
	l.once.Do(func() { close(l.quit) })
	return l.Listener.Close()
}

type boundedConn struct {
	net.Conn
	once sync.Once
	free func()
}

func (c *boundedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.free)
	return err
}
