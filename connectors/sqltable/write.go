package sqltable

import (
	"context"
	"strings"

	"banjian/internal/sqldialect"
	"banjian/pipelines"
)

// Sizes of one statement: the smallest limit of parameters is SQLite's of 32,766.
const (
	mostParameters = 10_000
	mostRows       = 500
)

const ruleRefused = "receiver_refused"

// write puts in and removes every row of a layout, and names the rows refused, in the
// delivery's order.
func (s *session) write(ctx context.Context, l *layout) (pipelines.Receipt, error) {
	var receipt pipelines.Receipt
	put := func(from, to int) error {
		return s.t.opts.Dialect.Whole(ctx, s.conn, func() error { return s.put(ctx, l, l.puts[from:to]) }, sqldialect.RowErrorOf)
	}
	refuse := func(at int, why *sqldialect.RowError) {
		receipt.Refused = append(receipt.Refused, pipelines.Issue{Row: int32(l.puts[at]), Field: l.logical(why.Column), Rule: ruleRefused,
			Args: []string{why.Reason, why.Number}, Severity: pipelines.Reject})
	}
	size := max(1, min(mostRows, mostParameters/len(l.names)))
	for from := 0; from < len(l.puts); from += size {
		if err := sqldialect.Sift(from, min(from+size, len(l.puts)), put, sqldialect.RowErrorOf, refuse); err != nil {
			return receipt, err
		}
	}
	for _, row := range l.removes {
		if err := s.remove(ctx, l, row); err != nil {
			return receipt, err
		}
	}
	return receipt, nil
}

// put puts rows in, in one statement.
func (s *session) put(ctx context.Context, l *layout, rows []int) error {
	d := s.t.opts.Dialect
	args := make([]any, 0, len(rows)*len(l.values))
	for _, row := range rows {
		for _, value := range l.values {
			args = append(args, param(d, value(row)))
		}
	}
	return s.exec(ctx, d.Upsert(l.upsert, len(rows)), args...)
}

func param(d *sqldialect.Dialect, v any) any {
	if d.Param != nil && v != nil {
		return d.Param(v)
	}
	return v
}

// remove takes a row away, unless a newer version lies there.
func (s *session) remove(ctx context.Context, l *layout, row int) error {
	d := s.t.opts.Dialect
	var args []any
	where := l.where(d, row, &args)
	if l.version >= 0 {
		args = append(args, param(d, l.values[l.version](row)))
		where += " AND (" + l.upsert.Version + " IS NULL OR " + l.upsert.Version + " <= " + d.Placeholder(len(args)) + ")"
	}
	return s.exec(ctx, "DELETE FROM "+l.upsert.Table+" WHERE "+where, args...)
}

// where is the condition of a row's key.
func (l *layout) where(d *sqldialect.Dialect, row int, args *[]any) string {
	var all []string
	for i, k := range l.key {
		*args = append(*args, param(d, l.values[k](row)))
		all = append(all, l.upsert.Key[i]+" = "+d.Placeholder(len(*args)))
	}
	return strings.Join(all, " AND ")
}

// Has counts the rows of d that the table has in d's version or a newer one, and those
// removed that are gone. Without a version it cannot tell and says 0: sending again has no
// second effect.
func (t *Target) Has(ctx context.Context, d *pipelines.Delivery) (int, error) {
	l, err := t.layout(d)
	if err != nil || l.version < 0 {
		return 0, err
	}
	there, err := t.count(ctx, l, l.puts, true)
	if err != nil {
		return 0, err
	}
	left, err := t.count(ctx, l, l.removes, false)
	return there + len(l.removes) - left, err
}

// count counts those of some rows that the table has; with versioned, in their version or
// a newer one.
func (t *Target) count(ctx context.Context, l *layout, rows []int, versioned bool) (total int, err error) {
	const asked = 100 // rows a query
	d := t.opts.Dialect
	for from := 0; from < len(rows); from += asked {
		var either []string
		var args []any
		for _, row := range rows[from:min(from+asked, len(rows))] {
			one := l.where(d, row, &args)
			if versioned {
				args = append(args, param(d, l.values[l.version](row)))
				one += " AND " + l.upsert.Version + " >= " + d.Placeholder(len(args))
			}
			either = append(either, "("+one+")")
		}
		var n int
		query := "SELECT COUNT(*) FROM " + l.upsert.Table + " WHERE " + strings.Join(either, " OR ")
		if err := t.opts.DB.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
			return 0, t.opts.Dialect.Fault(err, "ask table for rows", t.where(l.d.Table))
		}
		total += n
	}
	return total, nil
}
