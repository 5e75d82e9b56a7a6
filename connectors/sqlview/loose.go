package sqlview

import (
	"context"
	"database/sql"
	"strings"

	"banjian/internal/sqldialect"
)

// storageClass is what typeof() says of values that fit a kind.
var storageClass = map[sqldialect.Kind]string{sqldialect.Int: "integer", sqldialect.Float: "real"}

// settleKinds makes text of every integer and float column that holds something else
// in a row of this run, where a database lets it. It looks before anything is read, in
// the same snapshot, so a column keeps one type for the whole run.
func (s *session) settleKinds(ctx context.Context, d *description, w *window) error {
	if !s.d.Loose {
		return nil
	}
	var tests []string
	var doubtful []int
	for i, c := range d.mapped {
		if class, ok := storageClass[c.kind]; ok {
			tests = append(tests, "MAX(typeof("+c.expr+") NOT IN ('"+class+"', 'null'))")
			doubtful = append(doubtful, i)
		}
	}
	if len(tests) == 0 {
		return nil
	}
	p := &params{d: s.d}
	where, err := s.runWhere(p, w)
	if err != nil {
		return err
	}
	found := make([]sql.NullBool, len(tests))
	dest := make([]any, len(tests))
	for i := range found {
		dest[i] = &found[i]
	}
	q := "SELECT " + strings.Join(tests, ", ") + " FROM " + s.from + where
	if err := s.each(ctx, q, p.args, func(r *sql.Rows) error { return r.Scan(dest...) }); err != nil {
		return err
	}
	for i, f := range found {
		if f.Bool {
			d.mapped[doubtful[i]].kind = sqldialect.Text
		}
	}
	return nil
}
