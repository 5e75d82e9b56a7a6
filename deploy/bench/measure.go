package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// usage is what one run of one or more programs took.
type usage struct {
	Rows   int     `json:"rows"`
	Wall   float64 `json:"wall_s"`
	CPU    float64 `json:"cpu_s"`        // of the programs
	Server float64 `json:"server_cpu_s"` // of mariadbd meanwhile
	Peak   float64 `json:"peak_mib"`     // resident, the largest of the programs
}

func (u usage) rate() float64 { return float64(u.Rows) / u.Wall }

// perMillion is CPU seconds for a million rows.
func (u usage) perMillion(seconds float64) float64 { return seconds / float64(u.Rows) * 1e6 }

// measure runs programs side by side and waits for all of them.
func (s *server) measure(rows int, programs ...*exec.Cmd) (usage, error) {
	s.quiet()
	var peak atomic.Int64
	var wg sync.WaitGroup
	before, start := s.cpu(), time.Now()
	for i, c := range programs {
		if err := c.Start(); err != nil {
			for _, started := range programs[:i] {
				_ = started.Process.Kill()
				_ = started.Wait()
			}
			return usage{}, err
		}
		wg.Go(func() { watch(c.Process.Pid, &peak) })
	}
	// Pipe ends between the programs are theirs alone from here on.
	for _, c := range programs {
		for _, f := range []any{c.Stdin, c.Stdout} {
			if p, ok := f.(*os.File); ok {
				_ = p.Close()
			}
		}
	}
	var failed error
	u := usage{Rows: rows}
	for _, c := range programs {
		if err := c.Wait(); err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", c.Path, err)
		}
		u.CPU += (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	}
	u.Wall, u.Server = time.Since(start).Seconds(), (s.cpu() - before).Seconds()
	wg.Wait()
	u.Peak = float64(peak.Load()) / 1024
	return u, failed
}

// watch follows the greatest resident size of a process to its end. What wait(2) says
// of a child would include the parent's memory at the fork.
func watch(pid int, peak *atomic.Int64) {
	for {
		kib, ok := highWater(strconv.Itoa(pid))
		if !ok {
			return
		}
		for old := peak.Load(); kib > old && !peak.CompareAndSwap(old, kib); old = peak.Load() {
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// highWater is VmHWM in KiB; false once the process has ended.
func highWater(pid string) (int64, bool) {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, false
	}
	_, rest, ok := bytes.Cut(status, []byte("VmHWM:"))
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
	return n, err == nil
}

// resetHighWater forgets our own greatest resident size, so that the next part is
// measured alone.
func resetHighWater() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// ownCPU is the processor time this process has used.
func ownCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
