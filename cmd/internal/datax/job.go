package datax

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/mappings/draft"
)

// Note says of one line of the job what became of it.
type Note struct {
	Where string    // file:line
	What  text.Text // without a value that could be a secret
	Open  bool      // a person has to do something
}

// Job is a DataX job as this program sees it.
type Job struct {
	File       string
	Connection Connection
	Columns    []string // names of the rows' columns; nil: the job does not say
	Relation   string   // table, empty with a query
	Query      string   // SELECT, empty with a table
	Cursor     string   // column that its increments went by
	Max        string   // rows that may be wrong, as written; empty: not said
	Ratio      string   // "2%"
	Pairs      []string // "reader column → writer column"
	Notes      []Note

	root *value
}

// Connection is where a job reads, without its password.
type Connection struct {
	Kind           string // mysql, oracle, sqlserver, postgresql, txtfile
	Host, Port     string
	Database, User string
	Most           int  // connections at a time, 0 = not said
	Known          bool // this program connects to it
}

// readers are the readers that are understood, by their kind of connection.
var readers = map[string]string{
	"mysqlreader": "mysql", "oraclereader": "oracle", "sqlserverreader": "sqlserver", "postgresqlreader": "postgresql", "txtfilereader": "txtfile",
}

// Read understands a job. A file that is no JSON, or no job, is a fault.Config at
// file:line:column.
func Read(file string, data []byte) (*Job, error) {
	root, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	j := &Job{File: file, root: root}
	no := func(v *value, zh, en string) error {
		line := 1
		if v != nil {
			line = v.line
		}
		return fault.New(fault.Config, "read DataX job", fmt.Sprintf("%s:%d:1", file, line), text.T(zh, en),
			text.T("DataX 任务是 {\"job\": {\"content\": [{\"reader\": …, \"writer\": …}]}}", "a DataX job is {\"job\": {\"content\": [{\"reader\": …, \"writer\": …}]}}"))
	}
	content := root.get("job", "content")
	if content == nil || len(content.vals) == 0 || len(content.keys) > 0 {
		return nil, no(root, "不是 DataX 任务：没有 job.content", "this is no DataX job: there is no job.content")
	}
	for _, more := range content.vals[1:] {
		j.note(more, true, "job.content 的第二段没有搬：一个任务只搬一对 reader 和 writer，请拆成几个文件", "another entry of job.content was not carried over: split the job, one reader and writer a file")
		more.used = true
	}
	first := content.vals[0]
	first.used = true
	reader := first.get("reader")
	name := reader.get("name").str()
	kind, ok := readers[strings.ToLower(name)]
	if !ok {
		return nil, no(reader, "不支持 reader "+strconv.Quote(name)+"；支持 mysqlreader、oraclereader、sqlserverreader、postgresqlreader、txtfilereader",
			"reader "+strconv.Quote(name)+" is not supported; known: mysqlreader, oraclereader, sqlserverreader, postgresqlreader, txtfilereader")
	}
	j.Connection.Kind = kind
	param := reader.get("parameter")
	if param == nil {
		return nil, no(reader, "reader 没有 parameter", "the reader has no parameter")
	}
	if kind == "txtfile" {
		j.textFile(param)
	} else {
		j.database(param)
	}
	j.writer(first.get("writer"))
	j.setting(root.get("job", "setting"))
	j.leftover(root, "")
	slices.SortStableFunc(j.Notes, func(a, b Note) int { return lineOf(a.Where) - lineOf(b.Where) })
	return j, nil
}

func lineOf(where string) int {
	n, _ := strconv.Atoi(where[strings.LastIndexByte(where, ':')+1:])
	return n
}

func (j *Job) note(at *value, open bool, zh, en string) {
	line := 1
	if at != nil {
		line = at.line
	}
	j.Notes = append(j.Notes, Note{Where: fmt.Sprintf("%s:%d", j.File, line), What: text.T(zh, en), Open: open})
}

