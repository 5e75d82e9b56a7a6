package sqlview

import (
	"context"
	"database/sql"
	"strings"

	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// column is one column of the statement as its database knows it.
type column struct {
	name     string
	expr     string // qualified and quoted, for conditions and order
	typeName string
	kind     sqldialect.Kind
	scale    int64            // of a decimal, -1 if not known
	charset  *charset.Charset // the bytes are read in; nil: the server gives UTF-8
	keep     func([]byte) (string, error)
	most     int64  // bytes of a value; 0: its type has a bound
	measure  string // expression of a value's size; empty: the server cannot tell
}

// description is what a run needs to know about a view before it reads.
type description struct {
	mapped []column
	key    []column
	cursor column // zero without a cursor
	hash   string // of a row's mapped columns; empty: the server has none
	leaf   string // the part of the view a row lies in
}

// describe asks for the types of all columns a run touches.
func (s *session) describe(ctx context.Context) (*description, error) {
	var all []column
	for _, name := range append(append([]string{}, s.o.Columns...), s.o.Key...) {
		all = append(all, column{name: name, expr: s.qualified(name)})
	}
	if len(s.o.Cursor) > 0 {
		all = append(all, column{name: strings.Join(s.o.Cursor, ", "), expr: s.cursorExpr()})
	}
	exprs := make([]string, len(all))
	for i := range all {
		exprs[i] = all[i].expr
	}
	rows, err := s.query(ctx, "SELECT "+strings.Join(exprs, ", ")+" FROM "+s.from+" WHERE 1 = 0")
	if err != nil {
		return nil, s.explainMissing(ctx, err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, s.fault(err, "ask column types")
	}
	for i, t := range types {
		all[i].typeName, all[i].kind, all[i].scale = t.DatabaseTypeName(), s.d.KindOf(t.DatabaseTypeName()), -1
		if _, scale, ok := t.DecimalSize(); ok {
			all[i].scale = scale
		}
		if length, _ := t.Length(); i < len(s.o.Columns) {
			s.bound(&all[i], length)
		}
	}
	n := len(s.o.Columns)
	out := &description{mapped: all[:n:n], key: all[n : n+len(s.o.Key) : n+len(s.o.Key)]}
	if len(s.o.Cursor) > 0 {
		out.cursor = all[len(all)-1]
	}
	if err := rows.Err(); err != nil {
		return nil, s.fault(err, "ask column types")
	}
	_ = rows.Close() // one connection: the next question waits for it
	if err := s.declare(ctx, out); err != nil {
		return nil, err
	}
	if err := s.keepers(out); err != nil {
		return nil, err
	}
	s.hashing(out)
	return out, nil
}

func (s *session) qualified(name string) string {
	return s.d.Quote(relationName) + "." + s.d.Quote(name)
}

func (s *session) cursorExpr() string {
	parts := make([]string, len(s.o.Cursor))
	for i, name := range s.o.Cursor {
		parts[i] = s.qualified(name)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	if s.o.Greatest {
		return s.greatest(parts)
	}
	return "COALESCE(" + strings.Join(parts, ", ") + ")"
}

// greatest is the greatest of columns; one that is NULL does not count, where the databases'
// own functions make everything NULL.
func (s *session) greatest(parts []string) string {
	filled := make([]string, len(parts))
	for i := range parts {
		rest := append(append([]string{}, parts[i:]...), parts[:i]...)
		filled[i] = "COALESCE(" + strings.Join(rest, ", ") + ")"
	}
	return s.d.Greatest(filled)
}

// explainMissing makes a Config fault that names every missing column and the columns
// that are nearest to it, if that is what err is about.
func (s *session) explainMissing(ctx context.Context, err error) error {
	if !fault.Is(err, fault.Config) || s.o.Query != "" {
		return err
	}
	schema, name, splitErr := sqldialect.SplitView(s.o.relation())
	if splitErr != nil {
		return err
	}
	_, _ = s.conn.ExecContext(ctx, "ROLLBACK") // PostgreSQL answers nothing more in a transaction that failed
	var has []string
	listErr := s.each(ctx, s.d.Columns, []any{schema, name}, func(r *sql.Rows) error {
		var c string
		defer func() { has = append(has, c) }()
		return r.Scan(&c)
	})
	if listErr != nil || len(has) == 0 {
		return err
	}
	missing, hint := compareColumns(has, s.wanted())
	if len(missing) == 0 {
		return err
	}
	list := strings.Join(missing, ", ")
	return fault.New(fault.Config, "read columns", s.o.where(),
		text.F("缺少列 %s", "there is no column %s", list), hint)
}

func (s *session) wanted() []string {
	all := append(append([]string{}, s.o.Columns...), s.o.Cursor...)
	all = append(all, s.o.Key...)
	for _, c := range s.o.Where {
		all = append(all, c.Column)
	}
	if s.o.Mode == Flagged {
		all = append(all, s.o.Flag.Column)
	}
	return all
}

func compareColumns(has, wanted []string) (missing []string, hint text.Text) {
	known := make(map[string]bool, len(has))
	for _, h := range has {
		known[strings.ToLower(h)] = true
	}
	var zh, en []string
	for _, w := range wanted {
		if known[strings.ToLower(w)] {
			continue
		}
		known[strings.ToLower(w)] = true // once
		missing = append(missing, w)
		if near := strings.Join(nearest.Words(w, has, 3), ", "); near != "" {
			zh, en = append(zh, w+" 相近的列："+near), append(en, "nearest to "+w+": "+near)
		}
	}
	if len(zh) == 0 {
		shown := strings.Join(has[:min(len(has), 20)], ", ")
		return missing, text.F("视图现有的列：%s", "the view has: %s", shown)
	}
	return missing, text.T(strings.Join(zh, "；"), strings.Join(en, "; "))
}
