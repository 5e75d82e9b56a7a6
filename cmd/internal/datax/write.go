package datax

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"banjian/schemas"
)

// word is s as a YAML value.
func word(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

var plainWord = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*[A-Za-z0-9_]$`)

// Notes of a file, as comments.
func (j *Job) comments(b *strings.Builder) {
	fmt.Fprintf(b, "# 由 banjian import datax 从 %s 搬来；每一行都要由人核对。\n", shown(j.File))
	fmt.Fprintf(b, "# Made by banjian import datax from %s; a person checks every line.\n", shown(j.File))
	for _, n := range j.Notes {
		mark := "  "
		if n.Open {
			mark = "! "
		}
		fmt.Fprintf(b, "# %s%s %s / %s\n", mark, n.Where, n.What.ZH, n.What.EN)
	}
}

// PipelineFile is the content of pipelines/NAME.yaml.
func (j *Job) PipelineFile(name, connection string, subject *schemas.Subject) string {
	var b strings.Builder
	j.comments(&b)
	fmt.Fprintf(&b, "pipeline: %s\nfrom:\n  connection: %s\n", name, word(connection))
	fmt.Fprintf(&b, "  source_id: %s  # 部门业务系统的短名，一经使用不再更改 / short name of the department's system, fixed for ever\n", word(connection))
	if j.Query != "" {
		fmt.Fprintf(&b, "  query: %s\n", strconv.Quote(j.Query))
	} else {
		fmt.Fprintf(&b, "  table: %s\n", word(j.Relation))
	}
	fmt.Fprintf(&b, "  key: [%s]  # 自然键，来源标识之后 / the natural key, after source_id\n", strings.Join(subject.Key, ", "))
	if j.Cursor != "" {
		fmt.Fprintf(&b, "  cursor: %s  # 请确认每次改动都会更新它 / please make sure that every change moves it\n  lookback: 10m\n  mode: incremental\n", word(j.Cursor))
	} else {
		b.WriteString("  mode: full  # 每次读全部 / every run reads everything\n")
	}
	b.WriteString("  absent: keep\n")
	fmt.Fprintf(&b, "mapping: %s\ndeliver: []  # 核对无误后写接收方的名称 / name receivers here once the rows are right\n", name)
	limits := []string{}
	if j.Max != "" {
		limits = append(limits, "max: "+j.Max)
	}
	if j.Ratio != "" {
		limits = append(limits, "ratio: "+j.Ratio)
	}
	if len(limits) > 0 {
		fmt.Fprintf(&b, "rejects: {%s}\n", strings.Join(limits, ", "))
	}
	return b.String()
}

// MappingComments are lines for the head of the mapping: which column went where.
func (j *Job) MappingComments() string {
	var b strings.Builder
	j.comments(&b)
	if len(j.Pairs) > 0 {
		b.WriteString("# DataX 里源列 → 目标列 / source column → target column in DataX:\n")
		for _, p := range j.Pairs {
			fmt.Fprintf(&b, "#   %s\n", p)
		}
	}
	return b.String()
}

// ConnectionEntry is what belongs under connections of banjian.yaml: with a reference
// where the password was. What this program cannot connect to is a comment.
func (j *Job) ConnectionEntry(name string) string {
	c := j.Connection
	lines := []string{word(name) + ":", "  kind: " + c.Kind}
	add := func(key, v string) {
		if v != "" {
			lines = append(lines, "  "+key+": "+v)
			return
		}
		lines = append(lines, "  # "+key+":   # 待填 / to be filled in")
	}
	add("host", wordOr(c.Host))
	if _, err := strconv.ParseUint(c.Port, 10, 16); err == nil {
		add("port", c.Port)
	}
	add("user", wordOr(c.User))
	lines = append(lines, "  password: {env: "+envName(name)+"}  # 原来的口令没有抄 / the password was not copied")
	add("database", wordOr(c.Database))
	if c.Most > 0 {
		lines = append(lines, fmt.Sprintf("  max_connections: %d", c.Most))
	}
	var b strings.Builder
	b.WriteString("# 放到 banjian.yaml 的 connections 下 / belongs under connections of banjian.yaml\n")
	for _, l := range lines {
		if !c.Known {
			b.WriteString("# ")
		}
		b.WriteString("  " + l + "\n")
	}
	return b.String()
}

func wordOr(s string) string {
	if s == "" {
		return ""
	}
	return word(s)
}

var notEnv = regexp.MustCompile(`[^A-Z0-9]+`)

func envName(name string) string {
	return strings.Trim(notEnv.ReplaceAllString(strings.ToUpper(name), "_"), "_") + "_PASSWORD"
}
