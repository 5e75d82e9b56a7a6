package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"

	"banjian/ledger"
)

// Told is the messages that a receiver acknowledged last of records.
func (s *Store) Told(ctx context.Context, receiver string, recs []int64) ([]ledger.Heard, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return nil, s.fault("read receipts", err)
	}
	var list []ledger.Heard
	for part := range slices.Chunk(recs, rowsAtOnce) {
		if list, err = s.someTold(ctx, id, part, list); err != nil {
			return nil, s.fault("read receipts", err)
		}
	}
	return list, nil
}

func (s *Store) someTold(ctx context.Context, receiver int64, recs []int64, list []ledger.Heard) ([]ledger.Heard, error) {
	these, args := oneOf(recs, receiver)
	rows, err := s.read.QueryContext(ctx, "SELECT rec, part, message FROM told WHERE receiver=? AND rec IN "+these, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h ledger.Heard
		var hash []byte
		if err := rows.Scan(&h.Rec, &h.Part, &hash); err != nil {
			return nil, err
		}
		copy(h.Message[:], hash)
		list = append(list, h)
	}
	return list, rows.Err()
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
	_, err := t.many("INSERT INTO told(receiver, rec, part, message) VALUES", []any{receiver}, 3, " ON CONFLICT(receiver, rec, part) DO UPDATE SET message=excluded.message", len(list), func(i int, to []driver.NamedValue) {
		to[0].Value, to[1].Value, to[2].Value = list[i].Rec, list[i].Part, list[i].Message[:]
	})
	return err
}
