package exchangedb

import (
	"context"
	"slices"
	"strings"

	"banjian/pipelines"
)

// colSync is the receiver's mark of rows that it has taken over.
const colSync = "is_sync"

// askedAtOnce is how many deliveries one query asks for.
const askedAtOnce = 50

var _ pipelines.Watcher = (*Target)(nil)

// Uptakes counts the rows of deliveries and those not taken over yet. It finds them by
// the index on cd_batch, takes no locks and reads what is committed. A receiver whose
// table has no is_sync is a Config fault.
func (t *Target) Uptakes(ctx context.Context, table string, ids []string) (map[string]pipelines.Uptake, error) {
	const op = "ask exchange table what was taken over"
	shards, err := t.opts.shards(table)
	if err != nil {
		return nil, err
	}
	s, err := t.open(ctx, table)
	if err != nil {
		return nil, err
	}
	defer s.release()
	found := map[string]pipelines.Uptake{}
	for _, n := range shards {
		for part := range slices.Chunk(ids, askedAtOnce) {
			if err := s.uptakes(ctx, n, part, found); err != nil {
				return nil, t.fault(op, n.logical, err)
			}
		}
	}
	return found, nil
}

// uptakes asks for so many deliveries in one table.
func (w *way) uptakes(n *names, ids int) string {
	places := make([]string, ids)
	for i := range places {
		places[i] = w.place(i + 1)
	}
	batch := n.quoted(colBatch)
	return "SELECT " + batch + ", COUNT(*), SUM(CASE WHEN " + n.quoted(colSync) + " = '1' THEN 0 ELSE 1 END) FROM " + n.table +
		" WHERE " + batch + " IN (" + strings.Join(places, ", ") + ") GROUP BY " + batch
}

func (s *session) uptakes(ctx context.Context, n *names, ids []string, found map[string]pipelines.Uptake) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := s.conn.QueryContext(ctx, s.way.uptakes(n, len(ids)), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var u pipelines.Uptake
		if err := rows.Scan(&id, &u.There, &u.Waiting); err != nil {
			return err
		}
		id = strings.TrimSpace(id)
		found[id] = pipelines.Uptake{There: found[id].There + u.There, Waiting: found[id].Waiting + u.Waiting}
	}
	return rows.Err()
}
