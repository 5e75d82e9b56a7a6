package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"banjian/ledger"
)

// doubt stores what a change says of records that could not be verified.
func (t *tx) doubt(c *ledger.Change) error {
	if _, err := t.many("WITH gone(rec, field, version) AS (VALUES ", nil, 3,
		") DELETE FROM doubts WHERE (rec, field) IN (SELECT d.rec, d.field FROM gone g CROSS JOIN doubts d WHERE d.rec=g.rec AND d.field=g.field AND d.version<=g.version)",
		len(c.Sure), func(i int, a []driver.NamedValue) {
			a[0].Value, a[1].Value, a[2].Value = c.Sure[i].Rec, c.Sure[i].Field, int64(c.Sure[i].Version)
		}); err != nil {
		return err
	}
	streams := make([]int64, len(c.Doubts))
	for i := range c.Doubts {
		var err error
		if streams[i], err = t.streamFor(c.Doubts[i].Stream); err != nil {
			return err
		}
	}
	_, err := t.many("INSERT INTO doubts(rec, field, pipeline, stream, version, key, row_key, service, failed, rule, since, next, tries) VALUES ", nil, 13,
		" ON CONFLICT(rec, field) DO UPDATE SET pipeline=excluded.pipeline, version=excluded.version, row_key=excluded.row_key, service=excluded.service, failed=excluded.failed, rule=excluded.rule, next=excluded.next, tries=excluded.tries WHERE excluded.version>=version",
		len(c.Doubts), func(i int, a []driver.NamedValue) {
			d := &c.Doubts[i]
			failed := int64(0)
			if d.Failed {
				failed = 1
			}
			for j, v := range []any{d.Rec, d.Field, d.Pipeline, streams[i], int64(d.Version), d.Key, d.Row, d.Service, failed, d.Rule, millis(d.Since), millis(d.Next), int64(d.Tries)} {
				a[j].Value = v
			}
		})
	return err
}

const doubtColumns = "d.rec, d.field, d.pipeline, st.source, st.subject, d.version, d.key, d.row_key, d.service, d.failed, d.rule, d.since, d.next, d.tries FROM doubts d JOIN streams st ON st.id=d.stream"

// DueDoubts lists doubts that are due.
func (s *Store) DueDoubts(ctx context.Context, pipeline string, due time.Time, but []string, after ledger.DoubtOf, limit int) ([]ledger.Doubt, error) {
	args := []any{pipeline, after.Rec, after.Field, millis(due)}
	not := ""
	if len(but) > 0 {
		not = " AND d.service NOT IN (?" + strings.Repeat(",?", len(but)-1) + ")"
		for _, b := range but {
			args = append(args, b)
		}
	}
	return s.listDoubts(ctx, " WHERE d.pipeline=? AND (d.rec, d.field)>(?, ?) AND d.next<=?"+not+" ORDER BY d.rec, d.field LIMIT ?", append(args, limit)...)
}

func (s *Store) listDoubts(ctx context.Context, where string, args ...any) ([]ledger.Doubt, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+doubtColumns+where, args...)
	if err != nil {
		return nil, s.fault("list doubts", err)
	}
	defer rows.Close()
	var list []ledger.Doubt
	for rows.Next() {
		var d ledger.Doubt
		var since, next int64
		if err := rows.Scan(&d.Rec, &d.Field, &d.Pipeline, &d.Stream.Source, &d.Stream.Subject, &d.Version, &d.Key, &d.Row, &d.Service, &d.Failed, &d.Rule, &since, &next, &d.Tries); err != nil {
			return nil, s.fault("list doubts", err)
		}
		d.Since, d.Next = moment(since), moment(next)
		list = append(list, d)
	}
	return list, s.fault("list doubts", rows.Err())
}

// doubtsAtOnce bounds the records in one query.
const doubtsAtOnce = 256

// DoubtsAbout lists the doubts about records.
func (s *Store) DoubtsAbout(ctx context.Context, recs []int64) ([]ledger.Doubt, error) {
	var one int
	err := s.read.QueryRowContext(ctx, "SELECT 1 FROM doubts LIMIT 1").Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fault("list doubts", err)
	}
	var list []ledger.Doubt
	for len(recs) > 0 {
		n := min(len(recs), doubtsAtOnce)
		args := make([]any, n)
		for i := range args {
			args[i] = recs[i]
		}
		part, err := s.listDoubts(ctx, " WHERE d.rec IN (?"+strings.Repeat(",?", n-1)+") ORDER BY d.rec, d.field", args...)
		if err != nil {
			return nil, err
		}
		list, recs = append(list, part...), recs[n:]
	}
	return list, nil
}

// DoubtTotals counts doubts by pipeline, service and whether they failed.
func (s *Store) DoubtTotals(ctx context.Context) ([]ledger.DoubtTotal, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT pipeline, service, failed, count(DISTINCT rec), min(since) FROM doubts GROUP BY 1,2,3 ORDER BY 1,2,3")
	if err != nil {
		return nil, s.fault("count doubts", err)
	}
	defer rows.Close()
	var list []ledger.DoubtTotal
	for rows.Next() {
		var t ledger.DoubtTotal
		var oldest int64
		if err := rows.Scan(&t.Pipeline, &t.Service, &t.Failed, &t.Records, &oldest); err != nil {
			return nil, s.fault("count doubts", err)
		}
		t.Oldest = moment(oldest)
		list = append(list, t)
	}
	return list, s.fault("count doubts", rows.Err())
}
