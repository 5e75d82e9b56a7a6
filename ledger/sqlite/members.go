package sqlite

import (
	"context"

	"banjian/ledger"
)

// ofPipeline leaves the records of a stream that are alive and whose newest version the
// pipeline wrote.
const ofPipeline = " FROM records r JOIN runs u ON u.num = r.run WHERE r.stream=? AND u.pipeline=? AND r.deleted=0"

// Members lists them by key, behind after.
func (s *Store) Members(ctx context.Context, stream ledger.Stream, pipeline string, after []byte, limit int) ([]ledger.Entry, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return nil, s.fault("list records", err)
	}
	if after == nil {
		after = []byte{}
	}
	list, err := s.entries(ctx, nil, "SELECT r.key, r.rec, r.version, r.rhash, r.shash, r.guid, r.seq, r.row, r.run, r.deleted, r.leaf"+ofPipeline+" AND r.key>? ORDER BY r.key LIMIT ?",
		id, pipeline, after, limit)
	return list, s.fault("list records", err)
}

// CountMembers counts them.
func (s *Store) CountMembers(ctx context.Context, stream ledger.Stream, pipeline string) (int64, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return 0, s.fault("count records", err)
	}
	var n int64
	err = s.read.QueryRowContext(ctx, "SELECT count(*)"+ofPipeline, id, pipeline).Scan(&n)
	return n, s.fault("count records", err)
}
