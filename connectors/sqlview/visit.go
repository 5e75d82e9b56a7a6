package sqlview

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"banjian/internal/sqldialect"
)

// Server is what a department's server says of itself and of the account, before any row
// is asked for.
type Server struct {
	Version string
	Took    time.Duration  // to connect, and to prepare the session
	Clock   *time.Duration // its clock less ours; nil: it has none of its own
	Account string         // 'user'@'host', empty: it has no accounts
	Schema  string         // the connection's own
	Rights  []string       // what the account may do, as GRANT statements
	Lag     Lag            // behind the server that is written to
}

// Visit connects as a run would and asks the server about itself. o is as for List.
// Faults are those of Open.
func Visit(ctx context.Context, o Options) (*Server, error) {
	start := time.Now()
	v := &Server{}
	err := looking(ctx, o, func(s *session) error {
		v.Took = time.Since(start)
		ask := s.d.Exam()
		for _, one := range []struct {
			q  string
			to *string
		}{{ask.Version, &v.Version}, {ask.Account, &v.Account}, {ask.Schema, &v.Schema}} {
			if err := s.texts(ctx, one.q, func(t string) { *one.to = t }); err != nil {
				return err
			}
		}
		if err := s.texts(ctx, ask.Rights, func(t string) { v.Rights = append(v.Rights, t) }); err != nil {
			return err
		}
		if s.o.DB.Path != "" {
			return nil
		}
		var err error
		if v.Lag, err = s.behind(ctx); err != nil {
			return err
		}
		sent := time.Now()
		now, err := s.clock(ctx)
		if err == nil {
			offset := now.Sub(sent.Add(time.Since(sent) / 2))
			v.Clock = &offset
		}
		return err
	})
	return v, err
}

// texts calls take for the first column of every row, unprepared: not every server
// prepares what shows rights.
func (s *session) texts(ctx context.Context, q string, take func(string)) error {
	if q == "" {
		return nil
	}
	defer s.asking(1)()
	rows, err := s.conn.QueryContext(ctx, q)
	if err != nil {
		return s.fault(err, "ask server")
	}
	defer rows.Close()
	for rows.Next() {
		var t sql.NullString
		if err := rows.Scan(&t); err != nil {
			return s.fault(err, "read row")
		}
		take(t.String)
	}
	return s.d.Fault(rows.Err(), "read row", s.o.where())
}

// MaxCollisions is how many keys are looked for that several rows have.
const MaxCollisions = 1000

// Health is what an examination found in a view.
type Health struct {
	Rows     int64
	Scan     time.Duration // what counting them took
	RowBytes int64         // of the mapped columns, on average of a few rows

	NoCursor int64 // rows without a cursor
	Future   int64 // rows whose cursor lies more than five minutes ahead
	Probe    time.Duration
	Indexed  bool // the cursor comes first in an index; of a view nobody can tell

	NoKey      int64 // rows with a NULL or an empty text in the key
	EmptyKey   int64 // of those, rows without a NULL
	Collisions []Collision
	Repeats    string // the statement that lists them, for who may see them
	KeysTold   bool   // keys were compared
	KeysFault  error  // why they were not, if it was tried

	Charsets map[string]string // of mapped columns that hold text, by name
}

// Collision is a key that several rows have.
type Collision struct {
	Key  []string // to be masked before anybody sees it
	Rows int64
}

// Examine looks at the rows of a view: how many, which have no key or cursor, and whether
// a key is on several. It reads the view up to three times; each statement ends after
// o.Timeout, and keys are compared only where there are at most so many rows. Faults are
// those of Open.
func Examine(ctx context.Context, o Options, most int64) (*Health, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Mode == Flagged {
		o.Mode = Full // rows that do not wait are rows, too
	}
	h := &Health{Charsets: map[string]string{}}
	err := looking(ctx, o, func(s *session) (err error) {
		if s.from, err = fromSQL(s.d, s.o); err != nil {
			return err
		}
		d, err := s.describe(ctx)
		if err != nil {
			return err
		}
		if err := s.charsets(ctx, h); err != nil {
			return err
		}
		if err := s.census(ctx, d, h); err != nil {
			return err
		}
		if err := s.weigh(ctx, d, h); err != nil {
			return err
		}
		if len(s.o.Key) > 0 && h.Rows <= most {
			h.KeysFault = s.collisions(ctx, d, h)
			h.KeysTold = h.KeysFault == nil
		}
		return nil
	})
	return h, err
}

func (s *session) charsets(ctx context.Context, h *Health) error {
	ask := s.d.Exam()
	if ask.Charsets == "" || s.o.Query != "" {
		return nil
	}
	schema, name, err := sqldialect.SplitView(s.o.relation())
	if err != nil {
		return err
	}
	return s.each(ctx, ask.Charsets, []any{schema, name}, func(r *sql.Rows) error {
		var column, charset string
		err := r.Scan(&column, &charset)
		if slices.ContainsFunc(s.o.Columns, func(c string) bool { return strings.EqualFold(c, column) }) {
			h.Charsets[column] = charset
		}
		return err
	})
}

