package mappings

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/schemas"
)

// run is one record on its way through one block.
type run struct {
	p      *Program
	alloc  memory.Allocator
	rows   int
	input  []int32 // input row of each row; nil: the same
	issues []schemas.Issue
}

func (r *run) issue(row int, field, rule string, args []string, s schemas.Severity) {
	in := int32(row)
	if r.input != nil {
		in = r.input[row]
	}
	r.issues = append(r.issues, schemas.Issue{Row: in, Field: field, Rule: rule, Args: args, Severity: s})
}

// field computes one canonical column; the caller owns it.
func (r *run) field(f *fieldProg) arrow.Array {
	switch {
	case f.target.Type == schemas.List:
		return r.list(f)
	case f.isTyped():
		return r.typed(f)
	}
	return r.text(f)
}

// text computes a text column. A source column nothing changed is retained as it is.
func (r *run) text(f *fieldProg) arrow.Array {
	out := &r.p.texts
	var in *array.String
	if f.src != nil && f.src.kind == physText && f.join == nil {
		in = f.src.str
		if len(f.steps) == 0 && !anyEmpty(in) {
			in.Retain()
			return in
		}
	}
	out.reset(r.rows)
	unchanged := in != nil
	for i := range r.rows {
		v, o := r.textCell(f, i)
		if unchanged {
			if unchangedCell(in, i, v, o) {
				continue
			}
			unchanged = false
			out.copyFrom(in, i)
		}
		if o == empty {
			out.addNull()
		} else {
			out.add(v)
		}
	}
	if unchanged {
		in.Retain()
		return in
	}
	return out.finish(r.alloc)
}

func unchangedCell(in *array.String, i int, v string, o outcome) bool {
	if in.IsNull(i) {
		return o == empty
	}
	return o == valued && same(in.Value(i), v)
}

// anyEmpty says that some value is an empty text, which must become NULL.
func anyEmpty(in *array.String) bool {
	offsets := in.ValueOffsets()
	for i := 1; i < len(offsets); i++ {
		if offsets[i] == offsets[i-1] && in.IsValid(i-1) {
			return true
		}
	}
	return false
}

// textCell is the settled text of row i: valued or empty.
func (r *run) textCell(f *fieldProg, i int) (string, outcome) {
	if f.plan.cons != nil {
		return *f.plan.cons, valued
	}
	v, _, o := r.cell(f, i)
	if o != failed {
		return v, o
	}
	if r.settle(f, i) {
		return f.els.text, valued
	}
	return "", empty
}

// typed computes a column of ints, instants, days or truth values.
func (r *run) typed(f *fieldProg) arrow.Array {
	if f.texts == nil && f.src != nil && !f.hasOnNull && !f.requiredEnd && f.due == nil && arrow.TypeEqual(f.src.arr.DataType(), f.typ) {
		f.src.arr.Retain()
		return f.src.arr
	}
	out := &r.p.nums
	out.reset(r.rows)
	for i := range r.rows {
		if n, o := r.typedCell(f, i); o == valued {
			out.add(n)
		} else {
			out.addNull()
		}
	}
	return out.finish(r.alloc, f.typ)
}

func (r *run) typedCell(f *fieldProg, i int) (int64, outcome) {
	if f.plan.cons != nil {
		return f.cons, valued
	}
	_, n, o := r.cell(f, i)
	switch o {
	case empty:
		if f.hasOnNull {
			r.p.scratch.trace.fallback(f.onNull)
			return f.onNull, valued
		}
		if f.due != nil {
			return r.deadline(f, i)
		}
	case failed:
		if r.settle(f, i) {
			return f.els.num, valued
		}
		return 0, empty
	}
	return n, o
}

// cell takes the value of row i through the field: text for a text field, a number
// for a typed one. A failure leaves its finding in the scratch.
func (r *run) cell(f *fieldProg, i int) (string, int64, outcome) {
	on := true
	if f.when != nil {
		on = f.when(i) == yes
		r.p.scratch.trace.when(on)
		if r.p.broken {
			return r.brokenCell()
		}
	}
	if f.texts == nil {
		return r.directCell(f, i, on)
	}
	if f.on != nil {
		r.p.scratch.day = f.on.dayOf(i)
	}
	if f.src != nil && f.src.kind == physDict && f.when == nil && !f.src.dict.IsNull(i) && r.p.scratch.trace == nil {
		return r.remembered(f, i)
	}
	v, ok := f.texts(i)
	if r.p.broken {
		return r.brokenCell()
	}
	if s := &r.p.scratch; s.trouble {
		s.trouble = false
		return "", 0, failed
	}
	if tr := r.p.scratch.trace; tr != nil {
		tr.head(&r.p.scratch, v, ok)
	}
	return r.finish(f, i, v, !ok, on)
}

// finish runs the chain and ends as the field's type asks.
func (r *run) finish(f *fieldProg, i int, v string, null, on bool) (string, int64, outcome) {
	s := &r.p.scratch
	v, o := f.steps.run(s, v, null, on)
	if len(s.warns) > 0 {
		r.tell(f, i, s.warns)
		s.warns = nil
	}
	var n int64
	if o == valued && f.isTyped() {
		var rule string
		n, rule = parseTyped(f.target.Type, f.layouts, &f.clock, v)
		s.trace.typed(v, n, rule)
		if rule != "" {
			s.fail(rule)
			return "", 0, failed
		}
	}
	if o == empty && f.requiredEnd && on && !f.hasOnNull {
		s.trace.missing()
		s.fail("required")
		return "", 0, failed
	}
	return v, n, o
}

