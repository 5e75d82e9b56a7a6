package mappings

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// Program is a Mapping bound to the physical columns of one source. It reuses its
// memory from batch to batch and belongs to one goroutine; bind another for another.
type Program struct {
	m      *Mapping
	names  []string  // source columns, as in m.columns
	index  []int     // of each in the source schema
	cols   []*column // of each, loaded with the record in hand
	where  boolFn
	blocks []*blockProg

	filters []boolFn
	left    map[string]int // rows of the record in hand, by filter

	scratch scratch
	broken  bool // an interpreted part failed in the row under way
	texts   textOut
	nums    numOut
	lists   listOut
	taker   taker
}

// blockProg is a blockPlan bound.
type blockProg struct {
	plan   *blockPlan
	schema *arrow.Schema
	where  boolFn
	spread *spreadProg
	fields []*fieldProg // in the order they run
	out    []*column    // canonical columns made so far, by index in the subject
	rules  []boolFn
}

// fieldProg is a plan bound.
type fieldProg struct {
	*plan
	typ   arrow.DataType
	src   *column
	texts textFn // the value as text; nil when it is direct
	lists headFn // a list made of several columns
	nums  numFn  // direct: the value as a number, an instant or a truth value
	when  boolFn
	on    *column // of the day codes are judged by
	clock clock
	due   *deadlineProg
	cons  int64 // plan.cons of a field that is no text

	memo  []remembered // outcome per dictionary value
	memoD arrow.Array  // of this dictionary
}

// remembered is what the chain made of one dictionary value.
type remembered struct {
	done  bool
	out   outcome
	text  string
	num   int64
	find  finding
	warns []finding

	from, to int32 // days for which this stands
}

// Bind finds the mapping's columns in a source and settles how each is read. A column
// that is missing, or of a kind no mapping reads (binary), is a fault.Config that
// names it.
func (m *Mapping) Bind(src *arrow.Schema) (*Program, error) {
	p := &Program{m: m, names: m.columns}
	for _, name := range m.columns {
		at := src.FieldIndices(name)
		if len(at) == 0 {
			var known []string
			for _, f := range src.Fields() {
				known = append(known, f.Name)
			}
			return nil, m.bindFault(name, nearest.Hint(name, known), "来源没有列 %s", "the source has no column %s", name)
		}
		t := src.Field(at[0]).Type
		kind := physicalOf(t)
		if kind == physNone || !m.readable(name, kind) {
			return nil, m.bindFault(name, text.Text{}, "列 %s 的类型 %s 不能映射", "column %s is %s, which cannot be mapped", name, t)
		}
		p.index = append(p.index, at[0])
		p.cols = append(p.cols, &column{kind: kind, plain: m.from == nil})
	}
	b := p.binder(p.column)
	p.left = map[string]int{}
	for _, f := range m.filters {
		p.filters = append(p.filters, b.bools(f.when.root))
	}
	if m.where != nil {
		p.where = b.bools(m.where.root)
	}
	for _, plan := range m.blocks {
		p.blocks = append(p.blocks, p.bindBlock(plan, b))
	}
	return p, nil
}

// readable says that a column of this kind is what the mapping was compiled for: a
// view's column may be anything but a list, a canonical one is as its subject says.
func (m *Mapping) readable(name string, kind physical) bool {
	if m.from == nil {
		return kind != physList
	}
	f := schemas.Field{Type: m.scope.fields[name]}
	want := physicalOf(f.ArrowType())
	return kind == want || kind == physDict && want == physText
}

// bindFault is placed at the first field that reads the column.
func (m *Mapping) bindFault(column string, hint text.Text, zh, en string, args ...any) error {
	where := m.file.Path
	for _, b := range m.blocks {
		for _, f := range b.written {
			if where == m.file.Path && slices.Contains(b.sources(f), column) {
				where = f.at
			}
		}
	}
	return fault.New(fault.Config, "bind mapping", where, text.F(zh, en, args...), hint)
}

func (p *Program) binder(column func(string) *column) *binder {
	return &binder{column: column, broken: &p.broken}
}

func (p *Program) column(name string) *column {
	i := slices.Index(p.names, name)
	if i < 0 {
		panic(fmt.Sprintf("mappings: column %s was not bound", name))
	}
	return p.cols[i]
}

// columnOf is a source column as a block sees it.
func (p *Program) columnOf(b *blockProg, name string) *column {
	if c := b.spread.column(name); c != nil {
		return c
	}
	return p.column(name)
}