// census counts rows, those without a key, and those whose cursor is of no use.
func (s *session) census(ctx context.Context, d *description, h *Health) error {
	p := &params{d: s.d}
	counts := []string{"COUNT(*)", "0", "0", "0"}
	var w *window
	if len(s.o.Cursor) > 0 {
		var err error
		if w, err = s.bounds(ctx, d); err != nil {
			return err
		}
		counts[1] = sumOf(w.none(p))
	}
	if len(d.key) > 0 {
		nulls, empties := s.keyless(d.key)
		counts[2] = sumOf(strings.Join(append(nulls, empties...), " OR "))
		counts[3] = sumOf(strings.Join(nulls, " OR "))
	}
	where, err := s.runWhere(p, nil)
	if err != nil {
		return err
	}
	start := time.Now()
	err = s.each(ctx, "SELECT "+strings.Join(counts, ", ")+" FROM "+s.from+where, p.args, func(r *sql.Rows) error {
		var noCursor, noKey, nulls sql.NullInt64
		err := r.Scan(&h.Rows, &noCursor, &noKey, &nulls)
		h.NoCursor, h.NoKey, h.EmptyKey = noCursor.Int64, noKey.Int64, noKey.Int64-nulls.Int64
		return err
	})
	h.Scan = time.Since(start)
	if err != nil || w == nil {
		return err
	}
	return s.probe(ctx, w, h)
}

// keyless is when a row has no key: where a column is NULL, or an empty text, which is none
// to the ledger either.
func (s *session) keyless(key []column) (nulls, empties []string) {
	for _, k := range key {
		nulls = append(nulls, k.expr+" IS NULL")
		if (k.kind == sqldialect.Text || s.d.Loose) && !s.d.EmptyIsNull {
			empties = append(empties, k.expr+" = ''")
		}
	}
	return nulls, empties
}

func sumOf(condition string) string { return "SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }

// bounds is the cursor's form, and from where on a row is from the future.
func (s *session) bounds(ctx context.Context, d *description) (*window, error) {
	w := &window{cursor: d.cursor}
	var err error
	if w.form, err = s.cursorForm(ctx, d.cursor); err == nil && w.form.timed() {
		ahead := w.form.write(s.now.Add(futureAfter))
		w.ahead = &ahead
	}
	return w, err
}

// probe asks for the newest rows alone, as every run does: with an index that takes no
// time.
func (s *session) probe(ctx context.Context, w *window, h *Health) error {
	if w.ahead != nil {
		p := &params{d: s.d}
		start := time.Now()
		err := s.each(ctx, "SELECT COUNT(*) FROM "+s.from+" WHERE "+w.cursor.expr+" > "+w.bind(p, *w.ahead), p.args, func(r *sql.Rows) error { return r.Scan(&h.Future) })
		if h.Probe = time.Since(start); err != nil {
			return err
		}
	}
	ask := s.d.Exam()
	if ask.Indexed == "" || s.o.Query != "" || len(s.o.Cursor) != 1 {
		return nil
	}
	schema, name, err := sqldialect.SplitView(s.o.relation())
	if err != nil {
		return err
	}
	return s.each(ctx, ask.Indexed, []any{schema, name, s.o.Cursor[0]}, func(*sql.Rows) error { h.Indexed = true; return nil })
}

// weigh measures a few rows as a run would read them.
func (s *session) weigh(ctx context.Context, d *description, h *Health) error {
	var exprs []string
	for _, c := range d.mapped {
		exprs = append(exprs, s.value(&c))
	}
	var rows, bytes int64
	cells := make([]any, len(exprs))
	for i := range cells {
		cells[i] = (*scale)(&bytes)
	}
	err := s.each(ctx, s.d.First("SELECT "+strings.Join(exprs, ", ")+" FROM "+s.from, MaxSample), nil, func(r *sql.Rows) error {
		rows++
		return r.Scan(cells...)
	})
	if rows > 0 {
		h.RowBytes = (bytes + rows - 1) / rows
	}
	return err
}

// scale adds up the size of values and keeps none.
type scale int64

func (s *scale) Scan(src any) error {
	switch v := src.(type) {
	case nil:
	case []byte:
		*s += scale(len(v))
	case string:
		*s += scale(len(v))
	default:
		*s += 8
	}
	return nil
}

// collisions finds keys that several rows have; no key is none.
func (s *session) collisions(ctx context.Context, d *description, h *Health) error {
	exact := s.d.Exam().Exact
	var exprs []string
	for _, k := range d.key {
		expr := k.expr
		if k.kind == sqldialect.Text && exact != "" {
			expr = fmt.Sprintf(exact, expr)
		}
		exprs = append(exprs, expr)
	}
	p := &params{d: s.d}
	where, err := s.runWhere(p, nil)
	if err != nil {
		return err
	}
	nulls, empties := s.keyless(d.key)
	list, some := strings.Join(exprs, ", "), "NOT ("+strings.Join(append(nulls, empties...), " OR ")+")"
	h.Repeats = fmt.Sprintf("SELECT COUNT(*), %[1]s FROM %[2]s WHERE %[3]s GROUP BY %[1]s HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC", list, s.from, some)
	if where == "" {
		where = " WHERE "
	} else {
		where += " AND "
	}
	where += some
	q := s.d.First(fmt.Sprintf("SELECT COUNT(*), %[1]s FROM %[2]s%[3]s GROUP BY %[1]s HAVING COUNT(*) > 1", list, s.from, where), MaxCollisions)
	return s.each(ctx, q, p.args, func(r *sql.Rows) error {
		c := Collision{Key: make([]string, len(exprs))}
		dest := []any{&c.Rows}
		for i := range c.Key {
			dest = append(dest, &keyCell{&c.Key[i]})
		}
		err := r.Scan(dest...)
		h.Collisions = append(h.Collisions, c)
		return err
	})
}

// keyCell is a key as text; NULL is empty.
type keyCell struct{ to *string }

func (c *keyCell) Scan(src any) error {
	if src == nil {
		return nil
	}
	b, err := appendText(nil, src)
	*c.to = string(b)
	return err
}
