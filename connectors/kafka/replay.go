package kafka

import (
	"bytes"
	"context"
	"hash/maphash"
	"strconv"
	"strings"
)

// Mark is where the newest change that was taken stands in the log of its database, as
// Debezium tells it for MySQL and MariaDB. The zero value: nowhere.
//
// Debezium delivers at least once: after a crash it tells again what it had told since it
// last noted its own place, and a record would go back to older versions and come forward
// again. A change at or before the mark may be such a replay. Whether it is one is seen in
// the partition itself: only what lies there before is left out, so that nothing is lost
// where changes come out of order for another reason, such as a topic made of several
// partitions, a log that was begun anew, or another server after a failover.
type Mark struct {
	Source string `json:"source"` // the connector's name and the number of the server the change was made on
	File   string `json:"file"`   // of the binary log
	Pos    int64  `json:"pos"`    // of the event in it
	Row    int64  `json:"row"`    // in the event
	Second bool   `json:"second"` // of the two changes that an update of a primary key is told as
}

// replayWindow is how many messages are looked through for the first telling of a change.
const replayWindow = 100_000

// origin is what an event says of the place it comes from.
type origin struct {
	database, table span
	name, server    span
	file, pos, row  span
	gtid, snapshot  span
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
	case "snapshot":
		return &o.snapshot
	}
	return nil
}

// inSnapshot says that a row was read by a query, not from the log.
func (o *origin) inSnapshot(b []byte) bool {
	switch o.snapshot.kind {
	case absent, null, no:
		return false
	}
	return string(b[o.snapshot.from:o.snapshot.to]) != "false"
}

// replays recognises changes that were told before.
type replays struct {
	mark   Mark
	told   map[uint64]struct{} // changes that lie in the partition before the message in hand; nil: not looked through
	noting bool                // messages before that one are being looked through
	seed   maphash.Seed
}

// judge says whether a change is new (taken), was told before (skipped), or that the
// messages before it are to be looked through first (doubtful).
func (r *replays) judge(b []byte, o *origin, op byte) verdict {
	pos, is := integer(b, o.pos)
	if !is || o.file.kind != plainText || o.inSnapshot(b) {
		return taken
	}
	if r.noting {
		r.told[r.id(b, o, op)] = struct{}{}
		return taken
	}
	row, _ := integer(b, o.row)
	file, second := b[o.file.from:o.file.to], op == 'c'
	same := r.mark.isOf(b, o)
	if same && r.mark.reaches(file, pos, row, second) {
		if r.told == nil {
			return doubtful
		}
		if _, before := r.told[r.id(b, o, op)]; before {
			return skipped
		}
	}
	if !same {
		r.mark.Source = string(b[o.name.from:o.name.to]) + "/" + string(b[o.server.from:o.server.to])
	}
	if r.mark.File != string(file) {
		r.mark.File = string(file)
	}
	r.mark.Pos, r.mark.Row, r.mark.Second = pos, row, second
	if len(r.told) > 2*replayWindow {
		r.told = nil
	}
	if r.told != nil {
		r.told[r.id(b, o, op)] = struct{}{}
	}
	return taken
}

// id is a change's own: its place in the log, and what was done there.
func (r *replays) id(b []byte, o *origin, op byte) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	for _, at := range []span{o.name, o.server, o.file, o.pos, o.row, o.gtid} {
		_, _ = h.Write(b[at.from:at.to])
		_ = h.WriteByte(0)
	}
	_ = h.WriteByte(op)
	return h.Sum64()
}

// lookBack looks through the messages before the one in hand for changes.
func (s *Source) lookBack(ctx context.Context, r *replays, before int64) error {
	cl, done, err := s.o.Cluster.client()
	if err != nil {
		return err
	}
	defer done()
	first, _, err := bounds(ctx, &s.o, cl)
	if err != nil {
		return err
	}
	r.told, r.noting, r.seed = map[uint64]struct{}{}, true, maphash.MakeSeed()
	defer func() { r.noting, s.rows.fresh = false, s.rows.fresh[:0] }()
	var f feed = &plainFeed{o: &s.o, cl: cl, done: func() {}}
	defer func() { f.close() }()
	for at := max(first, before-replayWindow); at < before; {
		got, err := f.fetch(ctx, at, longPoll)
		if err == nil && got.other {
			f.close()
			f, err = newCommittedFeed(&s.o, at)
		}
		if err != nil {
			r.told = nil
			return err
		}
		for _, m := range got.messages {
			if m.offset >= before || m.tombstone {
				continue
			}
			if d, needs := s.decoder.(preparer); needs {
				if err := d.prepare(ctx, m.value); err != nil {
					r.told = nil
					return err
				}
			}
			here := s.rows.here()
			s.decoder.decode(m.value, s.rows)
			s.rows.backTo(here)
		}
		at = max(at, got.next)
	}
	return nil
}

func (m *Mark) isOf(b []byte, o *origin) bool {
	name, server, two := strings.Cut(m.Source, "/")
	return two && name == string(b[o.name.from:o.name.to]) && server == string(b[o.server.from:o.server.to])
}

// reaches says that the mark is at a place or behind it.
func (m *Mark) reaches(file []byte, pos, row int64, second bool) bool {
	if m.File != string(file) {
		stem, n, numbered := logFile(file)
		mine, k, also := logFile([]byte(m.File))
		return numbered && also && bytes.Equal(stem, mine) && n < k
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
func logFile(name []byte) (stem []byte, n int64, ok bool) {
	i := bytes.LastIndexByte(name, '.')
	if i < 0 {
		return name, 0, false
	}
	n, err := strconv.ParseInt(string(name[i+1:]), 10, 64)
	return name[:i], n, err == nil
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
