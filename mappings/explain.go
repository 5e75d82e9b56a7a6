package mappings

import (
	"fmt"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// Explain says in words what the mapping does, field by field, for the department to
// sign: one line a field, with the operations in the order they run, and for every
// expression whether it runs on the columns or in the interpreter.
func (m *Mapping) Explain(lang text.Lang) string {
	e := &explainer{lang: lang}
	e.line("%s  %s", m.file.Name, m.file.Title)
	if m.from != nil {
		e.line("%s %s %s", e.t("来源：", "from:"), m.from.Name, m.from.Title.In(lang))
	}
	e.line("%s %s", e.t("读取的列：", "columns read:"), strings.Join(m.columns, ", "))
	if m.where != nil {
		e.line("%s %s", e.t("只取满足条件的行：", "only rows where:"), e.expr(m.where))
	}
	for _, f := range m.filters {
		e.line("%s %s [%s]  %s", e.t("略过的行：", "rows left out:"), e.expr(f.when), f.id, f.say.In(lang))
	}
	for _, b := range m.blocks {
		e.block(b)
	}
	return e.b.String()
}

type explainer struct {
	lang text.Lang
	b    strings.Builder
}

func (e *explainer) t(zh, en string) string { return text.T(zh, en).In(e.lang) }

func (e *explainer) line(format string, args ...any) {
	fmt.Fprintln(&e.b, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (e *explainer) block(b *blockPlan) {
	e.line("")
	e.line("→ %s %s", b.subject.Name, b.subject.Title.In(e.lang))
	if b.where != nil {
		e.line("  %s %s", e.t("只取满足条件的行：", "only rows where:"), e.expr(b.where))
	}
	if b.spread != nil {
		for _, s := range b.spread.says {
			e.line("  %s", s.In(e.lang))
		}
	}
	for _, p := range b.written {
		e.field(p)
	}
	e.unmapped(b)
	if len(b.rules) == 0 {
		return
	}
	e.line("  %s", e.t("规则：", "rules:"))
	for _, r := range b.rules {
		e.line("    %s [%s] %s  %s", r.id, e.severity(r.then), e.expr(r.when), r.say.In(e.lang))
	}
}

func (e *explainer) field(p *plan) {
	var parts []string
	if s := e.source(p); s != "" {
		parts = append(parts, s)
	}
	for _, s := range p.says {
		if !s.IsZero() {
			parts = append(parts, s.In(e.lang))
		}
	}
	if p.when != nil {
		parts = append(parts, e.t("检查仅当 ", "checked only when ")+e.expr(p.when))
	}
	mark := ""
	if p.target.Required {
		mark = "*"
	}
	e.line("  %s%s %s ← %s", p.target.Name, mark, p.target.Title.In(e.lang), strings.Join(parts, e.t("；", "; ")))
}

func (e *explainer) source(p *plan) string {
	switch {
	case p.cons != nil:
		return e.t("常量 ", "constant ") + *p.cons
	case p.expr != nil:
		return e.expr(p.expr)
	case p.head != nil:
		return p.head.say.In(e.lang)
	}
	return p.column
}

// expr is the expression with how it runs.
func (e *explainer) expr(x *expr) string {
	if len(x.interp) == 0 {
		return x.src + e.t(" 〔按列〕", " (on columns)")
	}
	return x.src + e.t(" 〔解释执行：", " (interpreted: ") + strings.Join(x.interp, ", ") + e.t("〕", ")")
}

func (e *explainer) unmapped(b *blockPlan) {
	var names []string
	for i := range b.subject.Fields {
		if f := &b.subject.Fields[i]; !f.Derived && b.plan(f.Name) == nil {
			names = append(names, f.Name)
		}
	}
	if len(names) > 0 {
		e.line("  %s %s", e.t("未映射：", "not mapped:"), strings.Join(names, ", "))
	}
}

func (e *explainer) severity(s schemas.Severity) string {
	return map[schemas.Severity]text.Text{
		schemas.Reject:        text.T("问题数据", "reject"),
		schemas.Warn:          text.T("提示", "warn"),
		schemas.Hold:          text.T("挂起", "hold"),
		schemas.NotApplicable: text.T("不适用", "not applicable"),
	}[s].In(e.lang)
}
