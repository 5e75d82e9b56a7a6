package sqlview

import (
	"context"
	"database/sql"
	"slices"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// MaxSample is the most rows Look reads.
const MaxSample = 200

// Relation is a table or a view of a department's database.
type Relation struct {
	Name    string
	Kind    string // "table" or "view"
	Comment string
	Columns []ColumnInfo // in order
	Key     []string     // primary key, in its order; none for a view
	Rows    int64        // as the server estimates them without counting; -1: it does not know
}

// ColumnInfo is one column of a relation.
type ColumnInfo struct {
	Name     string
	Type     string // as declared; empty for an expression in SQLite
	Kind     sqldialect.Kind
	Comment  string
	Nullable bool
	keyPlace int
}

// List is every table and view of a schema (empty: the connection's own) that the
// account may see, sorted by name. o needs DB, and takes Guard, MaxConnections, Hours,
// Zone, Clock and Charset. No row of any table is read. Faults are those of Open.
func List(ctx context.Context, o Options, schema string) ([]Relation, error) {
	var list []Relation
	err := looking(ctx, o, func(s *session) (err error) {
		list, err = s.relations(ctx, schema, "")
		return err
	})
	return list, err
}

// Look describes one table or view, "name" or "schema.name", and gives up to rows of
// its rows (at most MaxSample, 0: none), as the server comes upon them: for every
// column its values, NULL left out, long texts cut, bytes that stand for nothing U+FFFD,
// binary columns empty. The values are the department's: they are for judging, not for
// showing.
func Look(ctx context.Context, o Options, name string, rows int) (*Relation, [][]string, error) {
	schema, bare, err := sqldialect.SplitView(name)
	if err != nil {
		return nil, nil, err
	}
	var found *Relation
	var sample [][]string
	err = looking(ctx, o, func(s *session) error {
		list, err := s.relations(ctx, schema, bare)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return s.noRelation(ctx, schema, bare)
		}
		found = &list[max(0, slices.IndexFunc(list, func(r Relation) bool { return r.Name == bare }))] // case counts where it tells two apart
		sample, err = s.sample(ctx, schema, found, min(rows, MaxSample))
		return err
	})
	return found, sample, err
}

// noRelation says that there is no such table or view, and which is nearest.
func (s *session) noRelation(ctx context.Context, schema, name string) error {
	list, err := s.relations(ctx, schema, "")
	if err != nil {
		return err
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	hint := nearest.Hint(name, names)
	if hint.IsZero() {
		hint = text.T("banjian discover 连接名 列出这个账号看得到的", "banjian discover CONNECTION lists what the account sees")
	}
	return fault.New(fault.Config, "look at view", s.o.DB.Where()+" "+name,
		text.T("没有这张表或视图，或者账号看不到它", "there is no such table or view, or the account cannot see it"), hint)
}

// looking runs fn on one connection within one read-only snapshot.
func looking(ctx context.Context, o Options, fn func(*session) error) error {
	o = o.withDefaults()
	spans, err := day.ParseHours(o.Hours)
	if err != nil {
		return err
	}
	if err := checkHours(spans, o.Clock().In(o.Zone), o.DB.Where()); err != nil {
		return err
	}
	s := &session{o: o}
	if s.d, err = o.DB.Dialect(); err != nil {
		return err
	}
	if s.zone, err = sqldialect.ZoneOf(o.DB.Zone); err != nil {
		return err
	}
	defer s.close()
	if s.release, err = o.Guard.Acquire(ctx, o.DB.Where(), o.MaxConnections); err != nil {
		return err
	}
	if err := o.Guard.Blocked(o.DB.Where()); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	return fn(s)
}

// relations lists a schema, or only the relation of that name.
func (s *session) relations(ctx context.Context, schema, name string) ([]Relation, error) {
	ask := s.d.Inventory()
	statement, args := ask.All, []any{schema}
	if name != "" {
		statement, args = ask.One, append(args, name)
	}
	var list []Relation
	at := map[string]int{}
	err := s.each(ctx, statement(ask.Relations), args, func(r *sql.Rows) error {
		var rel Relation
		var comment sql.NullString
		var rows sql.NullInt64
		if err := r.Scan(&rel.Name, &rel.Kind, &comment, &rows); err != nil {
			return err
		}
		rel.Comment = s.told(comment.String)
		if rel.Rows = -1; rows.Valid {
			rel.Rows = rows.Int64
		}
		at[rel.Name] = len(list)
		list = append(list, rel)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, statement(ask.Columns), args, func(r *sql.Rows) error {
		var relation string
		var c ColumnInfo
		var comment sql.NullString
		if err := r.Scan(&relation, &c.Name, &c.Type, &comment, &c.Nullable, &c.keyPlace); err != nil {
			return err
		}
		c.Comment = s.told(comment.String)
		if i, ok := at[relation]; ok {
			c.Kind = s.d.KindOfDeclared(c.Type)
			list[i].Columns = append(list[i].Columns, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Key = keyOf(list[i].Columns)
	}
	return list, s.estimates(ctx, schema, list, at)
}

func keyOf(columns []ColumnInfo) []string {
	in := slices.DeleteFunc(slices.Clone(columns), func(c ColumnInfo) bool { return c.keyPlace == 0 })
	slices.SortFunc(in, func(a, b ColumnInfo) int { return a.keyPlace - b.keyPlace })
	var names []string
	for _, c := range in {
		names = append(names, c.Name)
	}
	return names
}

// estimates fills in rows from statistics kept apart, where there are any.
func (s *session) estimates(ctx context.Context, schema string, list []Relation, at map[string]int) error {
	ask, has := s.d.Inventory(), false
	if ask.Estimates == "" {
		return nil
	}
	err := s.each(ctx, ask.HasEstimates, []any{schema}, func(*sql.Rows) error { has = true; return nil })
	if err != nil || !has {
		return err
	}
	return s.each(ctx, ask.Estimates, []any{schema}, func(r *sql.Rows) error {
		var name string
		var rows int64
		if err := r.Scan(&name, &rows); err != nil {
			return err
		}
		if i, ok := at[name]; ok {
			list[i].Rows = rows
		}
		return nil
	})
}
