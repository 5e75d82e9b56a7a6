package arraybind

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	comPrepare     = 0x16
	comClose       = 0x19
	comBulkExecute = 0xFA
	sendTypes      = 128  // flag: the types of the parameters come first
	typeText       = 0xFD // MYSQL_TYPE_VAR_STRING
	packetBytes    = 1<<24 - 1
)

// How a cell begins.
const (
	cellValue = 0
	cellNull  = 1
)

// How long one command may take to be sent and answered where ctx sets no earlier end.
const patience = 10 * time.Minute

var errProtocol = errors.New("arraybind: the server's answer is not as the protocol describes it")

// Rows encodes rows one behind the other by AppendText and AppendNull.
type Rows interface {
	// Append appends the cells of the next rows to buf until buf has size bytes or the
	// rows end, in which case last is true.
	Append(buf []byte, size int) (out []byte, last bool)
}

// AppendNull appends a cell that is NULL.
func AppendNull(buf []byte) []byte { return append(buf, cellNull) }

// OpenCell begins a cell of text, which CloseCell ends; at is for CloseCell.
func OpenCell(buf []byte) (out []byte, at int) {
	return append(buf, cellValue, 0), len(buf) + 2
}

// CloseCell ends the cell whose bytes begin at at. A cell of more than 250 bytes is moved
// to make room for its longer length.
func CloseCell(buf []byte, at int) []byte {
	n := len(buf) - at
	switch {
	case n <= 250:
		buf[at-1] = byte(n)
		return buf
	case n < 1<<16:
		return widen(buf, at, 0xFC, 2)
	case n < 1<<24:
		return widen(buf, at, 0xFD, 3)
	}
	return widen(buf, at, 0xFE, 8)
}

func widen(buf []byte, at int, mark byte, width int) []byte {
	n := len(buf) - at
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(n))
	buf = append(buf, length[:width]...)
	copy(buf[at+width:], buf[at:at+n])
	buf[at-1] = mark
	copy(buf[at:], length[:width])
	return buf
}

// Statement is an INSERT and how much of it goes at a time.
type Statement struct {
	SQL        string
	Parameters int // question marks in SQL
	Size       int // bytes of rows sent together, about
	Most       int // bytes the server takes together, its max_allowed_packet
}

// ErrTooLong says that a row does not fit into a packet the server takes. The connection
// stays usable.
var ErrTooLong = errors.New("arraybind: a row is longer than the server takes")

// ErrDeclined says that the server did not take what the connection said it can do; the
// connection stays usable and is not Ready any more.
var ErrDeclined = errors.New("arraybind: the server does not take arrays on this connection")

// unsupported is the server's error for a command a client did not say it knows.
const unsupported = 1295

