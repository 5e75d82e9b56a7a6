package sqlview

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

const (
	splitAbove  = 50_000
	sampledEach = 256 // keys looked at for each range

	histogramEach = 3  // bounds a histogram has for each range at least
	distinctEach  = 50 // values its column has for each range at least
)

// parts (分段) is a first load in ranges of the key, of which each has a position of its own.
type parts struct {
	Count int     `json:"count"`
	To    *string `json:"to,omitempty"` // watermark from which the next run goes on
}

// span is one range: what lies behind After up to UpTo, in the database's own order. The
// first has no After, and the keys that hold NULL; the last has no UpTo. Bounds may be of
// fewer columns than the key has.
type span struct {
	After []keyValue `json:"after,omitempty"`
	UpTo  []keyValue `json:"up_to,omitempty"`
}

// spansOf is the ranges between bounds, which ascend.
func spansOf(bounds [][]keyValue) []span {
	list := make([]span, len(bounds)+1)
	for i, b := range bounds {
		list[i].UpTo, list[i+1].After = b, b
	}
	return list
}

// undeclared is how many connections ranges take where no cap was agreed.
const undeclared = 2

// Split is the ranges of a first load. See pipelines.Splitter.
func (s *Source) Split() *pipelines.Split { return s.ranges }

// split begins, or goes on with, a first load in ranges; false: it is none, or too small. The
// ranges need the connection. counted is how many rows there are, if that is known.
func (s *Source) split(ctx context.Context, d *description, counted int64) (bool, error) {
	begun := s.end
	split := &pipelines.Split{Begun: s.stored, AtOnce: s.o.MaxConnections}
	if begun.Parts != nil && s.o.bounded() {
		return false, s.underWay()
	}
	if begun.Parts == nil {
		if s.o.Splits < 2 || s.o.Limit > 0 || s.stored != "" || s.o.Mode == Flagged { // what waits is few
			return false, nil
		}
		bounds, err := s.s.plan(ctx, d, counted)
		if len(bounds) == 0 || err != nil {
			return false, err
		}
		begun.Parts, begun.Keys, begun.Mode = &parts{Count: len(bounds) + 1, To: s.top}, s.o.Key, s.o.Mode
		split.Begun = begun.encode()
		for _, r := range spansOf(bounds) {
			one := position{V: positionVersion, Mode: s.o.Mode, Of: s.o.origin(), By: s.o.cursorName(), Keys: s.o.Key, Range: &r}
			split.Ranges = append(split.Ranges, one.encode())
		}
	}
	split.Count = begun.Parts.Count
	if split.AtOnce <= 0 {
		split.AtOnce = undeclared
	}
	s.schema, s.top = schemaOf(d), begun.Parts.To // the watermark is of when the load began
	end := begun
	end.Parts, end.Keys, end.Mode, end.Done = nil, nil, s.o.Mode, s.o.Mode.whole()
	if s.top != nil {
		end.Mark = s.top
	}
	split.End, s.ranges = end.encode(), split
	s.load = s.s.cost()
	s.s.close()
	s.s = nil
	return true, nil
}

// startRange begins to read one range.
func (s *Source) startRange(ctx context.Context) (err error) {
	if s.d, err = s.s.describe(ctx); err != nil {
		return err
	}
	r := s.end.Range
	s.s.within = func(q *params) string { return r.sql(q, s.d.key) }
	if err := s.s.settleKinds(ctx, s.d, nil); err != nil {
		return err
	}
	st, err := s.s.build(s.d, nil)
	if err != nil {
		return err
	}
	s.prepare(s.d, st)
	return s.run(ctx, st)
}

// nothing is the one batch of a range without rows, which brings the position of its end.
func (s *Source) nothing() pipelines.Batch {
	s.ended = true
	return pipelines.Batch{Record: s.builder.NewRecord()}
}

// plan finds bounds that divide the rows evenly: by what the server's statistics know of a
// table, else by a sample of the keys, which the server sorts in its own order. None: the view
// is too small, or has too few keys.
func (s *session) plan(ctx context.Context, d *description, rows int64) (bounds [][]keyValue, err error) {
	chance := s.d.Chance()
	if chance == "" {
		return nil, fault.New(fault.Config, "split first load", s.o.where(), text.F("%s 上不能分段读取", "a view of %s cannot be split", s.d.Name), text.T("去掉 splits", "drop splits"))
	}
	for _, k := range d.key {
		if k.kind == sqldialect.Float {
			return nil, fault.New(fault.Config, "split first load", s.o.where()+" "+k.name, text.T("键列是浮点数，不能按它分段", "a floating-point key cannot be split by"), text.T("去掉 splits", "drop splits"))
		}
	}
	if rows == 0 {
		rows, err = s.rowsOf(ctx)
	}
	if err != nil || rows < s.o.SplitAbove {
		return nil, err
	}
	sample, err := s.histogram(ctx, d)
	if err == nil && len(sample) < histogramEach*s.o.Splits {
		sample, err = s.sampleKeys(ctx, d, min(1, sampledEach*float64(s.o.Splits)/float64(rows)))
	}
	if err != nil {
		return nil, err
	}
	for i := 1; i < s.o.Splits && len(sample) >= s.o.Splits; i++ {
		bounds = append(bounds, sample[i*len(sample)/s.o.Splits])
	}
	return bounds, nil
}

