package sqlite

import (
	"context"
	"encoding/json"

	"banjian/ledger"
)

// Corrections lists those of a pipeline.
func (s *Store) Corrections(ctx context.Context, pipeline string) ([]ledger.Correction, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT row, cells, reject, who, at FROM corrections WHERE pipeline=?", pipeline)
	if err != nil {
		return nil, s.fault("read corrections", err)
	}
	defer rows.Close()
	var list []ledger.Correction
	for rows.Next() {
		c := ledger.Correction{Pipeline: pipeline}
		var row, cells []byte
		var at int64
		if err := rows.Scan(&row, &cells, &c.Reject, &c.Who, &at); err != nil {
			return nil, s.fault("read corrections", err)
		}
		copy(c.Row[:], row)
		c.At = moment(at)
		if err := json.Unmarshal(cells, &c.Cells); err != nil {
			return nil, s.fault("read corrections", err)
		}
		list = append(list, c)
	}
	return list, s.fault("read corrections", rows.Err())
}

// Correct stores corrections; a row's newest stands.
func (s *Store) Correct(ctx context.Context, list []ledger.Correction) error {
	err := s.w.do(ctx, func(t *tx) error {
		for i := range list {
			c := &list[i]
			cells, err := json.Marshal(c.Cells)
			if err != nil {
				return err
			}
			if err := t.exec("INSERT INTO corrections(pipeline, row, cells, reject, who, at) VALUES(?,?,?,?,?,?) ON CONFLICT(pipeline, row) DO UPDATE SET cells=excluded.cells, reject=excluded.reject, who=excluded.who, at=excluded.at",
				c.Pipeline, c.Row[:], string(cells), c.Reject, c.Who, c.At.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	return s.fault("store corrections", err)
}
