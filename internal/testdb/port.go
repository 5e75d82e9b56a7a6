package testdb

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// FreePort is a port of 127.0.0.1 for a server that is started next, this process's own until
// it ends: no other test is given it while a server that was killed is away. It is none of
// those the system gives to connections: one of them could have it before the server does, or
// while a killed server is away, and a client that dials it then may be given it itself and be
// connected to nobody but itself.
func FreePort() (int, error) {
	var last error
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", somePort()))
		if err != nil {
			last = err
			continue
		}
		port := l.Addr().(*net.TCPAddr).Port
		if last = claim(port); last == nil {
			return port, l.Close()
		}
		_ = l.Close()
	}
	return 0, last
}

// claim takes a port among the test binaries of this machine, which run beside each other:
// by a name that is no file, that one process can have, and that is free when it ends.
func claim(port int) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	l, err := net.Listen("unix", "@banjian-test-port-"+strconv.Itoa(port))
	if err == nil {
		claimed.Store(port, l) // or the collector closes it
	}
	return err
}

var claimed sync.Map // by port; never closed

// FreeAddress is 127.0.0.1 with such a port.
func FreeAddress(t testing.TB) string {
	t.Helper()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

const lowestPort = 10000

// somePort is 0 where connections may have any port.
func somePort() int {
	from := 32768
	if told, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		_, _ = fmt.Sscan(string(told), &from) // else as it usually is
	}
	if from < 2*lowestPort {
		return 0
	}
	return lowestPort + rand.IntN(from-lowestPort)
}
