package sqlite

import (
	"database/sql/driver"
	"strconv"
	"strings"
)

// many runs head + "(…),(…)" + tail over n rows, rowsAtOnce at a time, and says how many
// rows changed. A row begins with the values all have in common, bound once, and has
// width values of its own: fill puts row i into args as int64, bool, string, []byte or
// nil. It talks to the driver itself: database/sql would look at every value of every
// row once more.
func (t *tx) many(head string, common []any, width int, tail string, n int, fill func(i int, args []driver.NamedValue)) (int64, error) {
	var changed int64
	first := len(common)
	args := make([]driver.NamedValue, first+min(n, rowsAtOnce)*width)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	for i, v := range common {
		args[i].Value = v
	}
	full := ""
	for start := 0; start < n; start += rowsAtOnce {
		k := min(rowsAtOnce, n-start)
		for i := range k {
			fill(start+i, args[first+i*width:first+(i+1)*width])
		}
		query := full
		if k < rowsAtOnce || full == "" {
			query = head + rowsWith(first, k, width) + tail
		}
		if k == rowsAtOnce {
			full = query
		}
		c, err := t.bulk(query, args[:first+k*width], k == rowsAtOnce)
		if err != nil {
			return changed, err
		}
		changed += c
	}
	return changed, nil
}

// rowsWith is "(?,?,?),(?1,?,?)" for n rows of width values behind common ones.
func rowsWith(common, n, width int) string {
	again := "("
	for i := range common {
		again += "?" + strconv.Itoa(i+1) + ","
	}
	again += strings.Repeat("?,", width-1) + "?)"
	return tuples(1, common+width) + strings.Repeat(","+again, n-1)
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
