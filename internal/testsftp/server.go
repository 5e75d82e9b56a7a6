package testsftp

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Fault is what becomes of one connection once After bytes were sent to the client.
type Fault struct {
	After int64
	Stall bool // nothing more is said; else it is cut
}

// Server is an SFTP server in this process that shows this machine's files.
type Server struct {
	Host           string
	Port           int
	User, Password string
	ClientKey      string // a private key it lets in, as a file has it
	HostKey        string // as .pub files have it
	Fingerprint    string // of the host key
	Dir            string // an empty folder of it

	Logins atomic.Int64 // that were tried
	Sent   atomic.Int64 // bytes to clients

	mu      sync.Mutex
	plan    []Fault // of the next connections
	open    map[net.Conn]bool
	closed  bool
	stalled chan struct{} // has one for every connection that stalled
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{User: "drop", Password: "对外口令-7", Dir: t.TempDir(), open: map[net.Conn]bool{}, stalled: make(chan struct{}, 100)}
	_, host := newKey(t)
	client, clientPEM := newKey(t)
	s.ClientKey = clientPEM
	signer, err := ssh.ParsePrivateKey([]byte(host))
	if err != nil {
		t.Fatal(err)
	}
	s.HostKey, s.Fingerprint = string(ssh.MarshalAuthorizedKey(signer.PublicKey())), ssh.FingerprintSHA256(signer.PublicKey())
	known, err := ssh.NewPublicKey(client)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			s.Logins.Add(1)
			if c.User() != s.User || string(p) != s.Password {
				return nil, errors.New("no")
			}
			return nil, nil
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			s.Logins.Add(1)
			if c.User() != s.User || string(key.Marshal()) != string(known.Marshal()) {
				return nil, errors.New("no")
			}
			return nil, nil
		},
	}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().(*net.TCPAddr)
	s.Host, s.Port = "127.0.0.1", at.Port
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if c = s.taken(c); c != nil {
				wg.Go(func() { serve(c, config) })
			}
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.CutAll(true)
		wg.Wait()
	})
	return s
}

// Next says what becomes of the connections that come next, one for each.
func (s *Server) Next(plan ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = append(s.plan, plan...)
}

// Forget drops what Next said of connections that have not come.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = nil
}

// WaitStalled waits until a connection stalls.
func (s *Server) WaitStalled(t testing.TB) {
	t.Helper()
	select {
	case <-s.stalled:
	case <-time.After(3 * time.Minute):
		t.Fatal("no connection stalled")
	}
}

// CutAll cuts every connection that is open; for good: later ones too.
func (s *Server) CutAll(forGood bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = s.closed || forGood
	for c := range s.open {
		_ = c.Close()
	}
}

// Open is how many connections there are.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// KnownHosts writes a known_hosts file that has the server.
func (s *Server) KnownHosts(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(name, fmt.Appendf(nil, "[%s]:%d %s", s.Host, s.Port, s.HostKey), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func (s *Server) taken(c net.Conn) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return nil
	}
	f := &faulty{Conn: c, server: s, stop: make(chan struct{})}
	if len(s.plan) > 0 {
		f.fault, s.plan = &s.plan[0], s.plan[1:]
	}
	s.open[f] = true
	return f
}

// faulty is a connection with a fault.
type faulty struct {
	net.Conn
	server *Server
	fault  *Fault
	sent   int64
	once   sync.Once
	stop   chan struct{}
}

func (f *faulty) Write(p []byte) (int, error) {
	if f.fault != nil && f.sent+int64(len(p)) > f.fault.After {
		if f.fault.Stall {
			f.server.stalled <- struct{}{}
			<-f.stop
		}
		_ = f.Conn.Close()
		return 0, net.ErrClosed
	}
	f.sent += int64(len(p))
	f.server.Sent.Add(int64(len(p)))
	return f.Conn.Write(p)
}

// Close may be called with the server's mutex held.
func (f *faulty) Close() error {
	f.once.Do(func() { close(f.stop) })
	return f.Conn.Close()
}

// serve is one connection to its end.
func serve(c net.Conn, config *ssh.ServerConfig) {
	f := c.(*faulty)
	defer func() {
		_ = f.Close()
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		delete(f.server.open, c)
	}()
	conn, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	defer conn.Close()
	go ssh.DiscardRequests(requests)
	var wg sync.WaitGroup
	defer wg.Wait()
	for asked := range channels {
		if asked.ChannelType() != "session" {
			_ = asked.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		channel, requests, err := asked.Accept()
		if err != nil {
			return
		}
		wg.Go(func() { session(channel, requests) })
	}
}

func session(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	for r := range requests {
		ok := r.Type == "subsystem" && len(r.Payload) > 4 && string(r.Payload[4:]) == "sftp"
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
		if !ok {
			continue
		}
		go ssh.DiscardRequests(requests)
		server, err := sftp.NewServer(channel)
		if err != nil {
			return
		}
		if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
			return
		}
		return
	}
}

// Passphrase opens the key of Locked.
const Passphrase = "锁-2026"

// Locked is a private key that no server lets in, as a file has it.
func Locked(t testing.TB) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(Passphrase))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// newKey is a key, its private half as a file has it.
func newKey(t testing.TB) (ed25519.PublicKey, string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return public, string(pem.EncodeToMemory(block))
}
