package mappings

import (
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// derivedMapped are derived fields a mapping may fill all the same: a department that
// already holds the provincial case number.
var derivedMapped = []string{"case_no"}

// inherited are the columns a delivery mapping finds beside those of its subject: what
// a record has of its case, of the item it is a part of, or of a situation and a material.
var inherited = map[string]schemas.Type{
	"case_no": schemas.Text, "case_accepted_at": schemas.Time, "flow_no": schemas.Text, "item_code": schemas.Text, "item_guid": schemas.Text,
	"situation_guid": schemas.Text, "material_guid": schemas.Text,
}

// uses is what a mapping takes from the catalog besides its subjects.
type uses struct {
	sets   map[string]*schemas.CodeSet
	walks  map[string]*schemas.Crosswalk
	lists  map[string]string // item catalogue → digest
	tables map[string]*schemas.CodeTable

	lookups   map[string]*schemas.Crosswalk
	calendars map[string]*schemas.Calendar
}

func newUses() uses {
	return uses{map[string]*schemas.CodeSet{}, map[string]*schemas.Crosswalk{}, map[string]string{}, map[string]*schemas.CodeTable{}, map[string]*schemas.Crosswalk{}, map[string]*schemas.Calendar{}}
}

type compiler struct {
	file *File
	cat  *schemas.Catalog
	from *schemas.Subject
	src  *scope
	uses uses
	m    *Mapping
	own  *spreadPlan // columns of the block under way

	found fault.List
}

// Compile checks f against the catalog: every field, code set, crosswalk, check and
// expression. from is the canonical subject a delivery mapping reads; nil means a
// department's view, whose columns are known only when it is read, unless the file
// itself says from:. Errors are fault.Config at file:line:column, all of them in the
// order of the file.
func Compile(f *File, cat *schemas.Catalog, from *schemas.Subject) (*Mapping, error) {
	c := &compiler{file: f, cat: cat, from: from, uses: newUses()}
	if err := c.source(); err != nil {
		return nil, err
	}
	c.m = &Mapping{file: f, cat: cat, from: c.from, scope: c.src}
	c.m.where = c.condition(f.where, c.src)
	c.m.filters = c.filters(f.root.get("filter"))
	for i := range f.blocks {
		if b := c.block(&f.blocks[i]); b != nil {
			c.m.blocks = append(c.m.blocks, b)
		}
	}
	if c.found.Sort(); c.found.Len() > 0 {
		return nil, c.found.Err()
	}
	c.m.version = versionOf(c.m, c.uses)
	return c.m, nil
}

// condition compiles a condition over sources and keeps what it reads; nil if there is
// none or it is wrong.
func (c *compiler) condition(n *node, sc *scope) *expr {
	if n == nil {
		return nil
	}
	e, err := compileCondition(c.file, n, sc)
	if c.found.Add(err) {
		return nil
	}
	if sc == c.src {
		c.read(e.vars...)
	}
	return e
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
		if !slices.Contains(c.m.columns, name) && !c.own.has(name) {
			c.m.columns = append(c.m.columns, name)
		}
	}
}

// block compiles what fills one subject. It goes on after a mistake, with what is left;
// nil if there is no such subject.
func (c *compiler) block(b *block) *blockPlan {
	s, ok := c.cat.Subject(b.to.text)
	if !ok {
		c.found.Add(c.file.failHint(b.to, nearest.Hint(b.to.text, c.cat.SubjectNames()), "没有 %s 这种记录", "there is no subject %s", b.to.text))
		return nil
	}
	if s.ReadOnly {
		c.found.Add(c.file.fail(b.to, "%[1]s 只读不写，不能作映射的目标", "%[1]s is only read: no mapping fills it", b.to.text))
		return nil
	}
	checker, err := schemas.NewChecker(s, c.cat)
	if c.found.Add(err) {
		return nil
	}
	out := &blockPlan{subject: s, checker: checker, where: c.condition(b.where, c.src), swap: c.cat.SubstitutesFor(s)}
	out.spread, err = c.spread(b.spread)
	c.found.Add(err)
	c.own = out.spread
	defer func() { c.own = nil }()
	whens := map[*plan]*node{}
	for i := range b.fields {
		p, err := c.field(s, &b.fields[i])
		if c.found.Add(err) {
			continue
		}
		out.written = append(out.written, p)
		whens[p] = b.fields[i].get("when")
	}
	c.complete(b, s)
	c.itemFields(b, out)
	c.verifyFields(b, out)
	c.asked(b, out)
	sc := c.canonical(b, s)
	for _, p := range out.written {
		p.when = c.condition(whens[p], sc)
		c.dayField(p, sc)
	}
	c.rules(b, out, sc)
	c.order(out, whens)
	return out
}

