package testdb

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"testing"
)

// FreePort is a port of 127.0.0.1 for a server that is started next. It is none of those the
// system gives to connections: one of them could have it before the server does, or while a
// killed server is away, and a client that dials it then may be given it itself and be
// connected to nobody but itself.
func FreePort() (int, error) {
	var last error
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", somePort()))
		if err == nil {
			return l.Addr().(*net.TCPAddr).Port, l.Close()
		}
		last = err
	}
	return 0, last
}

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
