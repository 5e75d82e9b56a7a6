package kafka

import (
	"bytes"
	"strconv"
	"strings"
)

// Mark is where the newest change that was taken stands in the log of its database, as
// Debezium tells it for MySQL and MariaDB. The zero value: nowhere.
//
// Debezium delivers at least once: after a crash it tells again what it had told since it
// last noted its own place, so that a record would go back to older versions and come
// forward again. Such a replay lies at or before the mark.
type Mark struct {
	Source string `json:"source"`         // the connector's name and the number of the server the change was made on
	File   string `json:"file"`           // of the binary log
	Pos    int64  `json:"pos"`            // of the event in it
	Row    int64  `json:"row"`            // in the event
	Second bool   `json:"second"`         // of the two changes that an update of a primary key is told as
	GTID   string `json:"gtid,omitempty"` // of the transaction without its number; empty: none
	Number int64  `json:"number"`         // of the transaction
	Time   int64  `json:"time"`           // of the change, Unix milliseconds
}

// origin is what an event says of the place it comes from.
type origin struct {
	database, table      span
	name, server         span
	file, pos, row       span
	gtid, time, snapshot span
}

// read notes where an event comes from. The scanner stands on the brace.
func (o *origin) read(s *scanner) bool {
	for first := true; ; first = false {
		at, more, ok := s.member(first)
		if !ok || !more {
			return ok
		}
		v, ok := s.value(2)
		if !ok {
			return false
		}
		if to := o.slot(string(s.b[at.from:at.to])); to != nil {
			*to = v
		}
	}
}

// slot is where a member of that name is noted, nil for others.
func (o *origin) slot(name string) *span {
	switch name {
	case "db", "schema":
		return &o.database
	case "table":
		return &o.table
	case "name":
		return &o.name
	case "server_id":
		return &o.server
	case "file":
		return &o.file
	case "pos":
		return &o.pos
	case "row":
		return &o.row
	case "gtid":
		return &o.gtid
	case "ts_ms":
		return &o.time
	case "snapshot":
		return &o.snapshot
	}
	return nil
}

// replayed says that a change was taken before, and moves the mark behind one that was not.
// It says so only where every sign agrees, for a change left out wrongly is lost: the same
// connector and server, at or before the mark in the same log, in a transaction not behind
// the mark's, and not younger. A log that was begun anew has younger changes; a change read
// from another server after a failover is in another log.
func (m *Mark) replayed(b []byte, o *origin, op byte) bool {
	pos, is := integer(b, o.pos)
	at, told := integer(b, o.time)
	if !is || !told || o.file.kind != plainText || o.inSnapshot(b) {
		return false
	}
	row, _ := integer(b, o.row)
	file, second := b[o.file.from:o.file.to], op == 'c'
	stem, number := transaction(b[o.gtid.from:o.gtid.to])
	if m.isOf(b, o) && m.GTID == string(stem) && number <= m.Number && at <= m.Time && m.reaches(file, pos, row, second) {
		return true
	}
	if !m.isOf(b, o) {
		m.Source = string(sourceName(b, o))
	}
	if m.File != string(file) {
		m.File = string(file)
	}
	if m.GTID != string(stem) {
		m.GTID = string(stem)
	}
	m.Pos, m.Row, m.Second, m.Number, m.Time = pos, row, second, number, at
	return false
}

// inSnapshot says that a row was read by a query, not from the log.
func (o *origin) inSnapshot(b []byte) bool {
	switch o.snapshot.kind {
	case absent, null, no:
		return false
	}
	return string(b[o.snapshot.from:o.snapshot.to]) != "false"
}

// sourceName is a connector and a server.
func sourceName(b []byte, o *origin) []byte {
	return bytes.Join([][]byte{b[o.name.from:o.name.to], b[o.server.from:o.server.to]}, []byte("/"))
}

func (m *Mark) isOf(b []byte, o *origin) bool {
	name, server, two := strings.Cut(m.Source, "/")
	return two && name == string(b[o.name.from:o.name.to]) && server == string(b[o.server.from:o.server.to])
}

// reaches says that the mark is at a place or behind it.
func (m *Mark) reaches(file []byte, pos, row int64, second bool) bool {
	if m.File != string(file) {
		stem, n, numbered := logFile(string(file))
		mine, k, also := logFile(m.File)
		return numbered && also && stem == mine && n < k
	}
	switch {
	case pos != m.Pos:
		return pos < m.Pos
	case row != m.Row:
		return row < m.Row
	}
	return m.Second || !second
}

// logFile is a binary log's name without its number, and the number.
func logFile(name string) (stem string, n int64, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name, 0, false
	}
	n, err := strconv.ParseInt(name[i+1:], 10, 64)
	return name[:i], n, err == nil
}

// transaction is a GTID (0-1-270 in MariaDB, UUID:23 in MySQL) without its number, and the
// number.
func transaction(gtid []byte) (stem []byte, number int64) {
	i := bytes.LastIndexAny(gtid, "-:")
	if i < 0 {
		return nil, 0
	}
	for _, c := range gtid[i+1:] {
		if c < '0' || c > '9' || number > 1<<58 {
			return gtid, 0 // another form: equal only to itself
		}
		number = 10*number + int64(c-'0')
	}
	return gtid[:i], number
}

// integer is a number without a fraction.
func integer(b []byte, at span) (n int64, ok bool) {
	if at.kind != number || at.to-at.from > 18 {
		return 0, false
	}
	for _, c := range b[at.from:at.to] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
