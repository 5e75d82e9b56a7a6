package mappings

import (
	"banjian/internal/nearest"

	"slices"

	"banjian/internal/text"
	"banjian/schemas"
)

// derivedMapped are derived fields a mapping may fill all the same: a department that
// already holds the provincial case number.
var derivedMapped = []string{"case_no"}

// inherited are the columns a delivery mapping finds beside those of its subject: what
// a record has of its case.
var inherited = map[string]schemas.Type{
	"case_no": schemas.Text, "case_accepted_at": schemas.Time, "flow_no": schemas.Text, "item_code": schemas.Text,
}

// uses is what a mapping takes from the catalog besides its subjects.
type uses struct {
	sets  map[string]*schemas.CodeSet
	walks map[string]*schemas.Crosswalk
}

type compiler struct {
	file *File
	cat  *schemas.Catalog
	from *schemas.Subject
	src  *scope
	uses uses
	m    *Mapping
}

// Compile checks f against the catalog: every field, code set, crosswalk, check and
// expression. from is the canonical subject a delivery mapping reads; nil means a
// department's view, whose columns are known only when it is read, unless the file
// itself says from:. Errors are fault.Config at file:line:column.
func Compile(f *File, cat *schemas.Catalog, from *schemas.Subject) (*Mapping, error) {
	c := &compiler{file: f, cat: cat, from: from, uses: uses{map[string]*schemas.CodeSet{}, map[string]*schemas.Crosswalk{}}}
	if err := c.source(); err != nil {
		return nil, err
	}
	c.m = &Mapping{file: f, cat: cat, from: c.from, scope: c.src}
	if f.where != nil {
		e, err := compileCondition(f, f.where, c.src)
		if err != nil {
			return nil, err
		}
		c.m.where = e
		c.read(e.vars...)
	}
	for i := range f.blocks {
		b, err := c.block(&f.blocks[i])
		if err != nil {
			return nil, err
		}
		c.m.blocks = append(c.m.blocks, b)
	}
	c.m.version = versionOf(c.m, c.uses)
	return c.m, nil
}

// source settles what the mapping reads.
func (c *compiler) source() error {
	f := c.file
	if c.from == nil && f.From != "" {
		s, ok := c.cat.Subject(f.From)
		if !ok {
			n := f.root.get("from")
			return f.failHint(n, nearest.Hint(f.From, c.cat.SubjectNames()), "没有 %s 这种记录", "there is no subject %s", f.From)
		}
		c.from = s
	}
	if c.from == nil {
		c.src = &scope{open: true}
		return nil
	}
	if f.From != "" && f.From != c.from.Name {
		return f.fail(f.root.get("from"), "映射读 %s，这里给的是 %s", "the mapping reads %s, not %s", f.From, c.from.Name)
	}
	c.src = &scope{fields: map[string]schemas.Type{}}
	for name, t := range inherited {
		c.src.fields[name] = t
	}
	for i := range c.from.Fields {
		c.src.fields[c.from.Fields[i].Name] = c.from.Fields[i].Type
	}
	return nil
}

func (c *compiler) read(columns ...string) {
	for _, name := range columns {
		if !slices.Contains(c.m.columns, name) {
			c.m.columns = append(c.m.columns, name)
		}
	}
}

func (c *compiler) block(b *block) (*blockPlan, error) {
	s, ok := c.cat.Subject(b.to.text)
	if !ok {
		return nil, c.file.failHint(b.to, nearest.Hint(b.to.text, c.cat.SubjectNames()), "没有 %s 这种记录", "there is no subject %s", b.to.text)
	}
	checker, err := schemas.NewChecker(s, c.cat)
	if err != nil {
		return nil, err
	}
	out := &blockPlan{subject: s, checker: checker}
	if b.where != nil {
		if out.where, err = compileCondition(c.file, b.where, c.src); err != nil {
			return nil, err
		}
		c.read(out.where.vars...)
	}
	for i := range b.fields {
		p, err := c.field(s, &b.fields[i])
		if err != nil {
			return nil, err
		}
		out.written = append(out.written, p)
	}
	if err := c.complete(b, out); err != nil {
		return nil, err
	}
	sc := c.canonical(out)
	for i, p := range out.written {
		if n := b.fields[i].get("when"); n != nil {
			if p.when, err = compileCondition(c.file, n, sc); err != nil {
				return nil, err
			}
			c.readCanonical(p.when)
		}
	}
	if err := c.rules(b, out, sc); err != nil {
		return nil, err
	}
	return out, c.order(b, out)
}

