package dictionary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// Book is the sheets of a dictionary, the cover first.
type Book []Sheet

// Sheet is one page: rows of cells, and how many of them are headings.
type Sheet struct {
	Name     text.Text
	Widths   []float64 // of the columns, in characters
	Headings int       // rows that stay in sight; 0 on the cover
	Rows     [][]string
}

// About is what the cover says.
type About struct {
	Site       string
	Department string // as people call the source: the pipeline's title
	SourceID   string
	Connection string
	View       string
	Pipeline   string
	At         time.Time // with the zone it is shown in
}

// Make lays out the dictionary of a mapping in one language. view may be without rows:
// then there are no examples and no rates.
func Make(m *mappings.Mapping, cat *schemas.Catalog, about About, view *View, lang text.Lang) Book {
	k := &maker{mapping: m, cat: cat, about: about, view: view, lang: lang, parts: m.Describe()}
	k.masks = masksOf(k.parts)
	book := Book{k.cover()}
	for i := range k.parts {
		book = append(book, k.fields(&k.parts[i]))
	}
	book = append(book, k.codes())
	if rules := k.rules(); len(rules.Rows) > rules.Headings {
		book = append(book, rules)
	}
	if unused := k.unused(); len(unused.Rows) > unused.Headings {
		book = append(book, unused)
	}
	return book
}

type maker struct {
	mapping *mappings.Mapping
	cat     *schemas.Catalog
	about   About
	view    *View
	lang    text.Lang
	parts   []mappings.Description
	masks   map[string]schemas.Mask
}

func (k *maker) t(zh, en string) string { return text.T(zh, en).In(k.lang) }

// line is one line of headings, in the language of the book.
func (k *maker) line(cells ...text.Text) []string {
	var out []string
	for _, c := range cells {
		out = append(out, c.In(k.lang))
	}
	return out
}

func (k *maker) cover() Sheet {
	var subjects []string
	fields := 0
	for _, d := range k.parts {
		subjects = append(subjects, d.Subject.Title.In(k.lang)+" "+d.Subject.Name)
		fields += len(d.Fields)
	}
	looked := k.t("没有读取行", "no rows were read")
	if k.view.Rows > 0 {
		looked = fmt.Sprintf(k.t("读取 %d 行；示例已打码，空值率按这些行计算", "%d rows were read; examples are masked, rates are of these rows"), k.view.Rows)
	}
	return Sheet{Name: text.T("封面", "cover"), Widths: []float64{24, 60, 24, 30}, Rows: [][]string{
		{k.t("数据字典", "Data dictionary")}, {},
		{k.t("部门与业务", "department and business"), k.about.Department},
		{k.t("来源标识", "source identifier"), k.about.SourceID},
		{k.t("部门视图", "view of the department"), k.about.Connection + " / " + k.about.View},
		{k.t("标准记录", "canonical record"), strings.Join(subjects, k.t("、", ", "))},
		{k.t("管道", "pipeline"), k.about.Pipeline},
		{k.t("映射", "mapping"), k.mapping.Name() + "  " + k.mapping.Title()},
		{k.t("映射版本", "version of the mapping"), k.mapping.Version()},
		{k.t("字段数", "fields"), fmt.Sprint(fields)},
		{k.t("样本", "sample"), looked},
		{k.t("站点", "site"), k.about.Site},
		{k.t("编制日期", "date"), k.about.At.Format(time.DateOnly)},
		{}, {k.t("部门确认：所列来源列、处理规则和代码对照与本部门业务系统一致。", "The department confirms that the columns, rules and codes listed here agree with its system.")}, {},
		{k.t("部门（盖章）", "department (seal)"), "", k.t("数据管理机构（盖章）", "data administration (seal)"), ""},
		{k.t("负责人签字", "signed by"), "", k.t("负责人签字", "signed by"), ""},
		{k.t("日期", "date"), "", k.t("日期", "date"), ""},
	}}
}