// rowsOf is how many rows a run reads: of a whole table as its server estimates them, which
// costs nothing, else counted.
func (s *session) rowsOf(ctx context.Context) (rows int64, err error) {
	if ask := s.d.Statistics(); ask.Rows != "" && s.o.Table != "" && len(s.o.Where) == 0 {
		schema, name, err := sqldialect.SplitView(s.o.Table)
		if err != nil {
			return 0, err
		}
		var estimate sql.NullInt64
		if err := s.each(ctx, ask.Rows, []any{schema, name}, func(r *sql.Rows) error { return r.Scan(&estimate) }); err != nil {
			return 0, err
		}
		if estimate.Int64 > 0 {
			return estimate.Int64, nil
		}
	}
	p := &params{d: s.d}
	where, err := s.runWhere(p, nil)
	if err != nil {
		return 0, err
	}
	return rows, s.each(ctx, "SELECT COUNT(*) FROM "+s.from+where, p.args, func(r *sql.Rows) error { return r.Scan(&rows) })
}

// histogram is the values of the key's first column at which its server last divided a table
// evenly; none: it keeps no such thing, the account may not see it, or too many rows share one.
func (s *session) histogram(ctx context.Context, d *description) (sample [][]keyValue, err error) {
	ask := s.d.Statistics()
	if ask.Histogram == "" || s.o.Table == "" || len(s.o.Where) > 0 {
		return nil, nil
	}
	schema, name, err := sqldialect.SplitView(s.o.Table)
	if err != nil {
		return nil, err
	}
	return sample, s.each(ctx, ask.Histogram, []any{schema, name, d.key[0].name, fmt.Sprint(distinctEach * s.o.Splits)}, func(r *sql.Rows) error {
		var bound string
		err := r.Scan(&bound)
		sample = append(sample, []keyValue{{bound}})
		return err
	})
}

// sampleKeys is a share of the keys without NULL, in the server's order.
func (s *session) sampleKeys(ctx context.Context, d *description, share float64) ([][]keyValue, error) {
	p := &params{d: s.d}
	where, err := s.runWhere(p, nil)
	if err != nil {
		return nil, err
	}
	var list, order, conditions []string
	class := fresh
	cells, dest := make([]*lastCell, len(d.key)), make([]any, len(d.key))
	for i, k := range d.key {
		list, order, conditions = append(list, s.d.Plain(k.expr, k.typeName)), append(order, k.expr), append(conditions, k.expr+" IS NOT NULL")
		cells[i] = &lastCell{class: &class}
		dest[i] = cells[i]
	}
	conditions = append(conditions, fmt.Sprintf("%s < %g", s.d.Chance(), share))
	if where == "" {
		where = " WHERE "
	} else {
		where += " AND "
	}
	var sample [][]keyValue
	err = s.each(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+s.from+where+strings.Join(conditions, " AND ")+" ORDER BY "+strings.Join(order, ", "), p.args, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		key := make([]keyValue, len(cells))
		for i, c := range cells {
			key[i] = c.key()
		}
		sample = append(sample, key)
		return nil
	})
	return sample, err
}

// sql is the condition of the range. Every row meets exactly one of those between the same
// bounds: a key without NULL is behind a bound or it is not.
func (r *span) sql(q *params, key []column) string {
	var nulls, whole []string
	for _, k := range key {
		nulls, whole = append(nulls, k.expr+" IS NULL"), append(whole, k.expr+" IS NOT NULL")
	}
	if r.After == nil {
		return "(" + strings.Join(nulls, " OR ") + " OR NOT " + behindKey(q, key, r.UpTo) + ")"
	}
	cond := strings.Join(whole, " AND ") + " AND " + behindKey(q, key, r.After)
	if r.UpTo != nil {
		cond += " AND NOT " + behindKey(q, key, r.UpTo)
	}
	return "(" + cond + ")"
}

// behindKey is the condition of keys behind a bound, column by column.
func behindKey(q *params, key []column, bound []keyValue) string {
	var terms []string
	for i := range bound {
		var term []string
		for j := range i {
			term = append(term, key[j].expr+" = "+q.d.Bound(key[j].kind, key[j].typeName, q.add(bound[j].v)))
		}
		term = append(term, key[i].expr+" > "+q.d.Bound(key[i].kind, key[i].typeName, q.add(bound[i].v)))
		terms = append(terms, "("+strings.Join(term, " AND ")+")")
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}
