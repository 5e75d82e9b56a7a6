package exchangedb

import (
	"context"
	"strconv"
	"sync/atomic"

	"banjian/internal/sqldialect"
	"banjian/pipelines"
)

// insertWriter writes by multi-row INSERT and, when a statement is refused for its
// data, halves it until the rows to blame stand alone.
type insertWriter struct {
	statement statement
	afterFast *atomic.Bool // set when every row is taken although a fast way was not even
}

// statement is one way to send rows [from, to) of a layout in one INSERT. next is
// where the statement that starts at from should end.
type statement interface {
	next(s *session, l *layout, from int) (to int)
	insert(ctx context.Context, s *session, l *layout, from, to int) error
}

func (w insertWriter) write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error) {
	var refused []pipelines.Issue
	refuse := func(row int, why *sqldialect.RowError) {
		refused = append(refused, pipelines.Issue{
			Row: int32(row), Field: l.logical(why.Column), Rule: RuleRefused,
			Args: []string{why.Reason, why.Number}, Severity: pipelines.Reject,
		})
	}
	for from := 0; from < l.rows; {
		to := w.statement.next(s, l, from)
		insert := func(from, to int) error { return w.whole(ctx, s, l, from, to) }
		if err := sqldialect.Sift(from, to, insert, rowError, refuse); err != nil {
			return nil, err
		}
		from = to
	}
	if w.afterFast != nil && len(refused) == 0 {
		w.afterFast.Store(true)
	}
	return refused, nil
}

// whole inserts rows [from, to) unchanged or leaves none of them.
func (w insertWriter) whole(ctx context.Context, s *session, l *layout, from, to int) error {
	insert := func() error { return w.statement.insert(ctx, s, l, from, to) }
	if !s.way.savepoint {
		return insert()
	}
	return s.dialect.Whole(ctx, s.on(), insert, rowError)
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
		return sqldialect.TooLong()
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

func (boundInsert) next(s *session, l *layout, from int) int {
	if !s.way.manyRows {
		return from + 1
	}
	return min(from+max(1, boundParameters/len(l.columns)), l.rows)
}

func (boundInsert) insert(ctx context.Context, s *session, l *layout, from, to int) error {
	args := make([]any, 0, (to-from)*len(l.columns))
	for r := from; r < to; r++ {
		for i := range l.columns {
			args = append(args, s.param(l.columns[i].value(r)))
		}
	}
	return s.exec(ctx, l.bound(to-from), args...)
}

// param is a value as the driver should send it: to a server that tells types apart, as
// text, which it reads as the column's own.
func (s *session) param(v any) any {
	if n, ok := v.(int64); ok && s.way == &postgresWay {
		return strconv.FormatInt(n, 10)
	}
	return v
}

// bound is the INSERT of so many rows with parameters.
func (l *layout) bound(rows int) string {
	w := l.names.way
	return "INSERT INTO " + l.names.table + " (" + l.list() + ") VALUES " +
		sqldialect.Tuples(rows, len(l.columns), func(column, n int) string { return w.cell(l.columns[column].as, w.place(n)) })
}

// cell is a parameter as a value of its column.
func (w *way) cell(as cellKind, place string) string {
	switch as {
	case momentCell:
		return w.moment(place)
	case dayCell:
		return w.day(place)
	}
	return place
}
