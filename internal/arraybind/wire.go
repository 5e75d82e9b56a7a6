package arraybind

import (
	"encoding/binary"
	"net"
	"syscall"
)

// Capabilities of client and server, MariaDB Knowledge Base, "Connection".
const (
	clientMySQL        = 1 << 0 // unset: the last four of the reserved bytes are MariaDB's own
	clientCompress     = 1 << 5
	clientSSL          = 1 << 11
	clientDeprecateEOF = 1 << 24
	bulkOperations     = 1 << 2 // of MariaDB's own
)

// Of the client's answer to the greeting: four bytes of header, capabilities, packet size,
// collation, 19 reserved, MariaDB's own capabilities. A client that wants TLS sends this
// much in the clear, and the server keeps what it says ("SSLRequest packet").
const (
	answerCapabilities = 4
	answerExtended     = 4 + 4 + 4 + 1 + 19
	answerLeast        = answerExtended + 4
)

// wire is the network side of a connection. It reads the server's greeting along with the
// driver and changes one bit of the driver's answer; everything else passes through, the
// TLS that the driver may go on with included.
type wire struct {
	net.Conn
	peer     net.Conn // on which commands are spoken: Conn, or TLS over it
	greeting []byte   // as much of it as was read; nil once the answer was sent
	answered bool
	agreed   bool
	secured  bool      // the driver goes on with TLS
	noEOF    bool      // lists of columns end without an EOF packet
	spare    [2][]byte // for packets to be made
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if !w.answered && n > 0 {
		w.greeting = append(w.greeting, p[:n]...)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	if w.answered {
		return w.Conn.Write(p)
	}
	w.answered = true
	if len(p) >= answerLeast && offers(w.greeting) {
		flags := binary.LittleEndian.Uint32(p[answerCapabilities:])
		if flags&(clientMySQL|clientCompress) == 0 {
			p = append([]byte(nil), p...)
			p[answerExtended] |= bulkOperations
			w.agreed, w.secured, w.noEOF = true, flags&clientSSL != 0, flags&clientDeprecateEOF != 0
		}
	}
	w.greeting = nil
	return w.Conn.Write(p)
}

// SyscallConn lets the driver see that a pooled connection was closed by the server.
func (w *wire) SyscallConn() (syscall.RawConn, error) {
	if c, ok := w.Conn.(syscall.Conn); ok {
		return c.SyscallConn()
	}
	return nil, syscall.EINVAL
}

// offers says that a greeting is one of a MariaDB server with array binding.
func offers(packet []byte) bool {
	if len(packet) < 5 || packet[4] != 10 {
		return false
	}
	p := packet[5:]
	for len(p) > 0 && p[0] != 0 { // the server's version
		p = p[1:]
	}
	const thread, scramble, filler, low, collation, status, high, length, reserved = 4, 8, 1, 2, 1, 2, 2, 1, 6
	const capabilities = 1 + thread + scramble + filler
	const extended = capabilities + low + collation + status + high + length + reserved
	if len(p) < extended+4 {
		return false
	}
	return p[capabilities]&clientMySQL == 0 && binary.LittleEndian.Uint32(p[extended:])&bulkOperations != 0
}
