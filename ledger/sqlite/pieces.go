package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	"banjian/ledger"
)

// SentPieces is what was acknowledged of a version's file.
func (s *Store) SentPieces(ctx context.Context, receiver string, rec int64, version uint32) (ledger.SentPieces, error) {
	p := ledger.SentPieces{Receiver: receiver, Rec: rec, Version: version}
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return p, s.fault("read receipts", err)
	}
	var times []byte
	err = s.read.QueryRowContext(ctx, "SELECT count, size, md5, acknowledged FROM pieces WHERE receiver=? AND rec=? AND version=?", id, rec, int64(version)).Scan(&p.Count, &p.Size, &p.MD5, &times)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	for ; len(times) >= 8; times = times[8:] {
		p.Acknowledged = append(p.Acknowledged, time.UnixMilli(int64(binary.LittleEndian.Uint64(times))))
	}
	return p, s.fault("read receipts", err)
}

// KeepPieces stores how a version's file is divided and what was acknowledged of it.
func (s *Store) KeepPieces(ctx context.Context, l ledger.Lease, p *ledger.SentPieces) error {
	return s.fault("store receipt", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		receiver, err := t.receiverFor(p.Receiver)
		if err != nil {
			return err
		}
		times := make([]byte, 0, 8*len(p.Acknowledged))
		for _, at := range p.Acknowledged {
			times = binary.LittleEndian.AppendUint64(times, uint64(at.UnixMilli()))
		}
		return t.exec("INSERT INTO pieces(receiver, rec, version, count, size, md5, acknowledged) VALUES(?,?,?,?,?,?,?)"+
			" ON CONFLICT(receiver, rec, version) DO UPDATE SET count=excluded.count, size=excluded.size, md5=excluded.md5, acknowledged=excluded.acknowledged",
			receiver, p.Rec, int64(p.Version), p.Count, p.Size, p.MD5, times)
	}))
}
