package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/ledger"
)

// Ahead is the receiver's offset in the stream and what goes before it.
func (s *Store) Ahead(ctx context.Context, receiver string, stream ledger.Stream) (offset int64, a ledger.Ahead, err error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return 0, a, s.fault("read offset", err)
	}
	number, err := s.streamID(ctx, stream)
	if err != nil || number == 0 {
		return 0, a, s.fault("read offset", err)
	}
	err = s.read.QueryRowContext(ctx, "SELECT seq, ahead_from, ahead_to, ahead_rows FROM offsets WHERE receiver=? AND stream=?", id, number).Scan(&offset, &a.From, &a.To, &a.Rows)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, a, nil
	}
	return offset, a, s.fault("read offset", err)
}

// SetAhead stores what goes before the backlog.
func (s *Store) SetAhead(ctx context.Context, l ledger.Lease, receiver string, stream ledger.Stream, a ledger.Ahead) error {
	return s.fault("store offset", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		id, err := t.receiverFor(receiver)
		if err != nil {
			return err
		}
		number, err := t.streamFor(stream)
		if err != nil {
			return err
		}
		return t.exec("INSERT INTO offsets(receiver, stream, seq, ahead_from, ahead_to, ahead_rows) VALUES(?,?,0,?,?,?)"+
			" ON CONFLICT(receiver, stream) DO UPDATE SET ahead_from=excluded.ahead_from, ahead_to=excluded.ahead_to, ahead_rows=excluded.ahead_rows", id, number, a.From, a.To, a.Rows)
	}))
}

// Backlog counts the rows behind a batch.
func (s *Store) Backlog(ctx context.Context, stream ledger.Stream, seq, most int64) (rows, last int64, err error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return 0, 0, s.fault("read log", err)
	}
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(seq),0) FROM log WHERE stream=?", id).Scan(&last); err != nil || last <= seq {
		return 0, last, s.fault("read log", err)
	}
	list, err := s.read.QueryContext(ctx, "SELECT log.rows-coalesce((SELECT dead.rows FROM dead WHERE dead.seq=log.seq),0) FROM log WHERE stream=? AND seq>? ORDER BY seq", id, seq)
	if err != nil {
		return 0, last, s.fault("read log", err)
	}
	defer list.Close()
	for rows <= most && list.Next() {
		var n int64
		if err := list.Scan(&n); err != nil {
			return 0, last, s.fault("read log", err)
		}
		rows += n
	}
	return rows, last, s.fault("read log", list.Err())
}