// complete refuses a block that leaves a required field of its subject unmapped.
func (c *compiler) complete(b *block, s *schemas.Subject) {
	var names, zh, en []string
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Required && !f.Derived && b.names != nil && !b.names[f.Name] && f.Name != "source_id" {
			names, zh, en = append(names, f.Name), append(zh, f.Name+" 是"+f.Title.ZH), append(en, f.Name+" is "+f.Title.EN)
		}
	}
	switch {
	case len(names) == 1:
		c.found.Add(c.file.failHint(b.to, text.T(zh[0]+"：在 fields 里写上 "+names[0]+": 列名", en[0]+": write "+names[0]+": COLUMN under fields"),
			"必填字段 %s 没有映射", "required field %s is not mapped", names[0]))
	case len(names) > 1:
		c.found.Add(c.file.failHint(b.to, text.T("在 fields 里写上“字段: 列名”："+strings.Join(zh, "，"), "write FIELD: COLUMN under fields: "+strings.Join(en, ", ")),
			"必填字段没有映射：%s", "what is required is not mapped: %s", strings.Join(names, ", ")))
	}
}

// asked refuses a deadline or a day over a field that is not mapped.
func (c *compiler) asked(b *block, out *blockPlan) {
	for _, p := range out.written {
		for _, a := range p.asks {
			if !b.names[a.name] {
				c.found.Add(c.file.fail(a.at, "字段 %s 没有映射", "field %s is not mapped", a.name))
			}
		}
	}
}

// canonical is what when and rules see: the fields of the canonical record, which a
// department's mapping makes and a delivery mapping reads. A field that is wrong counts
// as made: it is told already.
func (c *compiler) canonical(b *block, s *schemas.Subject) *scope {
	if c.from != nil {
		return c.src
	}
	sc := &scope{fields: map[string]schemas.Type{}}
	for i := range s.Fields {
		if f := &s.Fields[i]; b.names[f.Name] {
			sc.fields[f.Name] = f.Type
		}
	}
	return sc
}

var severities = map[string]schemas.Severity{
	"reject": schemas.Reject, "warn": schemas.Warn, "hold": schemas.Hold, "not_applicable": schemas.NotApplicable,
}

func (c *compiler) rules(b *block, out *blockPlan, sc *scope) {
	for _, r := range b.rules {
		then, ok := severities[r.then.text]
		switch {
		case !ok:
			c.found.Add(c.file.failHint(r.then, nearest.Hint(r.then.text, Keys().Severities), "then: 只能是 reject、warn、hold、not_applicable", "then: is reject, warn, hold or not_applicable"))
		case c.from == nil && (then == schemas.Hold || then == schemas.NotApplicable):
			c.found.Add(c.file.fail(r.then, "%s 只用于上报映射", "%s is for delivery mappings", r.then.text))
		}
		p := rulePlan{id: r.id.text, at: c.file.at(r.id), when: c.condition(r.when, sc), then: then, say: r.say}
		if r.field != nil {
			if p.field = r.field.text; !slices.Contains(sc.names(), p.field) {
				c.found.Add(c.file.failHint(r.field, nearest.Hint(p.field, sc.names()), "没有字段 %s", "there is no field %s", p.field))
			}
		}
		out.rules = append(out.rules, p)
	}
}

// order puts fields after those their when asks for; a circle is refused.
func (c *compiler) order(out *blockPlan, whens map[*plan]*node) {
	if c.from != nil {
		out.plans = out.written
		return
	}
	state := map[*plan]int{} // 1 under way, 2 done
	byName := map[string]*plan{}
	for _, p := range out.written {
		byName[p.target.Name] = p
	}
	var visit func(p *plan) bool
	visit = func(p *plan) bool {
		if p == nil || state[p] != 0 { // nil: a field that is wrong
			return p == nil || state[p] == 2
		}
		state[p] = 1
		for _, name := range p.before() {
			if !visit(byName[name]) {
				return false
			}
		}
		state[p] = 2
		out.plans = append(out.plans, p)
		return true
	}
	for _, p := range out.written {
		if !visit(p) {
			at, key := whens[p], "when"
			if at == nil && p.on != nil {
				at, key = p.on.at, "on"
			}
			if at == nil && len(p.asks) > 0 {
				at, key = p.asks[0].at, "deadline"
			}
			c.found.Add(c.file.fail(at, "字段 %s 的 %s 绕回到它自己", "the %[2]s of %[1]s leads back to itself", p.target.Name, key))
			return
		}
	}
}
