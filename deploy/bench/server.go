package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"banjian/internal/sqldialect"
)

// serverOptions are what both sides of every comparison run on: the log is flushed at
// every commit, the data fit into memory, and nothing is written for replicas.
var serverOptions = []string{
	"--innodb-flush-log-at-trx-commit=1", "--skip-log-bin", "--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G",
	"--max-allowed-packet=64M", "--local-infile=1", "--character-set-server=utf8mb4", "--skip-name-resolve",
}

// server is a MariaDB of our own.
type server struct {
	dir  string
	port int
	cmd  *exec.Cmd
	done chan struct{}
}

// startServer installs and starts one in dir; stop ends it.
func startServer(ctx context.Context, dir string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, port: l.Addr().(*net.TCPAddr).Port, done: make(chan struct{})}
	l.Close()
	var root []string
	if u, err := user.Current(); err == nil && u.Uid == "0" {
		root = []string{"--user=root"}
	}
	data := "--datadir=" + filepath.Join(dir, "data")
	install := exec.CommandContext(ctx, "mariadb-install-db", append([]string{"--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"}, root...)...)
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w: %s", err, out)
	}
	scratch := filepath.Join(dir, "tmp") // a server that starts empties the folder of all that share it
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := append([]string{"--no-defaults", data, "--tmpdir=" + scratch, "--port=" + strconv.Itoa(s.port), "--bind-address=127.0.0.1",
		"--socket=" + filepath.Join(dir, "s.sock"), "--pid-file=" + filepath.Join(dir, "pid")}, serverOptions...)
	s.cmd = exec.Command(program("mariadbd", "/usr/sbin/mariadbd"), append(args, root...)...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	return s, s.await(ctx)
}

func program(name, otherwise string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return otherwise
}

func (s *server) await(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); ; {
		db, err := s.open("")
		if err != nil {
			return err
		}
		err = db.PingContext(ctx)
		db.Close()
		if err == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("mariadbd ended at once, see %s", filepath.Join(s.dir, "server.log"))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("mariadbd does not answer after a minute")
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

func (s *server) dsn(name string) string {
	return fmt.Sprintf("root:@tcp(127.0.0.1:%d)/%s", s.port, name)
}

func (s *server) open(name string) (*sql.DB, error) {
	cfg, err := sqldialect.ParseDSN(s.dsn(name))
	if err != nil {
		return nil, err
	}
	return cfg.Open()
}

// create makes an empty database and opens it.
func (s *server) create(ctx context.Context, name string) (*sql.DB, error) {
	if err := s.exec(ctx, "", "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		return nil, err
	}
	return s.open(name)
}

func (s *server) exec(ctx context.Context, name string, statements ...string) error {
	db, err := s.open(name)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range statements {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%.80s: %w", q, err)
		}
	}
	return nil
}

func (s *server) count(ctx context.Context, name, table string) (n int, err error) {
	db, err := s.open(name)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return n, db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n)
}

// client is one of MariaDB's own programs, connected as we are.
func (s *server) client(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, append([]string{"--no-defaults", "--host=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--user=root"}, args...)...)
	c.Stderr = os.Stderr
	return c
}

func (s *server) version(ctx context.Context) string {
	db, err := s.open("")
	if err != nil {
		return ""
	}
	defer db.Close()
	var v string
	_ = db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&v)
	return v
}

// cpu is the processor time the server has used since its start.
func (s *server) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from field 3 of proc(5) on
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs
	return time.Duration(user+system) * tick
}

// quiet waits until the server has finished what it does behind a statement: writing
// pages back, purging.
func (s *server) quiet() {
	for range 40 {
		before := s.cpu()
		time.Sleep(250 * time.Millisecond)
		if s.cpu()-before <= 10*time.Millisecond {
			return
		}
	}
}
