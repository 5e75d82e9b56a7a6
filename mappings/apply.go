package mappings

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// Result is what Apply made of one record. Every input row is in exactly one of: an
// output (several are possible), refused by an Issue of severity Reject, Hold or
// NotApplicable, or filtered. Issues come in row order. Of a row that is refused only
// the issues of its strongest severity are told, not applicable before hold before
// reject; Blank and Warn issues are told of rows that go on.
type Result struct {
	Outputs  []Output // one per block that has rows, in the order of the file
	Issues   []schemas.Issue
	Filtered int // input rows left out of every block by filter or where, or without a part

	FilteredBy map[string]int // of these, by the id of a filter; nil when none was
	Unsure     []Unsure       // records that go on though they could not be verified
}

// Output is the records of one subject. Rows[i] is the input row of output row i.
type Output struct {
	Subject string
	Record  arrow.Record
	Rows    []int32
}

// Release gives back the output records.
func (r *Result) Release() {
	for i := range r.Outputs {
		r.Outputs[i].Record.Release()
	}
	r.Outputs = nil
}

// made is a block's record before refused rows are taken out.
type made struct {
	block *blockProg
	rec   arrow.Record
	input []int32 // nil: row i is input row i
}

// Apply maps rec, which has the schema the program was bound to and stays the
// caller's. The caller releases the result. An error is a fault.Config: another schema.
func (p *Program) Apply(alloc memory.Allocator, rec arrow.Record) (*Result, error) {
	return p.apply(context.Background(), alloc, rec, nil)
}

func (p *Program) apply(ctx context.Context, alloc memory.Allocator, rec arrow.Record, v Verifier) (*Result, error) {
	if err := p.load(rec); err != nil {
		return nil, err
	}
	n := int(rec.NumRows())
	var all []made
	var issues []schemas.Issue
	defer func() {
		for _, m := range all {
			m.rec.Release()
		}
	}()
	covered := 0
	var seen []bool
	lost, illegible := p.illegible(n)
	if len(p.blocks) > 1 || p.blocks[0].spread != nil || p.filters != nil || lost != nil {
		seen = make([]bool, n)
	}
	on, bad := p.leaveOut(n, lost)
	bad = append(illegible, bad...)
	issues = append(issues, bad...)
	covered += cover(seen, made{}, bad)
	for _, b := range p.blocks {
		input, bad := p.filter(b, n, on)
		ms, more := p.block(alloc, b, n, input)
		if b.spread != nil {
			bad = append(bad, b.spread.bad...)
		}
		issues = append(append(issues, bad...), more...)
		all = append(all, ms...)
		for _, m := range ms {
			covered += cover(seen, m, nil)
		}
		covered += cover(seen, made{}, bad)
	}
	if lost != nil {
		issues = onlyIllegible(issues, lost)
	}
	res := &Result{Filtered: n - covered}
	if len(p.left) > 0 {
		res.FilteredBy = maps.Clone(p.left)
	}
	refused := settleIssues(&issues, n)
	var unsure []heldRow
	if p.verifies() {
		found, held, err := p.verify(ctx, all, refused, v)
		if err != nil {
			return nil, err
		}
		if unsure = held; len(found) > 0 {
			issues = append(issues, found...)
			refused = settleIssues(&issues, n)
		}
	}
	res.Issues = issues
	for k, m := range all {
		p.emit(alloc, res, m, refused)
		res.hold(unsure, k, m, refused)
	}
	return res, nil
}

// cover counts the input rows that a block is the first to take up.
func cover(seen []bool, m made, bad []schemas.Issue) int {
	rows := 0
	if m.rec != nil {
		rows = int(m.rec.NumRows())
	}
	if seen == nil {
		return rows + len(bad)
	}
	n := 0
	mark := func(row int32) {
		if !seen[row] {
			seen[row] = true
			n++
		}
	}
	for i := range rows {
		if m.input == nil {
			mark(int32(i))
		} else {
			mark(m.input[i])
		}
	}
	for _, b := range bad {
		mark(b.Row)
	}
	return n
}

// load borrows the columns of rec.
func (p *Program) load(rec arrow.Record) error {
	for k, i := range p.index {
		if i >= int(rec.NumCols()) || rec.ColumnName(i) != p.names[k] || physicalOf(rec.Column(i).DataType()) != p.cols[k].kind {
			return fault.New(fault.Config, "apply mapping", p.m.file.Path,
				text.F("列 %s 与绑定时不同", "column %s is not as it was bound", p.names[k]), text.Text{})
		}
	}
	for k, i := range p.index {
		p.cols[k].load(rec.Column(i))
	}
	return nil
}

// filter is the rows of the record that where admits to a block, nil when all are;
// rows where cannot be evaluated are rejected.
func (p *Program) filter(b *blockProg, n int, on []bool) (input []int32, bad []schemas.Issue) {
	if p.where == nil && b.where == nil && on == nil {
		return nil, nil
	}
	input = make([]int32, 0, n)
	for i := range n {
		if on != nil && !on[i] {
			continue
		}
		if p.where == nil && b.where == nil {
			input = append(input, int32(i))
			continue
		}
		in := p.where == nil || p.where(i) == yes
		if in && b.where != nil {
			in = b.where(i) == yes
		}
		p.scratch.trace.where(p.m, b, in, p.broken)
		switch {
		case p.broken:
			p.broken = false
			bad = append(bad, schemas.Issue{Row: int32(i), Rule: badExpr, Args: []string{"where"}, Severity: schemas.Reject})
		case in:
			input = append(input, int32(i))
		}
	}
	if len(input) == n {
		return nil, bad
	}
	return input, bad
}

