package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"banjian/ledger"
)

// Lookup finds the newest version of each key; nil keys are unknown.
func (s *Store) Lookup(ctx context.Context, stream ledger.Stream, keys [][]byte) ([]ledger.Entry, error) {
	entries := make([]ledger.Entry, len(keys))
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return entries, s.fault("look up records", err)
	}
	order, err := s.worthAsking(ctx, id, keys)
	if err != nil {
		return nil, s.fault("look up records", err)
	}
	for start := 0; start < len(order); start += rowsAtOnce {
		part := order[start:min(start+rowsAtOnce, len(order))]
		if err := s.lookupPart(ctx, id, keys, part, entries); err != nil {
			return nil, s.fault("look up records", err)
		}
	}
	return entries, nil
}

// worthAsking is the positions of the keys that may be known, sorted by key: those
// beyond the last key of the stream are new, which makes appending cheap.
func (s *Store) worthAsking(ctx context.Context, stream int64, keys [][]byte) ([]int32, error) {
	var last []byte
	err := s.read.QueryRowContext(ctx, "SELECT key FROM records WHERE stream=? ORDER BY key DESC LIMIT 1", stream).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	order := make([]int32, 0, len(keys))
	for i, k := range keys {
		if k != nil && slices.Compare(k, last) <= 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(keys[a], keys[b]) })
	return order, nil
}

const entryColumns = "key, rec, version, rhash, shash, guid, seq, row, run, deleted, leaf"

// lookupPart reads the rows of part, which is sorted by key; the database returns
// them in that order.
func (s *Store) lookupPart(ctx context.Context, stream int64, keys [][]byte, part []int32, entries []ledger.Entry) error {
	wanted := make([][]byte, len(part))
	for at, i := range part {
		wanted[at] = keys[i]
	}
	these, args := oneOf(wanted, stream)
	rows, err := s.read.QueryContext(ctx, "SELECT "+entryColumns+" FROM records WHERE stream=? AND key IN "+these+" ORDER BY key", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	at := 0
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		for at < len(part) && slices.Compare(keys[part[at]], e.Key) < 0 {
			at++
		}
		for ; at < len(part) && slices.Equal(keys[part[at]], e.Key); at++ {
			entries[part[at]] = e
		}
	}
	return rows.Err()
}

func scanEntry(rows *sql.Rows) (ledger.Entry, error) {
	var e ledger.Entry
	var key, rhash, shash, guid sql.RawBytes
	err := rows.Scan(&key, &e.Rec, &e.Version, &rhash, &shash, &guid, &e.At.Seq, &e.At.Row, &e.Run, &e.Deleted, &e.Leaf)
	e.Key = slices.Clone(key)
	copy(e.Record[:], rhash)
	copy(e.Source[:], shash)
	copy(e.GUID[:], guid)
	return e, err
}

// streamID finds the stream's number; 0 when it does not exist yet.
func (s *Store) streamID(ctx context.Context, stream ledger.Stream) (int64, error) {
	s.mu.Lock()
	id := s.streams[stream]
	s.mu.Unlock()
	if id != 0 {
		return id, nil
	}
	err := s.read.QueryRowContext(ctx, "SELECT id FROM streams WHERE source=? AND subject=?", stream.Source, stream.Subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		s.mu.Lock()
		s.streams[stream] = id
		s.mu.Unlock()
	}
	return id, err
}

// streamFor finds or creates the stream inside a transaction.
func (t *tx) streamFor(stream ledger.Stream) (int64, error) {
	if err := t.exec("INSERT INTO streams(source, subject) VALUES(?,?) ON CONFLICT DO NOTHING", stream.Source, stream.Subject); err != nil {
		return 0, err
	}
	var id int64
	err := t.row("SELECT id FROM streams WHERE source=? AND subject=?", stream.Source, stream.Subject).Scan(&id)
	return id, err
}

// ReserveRecords hands out record numbers that no other process gets; gaps are
// harmless.
func (s *Store) ReserveRecords(ctx context.Context, n int) (int64, error) {
	var next int64
	err := s.w.do(ctx, func(t *tx) error {
		return t.row("INSERT INTO counters(name, value) VALUES('record', ?) ON CONFLICT(name) DO UPDATE SET value = value + excluded.value RETURNING value", n).Scan(&next)
	})
	return next - int64(n) + 1, s.fault("reserve record numbers", err)
}

