package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"banjian/connectors/sqlview"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// right is one GRANT of a server's list, taken apart.
type right struct {
	privileges []string // upper case, lists of columns left out
	on         string   // as written, quotes and all; empty: a role
	schema     string   // *: all
	name       string   // *: all of the schema
	option     bool     // may be handed on
	to         string   // as written: the account, PUBLIC or a role that it has
}

// parseRight reads GRANT a, b (c, d) ON `s`.`t` TO … WITH GRANT OPTION; false if it is
// something else.
func parseRight(line string) (r right, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), "GRANT ")
	if !ok {
		return r, false
	}
	what, rest, on := cutWord(rest, " ON ")
	if !on { // GRANT role TO user
		what, _, _ = cutWord(what, " TO ")
		r.privileges = []string{"ROLE " + strings.TrimSpace(what)}
		return r, true
	}
	where, tail, _ := cutWord(rest, " TO ")
	r.on = strings.TrimSpace(where)
	schema, name, two := cutWord(r.on, ".")
	if r.schema, r.name = unquote(schema), unquote(name); !two {
		r.schema, r.name = "", unquote(schema)
	}
	r.option = strings.Contains(tail, "WITH GRANT OPTION")
	r.to, _, _ = cutWord(tail, " ")
	for what != "" {
		one, more, _ := cutWord(what, ",")
		one, _, _ = strings.Cut(one, "(")
		r.privileges = append(r.privileges, strings.ToUpper(strings.TrimSpace(one)))
		what = more
	}
	return r, true
}

// cutWord cuts s at the first sep outside quotes and brackets.
func cutWord(s, sep string) (before, after string, found bool) {
	var quote byte
	depth := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case depth == 0 && strings.HasPrefix(s[i:], sep):
			return s[:i], s[i+len(sep):], true
		case c == '`' || c == '"' || c == '\'':
			quote = c
		case c == '[':
			quote = ']'
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
	return s, "", false
}

// unquote is a name without quotes, and without the backslash that keeps _ and % of a
// schema from being patterns.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		return strings.ReplaceAll(s[1:len(s)-1], "]]", "]")
	}
	for _, q := range []string{"`", `"`} {
		if len(s) > 1 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			s = strings.ReplaceAll(s[1:len(s)-1], q+q, q)
		}
	}
	return strings.NewReplacer(`\_`, "_", `\%`, "%").Replace(s)
}

// harmless rights let nobody read or change a row.
var harmless = []string{"USAGE", "SHOW VIEW", "CONNECT", "CREATE SESSION", "VIEW DEFINITION"}

// replication rights let an account see how far a standby is behind.
var replication = []string{"SLAVE MONITOR", "REPLICA MONITOR", "REPLICATION CLIENT", "BINLOG MONITOR"}

// rights says whether an account may do no more than SELECT what is read of it. needed is
// the relations that are read, each "name" or "schema.name"; open says that a query reads
// others too, flags the tables of flags that are written.
func (r *Report) rights(d *sqldialect.Dialect, server *sqlview.Server, needed []string, open bool, flags ...string) {
	if len(server.Rights) == 0 {
		return
	}
	full := map[string]bool{}
	for _, n := range needed {
		full[d.Kept(inSchema(n, server.Schema))] = true
	}
	written := map[string]bool{}
	for _, n := range flags {
		written[d.Kept(inSchema(n, server.Schema))] = true
	}
	j := judging{d: d, account: quoteAccount(server.Account), needed: full, flags: written, open: open, standby: server.Lag.Standby, exact: map[string]bool{}, writes: map[string]bool{}}
	for _, line := range server.Rights {
		if one, ok := parseRight(line); ok {
			j.judge(one)
		}
	}
	r.tellRights(&j)
	for _, key := range slices.Sorted(maps.Keys(written)) {
		if j.writes[key] {
			r.Add("", "rights", OK, text.F("可以改 %s 里的标志", "may set flags in %s", key), text.Text{})
			continue
		}
		s, name, _ := strings.Cut(key, ".")
		r.Add("", "rights", Warn, text.F("不能改 %s 里的标志：取过的行每次都要重读", "may not set flags in %s: rows that were taken are read again every time", key), text.T("请部门的 DBA 执行下面的语句，列只写标志列和时间列", "have the department's DBA run the statement below; of columns the flag and the time will do"),
			fmt.Sprintf("GRANT SELECT, UPDATE ON `%s`.`%s` TO %s;", s, name, j.account))
	}
}

// inSchema is a relation with its schema.
func inSchema(name, schema string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return schema + "." + name
}

