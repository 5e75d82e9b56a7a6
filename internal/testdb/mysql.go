package testdb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"banjian/internal/sqldialect"
)

// Env names the variable that holds the DSN of a server to use.
const Env = "BANJIAN_TEST_MYSQL"

// Server is a MariaDB or MySQL that may be written to freely. Its methods may be
// called concurrently, but Kill9 and Restart not with each other.
type Server struct {
	Host     string
	Port     int
	User     string
	Password string

	process *process // nil: not ours
}

// DSN is the address of one of its databases, in the form go-sql-driver and
// sqldialect.ParseDSN read; db may be empty.
func (s *Server) DSN(db string) string {
	return fmt.Sprintf("%s:%s@tcp(%s:%d)/%s", s.User, s.Password, s.Host, s.Port, db)
}

// Config is the same address as connection settings.
func (s *Server) Config(db string) sqldialect.Config {
	c := sqldialect.Config{Kind: "mysql", Host: s.Host, Port: s.Port, User: s.User, Database: db}
	if s.Password != "" {
		c.Password = func(context.Context) (string, error) { return s.Password, nil }
	}
	return c
}

var databases atomic.Int64

// CreateDatabase makes an empty utf8mb4 database, dropped when the test ends.
func (s *Server) CreateDatabase(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("banjian_test_%d_%d", os.Getpid(), databases.Add(1))
	s.Exec(t, "", "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
	t.Cleanup(func() {
		db, err := s.Config("").Open()
		if err == nil {
			_, _ = db.Exec("DROP DATABASE IF EXISTS " + name) // the server may have been killed by the test
			_ = db.Close()
		}
	})
	return name
}

// Open is a pool for one of its databases, closed when the test ends.
func (s *Server) Open(t testing.TB, db string) *sql.DB {
	t.Helper()
	pool, err := s.Config(db).Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// Exec runs statements one after the other in db.
func (s *Server) Exec(t testing.TB, db string, statements ...string) {
	t.Helper()
	pool, err := s.Config(db).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	for _, q := range statements {
		if _, err := pool.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// Kill9 kills the server as a power cut would; Restart brings it back with the same
// data on the same port. Tests of a server given by Env are skipped.
func (s *Server) Kill9(t testing.TB) {
	t.Helper()
	s.own(t)
	s.process.kill()
}

// Restart starts the server again after Kill9 and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.own(t)
	s.process.kill()
	if err := s.process.start(s); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) own(t testing.TB) {
	t.Helper()
	if s.process == nil {
		t.Skip("SKIPPED: the server of " + Env + " is not ours to kill")
	}
}

// Stop stops the server and removes its data, if it is ours.
func (s *Server) Stop() {
	if s != nil && s.process != nil {
		s.process.kill()
		_ = os.RemoveAll(s.process.dir)
	}
}

var shared struct {
	sync.Mutex
	server *Server
	err    error
	asked  bool
}

// MySQL is the server the tests of this binary share, started at the first call. A
// test binary that calls it ends its TestMain with Stop.
func MySQL(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.asked {
		shared.asked = true
		shared.server, shared.err = first()
	}
	if shared.err != nil {
		fmt.Fprintf(os.Stderr, "SKIPPED: no MariaDB for %s: %v. Install one (apt-get install mariadb-server) or set %s=user:password@tcp(host:port)/\n",
			t.Name(), shared.err, Env)
		t.Skipf("SKIPPED: no MariaDB: %v", shared.err)
	}
	return shared.server
}

// Main runs the tests of a binary and stops the shared server after them; its value
// is for os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	Stop()
	return code
}

// Stop stops the shared server, if one was started.
func Stop() {
	shared.Lock()
	defer shared.Unlock()
	shared.server.Stop()
	shared.server, shared.asked = nil, false
}

func first() (*Server, error) {
	if dsn := os.Getenv(Env); dsn != "" {
		return given(dsn)
	}
	dir, err := os.MkdirTemp("", "banjian-mariadb-")
	if err != nil {
		return nil, err
	}
	s, err := Start(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return s, err
}

func given(dsn string) (*Server, error) {
	c, err := sqldialect.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	s := &Server{Host: c.Host, Port: c.Port, User: c.User}
	if c.Password != nil {
		if s.Password, err = c.Password(context.Background()); err != nil {
			return nil, err
		}
	}
	return s, s.ping()
}

func (s *Server) ping() error {
	db, err := s.Config("").Open()
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Ping()
}