const (
	putEntry = "INSERT INTO records(stream, seq, key, rec, version, rhash, shash, guid, row, run, deleted, leaf) VALUES "
	onKnown  = " ON CONFLICT(stream, key) DO UPDATE SET version=excluded.version, rhash=excluded.rhash, shash=excluded.shash, seq=excluded.seq," +
		" row=excluded.row, run=excluded.run, deleted=excluded.deleted, leaf=excluded.leaf"
	putFlow = "INSERT INTO records(stream, seq, key, rec, version, rhash, shash, guid, row, run, deleted, leaf, flow_no) VALUES "
	asFlow  = ", flow_no=excluded.flow_no"
	ifNext  = " WHERE records.version = excluded.version-1 AND records.rec = excluded.rec"
)

// fillEntry puts an entry into the ten columns behind stream and seq.
func fillEntry(a []driver.NamedValue, e *ledger.Entry) {
	a[0].Value, a[1].Value, a[2].Value, a[3].Value = e.Key, e.Rec, int64(e.Version), e.Record[:]
	a[4].Value, a[5].Value, a[6].Value, a[7].Value, a[8].Value = e.Source[:], e.GUID[:], int64(e.At.Row), e.Run, e.Deleted
	a[9].Value = int64(e.Leaf)
}

// putEntries writes new and changed entries, with the flow numbers they bring if any does.
// Each must still be at the version it was computed from; otherwise ledger.ErrConflict.
func (t *tx) putEntries(stream int64, entries []ledger.Entry, flows []string, seq int64) error {
	order := byKey(entries)
	put, width, known := putEntry, 10, onKnown
	if flows != nil {
		put, width, known = putFlow, 11, onKnown+asFlow
	}
	n, err := t.many(put, []any{stream, seq}, width, known+ifNext, len(entries), func(i int, a []driver.NamedValue) {
		fillEntry(a, &entries[order[i]])
		if flows != nil {
			a[10].Value = orNull(flows[order[i]])
		}
	})
	if err == nil && n != int64(len(entries)) {
		return ledger.ErrConflict
	}
	return err
}

// touchEntries replaces source hashes, and where in the view rows lie.
func (t *tx) touchEntries(stream int64, entries []ledger.Entry) error {
	for _, i := range byKey(entries) {
		e := &entries[i]
		n, err := t.change("UPDATE records SET shash=?1, leaf=?2 WHERE stream=?3 AND key=?4 AND version=?5", e.Source[:], int64(e.Leaf), stream, e.Key, int64(e.Version))
		if err != nil {
			return err
		}
		if n != 1 {
			return ledger.ErrConflict
		}
	}
	return nil
}

func byKey(entries []ledger.Entry) []int32 {
	order := make([]int32, len(entries))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(entries[a].Key, entries[b].Key) })
	return order
}

// CaseRecords lists the records of a case in one stream: the natural key begins with
// the case's local number.
func (s *Store) CaseRecords(ctx context.Context, stream ledger.Stream, localNo string) ([]ledger.Entry, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return nil, s.fault("list records", err)
	}
	from := ledger.EncodeKey(localNo)
	list, err := s.entries(ctx, nil, "SELECT "+entryColumns+" FROM records WHERE stream=? AND key>=? AND key<? ORDER BY key", id, from, behind(from))
	return list, s.fault("list records", err)
}

// entries appends the rows of a query, whose columns are entryColumns.
func (s *Store) entries(ctx context.Context, list []ledger.Entry, query string, args ...any) ([]ledger.Entry, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// CaseMembers lists the records of several cases in one stream, by key. It is asked for every
// batch, and reads no more than order goes by.
func (s *Store) CaseMembers(ctx context.Context, stream ledger.Stream, numbers []string) ([]ledger.Entry, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return nil, s.fault("list records", err)
	}
	var list []ledger.Entry
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	for part := range slices.Chunk(sorted, rowsAtOnce) {
		if list, err = s.someMembers(ctx, id, part, list); err != nil {
			return nil, s.fault("list records", err)
		}
	}
	slices.SortFunc(list, func(a, b ledger.Entry) int { return slices.Compare(a.Key, b.Key) })
	return list, nil
}

func (s *Store) someMembers(ctx context.Context, stream int64, numbers []string, list []ledger.Entry) ([]ledger.Entry, error) {
	query, args := underPrefix(numbers, "key, rec, version, seq, row")
	rows, err := s.read.QueryContext(ctx, query+" AND deleted=0", append(args, stream)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&e.Key, &e.Rec, &e.Version, &e.At.Seq, &e.At.Row); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// behind is a bound above every key that begins with prefix: the length of a key part
// never fills ten bytes.
func behind(prefix []byte) []byte {
	return append(slices.Clone(prefix), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"...)
}
