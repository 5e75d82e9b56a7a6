package mappings

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/schemas"
)

// spreadNodes is how a block makes several records of one row, as written.
type spreadNodes struct{ explode, unpivot, sequence *node }

// spreadPlan makes several records of one row: explode or unpivot, with sequences. It
// gives a block columns of its own, texts, which stand in front of the source's.
type spreadPlan struct {
	op        string // explode, unpivot
	columns   []string
	explode   *explodePlan
	unpivot   *unpivotPlan
	sequences []sequencePlan
	says      []text.Text
}

// names is every column it makes.
func (s *spreadPlan) names() []string {
	out := slices.Clone(s.columns)
	for _, q := range s.sequences {
		out = append(out, q.name)
	}
	return out
}

func (s *spreadPlan) has(name string) bool { return s != nil && slices.Contains(s.names(), name) }

// sources is the source columns behind one of its columns.
func (s *spreadPlan) sources(name string) []string {
	i := slices.Index(s.columns, name)
	switch {
	case i < 0:
		var out []string
		for _, q := range s.sequences {
			if q.name == name {
				for _, n := range q.among {
					out = append(out, s.sources(n)...)
				}
			}
		}
		return out
	case s.explode != nil:
		return []string{name}
	}
	var out []string
	for _, e := range s.unpivot.entries {
		if c := e.cells[i].column; c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// spread compiles explode, unpivot and sequence of a block.
func (c *compiler) spread(n spreadNodes) (*spreadPlan, error) {
	first := n.explode
	if first == nil {
		first = n.unpivot
	}
	switch {
	case first == nil && n.sequence == nil:
		return nil, nil
	case first == nil:
		return nil, c.refuseSequence(n.sequence)
	case c.from != nil:
		return nil, c.file.fail(first, "上报映射一条记录只成一行，不能 explode 或 unpivot", "a delivery mapping makes one row of a record: explode and unpivot are for departments")
	case n.explode != nil && n.unpivot != nil:
		return nil, c.file.fail(n.unpivot, "explode 和 unpivot 只能写一个", "explode and unpivot do not go together")
	}
	s := &spreadPlan{}
	compile := c.explode
	if n.unpivot != nil {
		compile = c.unpivot
	}
	if err := compile(first, s); err != nil {
		return nil, err
	}
	return s, c.sequences(n.sequence, s)
}

// spreadProg is a spreadPlan bound, with the records of the batch in hand.
type spreadProg struct {
	*spreadPlan
	made  []*column // of names()
	cells [][]*column
	where []boolFn // of each entry of unpivot, nil: none

	parts  [][]string // of each column of explode, of the row under way
	rows   []int32    // input row of each record
	texts  []textOut
	counts sequenceCounter
	bad    []schemas.Issue
}

func (s *spreadPlan) bind(src *binder) *spreadProg {
	p := &spreadProg{spreadPlan: s}
	names := s.names()
	p.texts = make([]textOut, len(names))
	for range names {
		p.made = append(p.made, &column{kind: physText, plain: true})
	}
	if s.explode != nil {
		row := make([]*column, len(s.columns))
		for k, name := range s.columns {
			row[k] = src.column(name)
		}
		p.cells, p.parts = [][]*column{row}, make([][]string, len(row))
		return p
	}
	for _, e := range s.unpivot.entries {
		row := make([]*column, len(e.cells))
		for k, cell := range e.cells {
			if cell.column != "" {
				row[k] = src.column(cell.column)
			}
		}
		p.cells = append(p.cells, row)
		var where boolFn
		if e.where != nil {
			where = src.bools(e.where.root)
		}
		p.where = append(p.where, where)
	}
	return p
}

// column is one of the columns the block makes, nil if it is the source's.
func (p *spreadProg) column(name string) *column {
	if p == nil {
		return nil
	}
	if i := slices.Index(p.names(), name); i >= 0 {
		return p.made[i]
	}
	return nil
}

// run makes the records of the rows input (nil: all n). With whole every row has exactly
// one record, its first, and one without any has NULLs: that is how keys are computed.
func (p *spreadProg) run(prog *Program, n int, input []int32, whole bool) {
	p.rows, p.bad = p.rows[:0], nil
	for k := range p.texts {
		p.texts[k].reset(n)
	}
	if input != nil {
		n = len(input)
	}
	for k := range n {
		row := int32(k)
		if input != nil {
			row = input[k]
		}
		before := len(p.rows)
		p.counts.reset()
		rule, args := "", []string(nil)
		if p.explode != nil {
			rule, args = p.explodeRow(int(row), whole)
		} else {
			rule, args = p.unpivotRow(prog, int(row), whole)
		}
		if rule != "" && !whole {
			p.bad = append(p.bad, schemas.Issue{Row: row, Rule: rule, Args: args, Severity: schemas.Reject})
		}
		if whole && len(p.rows) == before {
			p.record(row, func(int) (string, bool) { return "", false })
		}
	}
}

// record adds a record of row; cell gives its columns.
func (p *spreadProg) record(row int32, cell func(k int) (string, bool)) {
	p.rows = append(p.rows, row)
	for k := range p.columns {
		v, ok := cell(k)
		p.texts[k].put(v, ok)
	}
	for k, q := range p.sequences {
		p.texts[len(p.columns)+k].put(p.counts.next(k, q, p), true)
	}
}

// value is what the record under way has in one of the block's columns.
func (p *spreadProg) value(name string) string {
	return p.texts[slices.Index(p.columns, name)].last()
}

func (o *textOut) put(v string, ok bool) {
	o.grow()
	if ok && v != "" {
		o.add(v)
	} else {
		o.addNull()
	}
}

// last is the text added last; it holds until the next.
func (o *textOut) last() string {
	n := len(o.offsets)
	return string(o.data[o.offsets[n-2]:o.offsets[n-1]])
}

// arrays is the columns of all records; the caller owns them.
func (p *spreadProg) arrays(alloc memory.Allocator) []arrow.Array {
	out := make([]arrow.Array, len(p.texts))
	for k := range p.texts {
		out[k] = p.texts[k].finish(alloc)
	}
	return out
}

// spreadBlock computes a block that makes several records of a row: at once, or record
// by record while a row is traced.
func (p *Program) spreadBlock(alloc memory.Allocator, b *blockProg, n int, input []int32) ([]made, []schemas.Issue) {
	s := b.spread
	s.run(p, n, input, false)
	arrays := s.arrays(alloc)
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	rows, issues := slices.Clone(s.rows), []schemas.Issue(nil)
	step := max(len(rows), 1)
	if p.scratch.trace != nil {
		step = 1
	}
	var all []made
	for from := 0; from == 0 || from < len(rows); from += step {
		to := min(from+step, len(rows))
		var parts []arrow.Array
		for k, a := range arrays {
			part := array.NewSlice(a, int64(from), int64(to))
			s.made[k].load(part)
			parts = append(parts, part)
		}
		p.scratch.trace.record(b, from, len(rows))
		m, more := p.compute(alloc, b, to-from, rows[from:to])
		all, issues = append(all, m), append(issues, more...)
		for _, part := range parts {
			part.Release()
		}
	}
	p.scratch.trace.record(b, 0, 0)
	return all, issues
}

// sayColumns is a list of columns as people read it.
func sayColumns(names []string) string { return strings.Join(names, ", ") }
