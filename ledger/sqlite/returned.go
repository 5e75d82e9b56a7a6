package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"

	"banjian/ledger"
)

// Batch finds a frozen batch, open or arrived.
func (s *Store) Batch(ctx context.Context, receiver, id string) (*ledger.Frozen, error) {
	number, err := s.receiverID(ctx, receiver)
	if err != nil || number == 0 {
		return nil, s.fault("find batch", err)
	}
	b := &ledger.Frozen{ID: id, Receiver: receiver}
	var at int64
	var members []byte
	err = s.read.QueryRowContext(ctx, "SELECT streams.source, streams.subject, f.tablename, f.at, f.members FROM frozen f JOIN streams ON streams.id=f.stream WHERE f.id=? AND f.receiver=?", id, number).
		Scan(&b.Stream.Source, &b.Stream.Subject, &b.Table, &at, &members)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	b.At, b.Members = moment(at), decodeMembers(members)
	return b, s.fault("find batch", err)
}

// FindGUIDs reads the index of the stream: there is no way from a row_guid to its record.
func (s *Store) FindGUIDs(ctx context.Context, stream ledger.Stream, guids [][16]byte) ([]ledger.Entry, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return nil, s.fault("find records", err)
	}
	wanted := make(map[[16]byte]bool, len(guids))
	for _, g := range guids {
		wanted[g] = true
	}
	rows, err := s.read.QueryContext(ctx, "SELECT key, rec, version, guid, deleted FROM records WHERE stream=?", id)
	if err != nil {
		return nil, s.fault("find records", err)
	}
	defer rows.Close()
	var list []ledger.Entry
	var key, guid sql.RawBytes
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&key, &e.Rec, &e.Version, &guid, &e.Deleted); err != nil {
			return nil, s.fault("find records", err)
		}
		if copy(e.GUID[:], guid); wanted[e.GUID] {
			e.Key = slices.Clone([]byte(key))
			list = append(list, e)
		}
	}
	return list, s.fault("find records", rows.Err())
}

// KnownReturns says which rows were read before.
func (s *Store) KnownReturns(ctx context.Context, receiver, from string, names []string) (map[string]bool, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return nil, s.fault("read returned rows", err)
	}
	known := map[string]bool{}
	for part := range slices.Chunk(names, rowsAtOnce) {
		these, args := oneOf(part, id, from)
		rows, err := s.read.QueryContext(ctx, "SELECT row FROM returned WHERE receiver=? AND origin=? AND row IN "+these, args...)
		if err != nil {
			return nil, s.fault("read returned rows", err)
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				rows.Close()
				return nil, s.fault("read returned rows", err)
			}
			known[name] = true
		}
		if err := rows.Err(); err != nil {
			return nil, s.fault("read returned rows", err)
		}
	}
	return known, nil
}

// TakeReturns stores returned rows, what they refuse and the position, all or nothing.
func (s *Store) TakeReturns(ctx context.Context, take *ledger.Take) (int64, error) {
	var refused int64
	err := s.w.do(ctx, func(t *tx) error {
		refused = 0
		if err := t.fence(take.Lease); err != nil {
			return err
		}
		receiver, err := t.receiverFor(take.Receiver)
		if err != nil {
			return err
		}
		pages := t.sentPages(receiver)
		for i := range take.Rows {
			r := &take.Rows[i]
			fresh, err := t.takeReturn(receiver, pages, r, s.now().UnixMilli())
			if err != nil {
				return err
			}
			refused += fresh
		}
		if err := pages.flush(); err != nil {
			return err
		}
		return t.exec("INSERT INTO positions(pipeline, position, run, at) VALUES(?,?,0,?) ON CONFLICT(pipeline) DO UPDATE SET position=excluded.position, at=excluded.at",
			take.Name, string(take.Position), s.now().UnixMilli())
	})
	return refused, s.fault("store returned rows", err)
}

func (t *tx) takeReturn(receiver int64, pages *sentPages, r *ledger.Return, now int64) (int64, error) {
	var stream, rec, version any
	var fresh int64
	if r.Rec != 0 {
		id, err := t.streamFor(r.Stream)
		if err != nil {
			return 0, err
		}
		stream, rec, version = id, r.Rec, int64(r.Version)
		if r.State == ledger.Returned {
			if fresh, err = t.refuseReturned(receiver, id, pages, r, now); err != nil {
				return 0, err
			}
		}
	}
	n, err := t.change("INSERT INTO returned(receiver, origin, row, tablename, named, batch, kind, words, at, seen, state, stream, key, rec, version) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"+
		" ON CONFLICT(receiver, origin, row) DO NOTHING",
		receiver, r.From, r.Row, r.Table, r.Named, r.Batch, r.Kind, r.Words, millis(r.At), millis(r.Seen), string(r.State), stream, r.Key, rec, version)
	if n == 0 {
		fresh = 0
	}
	return fresh, err
}

