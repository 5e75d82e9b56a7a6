package schemas

import (
	"fmt"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ViewDialects are the databases View writes for.
var ViewDialects = []string{"mysql", "oracle", "sqlserver", "postgres", "dm", "sqlite"}

// ViewName is what View calls the view of a subject: "v_banjian_accept".
func (s *Subject) ViewName() string {
	return "v_banjian_" + s.Name[strings.LastIndexByte(s.Name, '/')+1:]
}

// View is a script for a department's DBA: a CREATE VIEW with a column for every field
// of the canonical subject that a department can give, and a read-only account that may
// read that view and nothing else. The DBA puts an expression over the own tables where
// <field> stands, the table for <TABLE>, and the marks of the account; unless all are
// replaced the script does not run. Fields nobody must give are NULL until somebody
// puts a column there. Statements end with a semicolon (SQL Server: GO). An unknown
// dialect and a subject that is not canonical are Config faults.
func (s *Subject) View(dialect string, cat *Catalog) (string, error) {
	d, ok := viewDialects[dialect]
	if !ok {
		return "", fault.New(fault.Config, "write view", s.Name, text.F("不支持的数据库方言 %q", "unknown dialect %q", dialect),
			text.T("可用："+strings.Join(ViewDialects, "、"), "known: "+strings.Join(ViewDialects, ", ")))
	}
	if group, _, _ := strings.Cut(s.Name, "/"); !slices.Contains(DepartmentGroups, group) {
		return "", fault.New(fault.Config, "write view", s.Name, text.F("%s 不是部门能给的记录", "%s is not what a department gives", s.Name),
			text.T("例如 case/accept", "for example case/accept"))
	}
	w := &viewWriter{subject: s, cat: cat, d: d, name: s.ViewName()}
	w.head(dialect)
	w.view()
	w.account()
	return w.b.String(), nil
}

// viewDialect is what differs between the databases of departments.
type viewDialect struct {
	title   string
	tested  bool                     // run against a real server by the tests
	types   func(f *Field) string    // of a NULL that stands for a field nobody gave
	account func(name string) string // everything about the account, {view} replaced
	quote   func(name string) string
	end     string
}

type viewWriter struct {
	b       strings.Builder
	subject *Subject
	cat     *Catalog
	d       viewDialect
	name    string
}

func (w *viewWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.b, strings.TrimRight(format, " ")+"\n", args...)
}

func (w *viewWriter) head(dialect string) {
	w.line("-- %s（%s）视图 / view for %s, %s", w.subject.Title.ZH, w.subject.Name, w.subject.Title.EN, w.d.title)
	w.line("-- 1. 把 <字段名> 换成本系统的列或表达式（前面加 src.），把 <TABLE> 换成表名，需要时在 FROM 后关联其他表。")
	w.line("--    Put a column or an expression of yours where <field> stands, the table for <TABLE>, and join what is needed.")
	w.line("-- 2. 标“可选”的列没有就留着 NULL，有就换成列。代码不必改写，保留本系统的取值，由映射转换。")
	w.line("--    Optional columns stay NULL where there is nothing; codes stay as they are, the mapping translates them.")
	w.line("-- 3. 列名不要改。更新时间须随每次改动变化（含关联的表），并建索引。")
	w.line("--    Keep the column names. The time of change moves with every change, joined tables included, and has an index.")
	if !w.d.tested {
		w.line("-- 注意：本脚本未在真实的 %s 上运行过，请先在测试库试用。", w.d.title)
		w.line("-- Note: this script was not run against a real server of %s; try it on a test database first.", w.d.title)
	}
	w.line("")
}

