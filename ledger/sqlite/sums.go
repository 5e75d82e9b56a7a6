package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/ledger"
	"banjian/pipelines"
)

// Summed is what the pipeline's view added up to when it was last compared, and what
// changed since.
func (s *Store) Summed(ctx context.Context, pipeline string) (*ledger.Summed, error) {
	list := &ledger.Summed{Pipeline: pipeline}
	var of string
	var parts []byte
	err := s.read.QueryRowContext(ctx, "SELECT mapping, of, run, parts FROM sums WHERE pipeline=?", pipeline).Scan(&list.Mapping, &of, &list.Run, &parts)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fault("read sums", err)
	}
	if list.Sums = pipelines.UnpackSums(of, parts); list.Sums == nil {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx, "SELECT leaf FROM stirred WHERE pipeline=? ORDER BY leaf", pipeline)
	if err != nil {
		return nil, s.fault("read sums", err)
	}
	defer rows.Close()
	for rows.Next() {
		var leaf uint32
		if err := rows.Scan(&leaf); err != nil {
			return nil, s.fault("read sums", err)
		}
		list.Stirred = append(list.Stirred, leaf)
	}
	return list, s.fault("read sums", rows.Err())
}

// SaveSums stores them; nothing has changed since.
func (s *Store) SaveSums(ctx context.Context, l ledger.Lease, sums *ledger.Summed) error {
	return s.fault("store sums", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM stirred WHERE pipeline=?", sums.Pipeline); err != nil {
			return err
		}
		return t.exec("INSERT INTO sums(pipeline, mapping, of, run, parts) VALUES(?,?,?,?,?) ON CONFLICT(pipeline) DO UPDATE SET mapping=excluded.mapping, of=excluded.of, run=excluded.run, parts=excluded.parts",
			sums.Pipeline, sums.Mapping, sums.Sums.Of, sums.Run, sums.Sums.Pack())
	}))
}

// stir notes which parts of the view the change touches, where there are sums it spoils.
func (t *tx) stir(c *ledger.Change) error {
	leaves := map[uint32]bool{}
	for i := range c.Batches {
		for j := range c.Batches[i].Entries {
			leaves[c.Batches[i].Entries[j].Leaf] = true
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	n := 0
	if err := t.row("SELECT count(*) FROM sums WHERE pipeline=?", c.Pipeline).Scan(&n); err != nil || n == 0 {
		return err
	}
	if leaves[0] {
		return t.exec("DELETE FROM sums WHERE pipeline=?", c.Pipeline)
	}
	for leaf := range leaves {
		if err := t.exec("INSERT INTO stirred(pipeline, leaf) VALUES(?,?) ON CONFLICT DO NOTHING", c.Pipeline, int64(leaf-1)); err != nil {
			return err
		}
	}
	return nil
}
