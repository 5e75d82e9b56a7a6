package sqlview

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Flag (状态标志) is the column that says which rows wait, and the table in which those that
// were taken are marked. See pipelines.Flag.
type Flag struct {
	Column  string
	Waiting []string
	Table   string
	Taken   string
	Key     []string // of Options.Columns
	Version string   // of Options.Columns; empty: none
	Time    string
}

// markAtOnce is how many rows one UPDATE marks.
const markAtOnce = 200

// waitingSQL is the condition of rows that wait, of the view or of the table.
func (f *Flag) waitingSQL(p *params, column string) string {
	if len(f.Waiting) == 0 {
		return column + " IS NULL"
	}
	marks := make([]string, len(f.Waiting))
	for i, v := range f.Waiting {
		marks[i] = p.add(v)
	}
	return "(" + column + " IS NULL OR " + column + " IN (" + strings.Join(marks, ", ") + "))"
}

func (o Options) checkFlag() error {
	f := o.Flag
	switch {
	case o.Mode == Flagged && f == nil:
		return bad("按标志读取需要 flag", "a read by flags needs a flag")
	case f == nil:
		return nil
	case o.Mode == Flagged && (len(o.Cursor) > 0 || o.numbered()):
		return bad("按标志读取，不写 cursor，行要有自己的键", "rows read by a flag have a key of their own, and no cursor")
	case f.Column == "" || f.Table == "" || len(f.Key) == 0:
		return bad("flag 要有 column、table 和 key", "a flag has column, table and key")
	}
	d, err := o.DB.Dialect()
	if err != nil {
		return err
	}
	if _, err := d.QuoteView(f.Table); err != nil {
		return err
	}
	for _, name := range append([]string{f.Column, f.Time, f.Version}, f.Key...) {
		if name == "" {
			continue
		}
		if _, err := d.QuoteName(name); err != nil {
			return err
		}
	}
	return nil
}

// taken is the rows read so far that are to be marked: the values of Flag.Key, and Version.
type taken struct {
	at   []int // columns of a record
	rows [][]sql.NullString
}

// name keeps what names the rows of a batch.
func (s *Source) name(rec arrow.Record) {
	if s.o.Mode != Flagged {
		return
	}
	for row := range int(rec.NumRows()) {
		one := make([]sql.NullString, len(s.taken.at))
		for i, at := range s.taken.at {
			one[i] = valueOf(rec.Column(at), row)
		}
		s.taken.rows = append(s.taken.rows, one)
	}
}

func valueOf(col arrow.Array, row int) sql.NullString {
	switch c := col.(type) {
	case *array.String:
		return sql.NullString{String: strings.Clone(c.Value(row)), Valid: c.IsValid(row)}
	default:
		return sql.NullString{String: col.ValueStr(row), Valid: col.IsValid(row)}
	}
}

// naming finds the columns that name a row.
func (s *Source) naming(d *description) error {
	if s.o.Mode != Flagged {
		return nil
	}
	f := s.o.Flag
	names := f.Key
	if f.Version != "" {
		names = append(slices.Clone(f.Key), f.Version)
	}
	for _, name := range names {
		at := slices.IndexFunc(d.mapped, func(c column) bool { return c.name == name })
		if at < 0 || d.mapped[at].charset != nil {
			return fault.New(fault.Config, "read flags", s.o.where(), text.F("flag 的列 %s 没有读取，或读的是另一字符集的字节", "column %s of the flag is not read, or is read as bytes of a charset", name), text.Text{})
		}
		s.taken.at = append(s.taken.at, at)
	}
	return nil
}

// Acknowledge marks the rows that were read as taken, over a connection of its own and in
// statements of some rows each. Rows that do not wait any more, or have changed since, are
// left alone: it may be called again. See pipelines.Acknowledger.
func (s *Source) Acknowledge(ctx context.Context) error {
	s.mu.Lock()
	rows, d := s.taken.rows, s.d
	s.taken.rows = nil
	s.mu.Unlock()
	if len(rows) == 0 || d == nil {
		return nil
	}
	if err := s.hours(); err != nil {
		return err
	}
	release, err := s.o.Guard.Acquire(ctx, s.o.DB.Where(), s.o.MaxConnections)
	if err != nil {
		return err
	}
	defer release()
	cfg := s.o.DB
	cfg.ReadOnly = false
	db, err := cfg.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	w := &session{o: s.o, db: db}
	if w.d, err = cfg.Dialect(); err != nil {
		return err
	}
	if w.conn, err = db.Conn(ctx); err != nil {
		return w.fault(err, "connect")
	}
	defer w.conn.Close()
	if err := w.limit(ctx, s.o.Timeout, defaultAsk); err != nil {
		return err
	}
	for part := range slices.Chunk(rows, markAtOnce) {
		q, args, err := w.markSQL(d, s.taken.at, part)
		if err != nil {
			return err
		}
		w.asking(1)()
		if _, err := w.conn.ExecContext(ctx, q, args...); err != nil {
			return w.fault(err, "mark rows as taken")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load.Add(w.cost())
	return nil
}

// markSQL is one UPDATE.
func (s *session) markSQL(d *description, at []int, rows [][]sql.NullString) (string, []any, error) {
	f, p := s.o.Flag, &params{d: s.d}
	table, err := s.d.QuoteView(f.Table)
	if err != nil {
		return "", nil, err
	}
	q := "UPDATE " + table + " SET " + s.d.Quote(f.Column) + " = " + p.add(f.Taken)
	if f.Time != "" {
		q += ", " + s.d.Quote(f.Time) + " = CURRENT_TIMESTAMP"
	}
	q += " WHERE " + f.waitingSQL(p, s.d.Quote(f.Column))
	terms := make([]string, len(rows))
	for i, row := range rows {
		var same []string
		for j, v := range row {
			c := d.mapped[at[j]]
			if !v.Valid {
				same = append(same, s.d.Quote(c.name)+" IS NULL")
				continue
			}
			same = append(same, s.d.Quote(c.name)+" = "+s.d.Bound(c.kind, c.typeName, p.add(v.String)))
		}
		terms[i] = "(" + strings.Join(same, " AND ") + ")"
	}
	return q + " AND (" + strings.Join(terms, " OR ") + ")", p.args, nil
}
