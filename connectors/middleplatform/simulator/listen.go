package simulator

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// Server is a simulator that listens.
type Server struct {
	Base  string // its base address, without a slash at the end
	Local bool   // only this machine can reach it

	listener net.Listener
	server   *http.Server
}

// stopTime is how long answers under way may take once it is to stop.
const stopTime = 5 * time.Second

// Listen opens a port: addr is host:port; without a host it is 127.0.0.1, port 0 is
// any free one.
func (s *Simulator) Listen(addr string) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fault.New(fault.Config, "listen", addr, text.T("地址要写成 主机:端口", "the address is host:port"), text.T("例如 127.0.0.1:0", "such as 127.0.0.1:0"))
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "listen", addr, text.T("这个地址不能监听", "cannot listen there"), text.T("换一个端口，或用 127.0.0.1:0 任选", "take another port, or 127.0.0.1:0 for any"))
	}
	local := false
	if at, ok := listener.Addr().(*net.TCPAddr); ok {
		local = at.IP.IsLoopback()
	}
	return &Server{Base: "http://" + listener.Addr().String(), Local: local, listener: listener,
		server: &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}}, nil
}

// Serve answers until ctx ends, then lets answers under way finish for a moment. It
// closes the port; it is called once.
func (v *Server) Serve(ctx context.Context) error {
	return remote.Serve(ctx, v.server, v.listener, stopTime)
}
