package testkafka

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// jvm is one Java program of ours.
type jvm struct {
	dir  string // its working folder; its output goes to the log there
	args []string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

const startPatience = 90 * time.Second

// start runs the program and waits until ready says so.
func (j *jvm) start(ready func() bool) error {
	log, err := os.OpenFile(filepath.Join(j.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command("java", j.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = j.dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that dies takes it along
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	j.mu.Lock()
	j.cmd, j.done = cmd, done
	j.mu.Unlock()
	deadline := time.After(startPatience)
	for !ready() {
		select {
		case <-done:
			return fmt.Errorf("java ended at once: %s", j.lastWords())
		case <-deadline:
			j.signal(syscall.SIGKILL)
			return fmt.Errorf("no answer after %s: %s", startPatience, j.lastWords())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// signal ends the program by its own process id and waits for its end.
func (j *jvm) signal(s syscall.Signal) {
	j.mu.Lock()
	cmd, done := j.cmd, j.done
	j.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(s) // it may have ended by itself
	<-done
}

func (j *jvm) lastWords() string {
	out, _ := os.ReadFile(filepath.Join(j.dir, "log"))
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-5):], []byte("\n")))
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
