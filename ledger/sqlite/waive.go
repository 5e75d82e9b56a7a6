package sqlite

import (
	"context"
	"slices"

	"banjian/ledger"
)

// Waive closes open rejects by a person's decision.
func (s *Store) Waive(ctx context.Context, ids []int64, who, why string) (int64, error) {
	var total int64
	err := s.w.do(ctx, func(t *tx) error {
		total = 0
		at := s.now().UnixMilli()
		for _, id := range ids {
			n, err := t.change("UPDATE rejects SET state=?, closed_at=? WHERE id=? AND state='open'", ledger.Waived, at, id)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			total++
			if err := t.exec("INSERT INTO waivers(reject, at, who, why) VALUES(?,?,?,?) ON CONFLICT(reject) DO UPDATE SET at=excluded.at, who=excluded.who, why=excluded.why", id, at, who, why); err != nil {
				return err
			}
		}
		return nil
	})
	return total, s.fault("waive rejects", err)
}

// Waivers finds who waived which of these rejects, and why.
func (s *Store) Waivers(ctx context.Context, ids []int64) ([]ledger.Waiver, error) {
	var list []ledger.Waiver
	for part := range slices.Chunk(ids, rowsAtOnce) {
		these, args := oneOf(part)
		rows, err := s.read.QueryContext(ctx, "SELECT reject, at, who, why FROM waivers WHERE reject IN "+these+" ORDER BY reject", args...)
		if err != nil {
			return nil, s.fault("list waivers", err)
		}
		for rows.Next() {
			var w ledger.Waiver
			var at int64
			if err := rows.Scan(&w.Reject, &at, &w.Who, &w.Why); err != nil {
				rows.Close()
				return nil, s.fault("list waivers", err)
			}
			w.At = moment(at)
			list = append(list, w)
		}
		if err := rows.Err(); err != nil {
			return nil, s.fault("list waivers", err)
		}
	}
	return list, nil
}
