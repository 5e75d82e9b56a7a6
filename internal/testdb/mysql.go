package testdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"banjian/internal/sqldialect"
)

// Env names the variable that holds the DSN of a server to use.
const Env = "BANJIAN_TEST_MYSQL"

// Server is a database server that may be written to freely. Its methods may be
// called concurrently, but Kill9 and Restart not with each other.
type Server struct {
	Kind     string // of sqldialect: mysql, postgres
	Host     string
	Port     int
	User     string
	Password string
	CAFile   string // signs what the server shows of itself where TLS is asked for; empty: no TLS

	process *process // nil: not ours
}

// DSN is the address of one of its databases, in the form its driver and
// sqldialect.ParseDSN read; db may be empty.
func (s *Server) DSN(db string) string {
	if s.Kind == "postgres" {
		return fmt.Sprintf("postgres://%s:%s@%s:%d/%s", s.User, s.Password, s.Host, s.Port, cmp.Or(db, "postgres"))
	}
	return fmt.Sprintf("%s:%s@tcp(%s:%d)/%s", s.User, s.Password, s.Host, s.Port, db)
}

// Config is the same address as connection settings.
func (s *Server) Config(db string) sqldialect.Config {
	c := sqldialect.Config{Kind: s.Kind, Host: s.Host, Port: s.Port, User: s.User, Database: db}
	if s.Kind == "postgres" && db == "" {
		c.Database = "postgres"
	}
	if s.Password != "" {
		c.Password = func(context.Context) (string, error) { return s.Password, nil }
	}
	return c
}

var databases atomic.Int64

// CreateDatabase makes an empty database of UTF-8, dropped when the test ends.
func (s *Server) CreateDatabase(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("banjian_test_%d_%d", os.Getpid(), databases.Add(1))
	create, drop := "CREATE DATABASE "+name+" CHARACTER SET utf8mb4", []string{"SET lock_wait_timeout = 10", "DROP DATABASE IF EXISTS " + name} // a failed test may hold locks, and the server waits a day
	if s.Kind == "postgres" {
		create, drop = "CREATE DATABASE "+name+" ENCODING 'UTF8' TEMPLATE template0", []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"}
	}
	s.Exec(t, "", create)
	t.Cleanup(func() {
		db, err := s.Config("").Open()
		if err != nil {
			return
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		for _, q := range drop {
			_, _ = db.Exec(q) // the server may have been killed by the test
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
	if err := s.run(db, statements...); err != nil {
		t.Fatal(err)
	}
}

// Kill9 kills the server as a power cut would; Restart brings it back with the same
// data on the same port, at the latest when the test has ended: others share the server.
// Tests of a server given by Env are skipped.
func (s *Server) Kill9(t testing.TB) {
	t.Helper()
	s.own(t)
	s.process.kill()
	t.Cleanup(func() {
		if s.ping() != nil {
			s.Restart(t)
		}
	})
}

// Restart starts the server again after Kill9 and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.own(t)
	s.process.kill()
	err := s.process.start(s)
	for range 100 { // a PostgreSQL waits for what its last life left behind
		if !errors.Is(err, errEnded) {
			break
		}
		time.Sleep(100 * time.Millisecond)
		err = s.process.start(s)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) own(t testing.TB) {
	t.Helper()
	if s.process == nil {
		t.Skip("SKIPPED: a server named by the environment is not ours to kill")
	}
}

// Stop stops the server and removes its data, if it is ours.
func (s *Server) Stop() {
	if s != nil && s.process != nil {
		s.process.kill()
		_ = os.RemoveAll(s.process.dir)
	}
}

// common is a server that the tests of a binary share.
type common struct {
	sync.Mutex
	server *Server
	err    error
	asked  bool
}

var sharedMySQL, sharedPostgres common

// get is the server, started at the first call; without one the test is skipped, and
// told how to get one.
func (c *common) get(t testing.TB, product, install, env string, start func() (*Server, error)) *Server {
	t.Helper()
	c.Lock()
	defer c.Unlock()
	if !c.asked {
		c.asked = true
		c.server, c.err = start()
	}
	if c.err != nil {
		fmt.Fprintf(os.Stderr, "SKIPPED: no %s for %s: %v. Install one (%s) or set %s\n", product, t.Name(), c.err, install, env)
		t.Skipf("SKIPPED: no %s: %v", product, c.err)
	}
	return c.server
}

func (c *common) stop() {
	c.Lock()
	defer c.Unlock()
	c.server.Stop()
	c.server, c.asked = nil, false
}

// MySQL is the server the tests of this binary share, started at the first call. A
// test binary that calls it ends its TestMain with Stop.
func MySQL(t testing.TB) *Server {
	t.Helper()
	return sharedMySQL.get(t, "MariaDB", "apt-get install mariadb-server", Env+"=user:password@tcp(host:port)/", func() (*Server, error) {
		return firstOf("mariadb", Env, Start)
	})
}

// Main runs the tests of a binary, what they write in memory where there is room for it,
// and stops the shared servers after them; its value is for os.Exit.
func Main(m *testing.M) int {
	clear := inMemory()
	defer clear()
	code := m.Run()
	Stop()
	return code
}

// Stop stops the shared servers that were started.
func Stop() {
	sharedMySQL.stop()
	sharedPostgres.stop()
}

// firstOf is the server that env names, or a private one.
func firstOf(name, env string, start func(dir string) (*Server, error)) (*Server, error) {
	if dsn := os.Getenv(env); dsn != "" {
		return given(dsn)
	}
	dir, err := os.MkdirTemp("", "banjian-"+name+"-")
	if err != nil {
		return nil, err
	}
	s, err := start(dir)
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
	s := &Server{Kind: c.Kind, Host: c.Host, Port: c.Port, User: c.User}
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
