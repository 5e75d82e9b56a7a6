package sqlite

import (
	"context"
	"encoding/binary"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// closeBatch marks the batch as arrived, or says which of its members are still open.
func (t *tx) closeBatch(st *ledger.Settlement, now int64) error {
	if len(st.Left) == 0 {
		return t.exec("UPDATE frozen SET state='arrived', open=NULL, open_rows=NULL, arrived=? WHERE id=?", now, st.Batch.ID)
	}
	var members []byte
	if err := t.row("SELECT members FROM frozen WHERE id=?", st.Batch.ID).Scan(&members); err != nil {
		return err
	}
	left := make(map[int64]bool, len(st.Left))
	for i := range st.Left {
		left[st.Left[i].Rec] = true
	}
	all := decodeMembers(members)
	open := make([]byte, (len(all)+7)/8)
	for i := range all {
		if left[all[i].Rec] {
			open[i/8] |= 1 << (i % 8)
		}
	}
	return t.exec("UPDATE frozen SET open=?, open_rows=?, arrived=? WHERE id=?", open, len(st.Left), now, st.Batch.ID)
}

// openMembers is the members without an outcome.
func openMembers(members []ledger.Member, open []byte) []ledger.Member {
	if open == nil {
		return members
	}
	var left []ledger.Member
	for i := range members {
		if open[i/8]&(1<<(i%8)) != 0 {
			left = append(left, members[i])
		}
	}
	return left
}

// Unsettled lists frozen batches with members nobody knows the outcome of, and those
// members.
func (s *Store) Unsettled(ctx context.Context, receiver string) ([]*ledger.Frozen, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil {
		return nil, s.fault("list frozen batches", err)
	}
	rows, err := s.read.QueryContext(ctx, "SELECT f.id, streams.source, streams.subject, f.tablename, f.at, f.members, f.open, coalesce(f.tried, f.at), EXISTS (SELECT 1 FROM returned r WHERE r.batch=f.id AND r.receiver=f.receiver) FROM frozen f JOIN streams ON streams.id=f.stream WHERE f.receiver=? AND f.state='open' ORDER BY f.at", id)
	if err != nil {
		return nil, s.fault("list frozen batches", err)
	}
	defer rows.Close()
	var list []*ledger.Frozen
	for rows.Next() {
		b := &ledger.Frozen{Receiver: receiver}
		var at, tried int64
		var members, open []byte
		if err := rows.Scan(&b.ID, &b.Stream.Source, &b.Stream.Subject, &b.Table, &at, &members, &open, &tried, &b.Answered); err != nil {
			return nil, s.fault("list frozen batches", err)
		}
		b.Tried, b.Partly = moment(tried), open != nil
		b.At, b.Members = time.UnixMilli(at), openMembers(decodeMembers(members), open)
		list = append(list, b)
	}
	return list, s.fault("list frozen batches", rows.Err())
}

// Attempt notes when an attempt at an open batch begins, or that nothing of it was written.
func (s *Store) Attempt(ctx context.Context, l ledger.Lease, batch string, at time.Time) error {
	return s.fault("note attempt", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		if err := t.exec("UPDATE frozen SET tried=? WHERE id=? AND state='open'", millis(at), batch); err != nil {
			return err
		}
		return t.exec("DELETE FROM outcomes WHERE decided=0 AND batch=?", batch)
	}))
}

// encodeMembers packs members: record, version, log batch and row as varints (record
// and batch as differences to the member before), then the operation.
func encodeMembers(members []ledger.Member) []byte {
	buf := make([]byte, 0, len(members)*8)
	var rec, seq int64
	for i := range members {
		m := &members[i]
		buf = binary.AppendVarint(buf, m.Rec-rec)
		buf = binary.AppendUvarint(buf, uint64(m.Version))
		buf = binary.AppendVarint(buf, m.At.Seq-seq)
		buf = binary.AppendUvarint(buf, uint64(m.At.Row))
		buf = append(buf, byte(m.Op))
		rec, seq = m.Rec, m.At.Seq
	}
	return buf
}

func decodeMembers(buf []byte) []ledger.Member {
	members := make([]ledger.Member, 0, len(buf)/6) // five bytes at least, six or seven as a rule
	var rec, seq int64
	for len(buf) > 0 {
		var m ledger.Member
		d, n := binary.Varint(buf)
		v, k := binary.Uvarint(buf[n:])
		e, j := binary.Varint(buf[n+k:])
		r, i := binary.Uvarint(buf[n+k+j:])
		rec, seq = rec+d, seq+e
		m.Rec, m.Version, m.At.Seq, m.At.Row = rec, uint32(v), seq, int32(r)
		m.Op = pipelines.Op(buf[n+k+j+i])
		m.Delete = m.Op == pipelines.OpDelete
		members = append(members, m)
		buf = buf[n+k+j+i+1:]
	}
	return members
}
