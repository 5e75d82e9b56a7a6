package mappings

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/schemas"
)

// Step is one thing that happened to a row on its way through a mapping. Values are
// shown as text: instants as "2006-01-02 15:04:05" in UTC+8, days as "2006-01-02",
// truth values as true and false; nil is NULL, several are a list.
type Step struct {
	Block   int    // of the mapping, from 0; a file without a to: list has one
	Subject string // of the block
	Field   string // the field under way; of a rule the field it names; empty for where
	// Op is how the field begins (from, const, expr), a key of the field (trim, map,
	// check, when, else …), what its type asks (int, dec, bool, ts, date, text, width),
	// "schema" for a finding of the schema check, "result" for the field's value at the
	// end; where and rule for those.
	Op      string
	Name    string    // of a rule its id, of an expression its text
	Say     text.Text // what the operation does, where there is more to say than Op
	At      string    // file:line:column
	From    []string  // expr and from: the columns that are read
	In      []string  // expr: one for each of From, "" where NULL
	Out     []string
	Item    int            // which of the records the row makes, from 1; 0: the block makes one
	Skipped bool           // an operation whose when does not hold
	Issue   *schemas.Issue // what it found; Row is 0
}

// Trace maps one row of rec as Apply does, and tells what happened, block by block:
// where, the fields in the order of the file, the rules. The result is of that row
// alone, as row 0; the caller releases it. Steps hold values as they are, personal
// ones too.
func (p *Program) Trace(alloc memory.Allocator, rec arrow.Record, row int) ([]Step, *Result, error) {
	one := rec.NewSlice(int64(row), int64(row)+1)
	defer one.Release()
	t := &tracer{}
	p.scratch.trace = t
	defer func() { p.scratch.trace = nil }()
	res, err := p.Apply(alloc, one)
	return t.steps, res, err
}

// tracer notes what a Program does with one row. A nil tracer notes nothing.
type tracer struct {
	steps  []Step
	block  int // 1 more than the index of the block under way
	on     *blockProg
	parts  [][]Step // of each field as written; nil: the block takes up no row
	field  *fieldProg
	rules  []Step
	item   int // which of a row's records is under way, from 1; 0: it makes one
	warned int // warnings of the scratch that were noted
}

// Texts is one value of a column a mapping reads or makes, as Step shows it.
func Texts(arr arrow.Array, row int) []string {
	c := &column{}
	c.load(arr)
	return c.texts(row)
}

// texts is the value of row i; nil when NULL, several when it is a list.
func (c *column) texts(i int) []string {
	if c.kind == physList {
		list := c.elements(i)
		for k := range list {
			list[k] = strings.Clone(list[k])
		}
		return list
	}
	v, ok := c.text(i)
	return valueOf(v, ok)
}

func valueOf(v string, ok bool) []string {
	if !ok || v == "" {
		return nil
	}
	return []string{strings.Clone(v)}
}

func (t *tracer) where(m *Mapping, b *blockProg, in, broken bool) {
	if t == nil {
		return
	}
	s := Step{Block: t.block, Subject: b.plan.subject.Name, Op: "where", Out: []string{"false"}}
	for _, w := range []struct {
		e *expr
		n *node
	}{{m.where, m.file.where}, {b.plan.where, m.file.blocks[t.block].where}} {
		if w.e != nil {
			s.Name = strings.TrimPrefix(s.Name+" && "+w.e.src, " && ")
			s.At = m.file.at(w.n)
		}
	}
	if in {
		s.Out = []string{"true"}
	}
	if broken {
		s.Issue = &schemas.Issue{Rule: badExpr, Args: []string{"where"}}
	}
	t.steps = append(t.steps, s)
}

// enter begins a block; without a row there is nothing to tell of it.
func (t *tracer) enter(b *blockProg, rows int) {
	if t == nil {
		return
	}
	t.on, t.parts, t.rules = b, nil, nil
	if t.item <= 1 {
		t.block++
	}
	if rows > 0 {
		t.parts = make([][]Step, len(b.plan.written))
	}
}

// leave puts the steps of the block in the order of the file.
func (t *tracer) leave() {
	if t == nil {
		return
	}
	for _, part := range t.parts {
		t.steps = append(t.steps, part...)
	}
	for _, s := range t.rules {
		s.Item = t.item
		t.steps = append(t.steps, s)
	}
	t.on, t.field = nil, nil
}

