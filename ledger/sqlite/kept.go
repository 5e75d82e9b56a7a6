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

// mostEarlier bounds how many mapping versions are compared with.
const mostEarlier = 8

// Earlier is the newest batch kept under each mapping version that records may still
// stem from. The last run that was done and looked at every row, or at every row that is
// kept, bounds how far back that goes.
func (s *Store) Earlier(ctx context.Context, pipeline, current string) ([]ledger.KeptBatch, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT m.mapping, coalesce((SELECT max(k.id) FROM kept k JOIN runs r ON r.num=k.run WHERE k.pipeline=?1 AND r.mapping=m.mapping), 0)
		FROM (SELECT mapping, max(num) AS last FROM runs WHERE pipeline=?1 AND state='done'
		  AND num >= (SELECT coalesce(max(num),0) FROM runs WHERE pipeline=?1 AND state='done' AND mode IN ('full','compare','remap')) GROUP BY mapping) m
		WHERE m.mapping<>?2 ORDER BY m.last DESC LIMIT ?3`, pipeline, current, mostEarlier)
	if err != nil {
		return nil, s.fault("read runs", err)
	}
	defer rows.Close()
	var list []ledger.KeptBatch
	for rows.Next() {
		var b ledger.KeptBatch
		if err := rows.Scan(&b.Mapping, &b.ID); err != nil {
			return nil, s.fault("read runs", err)
		}
		list = append(list, b)
	}
	if err := rows.Err(); err != nil {
		return nil, s.fault("read runs", err)
	}
	for i := range list {
		if list[i].Payload, err = s.Kept(ctx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}