func (p *Program) bindBlock(plan *blockPlan, src *binder) *blockProg {
	b := &blockProg{plan: plan, schema: plan.subject.Arrow(), out: make([]*column, len(plan.subject.Fields))}
	if plan.where != nil {
		b.where = src.bools(plan.where.root)
	}
	if plan.spread != nil {
		b.spread = plan.spread.bind(src)
		rest := src
		src = p.binder(func(name string) *column {
			if c := b.spread.column(name); c != nil {
				return c
			}
			return rest.column(name)
		})
	}
	for i := range plan.subject.Fields {
		b.out[i] = &column{kind: physicalOf(plan.subject.Fields[i].ArrowType())}
	}
	canonical := src
	if p.m.from == nil {
		canonical = p.binder(func(name string) *column {
			return b.out[slices.IndexFunc(plan.subject.Fields, func(f schemas.Field) bool { return f.Name == name })]
		})
	}
	for _, f := range plan.plans {
		b.fields = append(b.fields, p.bindField(f, src, canonical))
	}
	for _, r := range plan.rules {
		b.rules = append(b.rules, canonical.bools(r.when.root))
	}
	return b
}

func (p *Program) bindField(plan *plan, src, canonical *binder) *fieldProg {
	f := &fieldProg{plan: plan, typ: plan.target.ArrowType(), clock: clock{loc: plan.zone}}
	if plan.when != nil {
		f.when = canonical.bools(plan.when.root)
	}
	if plan.on != nil {
		f.on = canonical.column(plan.on.name)
	}
	if plan.deadline != nil {
		f.due = plan.deadline.bind(src, canonical)
	}
	switch {
	case f.bindConst():
	case plan.expr != nil:
		f.bindExpr(src)
	case plan.head != nil:
		f.bindHead(src, &p.scratch)
	case plan.alone():
		f.nums = func(int) (int64, bool) { return 0, false }
	default:
		f.src = src.column(plan.column)
		f.bindColumn(&p.scratch)
	}
	return f
}

// bindHead reads a head of several columns.
func (f *fieldProg) bindHead(src *binder, s *scratch) {
	cols := make([]*column, len(f.head.columns))
	for k, name := range f.head.columns {
		cols[k] = src.column(name)
	}
	fn := f.head.bind(cols, s)
	switch {
	case f.join != nil:
		f.texts = fn.joined(s, f.join)
	case f.head.list:
		f.lists = fn
	default:
		f.texts = fn.first(s)
	}
}

// bindConst settles a constant field; it says no to any other.
func (f *fieldProg) bindConst() bool {
	if f.plan.cons == nil {
		return false
	}
	if f.isTyped() {
		f.cons, _ = parseTyped(f.target.Type, defaultLayouts, &clock{}, *f.plan.cons)
	}
	return true
}

func (f *fieldProg) bindExpr(b *binder) {
	root := f.expr.root
	switch f.expr.typ {
	case tText:
		f.texts = b.texts(root)
	case tBool:
		get := b.bools(root)
		f.nums = func(i int) (int64, bool) { t := get(i); return int64(t), t != unknown }
	default:
		f.nums = b.nums(root)
	}
	if f.isTyped() || f.texts != nil {
		return
	}
	nums := f.nums // an int that ends as text
	col := &column{}
	f.texts, f.nums = func(i int) (string, bool) {
		n, ok := nums(i)
		return col.showInt(n), ok
	}, nil
}

// bindColumn reads a column directly when its kind is the field's and nothing is done
// to it, and as text otherwise.
func (f *fieldProg) bindColumn(s *scratch) {
	direct := false
	switch t := f.target.Type; f.src.kind {
	case physInt:
		direct = t == schemas.Int
	case physBool:
		direct = t == schemas.Bool
	case physTime, physDate:
		direct = t == schemas.Time || t == schemas.Date
	}
	if direct && len(f.steps) == 0 && !f.hasTime() {
		f.nums = f.src.direct
		return
	}
	f.texts = f.src.text
	if f.join != nil {
		f.texts = headFn(f.src.items).joined(s, f.join)
	}
}

func (p *plan) hasTime() bool { return &p.layouts[0] != &defaultLayouts[0] || p.zone != nil }

// isTyped says that the field is held as a number rather than as text or a list.
func (p *plan) isTyped() bool {
	switch p.target.Type {
	case schemas.Int, schemas.Bool, schemas.Time, schemas.Date:
		return true
	}
	return false
}
