package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/sqldialect"
)

// exprWord is a column that an expression can name.
var exprWord = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// plainWord is what YAML takes without quotes.
var plainWord = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// word is s as a YAML key or value, quoted where it must be.
func word(s string) string {
	if plainWord.MatchString(s) && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s)) {
		return s
	}
	return quote(s)
}

// quote is s in double quotes, as YAML reads them.
func quote(s string) string { return strconv.Quote(s) }

// SchemaDir is the folder of a site, beside mappings and pipelines, that drafts say their
// JSON Schemas are in.
const SchemaDir = ".schema"

// schemaLine is the first line of a file in mappings or pipelines: what an editor checks
// it by.
func schemaLine(kind string) string {
	return "# yaml-language-server: $schema=../" + SchemaDir + "/" + kind + ".json\n"
}

// entries are those of all blocks.
func (p *page) entries() []*entry {
	var out []*entry
	for _, b := range p.blocks {
		out = append(out, b.entries...)
	}
	return out
}

// test is the test file: one case of invented values, without an expectation.
func (p *page) test() string {
	var b strings.Builder
	b.WriteString(schemaLine("mapping-test"))
	fmt.Fprintf(&b, "# %s\n", p.t("这一行是编造的，没有任何真实数据；banjian test --update 填上期望值，由人核对。",
		"The row is invented, nothing in it is real; banjian test --update fills in what is expected, a person checks it."))
	fmt.Fprintf(&b, "mapping: %s\nbase:\n", p.name)
	seen := map[string]bool{}
	for _, e := range p.entries() {
		if e.column != nil && !seen[e.column.Name] {
			seen[e.column.Name] = true
			fmt.Fprintf(&b, "  %s: %s\n", word(e.column.Name), quote(e.sample))
		}
	}
	if len(seen) == 0 {
		b.WriteString("  {}\n")
	}
	b.WriteString("cases:\n  - name: " + p.t("一件普通的办件", "an ordinary case") + "\n")
	return b.String()
}

// pipeline is the pipeline file.
func (p *page) pipeline() string {
	var b strings.Builder
	b.WriteString(schemaLine("pipeline"))
	fmt.Fprintf(&b, "# %s\n", p.t("由 banjian discover 起草；试跑前请核对 source_id、key 和 cursor。", "Drafted by banjian discover; check source_id, key and cursor before the first run."))
	kind := "view"
	if p.view.Kind == "table" {
		kind = "table"
	}
	fmt.Fprintf(&b, "pipeline: %s\ntitle: %s\nfrom:\n  connection: %s\n", p.name, quote(p.title()), word(p.view.Connection))
	fmt.Fprintf(&b, "  source_id: %s  # %s\n", word(cmp.Or(p.view.Source, shortName(p.view.Connection))),
		p.t("部门业务系统的短名，一经使用不再更改", "short name of the department's system, fixed for ever"))
	fmt.Fprintf(&b, "  %s: %s\n  key: [%s]  # %s\n", kind, word(p.view.Name), strings.Join(p.blocks[0].subject.Key, ", "),
		p.t("自然键，来源标识之后", "the natural key, after source_id"))
	p.cursor(&b)
	fmt.Fprintf(&b, "  absent: keep  # %s\n", p.t("视图里消失的行不当作删除", "a row that leaves the view is not a deletion"))
	fmt.Fprintf(&b, "mapping: %s\n", p.name)
	fmt.Fprintf(&b, "deliver: []  # %s\n", p.t("只归集不上报；核对无误后写接收方的名称", "collects only; name receivers here once the rows are right"))
	fmt.Fprintf(&b, "rejects: {max: 1000, ratio: 2%%, after: 500}  # %s\n", p.t("超出即停", "beyond these the run stops"))
	return b.String()
}

// shortName is a connection's name as a source_id: 32 characters at most.
func shortName(name string) string {
	r := []rune(name)
	return string(r[:min(len(r), 32)])
}

// sortable are the layouts of text times that sort as they pass.
var sortable = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006/01/02 15:04:05", "20060102150405", "2006-01-02 15:04"}

// cursor chooses what new and changed rows are found by.
func (p *page) cursor(b *strings.Builder) {
	entries := p.entries()
	i := slices.IndexFunc(entries, func(e *entry) bool { return e.field.Name == "changed_at" && e.column != nil })
	full := func(zh, en string) {
		fmt.Fprintf(b, "  mode: full  # %s\n", p.t(zh, en))
	}
	if i < 0 {
		full("没有像更新时间的列：每次读全部；请部门加上更新时间列", "no column looks like a time of change: every run reads everything; ask the department for one")
		return
	}
	c := entries[i].column
	lookback, zh, en := "10m", "迟提交的行会晚到，往回多看一段，重复的不会重报", "rows committed late arrive behind their time; what is read again is not sent again"
	l := lookOf(c)
	layout, one := oneLayout(l)
	switch {
	case c.Kind == sqldialect.Date && !timeOfDay(c) || c.Kind == sqldialect.Text && one && (layout == "2006-01-02" || layout == "20060102" || layout == "2006/01/02"):
		lookback, zh, en = "1d", "这一列只到日，同一天的改动要再看一遍", "the column shows days only: a day is looked at again"
	case c.Kind == sqldialect.Datetime, c.Kind == sqldialect.Date: // Oracle's DATE has a time of day
	case c.Kind == sqldialect.Text && one && slices.Contains(sortable, layout):
	default:
		full("列 "+c.Name+" 的写法不能按先后排序：每次读全部", "the way "+c.Name+" is written does not sort by time: every run reads everything")
		return
	}
	fmt.Fprintf(b, "  cursor: %s  # %s%s\n", word(c.Name), entries[i].note.In(p.lang),
		p.t("；请确认每次改动都会更新它，并且有索引", "; make sure that every change moves it, and that it has an index"))
	fmt.Fprintf(b, "  lookback: %s  # %s\n  mode: incremental\n", lookback, p.t(zh, en))
}

func oneLayout(l *look) (string, bool) {
	for layout := range l.Times {
		return layout, len(l.Times) == 1 && l.most(l.Time)
	}
	return "", false
}

// timeOfDay says that a value of a column has one that is not midnight.
func timeOfDay(c *Column) bool {
	return slices.ContainsFunc(c.Values, func(v string) bool { return strings.Contains(strings.ReplaceAll(v, "00:00:00", ""), ":") })
}
