package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/ledger"
	"banjian/pipelines"
)

// Told is the message that a receiver acknowledged last of a record.
func (s *Store) Told(ctx context.Context, receiver string, rec int64, part string) (message pipelines.Hash, err error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return message, s.fault("read receipts", err)
	}
	var hash []byte
	err = s.read.QueryRowContext(ctx, "SELECT message FROM told WHERE receiver=? AND rec=? AND part=?", id, rec, part).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return message, nil
	}
	copy(message[:], hash)
	return message, s.fault("read receipts", err)
}

// KeepTold stores it.
func (s *Store) KeepTold(ctx context.Context, l ledger.Lease, receiver string, told ledger.Heard) error {
	return s.fault("store receipt", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		id, err := t.receiverFor(receiver)
		if err != nil {
			return err
		}
		return t.keepTold(id, told)
	}))
}

func (t *tx) keepTold(receiver int64, list ...ledger.Heard) error {
	for i := range list {
		told := &list[i]
		if err := t.exec("INSERT INTO told(receiver, rec, part, message) VALUES(?,?,?,?) ON CONFLICT(receiver, rec, part) DO UPDATE SET message=excluded.message",
			receiver, told.Rec, told.Part, told.Message[:]); err != nil {
			return err
		}
	}
	return nil
}
