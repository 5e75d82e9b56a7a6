package draft

import (
	"fmt"
	"slices"
	"strings"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// page is a draft while it is written.
type page struct {
	d      *Drafter
	view   View
	name   string
	lang   text.Lang // of the comments
	blocks []*block
	unused []string // columns without a field
}

// block is the part of a draft for one subject.
type block struct {
	d       *Drafter
	lang    text.Lang
	subject *schemas.Subject
	entries []*entry // in the order of the subject's fields
	missing []Missing
	later   []Missing // needed under a condition and not guessed, or guessed with codes to fill in
}

// fill decides every field of every block.
func (p *page) fill(subjects []*schemas.Subject) {
	used := map[string]bool{}
	for i, matches := range p.d.matchAll(p.d.sights(p.view), subjects) {
		b := &block{d: p.d, lang: p.lang, subject: subjects[i]}
		b.fill(p.view, matches, used)
		p.blocks = append(p.blocks, b)
	}
	for _, c := range p.view.Columns {
		if !used[c.Name] {
			p.unused = append(p.unused, word(c.Name))
		}
	}
}

// fill decides every field: mapped, missing, or needed under a condition.
func (b *block) fill(v View, matches []match, used map[string]bool) {
	byField := map[string]*entry{}
	open := map[string]*entry{}
	for _, m := range matches {
		c := &v.Columns[m.column]
		if sqldialect.CheckName(c.Name) != nil {
			continue
		}
		e := b.d.build(c, m.field)
		e.note = reasonOf(m)
		used[c.Name] = true
		if e.open() {
			open[m.field.Name] = e
			continue
		}
		byField[m.field.Name] = e
	}
	b.fallbacks(byField)
	conditions(byField)
	for i := range b.subject.Fields {
		f := &b.subject.Fields[i]
		switch e := byField[f.Name]; {
		case e != nil:
			b.entries = append(b.entries, e)
		case !mappable(f):
		case f.Required:
			b.missing = append(b.missing, b.missingOf(f, open[f.Name]))
		case open[f.Name] != nil || f.RequiredWhen != "":
			b.later = append(b.later, b.missingOf(f, open[f.Name]))
		}
	}
}

// doubtful is the confidence below which a line asks to be looked at first.
const doubtful = 75

// reasonOf is the reason of a guess, and how sure it is.
func reasonOf(m match) text.Text {
	if m.confidence < doubtful {
		return text.T(fmt.Sprintf("%s（%d%%，请先核对）", m.reason.ZH, m.confidence), fmt.Sprintf("%s (%d%%, look here first)", m.reason.EN, m.confidence))
	}
	return text.T(fmt.Sprintf("%s（%d%%）", m.reason.ZH, m.confidence), fmt.Sprintf("%s (%d%%)", m.reason.EN, m.confidence))
}

func (b *block) missingOf(f *schemas.Field, open *entry) Missing {
	if open == nil {
		return Missing{Subject: b.subject, Field: f, Reason: text.T("没有哪一列像它", "no column looks like it")}
	}
	return Missing{Subject: b.subject, Field: f, lines: open.lines(b.lang),
		Reason: text.F("列 %s 像它，但它的取值各是什么代码要由人来填", "column %s looks like it, but a person must say which codes its values are", open.column.Name)}
}

// fallbacks are what may be said without a column.
func (b *block) fallbacks(byField map[string]*entry) {
	if f := b.subject.Field("round"); f != nil && f.Required && byField["round"] == nil {
		byField["round"] = &entry{field: f, whole: "{const: 1}", note: text.T("没有轮次列：部门在原受理号上重新受理时，须改成列名", "no column of rounds: name one where a case is accepted again under its number")}
	}
	f, end := b.subject.Field("step_state"), byField["ended_at"]
	if f != nil && byField["step_state"] == nil && end != nil && exprWord.MatchString(end.column.Name) {
		byField["step_state"] = &entry{field: f, whole: fmt.Sprintf(`{expr: "%s != null ? 'done' : 'pending'"}`, end.column.Name),
			note: text.T("没有状态列：有结束时间的算已办，请核对", "no column of states: what has an end counts as done, check this")}
	}
}

// conditions limits the check of a document number to rows of that type of document.
func conditions(byField map[string]*entry) {
	for name, e := range byField {
		who, isNumber := strings.CutSuffix(name, "_id_no")
		if i := slices.Index(e.keys, "check: resident_id"); isNumber && i >= 0 {
			if kind := byField[who+"_id_type"]; kind != nil {
				e.add(fmt.Sprintf(`when: "%s_id_type == '111'"`, who))
			} else if l := lookOf(e.column); l.Resident < l.Seen {
				e.keys = slices.Delete(e.keys, i, i+1) // other documents are in it too
				continue
			}
			if !e.field.Required && e.field.RequiredWhen == "" {
				e.add("else: blank")
			}
		}
	}
}

// lines is the entry as YAML, two blanks deep.
func (e *entry) lines(lang text.Lang) []string {
	head := "  " + e.field.Name + ": "
	because := "  # " + text.T(e.field.Title.ZH+"："+e.note.ZH, e.field.Title.EN+": "+e.note.EN).In(lang)
	switch {
	case e.whole != "":
		return []string{head + e.whole + because}
	case len(e.codes) == 0 && len(e.keys) == 0:
		return []string{head + word(e.column.Name) + because}
	case len(e.codes) == 0:
		return []string{head + "{from: " + word(e.column.Name) + ", " + strings.Join(e.keys, ", ") + "}" + because}
	}
	out := []string{strings.TrimSpace("  "+e.field.Name+":") + because, "    from: " + word(e.column.Name)}
	out[0] = "  " + out[0]
	for _, k := range e.keys {
		out = append(out, "    "+k)
	}
	out = append(out, "    map:")
	for _, c := range e.codes {
		switch {
		case c.to != "":
			out = append(out, fmt.Sprintf("      %s: %s  # %s", word(c.from), quote(c.to), c.note.In(lang)))
		case !c.note.IsZero():
			out = append(out, "      # "+word(c.from)+`: ""  # `+text.F("待填（%s）", "to be filled in (%s)", c.note.In(lang)).In(lang))
		default:
			out = append(out, "      # "+word(c.from)+`: ""  # `+text.T("待填", "to be filled in").In(lang))
		}
	}
	return out
}

// mapping is the mapping file.
func (p *page) mapping() string {
	var b strings.Builder
	b.WriteString(schemaLine("mapping"))
	b.WriteString("# " + text.F("由 banjian discover 从 %[2]s 的 %[1]s 起草；每一行都要由人核对，注释说明为什么这样猜、有多大把握。",
		"Drafted by banjian discover from %[1]s of %[2]s; a person checks every line, the comments say why it was guessed and how sure.", p.view.Name, p.view.Connection).In(p.lang) + "\n")
	fmt.Fprintf(&b, "mapping: %s\ntitle: %s\n", p.name, quote(p.title()))
	if len(p.blocks) == 1 {
		fmt.Fprintf(&b, "to: %s\nfields:\n%s", p.blocks[0].subject.Name, p.blocks[0].fields())
	} else {
		b.WriteString("to:\n")
		for _, k := range p.blocks {
			fmt.Fprintf(&b, "  - subject: %s\n%s    fields:\n%s", k.subject.Name, k.where(), indent(k.fields()))
		}
	}
	p.closing(&b)
	return b.String()
}

// where leaves out of a wide view the rows that have no record of this kind yet.
func (k *block) where() string {
	for _, e := range k.entries {
		if e.field.Name == "finished_at" && exprWord.MatchString(e.column.Name) {
			return "    where: " + quote(e.column.Name+" != null") + "  # " + text.T("还没有办结的行不产生办结记录", "rows without an end have no result yet").In(k.lang) + "\n"
		}
	}
	return ""
}

func indent(lines string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n    ") + "\n"
}

func (k *block) fields() string {
	var b strings.Builder
	if len(k.entries) == 0 {
		b.WriteString("  {}\n")
	}
	for _, e := range k.entries {
		b.WriteString(strings.Join(e.lines(k.lang), "\n") + "\n")
		if set, ok := k.d.cat.CodeSet(e.field.CodeSet); ok && slices.ContainsFunc(e.codes, func(c code) bool { return c.to == "" }) {
			b.WriteString("      # " + codesOf(set, k.lang) + "\n")
		}
	}
	return b.String()
}

func (p *page) title() string {
	what := titleOf(p.view.Comment)
	if what == "" {
		what = p.view.Name
	}
	var zh, en []string
	for _, b := range p.blocks {
		zh, en = append(zh, b.subject.Title.ZH), append(en, b.subject.Title.EN)
	}
	return fmt.Sprintf("%s %s → 标准%s记录 / canonical %s", p.view.Connection, what, strings.Join(zh, "、"), strings.Join(en, " and "))
}

// closing lists what a person has to do still.
func (p *page) closing(b *strings.Builder) {
	var missing, later []Missing
	for _, k := range p.blocks {
		missing, later = append(missing, k.missing...), append(later, k.later...)
	}
	if len(missing) > 0 {
		b.WriteString("\n# " + p.t("必填而没有猜到的字段；补上之前 banjian validate 不会通过。没有这样的列时写常量：字段: {const: 值}",
			"required and not guessed; banjian validate refuses the file until they are there. Without a column, a constant: FIELD: {const: VALUE}") + "\n")
	}
	for _, m := range missing {
		p.say(b, m, m.Reason.In(p.lang))
	}
	if len(later) > 0 {
		b.WriteString("\n# " + p.t("可以补的字段（有条件必填，或取值待填）：", "fields worth adding (required under a condition, or with values to fill in):") + "\n")
	}
	for _, m := range later {
		why := m.Reason.In(p.lang)
		if m.Field.RequiredWhen != "" {
			why = p.t("必填于 ", "required when ") + m.Field.RequiredWhen
		}
		p.say(b, m, why)
	}
	if len(p.unused) > 0 {
		b.WriteString("\n# " + p.t("没有用到的列：", "columns not used: ") + strings.Join(p.unused, ", ") + "\n")
	}
}

// say is one field that is not in the mapping, with what is known of it.
func (p *page) say(b *strings.Builder, m Missing, why string) {
	of := ""
	if len(p.blocks) > 1 {
		of = m.Subject.Name + " "
	}
	fmt.Fprintf(b, "#   %s%s  %s / %s  %s  %s\n", of, m.Field.Name, m.Field.Title.ZH, m.Field.Title.EN, typeOf(m.Field), why)
	for _, line := range m.lines {
		fmt.Fprintf(b, "#   %s\n", line)
	}
	if set, ok := p.d.cat.CodeSet(m.Field.CodeSet); ok && set.Listed() {
		b.WriteString("#       " + codesOf(set, p.lang) + "\n")
	}
}

// codesOf is a comment that names the codes of a set.
func codesOf(set *schemas.CodeSet, lang text.Lang) string {
	return text.T("可用代码：", "codes: ").In(lang) + listing(set, lang)
}

// t is a comment in the language of the draft.
func (p *page) t(zh, en string) string { return text.T(zh, en).In(p.lang) }

// typeOf is a field's type as schema files write it.
func typeOf(f *schemas.Field) string {
	switch {
	case f.Type == schemas.Code && f.Width > 0:
		return fmt.Sprintf("code:%s(%d)", f.CodeSet, f.Width)
	case f.Type == schemas.Code:
		return "code:" + f.CodeSet
	case f.Type == schemas.Decimal:
		return fmt.Sprintf("dec(%d,%d)", f.Width, f.Scale)
	case f.Width > 0:
		return fmt.Sprintf("%s(%d)", f.Type, f.Width)
	}
	return string(f.Type)
}
