package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"banjian/ledger"
)

// Rejects lists rejects, oldest first.
func (s *Store) Rejects(ctx context.Context, q ledger.RejectQuery) ([]ledger.Reject, error) {
	where, args := "WHERE 1=1", []any{}
	add := func(cond string, v any) { where, args = where+" AND "+cond, append(args, v) }
	if q.ID != 0 {
		add("id=?", q.ID)
	}
	if q.Pipeline != "" {
		add("pipeline=?", q.Pipeline)
	}
	if len(q.Pipelines) > 0 {
		var these string
		these, args = oneOf(q.Pipelines, args...)
		where += " AND pipeline IN " + these
	}
	if q.Receiver != "" {
		add("receiver=?", q.Receiver)
	}
	if q.Run != 0 {
		add("run=?", q.Run)
	}
	if q.Rule != "" {
		add("rule=?", q.Rule)
	}
	if q.State != "" {
		add("state=?", q.State)
	}
	if q.Key != nil {
		add("key=?", q.Key)
	}
	if q.KeyPrefix != nil {
		add("key>=?", q.KeyPrefix)
		add("key<?", behind(q.KeyPrefix))
	}
	if q.Limit > 0 {
		args = append(args, q.Limit)
	}
	query := "SELECT id, pipeline, receiver, subject, key, field, rule, args, shash, kept, kept_row, run, at, state, closed_at FROM rejects " + where + " ORDER BY id"
	if q.Limit > 0 {
		query += " LIMIT ?"
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.fault("list rejects", err)
	}
	defer rows.Close()
	var list []ledger.Reject
	for rows.Next() {
		r, err := scanReject(rows)
		if err != nil {
			return nil, s.fault("list rejects", err)
		}
		list = append(list, r)
	}
	return list, s.fault("list rejects", rows.Err())
}

func scanReject(rows *sql.Rows) (ledger.Reject, error) {
	var r ledger.Reject
	var args string
	var shash []byte
	var at, closed int64
	if err := rows.Scan(&r.ID, &r.Pipeline, &r.Receiver, &r.Subject, &r.Key, &r.Field, &r.Rule, &args, &shash, &r.Kept, &r.KeptRow, &r.Run, &at, &r.State, &closed); err != nil {
		return r, err
	}
	copy(r.Source[:], shash)
	if fields := strings.Split(r.Field, ","); len(fields) > 1 {
		r.Field, r.Also = fields[0], fields[1:]
	}
	r.At = time.UnixMilli(at)
	if closed > 0 {
		r.ClosedAt = time.UnixMilli(closed)
	}
	return r, json.Unmarshal([]byte(args), &r.Args)
}

// Offset is the last log batch the receiver's delivery has looked at.
func (s *Store) Offset(ctx context.Context, receiver string, stream ledger.Stream) (int64, error) {
	var seq int64
	err := s.read.QueryRowContext(ctx, "SELECT o.seq FROM offsets o JOIN receivers r ON r.id=o.receiver JOIN streams s ON s.id=o.stream WHERE r.name=? AND s.source=? AND s.subject=?",
		receiver, stream.Source, stream.Subject).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, s.fault("read offset", err)
}

// Kept is the source batch of that number, nil if it is gone.
func (s *Store) Kept(ctx context.Context, id int64) ([]byte, error) {
	var payload []byte
	err := s.read.QueryRowContext(ctx, "SELECT payload FROM kept WHERE id=?", id).Scan(&payload)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return payload, s.fault("read kept source rows", err)
}

// pruneAtOnce is how many batches one transaction of Prune takes: others write in between.
const pruneAtOnce = 64

// Prune drops source columns kept since before the given time, and the payload of
// log batches whose every row was replaced and that every receiver has passed; the
// newest version of a record always stays. It returns how many batches it emptied.
func (s *Store) Prune(ctx context.Context, keepSourceSince time.Time) (int64, error) {
	if err := s.bitByBit(ctx, func(t *tx) (int64, error) {
		return t.change("DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE at<? ORDER BY id LIMIT ?)", keepSourceSince.UnixMilli(), pruneAtOnce)
	}); err != nil {
		return 0, s.fault("prune ledger", err)
	}
	seqs, back, err := s.emptied(ctx)
	if err != nil {
		return 0, s.fault("prune ledger", err)
	}
	var total int64
	for part := range slices.Chunk(seqs, pruneAtOnce) {
		var n int64
		if err := s.w.do(ctx, func(t *tx) (err error) {
			n, err = t.empty(part, back)
			return err
		}); err != nil {
			return total, s.fault("prune ledger", err)
		}
		total += n
	}
	return total, nil
}

// mayEmpty says of the log batches l, which have a payload, that every receiver has passed them
// and none is about to send of them.
const mayEmpty = " l.payload IS NOT NULL AND NOT EXISTS (SELECT 1 FROM offsets o WHERE o.stream=l.stream AND o.seq<l.seq) AND l.stream NOT IN (SELECT f.stream FROM frozen f WHERE f.state='open')"

// newestReturn is the last row that any receiver sent back.
const newestReturn = "SELECT coalesce(max(id), 0) FROM returned"

// emptied is the log batches whose payload nobody needs any more, and the last row that had come
// back by then. What is put aside is looked through for it once, and no write waits for that: of
// rows that were all replaced nothing is put aside anew but what a receiver sends back.
func (s *Store) emptied(ctx context.Context) (seqs []int64, back int64, err error) {
	if err := s.read.QueryRowContext(ctx, newestReturn).Scan(&back); err != nil {
		return nil, 0, err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT d.seq FROM dead d CROSS JOIN log l ON l.seq=d.seq WHERE d.rows>=l.rows AND l.seq NOT IN (SELECT e.seq FROM exceptions e) AND"+mayEmpty)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, 0, err
		}
		seqs = append(seqs, seq)
	}
	return seqs, back, rows.Err()
}

// empty drops the payload of those batches that may go still: none if rows came back since, for
// these may be put aside where they lie.
func (t *tx) empty(seqs []int64, back int64) (int64, error) {
	var now int64
	if err := t.row(newestReturn).Scan(&now); err != nil || now != back {
		return 0, err
	}
	these, args := oneOf(seqs)
	n, err := t.change("UPDATE log AS l SET payload=NULL WHERE l.seq IN "+these+" AND"+mayEmpty, args...)
	if err != nil || n == 0 {
		return n, err
	}
	gone := "(SELECT seq FROM log WHERE payload IS NULL AND seq IN " + these + ")"
	if err := t.exec("DELETE FROM superseded WHERE seq IN "+gone, args...); err != nil {
		return n, err
	}
	return n, t.exec("DELETE FROM dead WHERE seq IN "+gone, args...)
}

// bitByBit repeats a change, each time in a transaction of its own, until it finds less than
// pruneAtOnce to do.
func (s *Store) bitByBit(ctx context.Context, change func(*tx) (int64, error)) error {
	for n := int64(pruneAtOnce); n >= pruneAtOnce; {
		if err := s.w.do(ctx, func(t *tx) (err error) {
			n, err = change(t)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