// Insert stores rows by st and counts those stored and the server's warnings. An error of
// the server is a *mysql.MySQLError; it, ErrTooLong and ErrDeclined leave the connection
// usable, and in its transaction what was stored before. After any other error the
// connection must be closed. It must be Ready.
func (c *Conn) Insert(ctx context.Context, st Statement, rows Rows) (stored, warnings int64, err error) {
	s := &speaker{wire: c.wire, ctx: ctx}
	stop := context.AfterFunc(ctx, func() { _ = c.wire.peer.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if !stop() && err == nil {
			err = ctx.Err()
		}
		_ = c.wire.peer.SetDeadline(time.Time{})
	}()
	id, err := s.prepare(st.SQL, st.Parameters)
	if err != nil {
		return 0, 0, err
	}
	stored, warnings, err = s.insert(id, st, rows)
	var refused *mysql.MySQLError
	if errors.As(err, &refused) && refused.Number == unsupported {
		c.wire.agreed, err = false, ErrDeclined
	}
	if err == nil || errors.Is(err, ErrDeclined) || errors.As(err, &refused) || errors.Is(err, ErrTooLong) {
		err = errors.Join(err, s.close(id))
	}
	return stored, warnings, err
}

// insert sends the rows by a prepared statement, encoding the next while the server works.
func (s *speaker) insert(id uint32, st Statement, rows Rows) (stored, warnings int64, err error) {
	head := binary.LittleEndian.AppendUint32([]byte{0, 0, 0, 0, comBulkExecute}, id)
	head = append(head, sendTypes, 0)
	for range st.Parameters {
		head = append(head, typeText, 0)
	}
	now, then := s.wire.spare[0], s.wire.spare[1]
	defer func() {
		if max(cap(now), cap(then)) <= 4*st.Size {
			s.wire.spare = [2][]byte{now, then}
		}
	}()
	now, last := rows.Append(append(now[:0], head...), st.Size)
	for {
		if len(now) >= st.Most {
			return stored, warnings, ErrTooLong
		}
		if err := s.send(now); err != nil {
			return stored, warnings, err
		}
		wasLast := last
		if !last {
			then, last = rows.Append(append(then[:0], head...), st.Size)
		}
		n, w, err := s.done()
		stored, warnings = stored+n, warnings+w
		if err != nil || wasLast {
			return stored, warnings, err
		}
		now, then = then, now
	}
}

// speaker is one conversation on the wire.
type speaker struct {
	wire *wire
	ctx  context.Context
	in   []byte // read and not yet used
	seq  byte
}

func (s *speaker) prepare(statement string, parameters int) (id uint32, err error) {
	if err := s.send(append(append(make([]byte, 4, 5+len(statement)), comPrepare), statement...)); err != nil {
		return 0, err
	}
	p, err := s.packet()
	if err != nil {
		return 0, err
	}
	if len(p) < 9 || p[0] != 0 {
		return 0, failure(p)
	}
	id = binary.LittleEndian.Uint32(p[1:])
	if columns, got := binary.LittleEndian.Uint16(p[5:]), int(binary.LittleEndian.Uint16(p[7:])); columns != 0 || got != parameters {
		return 0, errProtocol
	}
	skip := parameters
	if !s.wire.noEOF {
		skip++
	}
	for range skip {
		if _, err := s.packet(); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// close forgets the statement; the server does not answer.
func (s *speaker) close(id uint32) error {
	return s.send(binary.LittleEndian.AppendUint32(append(make([]byte, 4, 9), comClose), id))
}

// done reads the answer to a statement: rows and warnings.
func (s *speaker) done() (rows, warnings int64, err error) {
	p, err := s.packet()
	if err != nil {
		return 0, 0, err
	}
	if len(p) == 0 || p[0] != 0 {
		return 0, 0, failure(p)
	}
	n, p, ok := number(p[1:])
	_, p, ok2 := number(p) // the last id
	if !ok || !ok2 || len(p) < 4 {
		return 0, 0, errProtocol
	}
	return int64(n), int64(binary.LittleEndian.Uint16(p[2:])), nil
}

// number is a length-encoded integer.
func number(p []byte) (n uint64, rest []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	width, ok := map[byte]int{0xFC: 2, 0xFD: 3, 0xFE: 8}[p[0]]
	switch {
	case p[0] <= 250:
		return uint64(p[0]), p[1:], true
	case !ok || len(p) <= width:
		return 0, nil, false
	}
	var b [8]byte
	copy(b[:], p[1:1+width])
	return binary.LittleEndian.Uint64(b[:]), p[1+width:], true
}

// failure is the error a packet tells.
func failure(p []byte) error {
	if len(p) < 3 || p[0] != 0xFF {
		return errProtocol
	}
	e := &mysql.MySQLError{Number: binary.LittleEndian.Uint16(p[1:])}
	if p = p[3:]; len(p) >= 6 && p[0] == '#' {
		copy(e.SQLState[:], p[1:6])
		p = p[6:]
	}
	e.Message = string(bytes.TrimRight(p, "\x00"))
	return e
}

// send sends a command: four bytes for the header, then its content. One of 16 MiB and more
// goes in several packets.
func (s *speaker) send(command []byte) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if err := s.wire.peer.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if s.ctx.Err() != nil { // ended meanwhile: its own deadline was just put off
		return s.ctx.Err()
	}
	s.seq, s.in = 0, nil
	for {
		n := min(len(command)-4, packetBytes)
		command[0], command[1], command[2], command[3] = byte(n), byte(n>>8), byte(n>>16), s.seq
		if _, err := s.wire.peer.Write(command[:4+n]); err != nil {
			return err
		}
		s.seq++
		if n < packetBytes {
			return nil
		}
		command = command[n:] // the last four bytes sent make room for the next header
	}
}

// packet reads one packet, no longer than a short answer is.
func (s *speaker) packet() ([]byte, error) {
	if err := s.fill(4); err != nil {
		return nil, err
	}
	n := int(s.in[0]) | int(s.in[1])<<8 | int(s.in[2])<<16
	if s.in[3] != s.seq || n > 1<<20 {
		return nil, errProtocol
	}
	s.seq++
	if err := s.fill(4 + n); err != nil {
		return nil, err
	}
	p := s.in[4 : 4+n]
	s.in = s.in[4+n:]
	return p, nil
}

func (s *speaker) fill(n int) error {
	for len(s.in) < n {
		buf := make([]byte, max(4096, n-len(s.in)))
		got, err := io.ReadAtLeast(s.wire.peer, buf, 1)
		if err != nil {
			return err
		}
		s.in = append(s.in[:len(s.in):len(s.in)], buf[:got]...)
	}
	return nil
}