// refuseReturned takes the receipt of the version back and puts the record aside, unless
// the receiver was given it anew since.
func (t *tx) refuseReturned(receiver, stream int64, pages *sentPages, r *ledger.Return, now int64) (int64, error) {
	slot, err := pages.slot(r.Rec)
	if err != nil {
		return 0, err
	}
	delivered := binary.LittleEndian.Uint32(slot[4:])
	before, err := t.returnedBefore(receiver, r)
	switch {
	case err != nil:
		return 0, err
	case delivered > r.Version, delivered == r.Version && before:
		r.State = ledger.ReturnedLate
		return 0, nil
	}
	e, reject := r.Refusal()
	early, err := t.isOpen(r.Batch) // its receipt is still to come
	if err != nil {
		return 0, err
	}
	if delivered == r.Version {
		binary.LittleEndian.PutUint32(slot[4:], r.Before)
	}
	if delivered == r.Version || early {
		if err := t.putExceptions(receiver, stream, []ledger.Exception{e}); err != nil {
			return 0, err
		}
	}
	return t.addRejects([]ledger.Reject{reject}, 0, now, nil)
}

func (t *tx) isOpen(batch string) (bool, error) {
	var n int64
	err := t.row("SELECT count(*) FROM frozen WHERE id=? AND state='open'", batch).Scan(&n)
	return n > 0, err
}

// returnedOf is the records of a batch that came back before its receipt was stored: they
// stay as that left them.
func (t *tx) returnedOf(receiver int64, b *ledger.Frozen) (map[int64]bool, error) {
	back := map[int64]bool{}
	return back, t.each("SELECT rec FROM returned WHERE batch=? AND receiver=? AND state='returned'", []any{b.ID, receiver}, func(scan func(...any) error) error {
		var rec int64
		err := scan(&rec)
		back[rec] = true
		return err
	})
}

// returnedBefore says that another row told of the same version in the same batch.
func (t *tx) returnedBefore(receiver int64, r *ledger.Return) (bool, error) {
	var n int64
	err := t.row("SELECT count(*) FROM returned WHERE receiver=? AND rec=? AND version=? AND batch=? AND state='returned'", receiver, r.Rec, int64(r.Version), r.Batch).Scan(&n)
	return n > 0, err
}

// Returns lists returned rows, newest first.
func (s *Store) Returns(ctx context.Context, q ledger.ReturnQuery) ([]ledger.Return, error) {
	where, args := "WHERE 1=1", []any{}
	add := func(cond string, v any) { where, args = where+" AND "+cond, append(args, v) }
	if q.Receiver != "" {
		add("receivers.name=?", q.Receiver)
	}
	if q.State != "" {
		add("x.state=?", string(q.State))
	}
	if q.Rec != 0 {
		add("x.rec=?", q.Rec)
	}
	if q.Key != nil {
		add("streams.subject=?", q.Subject)
		add("x.key=?", q.Key)
	}
	if !q.Since.IsZero() {
		add("x.seen>=?", millis(q.Since))
	}
	query := "SELECT x.id, receivers.name, x.origin, x.row, x.tablename, x.named, x.batch, x.kind, x.words, x.at, x.seen, x.state, coalesce(streams.source,''), coalesce(streams.subject,''), x.key, coalesce(x.rec,0), coalesce(x.version,0)" +
		" FROM returned x JOIN receivers ON receivers.id=x.receiver LEFT JOIN streams ON streams.id=x.stream " + where + " ORDER BY x.id DESC"
	if q.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, q.Limit)
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.fault("list returned rows", err)
	}
	defer rows.Close()
	var list []ledger.Return
	for rows.Next() {
		var r ledger.Return
		var at, seen int64
		var state string
		if err := rows.Scan(&r.ID, &r.Receiver, &r.From, &r.Row, &r.Table, &r.Named, &r.Batch, &r.Kind, &r.Words, &at, &seen, &state, &r.Stream.Source, &r.Stream.Subject, &r.Key, &r.Rec, &r.Version); err != nil {
			return nil, s.fault("list returned rows", err)
		}
		r.At, r.Seen, r.State = moment(at), moment(seen), ledger.ReturnState(state)
		list = append(list, r)
	}
	return list, s.fault("list returned rows", rows.Err())
}

// ReturnTotals counts what a receiver sent back.
func (s *Store) ReturnTotals(ctx context.Context, receiver string) (ledger.ReturnTotals, error) {
	var t ledger.ReturnTotals
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return t, s.fault("count returned rows", err)
	}
	var newest int64
	err = s.read.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(state='other'),0), coalesce(sum(state='unknown'),0), coalesce(max(seen),0) FROM returned WHERE receiver=?", id).
		Scan(&t.All, &t.Other, &t.Unknown, &newest)
	if err == nil && t.All > 0 {
		t.Open, err = s.openReturned(ctx, receiver)
	}
	t.Newest = moment(newest)
	return t, s.fault("count returned rows", err)
}

// openReturned counts the rejects of what came back that are open.
func (s *Store) openReturned(ctx context.Context, receiver string) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, pipelinesIn("rejects")+"SELECT count(*)"+openIn+" WHERE r.receiver=? AND r.rule=?", receiver, ledger.RuleReturned).Scan(&n)
	return n, err
}
