package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/ledger"
)

const keptBatch = "SELECT kept.id, runs.mapping, kept.payload FROM kept JOIN runs ON runs.num=kept.run WHERE kept.pipeline=? "

// NextKept is the first kept batch of a pipeline after a number.
func (s *Store) NextKept(ctx context.Context, pipeline string, after int64) (*ledger.KeptBatch, error) {
	return s.keptBatch(ctx, keptBatch+"AND kept.id>? ORDER BY kept.id LIMIT 1", pipeline, after)
}

// NewestKept is the last kept batch of a pipeline.
func (s *Store) NewestKept(ctx context.Context, pipeline string) (*ledger.KeptBatch, error) {
	return s.keptBatch(ctx, keptBatch+"ORDER BY kept.id DESC LIMIT 1", pipeline)
}

func (s *Store) keptBatch(ctx context.Context, query string, args ...any) (*ledger.KeptBatch, error) {
	b := &ledger.KeptBatch{}
	err := s.read.QueryRowContext(ctx, query, args...).Scan(&b.ID, &b.Mapping, &b.Payload)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, s.fault("read kept source rows", err)
}

// DoneMapping is the mapping version of the last run that was done.
func (s *Store) DoneMapping(ctx context.Context, pipeline string) (string, error) {
	var mapping string
	err := s.read.QueryRowContext(ctx, "SELECT mapping FROM runs WHERE pipeline=? AND state='done' ORDER BY num DESC LIMIT 1", pipeline).Scan(&mapping)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return mapping, s.fault("read runs", err)
}
