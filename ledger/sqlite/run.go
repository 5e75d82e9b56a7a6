package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"banjian/ledger"
)

// StartRun opens a run and gives it its number.
func (s *Store) StartRun(ctx context.Context, pipeline, mode, mapping string) (ledger.Run, error) {
	r := ledger.Run{Pipeline: pipeline, Mode: mode, Mapping: mapping, Started: s.now(), State: "running"}
	err := s.w.do(ctx, func(t *tx) error {
		if err := t.row("INSERT INTO runs(id, pipeline, mode, mapping, started, state) VALUES('', ?,?,?,?,?) RETURNING num",
			pipeline, mode, mapping, r.Started.UnixMilli(), r.State).Scan(&r.Num); err != nil {
			return err
		}
		r.ID = fmt.Sprintf("%s-%06d", r.Started.UTC().Format("20060102T150405"), r.Num)
		return t.exec("UPDATE runs SET id=? WHERE num=?", r.ID, r.Num)
	})
	return r, s.fault("start run", err)
}

// EndRun closes it with its state and counts. A whole read that was finished saw every
// row there is: rejects it did not see are of rows that are gone, and are closed.
func (s *Store) EndRun(ctx context.Context, r ledger.Run) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	return s.fault("end run", s.w.do(ctx, func(t *tx) error {
		at := s.now().UnixMilli()
		if r.Whole && r.State == "done" {
			if err := t.exec("UPDATE rejects SET state='closed', closed_at=? WHERE pipeline=? AND receiver='' AND state='open' AND seen_run<?", at, r.Pipeline, r.Num); err != nil {
				return err
			}
		}
		return t.exec("UPDATE runs SET ended=?, state=?, counts=?, error=?, compared=? WHERE num=?", at, r.State, string(counts), r.Error, r.Compared, r.Num)
	}))
}

// RunsSince is the runs behind the last one that was started before that time, newest first.
func (s *Store) RunsSince(ctx context.Context, since time.Time) ([]ledger.Run, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+runColumns+" FROM runs WHERE num>coalesce((SELECT num FROM runs WHERE started<? ORDER BY num DESC LIMIT 1), 0) ORDER BY num DESC", since.UnixMilli())
	if err != nil {
		return nil, s.fault("list runs", err)
	}
	return s.listRuns(rows)
}

// LastRuns is the newest run of each pipeline, by name.
func (s *Store) LastRuns(ctx context.Context) ([]ledger.Run, error) {
	rows, err := s.read.QueryContext(ctx, newest("mode NOT IN ('files', 'verify')"))
	if err != nil {
		return nil, s.fault("list runs", err)
	}
	return s.listRuns(rows)
}

// LastRun is the newest run of the pipeline.
func (s *Store) LastRun(ctx context.Context, pipeline string) (ledger.Run, error) {
	return s.oneRun(ctx, "pipeline=?", pipeline)
}

// LastCompared is the newest run that compared the pipeline's whole view.
func (s *Store) LastCompared(ctx context.Context, pipeline string) (ledger.Run, error) {
	return s.oneRun(ctx, "pipeline=? AND compared=1", pipeline)
}

// oneRun is the newest run of which the condition holds.
func (s *Store) oneRun(ctx context.Context, condition string, args ...any) (ledger.Run, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+runColumns+" FROM runs WHERE "+condition+" ORDER BY num DESC LIMIT 1", args...)
	if err != nil {
		return ledger.Run{}, s.fault("find run", err)
	}
	list, err := s.listRuns(rows)
	if err != nil || len(list) == 0 {
		return ledger.Run{}, err
	}
	return list[0], nil
}

// Due is when the job was last due.
func (s *Store) Due(ctx context.Context, job string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT at FROM due WHERE job=?", job).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.UnixMilli(at), s.fault("read schedule", err)
}

// SetDue remembers it.
func (s *Store) SetDue(ctx context.Context, job string, at time.Time) error {
	return s.fault("store schedule", s.w.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO due(job, at) VALUES(?,?) ON CONFLICT(job) DO UPDATE SET at=excluded.at", job, at.UnixMilli())
	}))
}
