package sqlview

import (
	"fmt"
	"slices"
	"strings"
)

// statement is the one query of a run.
type statement struct {
	sql  string
	args []any
	// hidden columns follow the mapped ones: the cursor, then the keys that are not
	// mapped; only where the order matters
	cursorAt int   // index in the select list, -1: none
	keyAt    []int // of each key column
	hidden   int
	sized    int  // the first columns are the sizes of values that are too large
	classed  bool // the column behind them is the row's class
}

// build writes the statement: full without w, incremental with it.
func (s *session) build(d *description, w *window) (*statement, error) {
	st := &statement{cursorAt: -1, classed: w != nil}
	p := &params{d: s.d}
	var list []string
	for _, c := range d.mapped {
		if c.measure != "" {
			list = append(list, c.size())
		}
	}
	st.sized = len(list)
	if w != nil {
		list = append(list, w.classSQL(p)+" AS "+s.d.Quote("class_"))
	}
	for _, c := range d.mapped {
		list = append(list, s.value(&c)+" AS "+s.d.Quote(c.name))
	}
	ordered := w != nil && !w.unsorted
	if ordered {
		list = s.addHidden(st, list, d)
	}
	where, err := s.runWhere(p, w)
	if err != nil {
		return nil, err
	}
	st.sql = "SELECT " + strings.Join(list, ", ") + " FROM " + s.from + where
	if ordered {
		st.sql += s.order(d)
	}
	if s.o.Limit > 0 {
		st.sql = s.d.First(st.sql, int(s.o.Limit)+1) // one more tells whether rows are left
	}
	st.args = p.args
	return st, nil
}

// addHidden finds cursor and key among the mapped columns, or adds them behind.
func (s *session) addHidden(st *statement, list []string, d *description) []string {
	place := func(c column) int {
		for i, m := range d.mapped {
			if m.expr == c.expr && m.charset == nil {
				return st.sized + i + 1
			}
		}
		hidden := s.d.Plain(c.expr, c.typeName)
		if st.hidden++; s.o.Limit > 0 { // the query of a query needs names
			hidden += " AS " + s.d.Quote(fmt.Sprintf("hidden_%d", st.hidden))
		}
		list = append(list, hidden)
		return len(list) - 1
	}
	st.cursorAt = place(d.cursor)
	for _, k := range d.key {
		st.keyAt = append(st.keyAt, place(k))
	}
	return list
}

// runWhere is the condition of all rows of the run, with WHERE, or nothing.
func (s *session) runWhere(p *params, w *window) (string, error) {
	var parts []string
	if w != nil {
		span, err := w.rows(p, s.o)
		if err != nil {
			return "", err
		}
		parts = append(parts, span)
	}
	extra, err := whereSQL(p, s.o.Where)
	if err != nil {
		return "", err
	}
	if extra != "" {
		parts = append(parts, extra)
	}
	if s.o.Mode == Flagged {
		parts = append(parts, s.o.Flag.waitingSQL(p, s.qualified(s.o.Flag.Column)))
	}
	if s.only != nil {
		parts = append(parts, *s.only)
	}
	if s.within != nil {
		parts = append(parts, s.within(p))
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), nil
}

func (s *session) order(d *description) string {
	by := []string{d.cursor.expr + s.d.NullsFirst}
	for _, k := range d.key {
		by = append(by, k.expr+s.d.NullsFirst)
	}
	return " ORDER BY " + strings.Join(by, ", ")
}

// classSQL tells the parts of the run apart, in the database's own comparison.
func (w *window) classSQL(p *params) string {
	c := w.cursor.expr
	q := "CASE WHEN " + w.none(p) + " THEN 0"
	if w.ahead != nil {
		q += " WHEN " + c + " > " + w.bind(p, *w.ahead) + " THEN 3"
	}
	if w.position.Mark != nil {
		q += " WHEN " + c + " <= " + w.bind(p, *w.position.Mark) + " THEN 1"
	}
	return q + " ELSE 2 END"
}

// rows is the condition of all rows of an incremental run.
func (w *window) rows(p *params, o Options) (string, error) {
	parts := []string{w.none(p)}
	if w.upper != nil {
		lower, err := w.within(p, o, false)
		if err != nil {
			return "", err
		}
		parts = append(parts, "("+lower+" AND "+w.cursor.expr+" <= "+w.bind(p, *w.upper)+")")
	}
	if w.ahead != nil {
		parts = append(parts, w.cursor.expr+" > "+w.bind(p, *w.ahead))
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// behind is the condition of rows at or behind the last row of an interrupted run, in
// the order (cursor, key). Equal rows are read again: a key may be equal in the
// collation and yet another one. At a NULL in the key, which sorts first, everything
// with the key up to there is read again.
func (w *window) behind(p *params) string {
	at := w.position.At
	terms := []string{w.cursor.expr + " > " + w.bind(p, at.Cursor)}
	n := min(len(at.Key), len(w.key))
	for i := 0; i < n && at.Key[i].v != nil; i++ {
		op := " > "
		if i == n-1 {
			op = " >= "
		}
		terms = append(terms, w.equalUpTo(p, i)+" AND "+w.key[i].expr+op+w.bindKey(p, i))
	}
	if n == 0 || hasNull(at.Key[:n]) {
		terms = append(terms, w.equalUpTo(p, firstNull(at.Key[:n])))
	}
	return "((" + strings.Join(terms, ") OR (") + "))"
}

// equalUpTo is the condition of rows with the cursor and the first n keys of the place.
func (w *window) equalUpTo(p *params, n int) string {
	q := w.cursor.expr + " = " + w.bind(p, w.position.At.Cursor)
	for i := range n {
		q += " AND " + w.key[i].expr + " = " + w.bindKey(p, i)
	}
	return q
}

func (w *window) bindKey(p *params, i int) string {
	return p.d.Bound(w.key[i].kind, w.key[i].typeName, p.add(w.position.At.Key[i].v))
}

func firstNull(key []keyValue) int {
	return slices.IndexFunc(append(slices.Clone(key), keyValue{}), func(k keyValue) bool { return k.v == nil })
}

func hasNull(key []keyValue) bool { return firstNull(key) < len(key) }
