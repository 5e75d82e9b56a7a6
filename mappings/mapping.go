package mappings

import (
	"maps"
	"slices"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// Mapping is a compiled mapping file. It never changes and may be used by any number
// of goroutines; each binds a Program of its own.
type Mapping struct {
	file    *File
	cat     *schemas.Catalog
	from    *schemas.Subject // nil: a department's view
	scope   *scope           // names of where and expr
	where   *expr
	filters []filterPlan
	blocks  []*blockPlan
	columns []string
	version string
}

// blockPlan is one subject a mapping fills.
type blockPlan struct {
	subject *schemas.Subject
	checker *schemas.Checker
	where   *expr
	spread  *spreadPlan
	plans   []*plan // in the order they run
	written []*plan // in the order of the file
	rules   []rulePlan
	swap    *schemas.Substitutes // for what the receiver's charset lacks; nil: none
}

// rulePlan is one compiled rule.
type rulePlan struct {
	id    string
	at    string
	when  *expr
	then  schemas.Severity
	field string // the field a person should look at, empty = none
	say   text.Text
}

// plan is one compiled field.
type plan struct {
	target *schemas.Field
	index  int // of target in the subject
	at     string
	places map[string]string // of its keys, by name
	column string            // source column; empty for const and expr
	cons   *string
	expr   *expr
	head   *head

	steps    chain
	cleans   bool
	join     *joining
	split    string
	layouts  []layout
	zone     *time.Location
	required bool // NULL is a reject

	requiredEnd bool // … found after the value is no longer text
	onNull      int64
	hasOnNull   bool

	deadline *deadlinePlan
	asks     []ask // canonical fields a deadline needs

	when   *expr
	on     *onField // the day codes are judged by
	els    otherwise
	items  *itemCheckPlan // check: {item_in_force: …}
	verify *verifyPlan    // nil: none
	codes  []Pair         // of map:
	says   []text.Text
}

// ask is a canonical field that must be made first, and where it is named.
type ask struct {
	name string
	at   *node
}

// alone says that a deadline is all the field has.
func (p *plan) alone() bool {
	return p.cons == nil && p.expr == nil && p.head == nil && p.column == ""
}

// before is the canonical fields that are made before this one.
func (p *plan) before() []string {
	var out []string
	for _, a := range p.asks {
		out = append(out, a.name)
	}
	if p.when != nil {
		out = append(out, p.when.vars...)
	}
	if p.on != nil {
		out = append(out, p.on.name)
	}
	return out
}

func (p *plan) say(t text.Text) { p.says = append(p.says, t) }

// otherwise is what else: says about a value that failed.
type otherwise struct {
	kind elseKind
	text string
	num  int64
}

type elseKind uint8

const (
	elseReject elseKind = iota
	elseBlank
	elseConst
	elseHold
)

// Name is the mapping's own name, "provident-fund/accept".
func (m *Mapping) Name() string { return m.file.Name }

// CalledAs is a fault.Config if the file lies under another name than it gives itself.
func (m *Mapping) CalledAs(name string) error {
	if m.file.Name == name {
		return nil
	}
	return m.file.failHint(m.file.root.get("mapping"), text.F("写 mapping: %s，或把文件移到 mappings/%s.yaml", "write mapping: %s, or move the file to mappings/%s.yaml", name, m.file.Name),
		"mapping: %s 与文件名不符", "mapping: %s is not the name of the file", m.file.Name)
}

// Title is what people call it, as written in the file.
func (m *Mapping) Title() string { return m.file.Title }

// Columns is every source column the mapping reads, in order of first use.
func (m *Mapping) Columns() []string { return slices.Clone(m.columns) }

// Subjects is the subjects it fills, in the order of the file; a subject may come
// more than once.
func (m *Mapping) Subjects() []string {
	var out []string
	for _, b := range m.blocks {
		out = append(out, b.subject.Name)
	}
	return out
}

// Spreads says that a block makes several records of one row.
func (m *Mapping) Spreads() bool {
	return slices.ContainsFunc(m.blocks, func(b *blockPlan) bool { return b.spread != nil })
}

// Repeats says that one row may make several records of a subject.
func (m *Mapping) Repeats(subject string) bool {
	n := 0
	for _, b := range m.blocks {
		if b.subject.Name == subject {
			n++
			if b.spread != nil {
				return true
			}
		}
	}
	return n > 1
}

// badExpr is the rule a row breaks in which an expression cannot be evaluated: int()
// of a text that is no number, for one.
const badExpr = "bad_expr"

// Fields is the fields of a subject the mapping fills, nil if it does not. They belong
// to the catalog.
func (m *Mapping) Fields(subject string) []schemas.Field {
	for _, b := range m.blocks {
		if b.subject.Name == subject {
			return b.subject.Fields
		}
	}
	return nil
}

// Sources is the type of every source column: of a view the columns the mapping reads,
// as text; of a canonical subject its fields and what a record inherits from its case.
func (m *Mapping) Sources() map[string]schemas.Type {
	if m.from != nil {
		return maps.Clone(m.scope.fields)
	}
	out := make(map[string]schemas.Type, len(m.columns))
	for _, name := range m.columns {
		out[name] = schemas.Text
	}
	return out
}

// RuleText is the sentence of one of the mapping's own rules, and of bad_expr.
func (m *Mapping) RuleText(id string) (text.Text, bool) {
	if id == badExpr {
		return text.T("表达式对这一行的值无法计算，请检查来源值", "an expression cannot be evaluated for this row: check the source values"), true
	}
	for _, b := range m.blocks {
		for _, r := range b.rules {
			if r.id == id && !r.say.IsZero() {
				return r.say, true
			}
		}
	}
	return text.Text{}, false
}

// KeyColumns is the source columns that feed these fields of a subject, without
// repeats; a constant field has none. A field that is not mapped is a fault.Config.
func (m *Mapping) KeyColumns(subject string, key []string) ([]string, error) {
	for _, b := range m.blocks {
		if b.subject.Name != subject {
			continue
		}
		var out []string
		for _, name := range key {
			p := b.plan(name)
			if p == nil {
				return nil, fault.New(fault.Config, "find key columns", m.file.Path,
					text.F("键字段 %s 没有映射", "key field %s is not mapped", name), keyHint())
			}
			for _, c := range b.sources(p) {
				if !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
		return out, nil
	}
	return nil, fault.New(fault.Config, "find key columns", m.file.Path,
		text.F("映射不产生 %s", "the mapping does not fill %s", subject), text.Text{})
}

func (b *blockPlan) plan(name string) *plan {
	for _, p := range b.plans {
		if p.target.Name == name {
			return p
		}
	}
	return nil
}

// sources is the source columns a field comes from, those behind the block's own columns
// among them.
func (b *blockPlan) sources(p *plan) []string {
	var out []string
	for _, name := range p.reads() {
		if b.spread.has(name) {
			out = append(out, b.spread.sources(name)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// reads is the columns the value of the field comes from.
func (p *plan) reads() []string {
	switch {
	case p.expr != nil:
		return p.expr.vars
	case p.head != nil:
		return p.head.columns
	case p.column != "":
		return []string{p.column}
	}
	return nil
}
