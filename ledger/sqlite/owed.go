package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"banjian/ledger"
)

// owe stores what a change says of files that are not there.
func (t *tx) owe(c *ledger.Change) error {
	if _, err := t.many("WITH paid(rec, version) AS (VALUES ", nil, 2, ") DELETE FROM owed WHERE rec IN (SELECT o.rec FROM paid p CROSS JOIN owed o WHERE o.rec=p.rec AND o.version<=p.version)",
		len(c.Paid), func(i int, a []driver.NamedValue) { a[0].Value, a[1].Value = c.Paid[i].Rec, int64(c.Paid[i].Version) }); err != nil {
		return err
	}
	streams := make([]int64, len(c.Owed))
	for i := range c.Owed {
		var err error
		if streams[i], err = t.streamFor(c.Owed[i].Stream); err != nil {
			return err
		}
	}
	_, err := t.many("INSERT INTO owed(rec, pipeline, stream, version, key, row_key, field, ref, why, since, next, tries) VALUES ", nil, 12,
		" ON CONFLICT(rec) DO UPDATE SET pipeline=excluded.pipeline, version=excluded.version, row_key=excluded.row_key, field=excluded.field, ref=excluded.ref, why=excluded.why, next=excluded.next, tries=excluded.tries WHERE excluded.version>=version",
		len(c.Owed), func(i int, a []driver.NamedValue) {
			o := &c.Owed[i]
			for j, v := range []any{o.Rec, o.Pipeline, streams[i], int64(o.Version), o.Key, o.Row, o.Field, o.Ref, o.Why, millis(o.Since), millis(o.Next), int64(o.Tries)} {
				a[j].Value = v
			}
		})
	return err
}

// OwedFiles lists files that are due.
func (s *Store) OwedFiles(ctx context.Context, pipeline string, due time.Time, after int64, limit int) ([]ledger.Owed, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT o.rec, st.source, st.subject, o.version, o.key, o.row_key, o.field, o.ref, o.why, o.since, o.next, o.tries FROM owed o JOIN streams st ON st.id=o.stream"+
		" WHERE o.pipeline=? AND o.rec>? AND o.next<=? ORDER BY o.rec LIMIT ?", pipeline, after, millis(due), limit)
	if err != nil {
		return nil, s.fault("list owed files", err)
	}
	defer rows.Close()
	var list []ledger.Owed
	for rows.Next() {
		o := ledger.Owed{Pipeline: pipeline}
		var since, next int64
		if err := rows.Scan(&o.Rec, &o.Stream.Source, &o.Stream.Subject, &o.Version, &o.Key, &o.Row, &o.Field, &o.Ref, &o.Why, &since, &next, &o.Tries); err != nil {
			return nil, s.fault("list owed files", err)
		}
		o.Since, o.Next = moment(since), moment(next)
		list = append(list, o)
	}
	return list, s.fault("list owed files", rows.Err())
}

// OwedTotals counts files by pipeline and reason.
func (s *Store) OwedTotals(ctx context.Context) ([]ledger.OwedTotal, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT pipeline, why, count(*), min(since), min(next) FROM owed GROUP BY 1,2 ORDER BY 1,2")
	if err != nil {
		return nil, s.fault("count owed files", err)
	}
	defer rows.Close()
	var list []ledger.OwedTotal
	for rows.Next() {
		var o ledger.OwedTotal
		var oldest, next int64
		if err := rows.Scan(&o.Pipeline, &o.Why, &o.Files, &oldest, &next); err != nil {
			return nil, s.fault("count owed files", err)
		}
		o.Oldest, o.Next = moment(oldest), moment(next)
		list = append(list, o)
	}
	return list, s.fault("count owed files", rows.Err())
}
