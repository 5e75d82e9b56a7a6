package exchangedb

import (
	"context"
	"strings"
	"sync/atomic"

	"banjian/pipelines"
)

// insertWriter writes by multi-row INSERT and, when a statement is refused for its
// data, halves it until the rows to blame stand alone.
type insertWriter struct {
	statement statement
	afterLoad *atomic.Bool // set when every row is taken although a load was not even
}

// statement is one way to send rows [from, to) of a layout in one INSERT. next is
// where the statement that starts at from should end.
type statement interface {
	next(s *session, l *layout, from int) (to int)
	insert(ctx context.Context, s *session, l *layout, from, to int) error
}

func (w insertWriter) write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error) {
	var refused []pipelines.Issue
	for from := 0; from < l.rows; {
		to := w.statement.next(s, l, from)
		if err := w.span(ctx, s, l, from, to, &refused); err != nil {
			return nil, err
		}
		from = to
	}
	if w.afterLoad != nil && len(refused) == 0 {
		w.afterLoad.Store(true)
	}
	return refused, nil
}

// span inserts rows [from, to) and appends those refused, in order.
func (w insertWriter) span(ctx context.Context, s *session, l *layout, from, to int, refused *[]pipelines.Issue) error {
	err := w.whole(ctx, s, l, from, to)
	reason, isRow := rowReason(err)
	switch {
	case !isRow:
		return err
	case to-from == 1:
		*refused = append(*refused, pipelines.Issue{
			Row: int32(from), Field: blamed(l, err), Rule: RuleRefused,
			Args: []string{reason, errorNumber(err)}, Severity: pipelines.Reject,
		})
		return nil
	}
	middle := from + (to-from)/2
	if err := w.span(ctx, s, l, from, middle, refused); err != nil {
		return err
	}
	return w.span(ctx, s, l, middle, to, refused)
}

// whole inserts rows [from, to) unchanged or leaves none of them.
func (w insertWriter) whole(ctx context.Context, s *session, l *layout, from, to int) error {
	if !s.mysql {
		return w.statement.insert(ctx, s, l, from, to)
	}
	if err := s.exec(ctx, "SAVEPOINT banjian"); err != nil {
		return err
	}
	if err := w.statement.insert(ctx, s, l, from, to); err != nil {
		return err
	}
	changed, err := s.changed(ctx)
	if err != nil || changed == nil {
		return err
	}
	if err := s.exec(ctx, "ROLLBACK TO SAVEPOINT banjian"); err != nil {
		return err
	}
	return changed
}

// warnings is how many the last statement left.
func (s *session) warnings(ctx context.Context) (n int, err error) {
	err = s.conn.QueryRowContext(ctx, "SELECT @@warning_count").Scan(&n)
	return n, err
}

// changed finds the first warning of the last statement that says a value was
// stored otherwise than sent; nil when there is none.
func (s *session) changed(ctx context.Context) (changed *serverError, err error) {
	n, err := s.warnings(ctx)
	if n == 0 || err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, "SHOW WARNINGS")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var level, message string
		var code uint16
		if err := rows.Scan(&level, &code, &message); err != nil {
			return nil, err
		}
		if _, data := mysqlRowErrors[code]; data && changed == nil {
			changed = &serverError{number: int(code), column: columnIn(message)}
		}
	}
	return changed, rows.Err()
}

// Sizes of one literal INSERT: by measurement larger statements gain nothing, and
// both stay far below any usual max_allowed_packet.
const (
	literalRows  = 500
	literalBytes = 256 << 10
)

// literalInsert sends values as SQL literals. It keeps the statement next encoded,
// rows [from, to), for the insert that follows.
type literalInsert struct {
	buf      []byte
	from, to int
}

func (w *literalInsert) next(s *session, l *layout, from int) int {
	w.start(l, from)
	for w.to < min(from+literalRows, l.rows) && len(w.buf) < min(literalBytes, s.maxPacket/2) {
		w.row(s, l)
	}
	return w.to
}

func (w *literalInsert) insert(ctx context.Context, s *session, l *layout, from, to int) error {
	if from != w.from || to != w.to {
		w.start(l, from)
		for w.to < to {
			w.row(s, l)
		}
	}
	if len(w.buf) >= s.maxPacket {
		return &serverError{number: errTooLong}
	}
	return s.exec(ctx, string(w.buf))
}

func (w *literalInsert) start(l *layout, from int) {
	w.from, w.to = from, from
	w.buf = append(w.buf[:0], "INSERT INTO "+l.names.table+" ("+l.list()+") VALUES "...)
}

func (w *literalInsert) row(s *session, l *layout) {
	if w.to > w.from {
		w.buf = append(w.buf, ',')
	}
	w.buf = l.appendRow(w.buf, w.to, s.backslash)
	w.to++
}

func (l *layout) appendRow(buf []byte, row int, backslash bool) []byte {
	for i := range l.columns {
		sep := byte(',')
		if i == 0 {
			sep = '('
		}
		buf = l.columns[i].appendLiteral(append(buf, sep), row, backslash)
	}
	return append(buf, ')')
}

// boundInsert sends values as parameters of a prepared statement.
type boundInsert struct{}

const boundParameters = 3000 // of one statement

func (boundInsert) next(_ *session, l *layout, from int) int {
	return min(from+max(1, boundParameters/len(l.columns)), l.rows)
}

func (boundInsert) insert(ctx context.Context, s *session, l *layout, from, to int) error {
	row := "(" + strings.Repeat("?,", len(l.columns)-1) + "?)"
	query := "INSERT INTO " + l.names.table + " (" + l.list() + ") VALUES " + strings.Repeat(row+",", to-from-1) + row
	args := make([]any, 0, (to-from)*len(l.columns))
	for r := from; r < to; r++ {
		for i := range l.columns {
			args = append(args, l.columns[i].value(r))
		}
	}
	_, err := s.conn.ExecContext(ctx, query, args...)
	return err
}