// leftover notes every value nothing was made of, by its path.
func (j *Job) leftover(v *value, path string) {
	for i, e := range v.vals {
		at := path + "[" + strconv.Itoa(i) + "]"
		if i < len(v.keys) {
			at = strings.TrimPrefix(path+"."+shown(v.keys[i]), ".")
		}
		switch {
		case !e.used:
			j.note(e, false, at+" 没有搬：这里没有对应的设置", at+" was not carried over: there is nothing like it here")
		case !e.leaf:
			j.leftover(e, at)
		}
	}
}

// shown is a key as a note names it: one line, not long.
func shown(key string) string {
	key = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return ' '
		}
		return r
	}, key)
	if r := []rune(key); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return key
}

func (j *Job) setting(s *value) {
	if s == nil {
		return
	}
	speed := s.get("speed")
	if c := speed.get("channel"); c != nil {
		n, err := strconv.Atoi(c.str())
		if err != nil || n < 1 {
			j.note(c, false, "speed.channel 没有搬：不是一个数", "speed.channel was not carried over: it is no number")
			n = 0
		}
		j.Connection.Most = min(n, 4)
		if n > 0 {
			j.note(c, false, "speed.channel → 连接的 max_connections，最多取 4：部门的库只有一份，读得轻一些", "speed.channel → max_connections of the connection, 4 at most: a department's database is read gently")
		}
	}
	for _, k := range []string{"byte", "record"} {
		if v := speed.get(k); v != nil {
			j.note(v, false, "speed."+k+" 没有搬：读的速度由 max_connections 和 hours 管", "speed."+k+" was not carried over: max_connections and hours govern how a database is read")
		}
	}
	limit := s.get("errorLimit")
	if v := limit.get("record"); v != nil {
		if n, err := strconv.ParseInt(v.str(), 10, 64); err == nil && n > 0 {
			j.Max = strconv.FormatInt(n, 10)
			j.note(v, false, "errorLimit.record → rejects.max", "errorLimit.record → rejects.max")
		} else {
			j.note(v, false, "errorLimit.record 没有搬：问题数据单独留存，不使整批失败；上限写在 rejects.max", "errorLimit.record was not carried over: rejects are kept apart and fail no batch; rejects.max bounds them")
		}
	}
	if v := limit.get("percentage"); v != nil {
		if f, err := strconv.ParseFloat(v.str(), 64); err == nil && f > 0 && f <= 1 {
			j.Ratio = strconv.FormatFloat(f*100, 'f', -1, 64) + "%"
			j.note(v, false, "errorLimit.percentage → rejects.ratio", "errorLimit.percentage → rejects.ratio")
		} else {
			j.note(v, false, "errorLimit.percentage 没有搬：上限写在 rejects.ratio", "errorLimit.percentage was not carried over: rejects.ratio bounds rejects")
		}
	}
}

// writer keeps which column went where; the receiver itself is not carried over.
func (j *Job) writer(w *value) {
	if w == nil {
		return
	}
	name := shown(w.get("name").str())
	param := w.get("parameter")
	j.note(w, true, "writer "+name+" 没有搬：上报由 banjian.yaml 的 receivers 和管道的 deliver 管，按接收方档案写", "writer "+name+" was not carried over: receivers of banjian.yaml and deliver of the pipeline do that, as the receiver's profile says")
	columns := param.get("column").strs()
	if len(columns) == len(j.Columns) {
		for i, c := range columns {
			j.Pairs = append(j.Pairs, shown(j.Columns[i])+" → "+shown(c))
		}
	}
	if param != nil {
		for _, v := range param.vals {
			v.used = true
			markAll(v)
		}
	}
}

func markAll(v *value) {
	v.used = true
	for _, e := range v.vals {
		markAll(e)
	}
}

// View is what drafting a mapping needs.
func (j *Job) View(connection string) draft.View {
	v := draft.View{Connection: connection, Name: j.Relation, Kind: "table"}
	if v.Name == "" {
		v.Name = "datax"
	}
	for _, c := range j.Columns {
		v.Columns = append(v.Columns, draft.Column{Name: c, Kind: sqldialect.Text, Nullable: true})
	}
	return v
}

var variable = regexp.MustCompile(`\$\{[^}]*\}|\$\w+`)