func (t *tracer) part() *[]Step {
	return &t.parts[slices.Index(t.on.plan.written, t.field.plan)]
}

// add notes a step of the field under way.
func (t *tracer) add(s Step) {
	s.Block, s.Subject, s.Field, s.Item = t.block-1, t.on.plan.subject.Name, t.field.target.Name, t.item
	if s.At = t.field.at; t.field.places[s.Op] != "" {
		s.At = t.field.places[s.Op]
	}
	part := t.part()
	*part = append(*part, s)
}

// idle says that no field of a row is under way.
func (t *tracer) idle() bool { return t == nil || t.parts == nil || t.field == nil }

// begin opens a field with what its value is made of.
func (t *tracer) begin(p *Program, b *blockProg, f *fieldProg) {
	if t == nil || t.parts == nil {
		return
	}
	t.field, t.warned = f, 0
	switch {
	case f.plan.cons != nil:
		t.add(Step{Op: "const", Out: valueOf(*f.plan.cons, true)})
	case f.expr != nil:
		s := Step{Op: "expr", Name: f.expr.src, From: f.expr.vars}
		for _, name := range f.expr.vars {
			s.In = append(s.In, strings.Join(p.columnOf(b, name).texts(0), "、"))
		}
		t.add(s)
	case f.plan.head != nil:
		h := f.plan.head
		s := Step{Op: h.key, Say: h.say, From: h.columns}
		for _, name := range h.columns {
			if v := strings.Join(p.columnOf(b, name).texts(0), "、"); name != h.hidden {
				s.In = append(s.In, v)
			} else {
				s.In = append(s.In, shorten(v))
			}
		}
		t.add(s)
	case f.src == nil:
	default:
		v := f.src.texts(0)
		t.add(Step{Op: "from", From: []string{f.column}, In: v, Out: v})
		if f.join != nil {
			t.add(Step{Op: "join", In: v})
		}
	}
}

// end closes the field with its value.
func (t *tracer) end(c *column) {
	if t.idle() {
		return
	}
	v := c.texts(0)
	part := *t.part()
	if n := len(part); n > 0 && part[n-1].Op == "expr" && part[n-1].Out == nil && part[n-1].Issue == nil {
		part[n-1].Out = v
	}
	t.add(Step{Op: "result", Out: v})
	t.field = nil
}

// head notes what an expression or a joined list came to.
func (t *tracer) head(s *scratch, v string, ok bool) {
	h := ""
	if !t.idle() && t.field.plan.head != nil {
		h = t.field.plan.head.key
	}
	if t.idle() || t.field.expr == nil && t.field.join == nil && h == "" {
		return
	}
	part := *t.part()
	for k := range part {
		if part[k].Op == "expr" || part[k].Op == "join" || part[k].Op == h {
			part[k].Out = valueOf(v, ok)
			part[k].Issue = t.warning(s)
		}
	}
}

// list notes the elements a head made, from number from on.
func (t *tracer) list(o *listOut, from int) {
	if t.idle() {
		return
	}
	part := *t.part()
	for k := from; k < o.items.n; k++ {
		part[0].Out = append(part[0].Out, o.at(k))
	}
}

// shorten is the length of a text in place of it: forms are long and personal.
func shorten(v string) string {
	if v == "" {
		return ""
	}
	return "(" + itoa(len(v)) + " bytes)"
}

func (t *tracer) when(on bool) {
	if t.idle() {
		return
	}
	s := Step{Op: "when", Name: t.field.plan.when.src, Out: []string{"false"}}
	if on {
		s.Out = []string{"true"}
	}
	t.add(s)
}

func (t *tracer) skip(st *step, v string, null bool) {
	if !t.idle() {
		in := valueOf(v, !null)
		t.add(Step{Op: st.key, Say: st.say, In: in, Out: in, Skipped: true})
	}
}

// step notes an operation of the chain. A failure is a reject until else speaks.
func (t *tracer) step(s *scratch, st *step, in, out string, o outcome) {
	if t.idle() {
		return
	}
	note := Step{Op: st.key, Say: st.say, In: valueOf(in, true), Out: valueOf(out, o == valued), Issue: t.warning(s)}
	if o == failed {
		note.Issue = t.issue(s.find)
	}
	t.add(note)
}