// complete refuses a block that leaves a required field of its subject unmapped.
func (c *compiler) complete(b *block, out *blockPlan) error {
	for i := range out.subject.Fields {
		f := &out.subject.Fields[i]
		mapped := slices.ContainsFunc(out.written, func(p *plan) bool { return p.target == f })
		if f.Required && !f.Derived && !mapped && f.Name != "source_id" {
			return c.file.failHint(b.to, text.T(f.Name+" 是"+f.Title.ZH+"：在 fields 里写上 "+f.Name+": 列名", f.Name+" is "+f.Title.EN+": write "+f.Name+": COLUMN under fields"),
				"必填字段 %s 没有映射", "required field %s is not mapped", f.Name)
		}
	}
	return nil
}

// canonical is what when and rules see: the fields of the canonical record, which a
// department's mapping makes and a delivery mapping reads.
func (c *compiler) canonical(b *blockPlan) *scope {
	if c.from != nil {
		return c.src
	}
	sc := &scope{fields: map[string]schemas.Type{}}
	for _, p := range b.written {
		sc.fields[p.target.Name] = p.target.Type
	}
	return sc
}

func (c *compiler) readCanonical(e *expr) {
	if c.from != nil {
		c.read(e.vars...)
	}
}

var severities = map[string]schemas.Severity{
	"reject": schemas.Reject, "warn": schemas.Warn, "hold": schemas.Hold, "not_applicable": schemas.NotApplicable,
}

func (c *compiler) rules(b *block, out *blockPlan, sc *scope) error {
	for _, r := range b.rules {
		then, ok := severities[r.then.text]
		if !ok {
			return c.file.fail(r.then, "then: 只能是 reject、warn、hold、not_applicable", "then: is reject, warn, hold or not_applicable")
		}
		if c.from == nil && (then == schemas.Hold || then == schemas.NotApplicable) {
			return c.file.fail(r.then, "%s 只用于上报映射", "%s is for delivery mappings", r.then.text)
		}
		when, err := compileCondition(c.file, r.when, sc)
		if err != nil {
			return err
		}
		c.readCanonical(when)
		p := rulePlan{id: r.id.text, at: c.file.at(r.id), when: when, then: then, say: r.say}
		if r.field != nil {
			if p.field = r.field.text; !slices.Contains(sc.names(), p.field) {
				return c.file.failHint(r.field, nearest.Hint(p.field, sc.names()), "没有字段 %s", "there is no field %s", p.field)
			}
		}
		out.rules = append(out.rules, p)
	}
	return nil
}

// order puts fields after those their when asks for; a circle is refused.
func (c *compiler) order(b *block, out *blockPlan) error {
	if c.from != nil {
		out.plans = out.written
		return nil
	}
	state := map[*plan]int{} // 1 under way, 2 done
	byName := map[string]*plan{}
	for _, p := range out.written {
		byName[p.target.Name] = p
	}
	var visit func(p *plan) bool
	visit = func(p *plan) bool {
		if state[p] != 0 {
			return state[p] == 2
		}
		state[p] = 1
		if p.when != nil {
			for _, name := range p.when.vars {
				if !visit(byName[name]) {
					return false
				}
			}
		}
		state[p] = 2
		out.plans = append(out.plans, p)
		return true
	}
	for i, p := range out.written {
		if !visit(p) {
			return c.file.fail(b.fields[i].get("when"), "字段 %s 的 when 绕回到它自己", "the when of %s leads back to itself", p.target.Name)
		}
	}
	return nil
}
