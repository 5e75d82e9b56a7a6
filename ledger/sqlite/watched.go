package sqlite

import (
	"context"
	"time"

	"banjian/ledger"
)

// watch begins to watch a batch whose receipt, or a part of it, is being stored.
func (t *tx) watch(receiver int64, st *ledger.Settlement, now int64) error {
	if !st.Watch {
		return nil
	}
	sent := int64(len(st.Batch.Members) - len(st.Refused)) // a member is refused once
	return t.exec("INSERT INTO watched(batch, receiver, tablename, at, sent, waiting, done) VALUES(?,?,?,?,?,?,?) ON CONFLICT(batch) DO UPDATE SET sent=sent+excluded.sent, waiting=waiting+excluded.sent, done=done AND excluded.done",
		st.Batch.ID, receiver, st.Batch.Table, now, sent, sent, sent == 0)
}

// Untaken lists batches of which something is still to be learnt.
func (s *Store) Untaken(ctx context.Context, receiver string, limit int) ([]ledger.Watched, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return nil, s.fault("list batches", err)
	}
	rows, err := s.read.QueryContext(ctx, "SELECT batch, tablename, sent, at, waiting, missing, looked FROM watched WHERE receiver=? AND done=0 ORDER BY looked, at LIMIT ?", id, limit)
	if err != nil {
		return nil, s.fault("list batches", err)
	}
	defer rows.Close()
	var list []ledger.Watched
	for rows.Next() {
		var w ledger.Watched
		var at, looked int64
		if err := rows.Scan(&w.Batch, &w.Table, &w.Sent, &at, &w.Waiting, &w.Missing, &looked); err != nil {
			return nil, s.fault("list batches", err)
		}
		w.At, w.Looked = moment(at), moment(looked)
		list = append(list, w)
	}
	return list, s.fault("list batches", rows.Err())
}

// SetWatched stores what was seen of batches.
func (s *Store) SetWatched(ctx context.Context, list []ledger.Watched) error {
	return s.fault("store batches", s.w.do(ctx, func(t *tx) error {
		for i := range list {
			w := &list[i]
			if err := t.exec("UPDATE watched SET waiting=?, missing=?, looked=?, done=? WHERE batch=?", w.Waiting, w.Missing, millis(w.Looked), w.Done, w.Batch); err != nil {
				return err
			}
		}
		return nil
	}))
}

// WatchTotals adds up what a receiver has taken over.
func (s *Store) WatchTotals(ctx context.Context, receiver string, lateBefore time.Time) (ledger.WatchTotals, error) {
	var t ledger.WatchTotals
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return t, s.fault("sum up batches", err)
	}
	var oldest, looked int64
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(sum(sent),0), coalesce(sum(waiting),0), coalesce(sum(CASE WHEN at<? THEN waiting END),0), coalesce(sum(missing),0),"+
		" coalesce(min(CASE WHEN waiting>0 THEN at END),0), coalesce(max(looked),0), coalesce(sum(looked=0 AND done=0),0) FROM watched WHERE receiver=?", millis(lateBefore), id).
		Scan(&t.Sent, &t.Waiting, &t.Late, &t.Missing, &oldest, &looked, &t.Unlooked)
	t.Taken, t.Oldest, t.Looked = t.Sent-t.Waiting-t.Missing, moment(oldest), moment(looked)
	return t, s.fault("sum up batches", err)
}
