package sqlite

import (
	"context"
	"encoding/binary"
	"time"

	"banjian/ledger"
)

// Past goes through the delivery batches of a stream at a receiver, oldest first.
func (s *Store) Past(ctx context.Context, receiver string, stream ledger.Stream, each func(*ledger.FrozenPast) error) error {
	id, err := s.receiverID(ctx, receiver)
	if err != nil {
		return s.fault("read deliveries", err)
	}
	of, err := s.streamID(ctx, stream)
	if err != nil {
		return s.fault("read deliveries", err)
	}
	ids, err := s.pastIDs(ctx, id, of) // sorting the batches themselves would take their size in memory
	if err != nil {
		return s.fault("read deliveries", err)
	}
	for _, batch := range ids {
		p := &ledger.FrozenPast{Frozen: ledger.Frozen{ID: batch, Receiver: receiver, Stream: stream}}
		var at, arrived int64
		var members, digests []byte
		err := s.read.QueryRowContext(ctx, "SELECT tablename, at, arrived, CASE WHEN state='open' THEN coalesce(open_rows, rows) ELSE 0 END, members, digests FROM frozen WHERE id=?", batch).
			Scan(&p.Table, &at, &arrived, &p.Left, &members, &digests)
		if err != nil {
			return s.fault("read deliveries", err)
		}
		p.At, p.Members, p.Digests = time.UnixMilli(at), decodeMembers(members), decodeDigests(digests)
		if arrived > 0 {
			p.Arrived = time.UnixMilli(arrived)
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) pastIDs(ctx context.Context, receiver, stream int64) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id FROM frozen WHERE receiver=? AND stream=? ORDER BY at", receiver, stream)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func encodeDigests(digests []uint64) []byte {
	if digests == nil {
		return nil
	}
	buf := make([]byte, 0, 8*len(digests))
	for _, d := range digests {
		buf = binary.LittleEndian.AppendUint64(buf, d)
	}
	return buf
}

func decodeDigests(buf []byte) []uint64 {
	if buf == nil {
		return nil
	}
	digests := make([]uint64, len(buf)/8)
	for i := range digests {
		digests[i] = binary.LittleEndian.Uint64(buf[8*i:])
	}
	return digests
}
