package sqlite

import (
	"database/sql/driver"
)

// many runs head + "(?,…),(?,…)" + tail over n rows of width values, rowsAtOnce at a
// time, and says how many rows changed. fill puts row i into args: int64, bool, string,
// []byte or nil. It talks to the driver itself: database/sql would look at every value of
// every row once more.
func (t *tx) many(head string, width int, tail string, n int, fill func(i int, args []driver.NamedValue)) (int64, error) {
	var changed int64
	args := make([]driver.NamedValue, min(n, rowsAtOnce)*width)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	full := ""
	for start := 0; start < n; start += rowsAtOnce {
		k := min(rowsAtOnce, n-start)
		for i := range k {
			fill(start+i, args[i*width:(i+1)*width])
		}
		query := full
		if k < rowsAtOnce || full == "" {
			query = head + tuples(k, width) + tail
		}
		if k == rowsAtOnce {
			full = query
		}
		c, err := t.bulk(query, args[:k*width], k == rowsAtOnce)
		if err != nil {
			return changed, err
		}
		changed += c
	}
	return changed, nil
}

// bulk runs one statement on the driver's own connection. Only statements of full
// length are kept prepared.
func (t *tx) bulk(query string, args []driver.NamedValue, keep bool) (changed int64, err error) {
	err = t.w.conn.Raw(func(conn any) error {
		s := t.w.bulk[query]
		if s == nil {
			if s, err = conn.(driver.ConnPrepareContext).PrepareContext(t.ctx, query); err != nil {
				return err
			}
			if keep {
				t.w.bulk[query] = s
			} else {
				defer s.Close()
			}
		}
		res, err := s.(driver.StmtExecContext).ExecContext(t.ctx, args)
		if err != nil {
			return err
		}
		changed, err = res.RowsAffected()
		return err
	})
	return changed, err
}
