package testdb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is one server of ours.
type process struct {
	dir    string
	binary string
	port   int
	as     []string // what its commands begin with
	more   []string // arguments beside those of any server
	args   func(*process) []string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

// Start starts a MariaDB whose data lie in dir (made new, if empty) on a free port.
// The caller ends it with Stop, which removes dir.
func Start(dir string) (*Server, error) {
	binary, err := find("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, binary: binary, args: mysqlArgs}
	if err := p.install(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.scratch(), 0o700); err != nil {
		return nil, err
	}
	if err := p.certify(); err != nil {
		return nil, err
	}
	p.more = []string{"--ssl-cert=" + p.certificate(), "--ssl-key=" + p.key()}
	s := &Server{Kind: "mysql", Host: "127.0.0.1", User: "root", CAFile: p.certificate(), process: p}
	return s, s.begin()
}

func find(names ...string) (string, error) {
	for _, name := range names {
		for _, candidate := range []string{name, filepath.Join("/usr/sbin", name), filepath.Join("/usr/local/sbin", name)} {
			if path, err := exec.LookPath(candidate); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("none of %v is installed", names)
}

func (p *process) data() string { return filepath.Join(p.dir, "data") }

// scratch is where a MariaDB keeps its temporary tables. It is a server's own, for one
// that starts removes the files of all that share the folder.
func (p *process) scratch() string { return filepath.Join(p.dir, "tmp") }

func (p *process) install() error {
	if _, err := os.Stat(p.data()); err == nil {
		return nil
	}
	installer, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return err
	}
	args := []string{"--no-defaults", "--datadir=" + p.data(), "--auth-root-authentication-method=normal", "--skip-test-db"}
	out, err := exec.Command(installer, append(args, asRoot()...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", installer, err, lastLine(out))
	}
	return nil
}

func asRoot() []string {
	if u, err := user.Current(); err == nil && u.Uid == "0" {
		return []string{"--user=root"}
	}
	return nil
}

func lastLine(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(lines[len(lines)-1])
}

// start starts the server and waits until it answers; it ends with this process's
// Stop or Kill9.
func (p *process) start(s *Server) error {
	log, err := os.OpenFile(filepath.Join(p.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := p.command(p.binary, p.args(p)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	p.mu.Lock()
	p.cmd, p.done = cmd, done
	p.mu.Unlock()
	return p.await(s, done)
}

// command is a program run as the server's user.
func (p *process) command(program string, args ...string) *exec.Cmd {
	all := append(append(slices.Clone(p.as), program), args...)
	return exec.Command(all[0], all[1:]...)
}

func mysqlArgs(p *process) []string {
	return append([]string{"--no-defaults", "--datadir=" + p.data(), "--tmpdir=" + p.scratch(), fmt.Sprintf("--port=%d", p.port), "--bind-address=127.0.0.1",
		"--socket=s.sock", "--pid-file=" + filepath.Join(p.dir, "pid"),
		"--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=1", "--log-bin=bin", "--binlog-format=ROW",
		"--binlog-row-image=FULL", "--binlog-row-metadata=FULL", "--server-id=7", "--skip-name-resolve"}, append(p.more, asRoot()...)...)
}

// patience is for a machine that is very busy: that a server ended is seen at once.
const patience = 3 * time.Minute

var errEnded = errors.New("ended at once")

func (p *process) await(s *Server, done <-chan struct{}) error {
	deadline := time.After(patience)
	for {
		if s.ping() == nil {
			return nil
		}
		select {
		case <-done:
			out, _ := os.ReadFile(filepath.Join(p.dir, "server.log"))
			return fmt.Errorf("%s %w: %s", p.binary, errEnded, lastLine(out))
		case <-deadline:
			p.kill()
			return fmt.Errorf("the server does not answer after %s", patience)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// kill ends the server by its own process id, and the processes it started by theirs, as
// a power cut would, and waits for its end.
func (p *process) kill() {
	p.mu.Lock()
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	select {
	case <-done: // its process id may be another's by now
		return
	default:
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", cmd.Process.Pid)) // a PostgreSQL has one for each connection
	_ = cmd.Process.Kill()
	for _, child := range strings.Fields(string(children)) {
		if pid, err := strconv.Atoi(child); err == nil {
			if process, err := os.FindProcess(pid); err == nil {
				_ = process.Kill()
			}
		}
	}
	<-done
}