// block computes a block's records and its findings.
func (p *Program) block(alloc memory.Allocator, b *blockProg, n int, input []int32) ([]made, []schemas.Issue) {
	if b.spread != nil {
		return p.spreadBlock(alloc, b, n, input)
	}
	m, issues := p.compute(alloc, b, n, input)
	return []made{m}, issues
}

// compute makes one record of the rows input, nil: all n.
func (p *Program) compute(alloc memory.Allocator, b *blockProg, n int, input []int32) (made, []schemas.Issue) {
	r := &run{p: p, alloc: alloc, rows: n, input: input}
	if input != nil {
		r.rows = len(input)
		defer p.narrow(alloc, input)()
	}
	cols := make([]arrow.Array, len(b.out))
	p.scratch.trace.enter(b, r.rows)
	for _, f := range b.fields {
		p.scratch.trace.begin(p, b, f)
		arr := r.field(f)
		if b.plan.swap != nil {
			arr = r.substitute(b.plan.swap, f, arr)
		}
		cols[f.index] = arr
		b.out[f.index].load(arr)
		p.scratch.trace.end(b.out[f.index])
	}
	r.rules(b)
	fillNulls(alloc, cols, b.schema, r.rows)
	rec := array.NewRecord(b.schema, cols, int64(r.rows))
	for _, c := range cols {
		c.Release()
	}
	r.check(b, rec)
	p.scratch.trace.leave()
	return made{b, rec, input}, r.issues
}

// narrow loads only the rows input of every column, until the returned function is
// called.
func (p *Program) narrow(alloc memory.Allocator, input []int32) func() {
	whole := make([]arrow.Array, len(p.cols))
	for k, c := range p.cols {
		whole[k] = c.arr
		c.load(p.taker.rows(alloc, c.arr, input))
	}
	return func() {
		for k, c := range p.cols {
			c.arr.Release()
			c.load(whole[k])
		}
	}
}

// fillNulls gives every field nothing is mapped to a column of NULLs, one per type.
func fillNulls(alloc memory.Allocator, cols []arrow.Array, schema *arrow.Schema, n int) {
	shared := map[arrow.Type]arrow.Array{}
	for i, c := range cols {
		if c != nil {
			continue
		}
		t := schema.Field(i).Type
		if shared[t.ID()] == nil {
			shared[t.ID()] = nullArray(alloc, t, n)
		}
		cols[i] = shared[t.ID()]
		cols[i].Retain()
	}
	for _, a := range shared {
		a.Release()
	}
}

// check adds the findings of the schema check, except those about a field the mapping
// has already rejected in that row, and those of a rule it has under the same id.
func (r *run) check(b *blockProg, rec arrow.Record) {
	found := append(b.plan.checker.Check(rec), r.items(b, rec)...)
	if len(found) == 0 {
		return
	}
	type cell struct {
		row   int32
		field string
	}
	known := map[cell]bool{}
	undue := map[cell]schemas.Issue{} // values that are missing because no deadline could be computed
	for _, is := range r.issues {
		if is.Severity == schemas.Reject {
			known[cell{is.Row, is.Field}] = true
		}
		if is.Rule == noCalendar || is.Rule == deadlineOpen {
			undue[cell{is.Row, is.Field}] = is
		}
	}
	for _, is := range found {
		if r.input != nil {
			is.Row = r.input[is.Row]
		}
		if why, ok := undue[cell{is.Row, is.Field}]; ok && is.Rule == "required" {
			is.Rule, is.Args = why.Rule, why.Args
		}
		if slices.ContainsFunc(b.plan.rules, func(p rulePlan) bool { return p.id == is.Rule }) {
			continue
		}
		if !known[cell{is.Row, is.Field}] || is.Field == "" {
			r.issues = append(r.issues, is)
			r.p.scratch.trace.checked(is)
		}
	}
}

// settleIssues sorts the issues, keeps those of each row's strongest severity, and
// says which input rows are refused; nil when none is.
func settleIssues(issues *[]schemas.Issue, n int) []bool {
	list := *issues
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b schemas.Issue) int { return int(a.Row) - int(b.Row) })
	rank := make([]uint8, n)
	for _, is := range list {
		rank[is.Row] = max(rank[is.Row], strength(is.Severity))
	}
	*issues = slices.DeleteFunc(list, func(is schemas.Issue) bool { return strength(is.Severity) != rank[is.Row] })
	refused, any := make([]bool, n), false
	for i, k := range rank {
		refused[i] = k > 0
		any = any || k > 0
	}
	if !any {
		return nil
	}
	return refused
}

func strength(s schemas.Severity) uint8 {
	switch s {
	case schemas.Reject:
		return 1
	case schemas.Hold:
		return 2
	case schemas.NotApplicable:
		return 3
	}
	return 0
}

// emit adds a block's rows that are not refused to the result.
func (p *Program) emit(alloc memory.Allocator, res *Result, m made, refused []bool) {
	n := int(m.rec.NumRows())
	keep, rows := make([]int32, 0, n), make([]int32, 0, n)
	for i := range n {
		in := int32(i)
		if m.input != nil {
			in = m.input[i]
		}
		if refused == nil || !refused[in] {
			keep, rows = append(keep, int32(i)), append(rows, in)
		}
	}
	switch len(keep) {
	case 0:
		return
	case n:
		m.rec.Retain()
		res.Outputs = append(res.Outputs, Output{m.block.plan.subject.Name, m.rec, rows})
		return
	}
	cols := make([]arrow.Array, m.rec.NumCols())
	for k := range cols {
		cols[k] = p.taker.rows(alloc, m.rec.Column(k), keep)
		defer cols[k].Release()
	}
	rec := array.NewRecord(m.rec.Schema(), cols, int64(len(keep)))
	res.Outputs = append(res.Outputs, Output{m.block.plan.subject.Name, rec, rows})
}
