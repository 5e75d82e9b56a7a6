package sqlview

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// window is the part of the cursor's range one run reads.
type window struct {
	form     form
	cursor   column
	key      []column
	position position
	upper    *string // U, inclusive; nil: there is no row with a cursor
	ahead    *string // behind it a row is from the future; nil: no clock
	top      *string // greatest cursor up to U in this snapshot, from the lower bound on
	count    int64   // rows with a cursor from the lower bound on
	settling int64
	unsorted bool    // rows come in no order
	since    *string // rows from it on are read again, wherever the position is; nil: none are
}

// sortedUpTo is how many rows a first run has sorted: more of them cost the source more
// than a second reading after an interruption.
const sortedUpTo = 50_000

// openWindow finds how the cursor is written and how far this run reads.
func (s *session) openWindow(ctx context.Context, d *description, p position) (*window, error) {
	w := &window{cursor: d.cursor, key: d.key, position: p}
	var err error
	if w.form, err = s.cursorForm(ctx, d.cursor); err != nil {
		return nil, err
	}
	if w.form.timed() {
		if err := s.unknownLag(); err != nil && s.o.Mode == Incremental {
			return nil, err
		}
		upper, ahead := w.form.write(s.now.Add(-s.o.Settle-s.lag.By)), w.form.write(s.now.Add(futureAfter))
		w.upper, w.ahead = &upper, &ahead
	}
	if err := s.reachBack(w); err != nil {
		return nil, err
	}
	if err := s.ask(ctx, w); err != nil {
		return nil, err
	}
	if !w.form.timed() {
		w.upper = w.top
	} else if s.unknownLag() != nil {
		w.top = nil // a whole read leaves no watermark that may be too late
	}
	w.unsorted = s.first && w.count > sortedUpTo && s.o.Limit == 0 // a part of rows in no order leads nowhere
	if w.form.class == integers && w.top != nil {
		if _, err := strconv.ParseInt(*w.top, 10, 64); err != nil {
			return nil, lookbackFault(s.o, "这一列既有整数也有别的值，不能作 cursor", "this column holds integers and other values and cannot be a cursor")
		}
	}
	return w, nil
}

// cursorForm goes by the column's type, and for text by what is written in it.
func (s *session) cursorForm(ctx context.Context, c column) (form, error) {
	switch {
	case s.d.Loose || c.kind == sqldialect.Text:
		return s.sampleForm(ctx, c)
	case c.kind == sqldialect.Datetime:
		return form{class: moments, layout: layouts[0], digits: 6, zone: s.zone}, nil
	case c.kind == sqldialect.Date:
		return form{class: days, layout: "2006-01-02", zone: s.zone}, nil
	case c.kind == sqldialect.Int, c.kind == sqldialect.Decimal && (c.scale == 0 || strings.HasSuffix(c.typeName, "BIGINT")):
		return form{class: integers}, nil
	}
	return form{}, s.badCursor()
}

func (s *session) badCursor() error {
	return fault.New(fault.Config, "read cursor", s.o.where()+" "+strings.Join(s.o.Cursor, ", "),
		text.T("这一列不能作 cursor", "this column cannot be a cursor"),
		text.T("cursor 应为日期时间、日期、整数或文字列", "a cursor is a date and time, a date, an integer or text"))
}

