package sqlview

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

const (
	splitAbove  = 50_000
	sampledEach = 256 // keys looked at for each range
)

// parts (分段) is a first load in ranges of the key. The i-th range is what lies behind the
// i-1st bound up to the i-th, in the database's own order; keys that hold NULL are in the
// first.
type parts struct {
	Keys   []string     `json:"keys"`
	Bounds [][]keyValue `json:"bounds"`         // ascending, one fewer than ranges
	Done   []int        `json:"done,omitempty"` // ranges that are committed, ascending
	To     *string      `json:"to,omitempty"`   // watermark from which the next run goes on
}

func (p *parts) ranges() int { return len(p.Bounds) + 1 }

// with is the parts once range i is done, too.
func (p *parts) with(i int) *parts {
	at, found := slices.BinarySearch(p.Done, i)
	if found {
		return p
	}
	next := *p
	next.Done = slices.Insert(slices.Clone(p.Done), at, i)
	return &next
}

// split begins, or goes on with, a first load in ranges; false: it is none, or too small.
func (s *Source) split(ctx context.Context, d *description) (bool, error) {
	p := s.end.Parts
	if p == nil {
		if s.o.Splits < 2 || s.stored != "" {
			return false, nil
		}
		var err error
		if p, err = s.s.plan(ctx, d); p == nil || err != nil {
			return false, err
		}
		p.To = s.top
	}
	s.schema, s.top = schemaOf(d), p.To // the watermark is of when the load began
	s.end.Mode, s.end.Parts = s.o.Mode, p
	s.load = s.s.cost()
	s.s.close() // the ranges need its connection
	s.s = nil
	s.readSideBySide(ctx, d)
	return true, nil
}

// plan finds bounds by a sample of the keys, which the server sorts in its own order; nil:
// the view is too small, or has too few keys.
func (s *session) plan(ctx context.Context, d *description) (*parts, error) {
	chance := s.d.Chance()
	if chance == "" {
		return nil, fault.New(fault.Config, "split first load", s.o.where(), text.F("%s 上不能分段读取", "a view of %s cannot be split", s.d.Name), text.T("去掉 splits", "drop splits"))
	}
	for _, k := range d.key {
		if k.kind == sqldialect.Float {
			return nil, fault.New(fault.Config, "split first load", s.o.where()+" "+k.name, text.T("键列是浮点数，不能按它分段", "a floating-point key cannot be split by"), text.T("去掉 splits", "drop splits"))
		}
	}
	var rows int64
	p := &params{d: s.d}
	where, err := s.runWhere(p, nil)
	if err != nil {
		return nil, err
	}
	if err := s.each(ctx, "SELECT COUNT(*) FROM "+s.from+where, p.args, func(r *sql.Rows) error { return r.Scan(&rows) }); err != nil || rows < s.o.SplitAbove {
		return nil, err
	}
	sample, err := s.sampleKeys(ctx, d, min(1, sampledEach*float64(s.o.Splits)/float64(rows)))
	if err != nil {
		return nil, err
	}
	plan := &parts{Keys: s.o.Key}
	for i := 1; i < s.o.Splits && len(sample) >= s.o.Splits; i++ {
		plan.Bounds = append(plan.Bounds, sample[i*len(sample)/s.o.Splits])
	}
	if len(plan.Bounds) == 0 {
		return nil, nil
	}
	return plan, nil
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

// rangeSQL is the condition of range i. Every row meets exactly one of them: a key without
// NULL is behind a bound or it is not.
func (p *parts) rangeSQL(q *params, key []column, i int) string {
	var nulls, whole []string
	for _, k := range key {
		nulls, whole = append(nulls, k.expr+" IS NULL"), append(whole, k.expr+" IS NOT NULL")
	}
	if i == 0 {
		return "(" + strings.Join(nulls, " OR ") + " OR NOT " + behindKey(q, key, p.Bounds[0]) + ")"
	}
	cond := strings.Join(whole, " AND ") + " AND " + behindKey(q, key, p.Bounds[i-1])
	if i < len(p.Bounds) {
		cond += " AND NOT " + behindKey(q, key, p.Bounds[i])
	}
	return "(" + cond + ")"
}

// behindKey is the condition of keys behind a bound, column by column.
func behindKey(q *params, key []column, bound []keyValue) string {
	var terms []string
	for i := range key {
		var term []string
		for j := range i {
			term = append(term, key[j].expr+" = "+q.d.Bound(key[j].kind, key[j].typeName, q.add(bound[j].v)))
		}
		term = append(term, key[i].expr+" > "+q.d.Bound(key[i].kind, key[i].typeName, q.add(bound[i].v)))
		terms = append(terms, "("+strings.Join(term, " AND ")+")")
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}
