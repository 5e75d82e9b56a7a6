package testdb

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// EnvPostgres names the variable that holds the DSN of a PostgreSQL to use,
// "postgres://user:password@host:port/postgres"; the user must be allowed CREATE
// DATABASE and CREATE ROLE.
const EnvPostgres = "BANJIAN_TEST_POSTGRES"

// Postgres is the PostgreSQL the tests of this binary share, started at the first call;
// see MySQL.
func Postgres(t testing.TB) *Server {
	t.Helper()
	return sharedPostgres.get(t, "PostgreSQL", "apt-get install postgresql", EnvPostgres+"=postgres://user:password@host:port/postgres", func() (*Server, error) {
		return firstOf("postgres", EnvPostgres, StartPostgres)
	})
}

// superPassword is of the private server's superuser; it listens on 127.0.0.1 alone.
const superPassword = "only-in-tests"

// StartPostgres starts a PostgreSQL whose data lie in dir (made new, if empty) on a free
// port. initdb and the server refuse to run as root: there they run as the user postgres,
// or nobody, who is given dir. The caller ends it with Stop, which removes dir.
func StartPostgres(dir string) (*Server, error) {
	binary, err := postgresProgram("postgres")
	if err != nil {
		return nil, err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, binary: binary, as: as, args: func(p *process) []string {
		return []string{"-D", p.data(), "-p", strconv.Itoa(p.port), "-h", "127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
			"-c", "max_connections=60", "-c", "logging_collector=off"}
	}}
	if err := p.initdb(); err != nil {
		return nil, err
	}
	s := &Server{Kind: "postgres", Host: "127.0.0.1", User: "postgres", Password: superPassword, process: p}
	return s, s.begin()
}

// postgresProgram finds a program of the newest PostgreSQL: Debian keeps every release in
// a folder of its own, outside the path.
func postgresProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.EvalSymlinks(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", fmt.Errorf("%s is not installed", name)
	}
	return slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) }), nil
}

func release(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// unprivileged is what a command begins with to run as somebody who is not root, and
// who owns dir from now on; empty where we are not root.
func unprivileged(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := errors.Join(os.Chown(dir, uid, gid), passable(filepath.Dir(dir))); err != nil {
			return nil, err
		}
		return []string{"setpriv", "--reuid=" + u.Uid, "--regid=" + u.Gid, "--clear-groups", "--"}, nil
	}
	return nil, errors.New("there is no user postgres or nobody to run the server as")
}

// passable lets others pass through the folders of a test's own that dir lies in.
func passable(dir string) error {
	for ; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) initdb() error {
	if _, err := os.Stat(p.data()); err == nil {
		return nil
	}
	secret := filepath.Join(p.dir, "password")
	if err := os.WriteFile(secret, []byte(superPassword+"\n"), 0o644); err != nil {
		return err
	}
	initdb := filepath.Join(filepath.Dir(p.binary), "initdb")
	out, err := p.command(initdb, "-D", p.data(), "-U", "postgres", "-A", "scram-sha-256", "--pwfile="+secret, "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", initdb, err, lastLine(out))
	}
	return nil
}
