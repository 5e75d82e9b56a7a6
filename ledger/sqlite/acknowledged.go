package sqlite

import (
	"context"

	"banjian/ledger"
)

// Acknowledged lists what people have seen.
func (s *Store) Acknowledged(ctx context.Context) ([]ledger.Acknowledged, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT concern, count, state, at, who FROM acknowledged ORDER BY concern")
	if err != nil {
		return nil, s.fault("list what was acknowledged", err)
	}
	defer rows.Close()
	var list []ledger.Acknowledged
	for rows.Next() {
		var one ledger.Acknowledged
		var at int64
		if err := rows.Scan(&one.Concern, &one.Count, &one.State, &at, &one.Who); err != nil {
			return nil, s.fault("list what was acknowledged", err)
		}
		one.At = moment(at)
		list = append(list, one)
	}
	return list, s.fault("list what was acknowledged", rows.Err())
}

// Acknowledge stores what a person has seen, and nothing else.
func (s *Store) Acknowledge(ctx context.Context, list []ledger.Acknowledged) error {
	return s.fault("acknowledge", s.w.do(ctx, func(t *tx) error {
		if err := t.exec("DELETE FROM acknowledged"); err != nil {
			return err
		}
		for i := range list {
			one := &list[i]
			if err := t.exec("INSERT INTO acknowledged(concern, count, state, at, who) VALUES(?,?,?,?,?)",
				one.Concern, one.Count, one.State, one.At.UnixMilli(), one.Who); err != nil {
				return err
			}
		}
		return nil
	}))
}
