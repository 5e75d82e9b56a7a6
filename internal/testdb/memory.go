package testdb

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What is left over beside what tests write.
const (
	memoryFolder  = "/dev/shm"
	memoryPattern = "banjian-test-"
	memoryRoom    = 6 << 30
)

// inMemory has what the tests of a binary write lie in memory: they wait for the disk some
// thousands of times, and none of them pulls the machine's plug; what a killed process wrote
// is there all the same. TMPDIR in the environment overrules it. Where there is no folder in
// memory, or no room to spare, all stays as it is. The function it gives clears up.
func inMemory() (clear func()) {
	none := func() {}
	if os.Getenv("TMPDIR") != "" || !roomy() {
		return none
	}
	dropLeftOver()
	dir, err := os.MkdirTemp(memoryFolder, memoryPattern)
	if err != nil {
		return none
	}
	held, err := lock(dir)
	if err = errors.Join(err, os.Chmod(dir, 0o755), runs(dir), os.Setenv("TMPDIR", dir)); err != nil { // servers run as others
		_ = os.RemoveAll(dir)
		return none
	}
	return func() {
		_ = os.RemoveAll(dir) // else the next run does
		_ = held.Close()
	}
}

// roomy says that there is a folder in memory with more room than tests ever took.
func roomy() bool {
	var st syscall.Statfs_t
	if err := syscall.Statfs(memoryFolder, &st); err != nil || uint64(st.Bavail)*uint64(st.Bsize) < memoryRoom {
		return false
	}
	told, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(told)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "MemAvailable:" {
			kib, err := strconv.ParseUint(f[1], 10, 64)
			return err == nil && kib<<10 > 2*memoryRoom
		}
	}
	return false
}

// dropLeftOver removes what a test binary left that was killed.
func dropLeftOver() {
	list, _ := filepath.Glob(filepath.Join(memoryFolder, memoryPattern+"*")) // the pattern is right
	for _, dir := range list {
		if held, err := lock(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = held.Close()
		}
	}
}

// lock marks a folder as in use for as long as the file it gives is open.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// runs says whether programs may be run from a folder.
func runs(dir string) error {
	name := filepath.Join(dir, "try")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"), 0o700); err != nil {
		return err
	}
	return errors.Join(exec.Command(name).Run(), os.Remove(name))
}
