package testdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Standby starts a server that this one feeds: by GTID on MariaDB, by streaming on
// PostgreSQL. It ends with the test. Tests of a server given by the environment are skipped.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	s.own(t)
	dir, err := os.MkdirTemp("", "banjian-standby-")
	if err != nil {
		t.Fatal(err)
	}
	start := s.replica
	if s.Kind == "postgres" {
		start = s.hotStandby
	}
	standby, err := start(dir)
	t.Cleanup(func() {
		standby.Stop()
		_ = os.RemoveAll(dir)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.CaughtUp(t, standby)
	return standby
}

// Own starts a server of the same kind for one test alone.
func Own(t testing.TB, start func(dir string) (*Server, error)) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "banjian-own-")
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(dir)
	t.Cleanup(func() {
		s.Stop()
		_ = os.RemoveAll(dir)
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "SKIPPED: %s: %v\n", t.Name(), err)
		t.Skipf("SKIPPED: %v", err)
	}
	return s
}

const replicaUser, replicaPassword = "feeds", "only-in-tests"

func (s *Server) replica(dir string) (*Server, error) {
	p := &process{dir: dir, binary: s.process.binary, args: mysqlArgs, more: []string{"--server-id=8", "--read-only=1", "--relay-log=relay", "--log-slave-updates=1"}}
	if err := errors.Join(os.MkdirAll(p.scratch(), 0o700), p.install()); err != nil {
		return nil, err
	}
	standby := &Server{Kind: s.Kind, Host: s.Host, User: "root", process: p}
	if err := standby.begin(); err != nil {
		return standby, err
	}
	if err := s.run("", "CREATE USER IF NOT EXISTS "+replicaUser+"@'127.0.0.1' IDENTIFIED BY '"+replicaPassword+"'", "GRANT REPLICATION SLAVE ON *.* TO "+replicaUser+"@'127.0.0.1'"); err != nil {
		return standby, err
	}
	return standby, standby.run("", fmt.Sprintf("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='%s', MASTER_PASSWORD='%s', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1", s.Port, replicaUser, replicaPassword), "START SLAVE")
}

func (s *Server) hotStandby(dir string) (*Server, error) {
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, binary: s.process.binary, as: as, args: s.process.args}
	copy := p.command(filepath.Join(filepath.Dir(p.binary), "pg_basebackup"), "-h", s.Host, "-p", strconv.Itoa(s.Port), "-U", s.User, "-D", p.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync")
	copy.Env = append(os.Environ(), "PGPASSWORD="+s.Password)
	copy.Dir = dir
	if out, err := copy.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w: %s", err, lastLine(out))
	}
	standby := &Server{Kind: s.Kind, Host: s.Host, User: s.User, Password: s.Password, process: p}
	return standby, standby.begin()
}

// begin starts the server on a port that was free a moment ago, and on another if somebody
// took it.
func (s *Server) begin() (err error) {
	for range 3 {
		if s.process.port, err = FreePort(); err != nil {
			return err
		}
		s.Port = s.process.port
		if err = s.process.start(s); !errors.Is(err, errEnded) {
			return err
		}
	}
	return err
}

// CaughtUp waits until the standby has all that is committed here now.
func (s *Server) CaughtUp(t testing.TB, standby *Server) {
	t.Helper()
	here, there := "SELECT @@gtid_binlog_pos", "SELECT MASTER_GTID_WAIT(?, 30)"
	if s.Kind == "postgres" {
		here, there = "SELECT pg_current_wal_lsn()::text", "SELECT CASE WHEN pg_last_wal_replay_lsn() >= $1::pg_lsn THEN 0 ELSE -1 END"
	}
	var at string
	if err := s.Open(t, "").QueryRow(here).Scan(&at); err != nil {
		t.Fatal(err)
	}
	db := standby.Open(t, "")
	var left int
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err := db.QueryRow(there, at).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond) // until the standby has replayed
	}
	t.Fatal(errors.New("the standby does not come up with its server"))
}

// run runs statements one after the other in db.
func (s *Server) run(db string, statements ...string) error {
	pool, err := s.Config(db).Open()
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	for _, q := range statements {
		if _, err := pool.Exec(q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}
