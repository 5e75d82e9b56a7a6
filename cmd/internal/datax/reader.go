package datax

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"banjian/internal/sqldialect"
)

// database understands the parameters of the four database readers.
func (j *Job) database(p *value) {
	c := &j.Connection
	_, err := sqldialect.ByName(c.Kind)
	c.Known = err == nil
	if !c.Known {
		j.note(p, true, c.Kind+" 的库本程序还不能直连：连接写成了注释；请部门把视图放到 MySQL，或用文件交换", "this program does not connect to "+c.Kind+" yet: the connection is a comment; have the department put the view into MySQL")
	}
	c.User = j.open(p.get("username"), "username")
	if v := p.get("password"); v != nil {
		j.note(v, true, "password 没有抄：设好环境变量，连接里写的是它的名称", "password was not copied: set the environment variable that the connection names")
	}
	conns := p.get("connection")
	if conns == nil || len(conns.vals) == 0 {
		j.note(p, true, "reader 没有 connection：库和表要自己填", "the reader has no connection: fill in database and table")
		conns = &value{vals: []*value{{}}}
	}
	for _, more := range conns.vals[1:] {
		j.note(more, true, "第二个 connection 没有搬：一个管道读一个库，请为它另写一个管道", "another connection was not carried over: a pipeline reads one database, write one for it")
		markAll(more)
	}
	conn := conns.vals[0]
	conn.used = true
	j.jdbc(conn.get("jdbcUrl"))
	j.Columns = nil
	columns := p.get("column")
	names, exprs := j.columns(columns)
	if v := p.get("splitPk"); v != nil {
		j.note(v, false, "splitPk 不用搬：这里按键分批读", "splitPk is not needed: reading goes by the key here")
	}
	if q := conn.get("querySql"); q != nil && len(q.strs()) > 0 {
		j.querySQL(q, p.get("where"))
		return
	}
	table := conn.get("table")
	tables := table.strs()
	if len(tables) == 0 {
		j.note(conn, true, "没有 table 也没有 querySql：from 里的 table 要自己填", "there is neither table nor querySql: fill in table under from")
		tables = []string{"TABLE"}
	}
	if len(tables) > 1 {
		j.note(table, true, "只搬了第一张表 "+shown(tables[0])+"：其余分表请合成一个视图，或各写一个管道", "only the first table, "+shown(tables[0])+", was carried over: make one view of the others, or a pipeline each")
	}
	j.Columns = names
	j.where(p.get("where"), unquoted(j.text(table, tables[0])), exprs)
}

// open is a text of the job; one with variables is left for a person.
func (j *Job) open(v *value, name string) string {
	s := v.str()
	if variable.MatchString(s) {
		j.note(v, true, name+" 里有变量：这里没有变量，请填上", name+" holds a variable: there are none here, fill it in")
		return ""
	}
	return s
}

// text is one value of v; a variable in it is noted.
func (j *Job) text(v *value, s string) string {
	if variable.MatchString(s) {
		j.note(v, true, "表名里有变量：这里没有变量，请填上", "the name of the table holds a variable: there are none here, fill it in")
	}
	return s
}

// lazily compiles a pattern when it is first used: classes of letters take their time, and
// every start of the program would wait for them.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

var (
	identifier = lazily(`^[\p{L}_][\p{L}\p{N}_$#]*$`)
	aliased    = lazily("(?i)(?:\\)|\\sas|\\send)\\s+([`\"\\[]?[\\p{L}_][\\p{L}\\p{N}_$#]*[`\"\\]]?)\\s*$") // an expression with a name of its own
	quotes     = strings.NewReplacer("`", "", `"`, "", "[", "", "]", "")
)

func unquoted(s string) string { return quotes.Replace(strings.TrimSpace(s)) }