// sampleForm looks at up to 100 values and takes the form most of them have.
func (s *session) sampleForm(ctx context.Context, c column) (form, error) {
	var forms []form
	var bad bool
	q := s.d.First("SELECT "+s.d.Plain(c.expr, c.typeName)+" FROM "+s.from+" WHERE "+c.expr+" IS NOT NULL AND "+s.filled(c.expr), 100)
	err := s.each(ctx, q, nil, func(r *sql.Rows) error {
		var v any
		if err := r.Scan(&v); err != nil {
			return err
		}
		switch v := v.(type) {
		case int64:
			forms = append(forms, form{class: integers})
		case float64:
			bad = true
		default:
			b, err := appendText(nil, v)
			f, _ := timeForm(string(b), s.zone)
			forms = append(forms, f)
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return form{}, err
	case bad:
		return form{}, s.badCursor()
	case len(forms) == 0:
		return form{class: texts, layout: layouts[0], zone: s.zone}, nil
	}
	return mostly(forms), nil
}

func mostly(forms []form) form {
	type like struct {
		class  class
		layout string
	}
	count := map[like]int{}
	best := forms[0]
	for _, f := range forms {
		l := like{f.class, f.layout}
		count[l]++
		if count[l] > count[like{best.class, best.layout}] {
			best = f
		}
	}
	return best
}

// ask finds the newest row of the window and counts the rows that are settling.
func (s *session) ask(ctx context.Context, w *window) error {
	p := &params{d: s.d}
	c := w.cursor.expr
	newest, settling := "MAX("+c+")", "0"
	if w.upper != nil {
		newest = "MAX(CASE WHEN " + c + " <= " + w.bind(p, *w.upper) + " THEN " + c + " END)"
		settling = "SUM(CASE WHEN " + c + " > " + w.bind(p, *w.upper) + " AND " + c + " <= " + w.bind(p, *w.ahead) + " THEN 1 ELSE 0 END)"
	}
	where, err := w.within(p, s.o, s.o.Mode.whole())
	if err != nil {
		return err
	}
	q := "SELECT " + s.d.Plain(newest, w.cursor.typeName) + ", " + settling + ", COUNT(*) FROM " + s.from + " WHERE " + where
	if extra, err := whereSQL(p, s.o.Where); err != nil {
		return err
	} else if extra != "" {
		q += " AND " + extra
	}
	return s.each(ctx, q, p.args, func(r *sql.Rows) error {
		var top sql.NullString
		var n sql.NullInt64
		if err := r.Scan(&top, &n, &w.count); err != nil {
			return err
		}
		if top.Valid {
			w.top = &top.String
		}
		w.settling = n.Int64
		return nil
	})
}

func (w *window) bind(p *params, value string) string { return w.form.bind(p, w.cursor, value) }

// within is the lower bound of the window, and what is read again below it.
func (w *window) within(p *params, o Options, full bool) (string, error) {
	lower, err := w.lower(p, o, full)
	if w.since == nil || err != nil {
		return lower, err
	}
	return "(" + lower + " OR " + w.cursor.expr + " >= " + w.bind(p, *w.since) + ")", nil
}

// lower is where the position has the run begin. A full read asks only for what lies behind
// the watermark, to move it.
func (w *window) lower(p *params, o Options, full bool) (string, error) {
	c, from := w.cursor.expr, w.position.Mark
	switch {
	case full && from != nil:
		return c + " >= " + w.bind(p, *from), nil
	case w.position.At != nil && w.position.Top != nil:
		return w.resume(p, o)
	case from != nil:
		lower, err := w.form.back(*from, o)
		return c + " >= " + w.bind(p, lower), err
	}
	floor, ok := w.form.floor(p.d)
	switch {
	case !ok:
		return c + " IS NOT NULL", nil
	case floor == "" && p.d.EmptyIsNull:
		return "LENGTH(" + c + ") > 0", nil
	}
	return c + " > " + w.bind(p, floor), nil
}

// resume is everything from the last row of an interrupted run on, and everything a
// late commit since then may have put before it.
func (w *window) resume(p *params, o Options) (string, error) {
	lower, err := w.form.back(*w.position.Top, o)
	if err != nil {
		return "", err
	}
	return "(" + w.cursor.expr + " >= " + w.bind(p, lower) + " OR " + w.behind(p) + ")", nil
}

// none is the condition of rows that have no cursor.
func (w *window) none(p *params) string {
	null := w.cursor.expr + " IS NULL"
	floor, ok := w.form.floor(p.d)
	switch {
	case !ok:
		return null
	case floor == "" && p.d.EmptyIsNull:
		return "(" + null + " OR LENGTH(" + w.cursor.expr + ") = 0)"
	}
	return "(" + null + " OR " + w.cursor.expr + " <= " + w.bind(p, floor) + ")"
}

// filled says that a text is not empty; where ” is NULL a comparison with it never holds.
func (s *session) filled(expr string) string {
	if s.d.EmptyIsNull {
		return "LENGTH(" + expr + ") > 0"
	}
	return expr + " <> ''"
}
