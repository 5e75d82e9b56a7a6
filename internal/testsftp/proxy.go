package testsftp

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Proxied is the server behind another port, at which connections can be cut and made to
// stall as at one in this process. It ends with the test.
func (s *Server) Proxied(t testing.TB) *Server {
	t.Helper()
	p := &Server{Host: "127.0.0.1", User: s.User, Password: s.Password, ClientKey: s.ClientKey, HostKey: s.HostKey, Fingerprint: s.Fingerprint, Dir: s.Dir,
		open: map[net.Conn]bool{}, stalled: make(chan struct{}, 100)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Port = listener.Addr().(*net.TCPAddr).Port
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if c = p.taken(c); c != nil {
				wg.Go(func() { p.pass(c, net.JoinHostPort(s.Host, strconv.Itoa(s.Port))) })
			}
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.CutAll(true)
		wg.Wait()
	})
	return p
}

// pass is one connection to its end.
func (s *Server) pass(c net.Conn, to string) {
	defer func() {
		_ = c.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, c)
	}()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		_, _ = io.Copy(server, c) // an end is an end
		_ = server.Close()
	})
	_, _ = io.Copy(c, server)
	_ = c.Close()
}
