package dictionary

import (
	"fmt"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// typeOf is a field's type in words: 文字，最多 50 字.
func (k *maker) typeOf(f *schemas.Field) string {
	switch f.Type {
	case schemas.Text, schemas.List:
		name := k.t("文字", "text")
		if f.Type == schemas.List {
			name = k.t("多个值", "list")
		}
		if f.Width > 0 {
			return fmt.Sprintf(k.t("%s，最多 %d 字", "%s, %d characters at most"), name, f.Width)
		}
		return name
	case schemas.Code:
		return k.t("代码", "code")
	case schemas.Time:
		return k.t("时间", "time")
	case schemas.Date:
		return k.t("日期", "date")
	case schemas.Int:
		return k.t("整数", "whole number")
	case schemas.Decimal:
		return fmt.Sprintf(k.t("小数，%d 位，其中小数 %d 位", "decimal, %d digits, %d behind the point"), f.Width, f.Scale)
	case schemas.Bool:
		return k.t("是或否", "yes or no")
	}
	return string(f.Type)
}

func (k *maker) required(f *schemas.Field) string {
	switch {
	case f.Required:
		return k.t("必填", "required")
	case f.RequiredWhen != "":
		return k.t("有条件必填：", "required when ") + f.RequiredWhen
	}
	return k.t("选填", "optional")
}

// rule is what becomes of the value, in one sentence.
func (k *maker) rule(f *mappings.FieldDescription) string {
	var out []string
	switch {
	case f.Const != nil:
		out = append(out, k.t("固定值 ", "always ")+*f.Const)
	case f.Expr != "":
		out = append(out, k.t("计算：", "computed: ")+f.Expr)
	}
	for _, s := range f.Steps {
		out = append(out, k.inWords(s))
	}
	if f.When != "" {
		out = append(out, k.t("仅当 ", "checked only when ")+f.When+k.t(" 时检查", ""))
	}
	if len(out) == 0 {
		return k.t("照搬", "as it is")
	}
	return strings.Join(out, k.t("；", "; "))
}

// layoutWords turn the reference time of layouts into the letters people know.
var layoutWords = strings.NewReplacer("2006", "yyyy", "01", "MM", "02", "dd", "15", "HH", "04", "mm", "05", "ss")

// checked is what a check wants, in words.
var checked = map[string]text.Text{
	"resident_id": text.T("须是有效的居民身份证号码", "must be a valid resident ID number"), "uscc": text.T("须是有效的统一社会信用代码", "must be a valid unified social credit code"),
	"org_code": text.T("须是有效的组织机构代码", "must be a valid organisation code"), "licence_id": text.T("须是有效的电子证照标识", "must be a valid licence identifier"),
	"mobile": text.T("须是 11 位手机号码", "must be a mobile number of 11 digits"), "zip": text.T("须是 6 位邮政编码", "must be a postal code of 6 digits"),
	"email": text.T("须是邮箱地址", "must be an e-mail address"), "item_code": text.T("须是有效的事项编码", "must be a valid item code"),
}

// inWords is a step as people outside the data team read it.
func (k *maker) inWords(step text.Text) string {
	said := step.In(k.lang)
	if name, isCheck := strings.CutPrefix(step.EN, "check "); isCheck {
		if t, ok := checked[name]; ok {
			return t.In(k.lang)
		}
	}
	if strings.Contains(said, "2006") {
		return layoutWords.Replace(said)
	}
	return said
}

// setOf is the code set of a field as its title.
func (k *maker) setOf(f *schemas.Field) string {
	if f.CodeSet == "" {
		return ""
	}
	if set, ok := k.cat.CodeSet(f.CodeSet); ok && set.Title.In(k.lang) != "" {
		return set.Title.In(k.lang) + " " + f.CodeSet
	}
	return f.CodeSet
}

// longestList is how many codes of a set are listed; a longer set is named with its basis.
const longestList = 120

// codes is every code set that a mapped field uses, with what the department writes for
// each code.
func (k *maker) codes() Sheet {
	s := Sheet{Name: text.T("代码", "codes"), Headings: 1, Widths: []float64{24, 22, 16, 30, 40, 20},
		Rows: [][]string{k.line(text.T("代码集", "code set"), text.T("字段", "field"), text.T("代码", "code"), text.T("含义", "meaning"), text.T("部门的写法", "as the department writes it"), text.T("部门意见", "the department's remarks"))}}
	for _, d := range k.parts {
		for _, f := range d.Fields {
			s.Rows = append(s.Rows, k.codesOf(&f)...)
		}
	}
	return s
}

func (k *maker) codesOf(f *mappings.FieldDescription) [][]string {
	set, ok := k.cat.CodeSet(f.Field.CodeSet)
	if !ok {
		return nil
	}
	written := map[string][]string{}
	for _, p := range f.Codes {
		written[p.To] = append(written[p.To], p.From)
	}
	name, field := k.setOf(f.Field), f.Field.Name
	var out [][]string
	if set.Listed() && len(set.Codes) <= longestList {
		for _, c := range set.Codes {
			out = append(out, []string{name, field, c.Code, c.Title.In(k.lang), strings.Join(written[c.Code], k.t("、", ", ")), ""})
		}
	} else {
		basis := set.Basis.In(k.lang)
		if basis == "" {
			basis = k.t("见代码集", "see the code set")
		}
		for _, c := range set.Codes {
			if from := written[c.Code]; len(from) > 0 {
				out = append(out, []string{name, field, c.Code, c.Title.In(k.lang), strings.Join(from, k.t("、", ", ")), ""})
			}
		}
		if len(out) == 0 {
			out = append(out, []string{name, field, "", basis, k.t("按代码集的写法", "as the code set has it"), ""})
		} else {
			out = append(out, []string{name, field, "…", basis, k.t("其余代码这个部门没有", "the department has none of the others"), ""})
		}
	}
	if none := written[""]; len(none) > 0 {
		out = append(out, []string{name, field, "", k.t("（置空）", "(left empty)"), strings.Join(none, k.t("、", ", ")), ""})
	}
	return out
}

var severities = map[schemas.Severity]text.Text{
	schemas.Reject: text.T("退回", "refused"), schemas.Warn: text.T("提示", "warning"), schemas.Hold: text.T("挂起", "held"), schemas.NotApplicable: text.T("不适用", "not applicable"),
}

// rules is the checks over whole records.
func (k *maker) rules() Sheet {
	s := Sheet{Name: text.T("整条规则", "rules"), Headings: 1, Widths: []float64{20, 30, 12, 50, 50, 20},
		Rows: [][]string{k.line(text.T("记录", "record"), text.T("规则", "rule"), text.T("后果", "then"), text.T("条件", "when"), text.T("说明", "what it says"), text.T("部门意见", "the department's remarks"))}}
	for _, d := range k.parts {
		for _, r := range d.Rules {
			s.Rows = append(s.Rows, []string{d.Subject.Title.In(k.lang), r.ID, severities[r.Then].In(k.lang), r.When, r.Say.In(k.lang), ""})
		}
		for _, o := range d.Subject.Orders {
			before, after := d.Subject.Field(o.Before), d.Subject.Field(o.After)
			if before == nil || after == nil || !slices.ContainsFunc(d.Fields, func(f mappings.FieldDescription) bool { return f.Field.Name == o.Before }) {
				continue
			}
			s.Rows = append(s.Rows, []string{d.Subject.Title.In(k.lang), o.Rule, k.t("退回", "refused"), o.Before + " > " + o.After,
				fmt.Sprintf(k.t("%s不得晚于%s", "%s must not lie behind %s"), before.Title.In(k.lang), after.Title.In(k.lang)), ""})
		}
	}
	return s
}