func (r *run) tell(f *fieldProg, i int, warns []finding) {
	for _, w := range warns {
		r.issue(i, f.target.Name, w.rule, w.args, schemas.Warn)
	}
}

func (r *run) directCell(f *fieldProg, i int, on bool) (string, int64, outcome) {
	n, ok := f.nums(i)
	switch {
	case r.p.broken:
		return r.brokenCell()
	case ok && f.target.Type == schemas.Date:
		return "", floorDiv(n+chinaOffset, 86400), valued
	case ok:
		return "", n, valued
	case f.requiredEnd && on && !f.hasOnNull:
		r.p.scratch.trace.missing()
		r.p.scratch.fail("required")
		return "", 0, failed
	}
	return "", 0, empty
}

func (r *run) brokenCell() (string, int64, outcome) {
	r.p.broken = false
	r.p.scratch.fail(badExpr)
	return "", 0, failed
}

// remembered runs the chain once per dictionary value.
func (r *run) remembered(f *fieldProg, i int) (string, int64, outcome) {
	d := f.src.dict
	if f.memoD != d.Dictionary() {
		f.memoD = d.Dictionary()
		f.memo = append(f.memo[:0], make([]remembered, f.memoD.Len())...)
	}
	m, s := &f.memo[d.GetValueIndex(i)], &r.p.scratch
	if m.done && (f.on == nil || m.from <= s.day && s.day <= m.to) {
		s.find = m.find
		r.tell(f, i, m.warns)
		return m.text, m.num, m.out
	}
	v, ok := f.texts(i)
	before := len(r.issues)
	s.from, s.to = noDay+1, math.MaxInt32
	if s.day == noDay {
		s.from, s.to = noDay, noDay
	}
	v, n, o := r.finish(f, i, v, !ok, true)
	*m = remembered{done: true, out: o, text: string([]byte(v)), num: n, find: s.find, from: s.from, to: s.to}
	for _, w := range r.issues[before:] {
		m.warns = append(m.warns, finding{w.Rule, w.Args})
	}
	return m.text, m.num, m.out
}

// settle does what else says about a failed value; true: else's constant stands in.
func (r *run) settle(f *fieldProg, i int) bool {
	find := r.p.scratch.find
	kind := f.els.kind
	if find.rule == "required" {
		kind = elseReject
	}
	r.p.scratch.trace.settled(kind, find)
	switch kind {
	case elseBlank:
		r.issue(i, f.target.Name, find.rule, find.args, schemas.Blank)
	case elseConst:
		r.issue(i, f.target.Name, find.rule, find.args, schemas.Warn)
		return true
	case elseHold:
		r.issue(i, f.target.Name, find.rule, find.args, schemas.Hold)
	default:
		r.issue(i, f.target.Name, find.rule, find.args, schemas.Reject)
	}
	return false
}

// list computes a list column, from a list or by split.
func (r *run) list(f *fieldProg) arrow.Array {
	if f.src != nil && f.src.kind == physList {
		return r.copyList(f)
	}
	if f.lists != nil {
		return r.headList(f)
	}
	out := &r.p.lists
	out.reset(r.rows)
	for i := range r.rows {
		v, _, o := r.cell(f, i)
		told := o == failed
		if told {
			o, v = empty, ""
			if r.settle(f, i) {
				o, v = valued, f.els.text
			}
		}
		parts := 0
		if o == valued {
			parts = splitInto(v, f.split, out.item)
			r.p.scratch.trace.split(v)
		}
		if parts == 0 && f.requiredEnd && (f.when == nil || f.when(i) == yes) && !told {
			r.p.scratch.trace.missing()
			r.issue(i, f.target.Name, "required", nil, schemas.Reject)
		}
		out.close(parts > 0)
	}
	return out.finish(r.alloc)
}

// headList computes a list made of several columns.
func (r *run) headList(f *fieldProg) arrow.Array {
	out, s := &r.p.lists, &r.p.scratch
	out.reset(r.rows)
	for i := range r.rows {
		from := out.items.n
		if made := f.lists(i, out.item); !made {
			s.trouble = false
			out.back(from)
			r.settle(f, i)
		} else if s.trace.list(out, from); out.items.n == from && f.requiredEnd && (f.when == nil || f.when(i) == yes) {
			s.trace.missing()
			r.issue(i, f.target.Name, "required", nil, schemas.Reject)
		}
		out.close(out.items.n > from)
	}
	return out.finish(r.alloc)
}

func (r *run) copyList(f *fieldProg) arrow.Array {
	if f.requiredEnd {
		for i := range r.rows {
			if len(f.src.elements(i)) == 0 && (f.when == nil || f.when(i) == yes) {
				r.p.scratch.trace.missing()
				r.issue(i, f.target.Name, "required", nil, schemas.Reject)
			}
		}
	}
	f.src.arr.Retain()
	return f.src.arr
}