// order is the fields a department can give: the key and the time of change, then what
// is required, then the rest.
func (w *viewWriter) order() (key, required, optional []*Field) {
	for i := range w.subject.Fields {
		f := &w.subject.Fields[i]
		switch {
		case f.Derived || f.Type == JSON || f.Type == File:
		case slices.Contains(w.subject.Key, f.Name) || f.Name == "changed_at":
			key = append(key, f)
		case f.Required:
			required = append(required, f)
		default:
			optional = append(optional, f)
		}
	}
	rank := func(f *Field) int {
		if i := slices.Index(w.subject.Key, f.Name); i >= 0 {
			return i
		}
		return len(w.subject.Key)
	}
	slices.SortStableFunc(key, func(a, b *Field) int { return rank(a) - rank(b) })
	return key, required, optional
}

func (w *viewWriter) view() {
	key, required, optional := w.order()
	w.line("CREATE VIEW %s AS", w.name)
	w.line("SELECT")
	total, n := len(key)+len(required)+len(optional), 0
	for _, group := range []struct {
		title  string
		fields []*Field
	}{{"键与更新时间 / key and time of change", key}, {"必填 / required", required}, {"可选：没有就留 NULL / optional: NULL where there is nothing", optional}} {
		w.line("  -- ── %s", group.title)
		for _, f := range group.fields {
			n++
			comma := ","
			if n == total {
				comma = ""
			}
			w.line("  -- %s", w.comment(f))
			w.line("  %s AS %s%s", w.expr(f), w.alias(f), comma)
		}
	}
	w.line("FROM <TABLE> src%s", w.d.end)
	w.line("")
}

// expr is what stands for a field until the DBA has been there.
func (w *viewWriter) expr(f *Field) string {
	if f.Required || f.Name == "changed_at" {
		return "<" + f.Name + ">"
	}
	return "CAST(NULL AS " + w.d.types(f) + ")"
}

// reserved are field names that are words of SQL in one database or another.
var reserved = []string{"user", "limit", "start", "end", "level", "date", "time", "type", "result", "reason", "comment", "content", "unit", "option", "order"}

// alias is the column's name, quoted where it is a word of SQL: in the case that the
// database gives names that are not quoted.
func (w *viewWriter) alias(f *Field) string {
	if slices.Contains(reserved, f.Name) {
		return w.d.quote(f.Name)
	}
	return f.Name
}

// comment says in Chinese what a column holds: meaning, type, width, codes, when it is
// needed.
func (w *viewWriter) comment(f *Field) string {
	parts := []string{f.Title.ZH, typeWords(f)}
	if set, ok := w.cat.CodeSet(f.CodeSet); ok && set.Listed() {
		parts = append(parts, "标准取值："+codeWords(set))
	}
	switch {
	case f.Name == "changed_at":
		parts = append(parts, "增量读取用")
	case f.Name == "round":
		parts = append(parts, "同一受理号重新受理时递增，从不重新受理的写 1")
	case f.RequiredWhen != "":
		parts = append(parts, "当 "+f.RequiredWhen+" 时必填")
	}
	return strings.Join(parts, "；")
}

func typeWords(f *Field) string {
	switch f.Type {
	case Int:
		return "整数"
	case Decimal:
		return fmt.Sprintf("数值，最多 %d 位，其中小数 %d 位", f.Width, f.Scale)
	case Bool:
		return "是否，1 是 0 否"
	case Time:
		return "日期时间（北京时间）"
	case Date:
		return "日期"
	case List:
		return "文本，多个用、分隔"
	case Code:
		if f.CodeSet == "region" {
			return "行政区划代码，12 位，可只给前 6 位"
		}
		return "代码"
	}
	if f.Width > 0 {
		return fmt.Sprintf("文本，最长 %d 字", f.Width)
	}
	return "文本"
}

// manyCodes is how many codes of a set are listed in a comment.
const manyCodes = 20

func codeWords(set *CodeSet) string {
	var words []string
	for i, c := range set.Codes {
		if i == manyCodes {
			words = append(words, fmt.Sprintf("……共 %d 种（代码集 %s）", len(set.Codes), set.Name))
			break
		}
		words = append(words, c.Code+" "+c.Title.ZH)
	}
	return strings.Join(words, "、")
}

func (w *viewWriter) account() {
	w.b.WriteString(w.d.account(w.name))
}