// columns is the names of the columns, and what a SELECT lists if it needs one: some
// column is no plain name.
func (j *Job) columns(v *value) (names, exprs []string) {
	needs := false
	for i, c := range v.strs() {
		name := unquoted(c)
		switch {
		case name == "*":
			j.note(v, true, "column 是 *：列名不知道，映射要看着视图补（banjian discover 可以起草）", "column is *: the names are not known, complete the mapping from the view (banjian discover drafts one)")
			return nil, nil
		case identifier().MatchString(name):
			names, exprs = append(names, name), append(exprs, strings.TrimSpace(c))
		case aliased().MatchString(c):
			needs = true
			names, exprs = append(names, unquoted(aliased().FindStringSubmatch(c)[1])), append(exprs, strings.TrimSpace(c))
		default:
			needs = true
			alias := fmt.Sprintf("c%d", i+1)
			names, exprs = append(names, alias), append(exprs, strings.TrimSpace(c)+" AS "+alias)
			j.note(v.vals[min(i, len(v.vals)-1)], false, "column 第 "+fmt.Sprint(i+1)+" 项不是列名：写进 query，起名 "+alias, "entry "+fmt.Sprint(i+1)+" of column is no name: it went into query as "+alias)
		}
	}
	if !needs {
		return names, nil
	}
	return names, exprs
}

var (
	since   = lazily(`^\(*\s*([\p{L}_][\p{L}\p{N}_.]*)\s*>=?\s*[^=<>]*\$[^=<>]*$`)
	until   = lazily(`^\(*\s*([\p{L}_][\p{L}\p{N}_.]*)\s*<=?\s*[^=<>]*\$[^=<>]*$`)
	between = regexp.MustCompile(`(?i)\bbetween\b|\bor\b|[()]`)
	and     = regexp.MustCompile(`(?i)\s+and\s+`)
)

// where makes a query of conditions, and a cursor of those on a variable.
func (j *Job) where(v *value, table string, exprs []string) {
	cond := strings.TrimSpace(v.str())
	var keep []string
	if cond != "" {
		parts := []string{cond}
		if !between.MatchString(cond) {
			parts = and.Split(cond, -1)
		}
		for _, part := range parts {
			switch m := since().FindStringSubmatch(part); {
			case m != nil && (j.Cursor == "" || j.Cursor == last(m[1])):
				j.Cursor = last(m[1])
			case until().MatchString(part) && last(until().FindStringSubmatch(part)[1]) == j.Cursor && j.Cursor != "":
			case variable.MatchString(part):
				j.note(v, true, "where 里有变量，没有搬：这里没有变量，增量由 cursor 管", "where holds a variable and was not carried over: there are none here, cursor governs increments")
			default:
				keep = append(keep, part)
			}
		}
		if j.Cursor != "" {
			j.note(v, false, "where 里按 "+j.Cursor+" 取增量 → cursor: "+j.Cursor, "the increment by "+j.Cursor+" in where → cursor: "+j.Cursor)
		}
	}
	if len(keep) == 0 && exprs == nil {
		j.Relation = table
		return
	}
	list := "*"
	if exprs != nil {
		list = strings.Join(exprs, ", ")
	} else if len(j.Columns) > 0 {
		list = strings.Join(j.Columns, ", ")
	}
	if j.Cursor != "" && list != "*" && !slices.Contains(j.Columns, j.Cursor) {
		list += ", " + j.Cursor
	}
	j.Query = "SELECT " + list + " FROM " + table
	if len(keep) > 0 {
		j.Query += " WHERE " + strings.Join(keep, " AND ")
		j.note(v, false, "where 的固定条件 → query", "the fixed conditions of where → query")
	}
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func (j *Job) querySQL(q, where *value) {
	list := q.strs()
	if len(list) > 1 {
		j.note(q, true, "querySql 有几条，只搬了第一条", "querySql has several entries, only the first was carried over")
	}
	j.Query = strings.TrimRight(strings.TrimSpace(list[0]), "; \t\n")
	j.Columns = selected(j.Query)
	switch {
	case variable.MatchString(j.Query):
		j.note(q, true, "querySql 里有变量：这里没有变量；去掉那个条件，用 cursor 取增量", "querySql holds a variable: there are none here; drop that condition and let cursor find increments")
	default:
		j.note(q, false, "querySql → query", "querySql → query")
	}
	if j.Columns == nil {
		j.note(q, true, "querySql 的列名认不出来：映射要自己补", "the columns of querySql cannot be told: complete the mapping")
	}
	if where != nil {
		j.note(where, false, "有 querySql 时 DataX 不看 where，没有搬", "DataX ignores where beside querySql; it was not carried over")
	}
}

var selectList = regexp.MustCompile(`(?is)^\s*select\s+(?:distinct\s+)?(.*?)\s+from\s`)

// selected is the names of the columns of a SELECT, nil if one cannot be told.
func selected(query string) []string {
	m := selectList.FindStringSubmatch(query)
	if m == nil {
		return nil
	}
	var out []string
	depth, from := 0, 0
	list := m[1] + ","
	for i, r := range list {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth != 0 {
				continue
			}
			words := strings.Fields(list[from:i])
			from = i + 1
			if len(words) == 0 {
				return nil
			}
			name := unquoted(last(words[len(words)-1]))
			if !identifier().MatchString(name) {
				return nil
			}
			out = append(out, name)
		}
	}
	return out
}