// judging gathers what is wrong with an account's rights.
type judging struct {
	d       *sqldialect.Dialect
	account string
	needed  map[string]bool // schema.name
	open    bool
	standby bool            // the account may ask how far it is behind
	flags   map[string]bool // schema.name of tables in which rows are marked as taken
	writes  map[string]bool // of flags, those that may be written
	exact   map[string]bool // of needed, those with a SELECT of their own
	change  []string        // what it may change, as "INSERT ON `s`.*"
	wide    []string        // what it may read beyond need
	revoke  []string
}

func (j *judging) judge(r right) {
	var change, wide []string
	key := r.schema + "." + r.name
	for _, p := range r.privileges {
		switch {
		case slices.Contains(harmless, p):
		case j.standby && slices.Contains(replication, p):
		case (p == "SELECT" || p == "UPDATE") && j.flags[key]:
			j.writes[key] = j.writes[key] || p == "UPDATE"
		case p == "SELECT" && j.needed[key]:
			j.exact[key] = true
		case p == "SELECT" && j.open && r.schema != "*":
		case p == "SELECT" || p == "PROCESS" || p == "REPLICATION CLIENT" || p == "BINLOG MONITOR" || p == "SLAVE MONITOR":
			wide = append(wide, p)
		case strings.HasPrefix(p, "ROLE "):
			j.granted(strings.TrimPrefix(p, "ROLE "))
		default:
			change = append(change, p)
		}
	}
	if len(change) > 0 {
		j.change = append(j.change, strings.Join(change, ", ")+" ON "+r.on)
	}
	if len(wide) > 0 {
		j.wide = append(j.wide, strings.Join(wide, ", ")+" ON "+r.on)
	}
	from := j.account
	switch {
	case r.to == "PUBLIC": // every account has it: the account's own rights do not say so, and cannot be taken back
		from = r.to
	case strings.HasPrefix(r.to, "`") && !strings.Contains(r.to, "@"): // a role's, told besides that the account has the role
		return
	}
	if all := append(change, wide...); len(all) > 0 {
		j.revoke = append(j.revoke, fmt.Sprintf("REVOKE %s ON %s FROM %s;", strings.Join(all, ", "), r.on, from))
	}
	if r.option { // not every server takes both in one statement
		j.change = append(j.change, "GRANT OPTION ON "+r.on)
		j.revoke = append(j.revoke, fmt.Sprintf("REVOKE GRANT OPTION ON %s FROM %s;", r.on, from))
	}
}

// granted judges what was granted on nothing: a role, or a right to a whole database, of
// which the words tell what it is.
func (j *judging) granted(what string) {
	switch {
	case slices.Contains(harmless, what):
		return
	case strings.ContainsAny(what, "`[\"") || !strings.Contains(what, " "):
		j.wide = append(j.wide, "ROLE "+what)
	case strings.HasPrefix(what, "SELECT ") || strings.HasPrefix(what, "READ "):
		j.wide = append(j.wide, what)
	default:
		j.change = append(j.change, what)
	}
	j.revoke = append(j.revoke, fmt.Sprintf(j.d.Exam().Leave+";", what, j.account))
}

// mend is the statements that leave what is needed and nothing else.
func (j *judging) mend() []string {
	var grant []string
	for _, key := range slices.Sorted(maps.Keys(j.needed)) {
		if !j.exact[key] {
			schema, name, _ := strings.Cut(key, ".")
			grant = append(grant, fmt.Sprintf("GRANT SELECT ON %s.%s TO %s;", j.d.Quote(schema), j.d.Quote(name), j.account))
		}
	}
	return append(grant, j.revoke...)
}

func (r *Report) tellRights(j *judging) {
	hint := text.T("请部门的 DBA 执行下面的语句", "have the department's DBA run the statements below")
	switch {
	case len(j.change) > 0:
		what := strings.Join(append(j.change, j.wide...), "; ")
		r.Add("", "rights", Fail, text.F("账号 %s 能做读取以外的事：%s", "account %s may do more than read: %s", j.account, what), hint, j.mend()...)
	case len(j.wide) > 0:
		r.Add("", "rights", Warn, text.F("账号 %s 能读的比需要的多：%s", "account %s may read more than it needs: %s", j.account, strings.Join(j.wide, "; ")), hint, j.mend()...)
	case j.open:
		r.Add("", "rights", OK, text.F("账号 %s 只能 SELECT；有管道用 query，它读哪些表不在此判断", "account %s may SELECT only; a pipeline has a query, and which tables that reads is not judged", j.account), text.Text{})
	default:
		r.Add("", "rights", OK, text.F("账号 %s 只能 SELECT %s", "account %s may only SELECT %s", j.account, strings.Join(slices.Sorted(maps.Keys(j.needed)), ", ")), text.Text{})
	}
}

// quoteAccount is user@host as a statement has it.
func quoteAccount(account string) string {
	at := strings.LastIndexByte(account, '@')
	if at < 0 || strings.Contains(account, "'") {
		return account
	}
	return "'" + account[:at] + "'@'" + account[at+1:] + "'"
}
