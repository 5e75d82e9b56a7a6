package gateway

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/pipelines"
)

// Reached is how far the ledger has come: for a kind of a platform the position of the pipeline
// that is least far. What no pipeline reads is not reached.
type Reached map[string]int64

// Least notes a pipeline's position, "" being the beginning.
func (r Reached) Least(platform, kind string, at pipelines.Position) {
	n, _ := strconv.ParseInt(string(at), 10, 64) // of another kind of source: the pipeline's next run says so
	key := platform + "/" + kind
	if before, is := r[key]; is {
		n = min(n, before)
	}
	r[key] = n
}

// pruneAtOnce is how many submissions one write of Prune drops: calls are taken in between.
const pruneAtOnce = 256

// Prune drops the content of what the ledger has and was last called before a time. Numbers
// and answers stay: a repeat is known for good.
func (j *Journal) Prune(ctx context.Context, before time.Time, reached Reached) error {
	for after := int64(0); ; {
		old, err := j.fetchedBefore(ctx, before, after)
		if err != nil || len(old) == 0 {
			if err == nil {
				err = j.do(ctx, func(tx *sql.Tx) error {
					_, err := tx.Exec("DELETE FROM withdrawals WHERE submission=-1 AND called<?", before.UnixMilli())
					return err
				})
			}
			return err
		}
		after = old[len(old)-1]
		if gone, err := reached.all(ctx, j.read, old); err != nil {
			return journalFault(err, j.path)
		} else if len(gone) == 0 {
			continue
		}
		if err := j.do(ctx, func(tx *sql.Tx) error { return reached.drop(ctx, tx, old, before) }); err != nil {
			return err
		}
	}
}

const (
	fetchedBefore = "SELECT id FROM applications WHERE id>? AND called<? AND state='fetched' AND materials IS NOT NULL ORDER BY id LIMIT ?"
	fetchedStill  = "SELECT id FROM applications WHERE called<? AND state='fetched' AND materials IS NOT NULL AND id IN "
	newestOf      = "SELECT ref, platform, kind, max(seq) FROM feed WHERE kind<>'withdrawal' AND ref IN "
	unstoredOf    = "SELECT DISTINCT application, '', '', 0 FROM files WHERE state<>'stored' AND path<>'' AND application IN "
)

// fetchedBefore is the next submissions behind a number that have content and were last called
// before a time.
func (j *Journal) fetchedBefore(ctx context.Context, before time.Time, after int64) ([]int64, error) {
	ids, err := numbersOf(ctx, j.read, fetchedBefore, after, before.UnixMilli(), pruneAtOnce)
	return ids, journalFault(err, j.path)
}

// querier is the journal, or a write to it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func numbersOf(ctx context.Context, db querier, query string, args ...any) ([]int64, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// all is those submissions of which the ledger has everything: what the feed told last, and
// every file.
func (r Reached) all(ctx context.Context, db querier, ids []int64) ([]int64, error) {
	lacks := map[int64]bool{}
	these, args := oneOf(ids)
	for _, query := range []string{newestOf + these + " GROUP BY ref, platform, kind", unstoredOf + these} {
		rows, err := db.QueryContext(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id, seq int64
			var platform, kind string
			if err := rows.Scan(&id, &platform, &kind, &seq); err != nil {
				rows.Close()
				return nil, err
			}
			lacks[id] = lacks[id] || kind == "" || seq > r[platform+"/"+kind]
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return lacks[id] }), nil
}

// drop drops the content of those submissions that still are as they were when they were found.
func (r Reached) drop(ctx context.Context, tx *sql.Tx, ids []int64, before time.Time) error {
	these, args := oneOf(ids)
	still, err := numbersOf(ctx, tx, fetchedStill+these, append([]any{before.UnixMilli()}, args...)...)
	if err != nil || len(still) == 0 {
		return err
	}
	gone, err := r.all(ctx, tx, still)
	if err != nil || len(gone) == 0 {
		return err
	}
	these, args = oneOf(gone)
	for _, statement := range []string{
		"DELETE FROM files WHERE application IN " + these,
		"DELETE FROM feed WHERE kind<>'withdrawal' AND ref IN " + these,
		"UPDATE applications SET details=NULL, materials=NULL WHERE id IN " + these,
	} {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// oneOf is "(?,?,…)" for the numbers of a list, one at least, and them.
func oneOf(ids []int64) (string, []any) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return "(?" + strings.Repeat(",?", len(ids)-1) + ")", args
}