var (
	oracleURL    = regexp.MustCompile(`^jdbc:oracle:thin:@(?://)?([^:/]+):(\d+)[:/]([\w.$-]+)`)
	sqlserverURL = regexp.MustCompile(`(?i)^jdbc:(?:microsoft:)?sqlserver://([^:;/]+)(?::(\d+))?;.*?database(?:name)?=([^;]+)`)
)

// jdbc takes an address apart; its parameters may hold a password and are dropped.
func (j *Job) jdbc(v *value) {
	c := &j.Connection
	list := v.strs()
	if len(list) == 0 {
		return
	}
	if len(list) > 1 {
		j.note(v, true, "jdbcUrl 有几个地址，只搬了第一个", "jdbcUrl has several addresses, only the first was carried over")
	}
	s := strings.TrimSpace(list[0])
	if m := oracleURL.FindStringSubmatch(s); m != nil {
		c.Host, c.Port, c.Database = m[1], m[2], m[3]
		return
	}
	if m := sqlserverURL.FindStringSubmatch(s); m != nil {
		c.Host, c.Port, c.Database = m[1], m[2], m[3]
		return
	}
	u, err := url.Parse(strings.TrimPrefix(s, "jdbc:"))
	if err != nil || u.Host == "" || variable.MatchString(s) {
		j.note(v, true, "jdbcUrl 认不出来（或有变量）：连接的 host、port、database 要自己填", "jdbcUrl is not understood, or holds a variable: fill in host, port and database of the connection")
		return
	}
	c.Host, c.Port, c.Database = u.Hostname(), u.Port(), strings.TrimPrefix(u.Path, "/")
	if u.RawQuery != "" {
		j.note(v, false, "jdbcUrl 的参数没有搬：字符集和时区由程序管，加密写 tls: true", "the parameters of jdbcUrl were not carried over: the program sees to charset and zone; tls: true encrypts")
	}
}

// textFile notes what a job on files would have read.
func (j *Job) textFile(p *value) {
	j.note(p, true, "本程序还不读文本文件：连接写成了注释，from 要等数据进了库再改；映射里的列按顺序起名", "this program does not read text files yet: the connection is a comment, mend from when the data lies in a database; columns are named by their order")
	for _, k := range []string{"path", "encoding", "fieldDelimiter", "skipHeader", "nullFormat", "compress", "csvReaderConfig"} {
		if v := p.get(k); v != nil {
			markAll(v)
		}
	}
	columns := p.get("column")
	if columns == nil {
		return
	}
	for i, c := range columns.vals {
		markAll(c)
		if fixed := c.get("value"); fixed != nil {
			j.note(c, true, "column 的固定值没有搬：在映射里写 {const: 值}", "a fixed value of column was not carried over: write {const: value} in the mapping")
			continue
		}
		index := c.get("index").str()
		if index == "" {
			index = fmt.Sprint(i)
		}
		if regexp.MustCompile(`^\d{1,4}$`).MatchString(index) {
			j.Columns = append(j.Columns, "c"+index)
		}
		if f := c.get("format"); f != nil {
			j.note(f, true, "时间格式没有搬：在映射里写 time", "the format of a time was not carried over: write time in the mapping")
		}
	}
	j.Relation = "FILE"
}
