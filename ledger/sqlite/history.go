package sqlite

import (
	"context"
	"slices"

	"banjian/ledger"
)

// Passages reads every batch of the stream for the records.
func (s *Store) Passages(ctx context.Context, receiver string, stream ledger.Stream, recs []int64) ([]ledger.Passage, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return nil, s.fault("read deliveries", err)
	}
	number, err := s.streamID(ctx, stream)
	if err != nil || number == 0 {
		return nil, s.fault("read deliveries", err)
	}
	wanted := make(map[int64]bool, len(recs))
	for _, r := range recs {
		wanted[r] = true
	}
	rows, err := s.read.QueryContext(ctx, "SELECT id, tablename, at, arrived, state, members, open FROM frozen WHERE receiver=? AND stream=?", id, number) // sorting the batches themselves would take their size in memory
	if err != nil {
		return nil, s.fault("read deliveries", err)
	}
	defer rows.Close()
	var list []ledger.Passage
	for rows.Next() {
		var p ledger.Passage
		var at, arrived int64
		var state string
		var members, open []byte
		if err := rows.Scan(&p.Batch, &p.Table, &at, &arrived, &state, &members, &open); err != nil {
			return nil, s.fault("read deliveries", err)
		}
		p.Frozen = moment(at)
		for i, m := range decodeMembers(members) {
			if !wanted[m.Rec] {
				continue
			}
			p.Rec, p.Version, p.Op, p.Seq = m.Rec, m.Version, m.Op, m.At.Seq
			p.Open, p.Arrived = state == "open" && isOpen(open, i), moment(arrived)
			if p.Open {
				p.Arrived = moment(0)
			}
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b ledger.Passage) int { return a.Frozen.Compare(b.Frozen) })
	return list, s.fault("read deliveries", rows.Err())
}

// isOpen says that the i-th member of an open batch has no outcome.
func isOpen(open []byte, i int) bool { return open == nil || open[i/8]&(1<<(i%8)) != 0 }

// Origins finds log batches by number.
func (s *Store) Origins(ctx context.Context, seqs []int64) ([]ledger.Origin, error) {
	var list []ledger.Origin
	for part := range slices.Chunk(seqs, rowsAtOnce) {
		these, args := oneOf(part)
		rows, err := s.read.QueryContext(ctx, "SELECT seq, pipeline, run, mapping, at FROM log WHERE seq IN "+these+" ORDER BY seq", args...)
		if err != nil {
			return nil, s.fault("read log", err)
		}
		for rows.Next() {
			var o ledger.Origin
			var at int64
			if err := rows.Scan(&o.Seq, &o.Pipeline, &o.Run, &o.Mapping, &at); err != nil {
				rows.Close()
				return nil, s.fault("read log", err)
			}
			o.At = moment(at)
			list = append(list, o)
		}
		if err := rows.Err(); err != nil {
			return nil, s.fault("read log", err)
		}
	}
	return list, nil
}
