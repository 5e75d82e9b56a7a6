package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/ledger"
)

const logColumns = "log.seq, streams.source, streams.subject, log.pipeline, log.run, coalesce((SELECT rows FROM dead WHERE dead.seq=log.seq),0), log.payload"

// Next is the first batch of the stream after seq.
func (s *Store) Next(ctx context.Context, stream ledger.Stream, seq int64) (*ledger.LogEntry, error) {
	id, err := s.streamID(ctx, stream)
	if err != nil || id == 0 {
		return nil, s.fault("read log", err)
	}
	return s.logEntry(ctx, "SELECT "+logColumns+" FROM log JOIN streams ON streams.id=log.stream WHERE log.stream=? AND log.seq>? ORDER BY log.seq LIMIT 1", id, seq)
}

// At is the batch of that number.
func (s *Store) At(ctx context.Context, seq int64) (*ledger.LogEntry, error) {
	return s.logEntry(ctx, "SELECT "+logColumns+" FROM log JOIN streams ON streams.id=log.stream WHERE log.seq=?", seq)
}

func (s *Store) logEntry(ctx context.Context, query string, args ...any) (*ledger.LogEntry, error) {
	var e ledger.LogEntry
	var dead int64
	err := s.read.QueryRowContext(ctx, query, args...).Scan(&e.Seq, &e.Stream.Source, &e.Stream.Subject, &e.Pipeline, &e.Run, &dead, &e.Payload)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fault("read log", err)
	}
	if dead > 0 {
		if e.Dead, err = s.deadRows(ctx, e.Seq); err != nil {
			return nil, s.fault("read log", err)
		}
	}
	return &e, nil
}

// Wrote lists the pipelines of the batches after seq.
func (s *Store) Wrote(ctx context.Context, seq int64) (pipelines []string, last int64, err error) {
	if seq < 0 {
		err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM log").Scan(&last)
		return nil, last, s.fault("read log", err)
	}
	last = seq
	rows, err := s.read.QueryContext(ctx, "SELECT pipeline, max(seq) FROM log WHERE seq>? GROUP BY pipeline ORDER BY pipeline", seq)
	if err != nil {
		return nil, last, s.fault("read log", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var newest int64
		if err := rows.Scan(&name, &newest); err != nil {
			return nil, seq, s.fault("read log", err)
		}
		pipelines, last = append(pipelines, name), max(last, newest)
	}
	return pipelines, last, s.fault("read log", rows.Err())
}

func (s *Store) deadRows(ctx context.Context, seq int64) ([]int32, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT row FROM superseded WHERE seq=? ORDER BY row", seq)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var dead []int32
	for rows.Next() {
		var r int32
		if err := rows.Scan(&r); err != nil {
			return nil, err
		}
		dead = append(dead, r)
	}
	return dead, rows.Err()
}

// Streams lists the streams of a subject.
func (s *Store) Streams(ctx context.Context, subject string) ([]ledger.Stream, error) {
	return s.listStreams(ctx, "SELECT source, subject FROM streams WHERE subject=? ORDER BY id", subject)
}

// AllStreams lists every stream.
func (s *Store) AllStreams(ctx context.Context) ([]ledger.Stream, error) {
	return s.listStreams(ctx, "SELECT source, subject FROM streams ORDER BY id")
}

func (s *Store) listStreams(ctx context.Context, query string, args ...any) ([]ledger.Stream, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.fault("list streams", err)
	}
	defer rows.Close()
	var list []ledger.Stream
	for rows.Next() {
		var st ledger.Stream
		if err := rows.Scan(&st.Source, &st.Subject); err != nil {
			return nil, s.fault("list streams", err)
		}
		list = append(list, st)
	}
	return list, s.fault("list streams", rows.Err())
}
