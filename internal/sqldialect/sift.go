package sqldialect

import (
	"context"
	"database/sql"
	"strings"
)

// Sift writes rows [from, to) by write, which puts in all of those it is given or none of
// them. What is refused for its data is halved until the rows to blame stand alone, and
// those are told to refuse, in order. why says of an error of write what a row is to blame
// for; nil: it is none's.
func Sift(from, to int, write func(from, to int) error, why func(error) *RowError, refuse func(row int, why *RowError)) error {
	err := write(from, to)
	blamed := why(err)
	switch {
	case blamed == nil:
		return err
	case to-from == 1:
		refuse(from, blamed)
		return nil
	}
	middle := from + (to-from)/2
	if err := Sift(from, middle, write, why, refuse); err != nil {
		return err
	}
	return Sift(middle, to, write, why, refuse)
}

// Session is a connection, within a transaction.
type Session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Whole runs write, one statement, so that all it puts in stays, or none of it where why
// finds a row to blame. What MySQL stores otherwise than sent counts as refused.
func (d *Dialect) Whole(ctx context.Context, s Session, write func() error, why func(error) *RowError) error {
	if _, err := s.ExecContext(ctx, "SAVEPOINT banjian"); err != nil {
		return err
	}
	refused := write()
	if refused == nil && d.Name == "mysql" {
		changed, err := Changed(ctx, s)
		if err != nil || changed == nil {
			return err
		}
		refused = changed
	}
	if why(refused) == nil {
		return refused
	}
	if _, err := s.ExecContext(ctx, "ROLLBACK TO SAVEPOINT banjian"); err != nil {
		return err
	}
	return refused
}

// Tuples is what stands behind VALUES for so many rows; cell is what stands for parameter n,
// from 1, which is for a column.
func Tuples(rows, columns int, cell func(column, n int) string) string {
	var b strings.Builder
	b.Grow(rows * (columns*2 + 2))
	for n := range rows * columns {
		switch column := n % columns; {
		case n == 0:
			b.WriteByte('(')
		case column == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteString(cell(n%columns, n+1))
	}
	b.WriteByte(')')
	return b.String()
}