// fields is one line a field: the mapped ones first, then those that stay empty.
func (k *maker) fields(d *mappings.Description) Sheet {
	s := Sheet{Name: text.T("字段 "+d.Subject.Title.ZH, "fields "+d.Subject.Title.EN), Headings: 1, Widths: []float64{6, 22, 24, 14, 20, 20, 24, 52, 18, 28, 10, 20},
		Rows: [][]string{k.line(text.T("序号", "no."), text.T("字段", "field"), text.T("中文名", "title"), text.T("类型", "type"), text.T("是否必填", "required"),
			text.T("来源列", "source column"), text.T("部门的列说明", "the department's comment"), text.T("处理规则", "rule"), text.T("代码集", "code set"), text.T("示例（打码）", "examples, masked"), text.T("空值率", "empty"), text.T("部门意见", "the department's remarks"))}}
	if len(d.Where) > 0 {
		s.Rows = append(s.Rows, []string{"", k.t("只取满足条件的行：", "only rows where: ") + strings.Join(d.Where, k.t("，并且 ", " and "))})
	}
	mapped := map[string]bool{}
	for i, f := range d.Fields {
		mapped[f.Field.Name] = true
		s.Rows = append(s.Rows, []string{fmt.Sprint(i + 1), f.Field.Name, f.Field.Title.In(k.lang), k.typeOf(f.Field), k.required(f.Field), strings.Join(f.Columns, k.t("、", ", ")),
			k.comments(f.Columns), k.rule(&f), k.setOf(f.Field), k.examples(&f), k.emptyRate(f.Columns), ""})
	}
	for i := range d.Subject.Fields {
		if f := &d.Subject.Fields[i]; !mapped[f.Name] && !f.Derived {
			s.Rows = append(s.Rows, []string{"", f.Name, f.Title.In(k.lang), k.typeOf(f), k.required(f), "", "", k.t("本视图不提供", "not in this view"), k.setOf(f), "", "", ""})
		}
	}
	return s
}

func (k *maker) comments(columns []string) string {
	var out []string
	for _, name := range columns {
		if c := k.view.column(name); c != nil && c.Comment != "" && !slices.Contains(out, c.Comment) {
			out = append(out, c.Comment)
		}
	}
	return strings.Join(out, k.t("；", "; "))
}

// examples are masked values of the first column.
func (k *maker) examples(f *mappings.FieldDescription) string {
	if f.Const != nil {
		return f.Field.Show(*f.Const)
	}
	var out []string
	for _, name := range f.Columns[:min(len(f.Columns), 1)] {
		if c := k.view.column(name); c != nil {
			mask := f.Field.Mask
			if mask == schemas.MaskNone {
				mask = k.masks[name]
			}
			for _, v := range c.examples {
				out = append(out, short(mask.Apply(v)))
			}
		}
	}
	return strings.Join(out, " | ")
}

// longestExample is how many characters of an example are shown.
const longestExample = 30

func short(v string) string {
	if r := []rune(v); len(r) > longestExample {
		return string(r[:longestExample]) + "…"
	}
	return v
}

// emptyRate is how many rows have nothing in the first column.
func (k *maker) emptyRate(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	c := k.view.column(columns[0])
	if c == nil || c.seen == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f%%", 100*float64(c.empty)/float64(c.seen))
}

// unused is the columns of the view that no field is made from.
func (k *maker) unused() Sheet {
	s := Sheet{Name: text.T("未用的列", "columns not used"), Headings: 1, Widths: []float64{24, 20, 40, 30},
		Rows: [][]string{k.line(text.T("列", "column"), text.T("类型", "type"), text.T("部门的列说明", "the department's comment"), text.T("部门意见", "the department's remarks"))}}
	for _, c := range k.view.Columns {
		if !slices.ContainsFunc(k.mapping.Columns(), func(name string) bool { return strings.EqualFold(name, c.Name) }) {
			s.Rows = append(s.Rows, []string{c.Name, c.Type, c.Comment, ""})
		}
	}
	return s
}
