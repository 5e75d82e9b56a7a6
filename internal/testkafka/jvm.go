package testkafka

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"banjian/internal/testdb"
)

// jvm is one Java program of ours.
type jvm struct {
	dir  string // its working folder; its output goes to the log there
	args []string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

// startPatience is for a machine that is very busy: that a program ended is seen at once.
const startPatience = 3 * time.Minute

var errEnded = errors.New("java ended at once")

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
			return fmt.Errorf("%w: %s", errEnded, j.lastWords())
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

// runs says whether the program was started and has not ended.
func (j *jvm) runs() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cmd == nil {
		return false
	}
	select {
	case <-j.done:
		return false
	default:
		return true
	}
}

func (j *jvm) lastWords() string {
	out, _ := os.ReadFile(filepath.Join(j.dir, "log"))
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-5):], []byte("\n")))
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for len(ports) < n {
		port, err := testdb.FreePort()
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports, nil
}

// answers says that a broker is there that takes part: one that was just started, or killed,
// listens before the cluster lets it have topics.
func answers(address string) bool {
	c, err := (&kafka.Dialer{Timeout: time.Second}).Dial("tcp", address)
	if err != nil {
		return false
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return false
	}
	known, err := c.Brokers()
	return err == nil && len(known) > 0
}

func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
