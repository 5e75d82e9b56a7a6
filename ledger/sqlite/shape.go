package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"banjian/ledger"
	"banjian/pipelines"
)

// Shape is what the pipeline's view was made of when it was last read.
func (s *Store) Shape(ctx context.Context, pipeline string) (*pipelines.Shape, error) {
	var packed string
	err := s.read.QueryRowContext(ctx, "SELECT shape FROM shapes WHERE pipeline=?", pipeline).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var shape pipelines.Shape
	if err == nil {
		err = json.Unmarshal([]byte(packed), &shape)
	}
	return &shape, s.fault("read shape of a view", err)
}

// SaveShape replaces it.
func (s *Store) SaveShape(ctx context.Context, l ledger.Lease, pipeline string, run int64, shape *pipelines.Shape) error {
	packed, err := json.Marshal(shape)
	if err != nil {
		return err
	}
	return s.fault("store shape of a view", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		return t.exec("INSERT INTO shapes(pipeline, run, shape) VALUES(?,?,?) ON CONFLICT(pipeline) DO UPDATE SET run=excluded.run, shape=excluded.shape", pipeline, run, string(packed))
	}))
}
