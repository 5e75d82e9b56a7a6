package schemas

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Dialects that DDL writes.
const (
	MySQL    = "mysql"
	Postgres = "postgres"
	SQLite   = "sqlite"
	Oracle   = "oracle"
)

// DDLDialects is the dialects that DDL writes.
var DDLDialects = []string{MySQL, Postgres, SQLite, Oracle}

// DDL is the statements that create the table in the spelling of its newest layout,
// with its indexes and Chinese comments (none on SQLite); each ends with a semicolon
// and a newline. Widths count characters. It is for test receivers and for a site that
// must lay out its own exchange database: a run itself never creates anything there.
// An unknown dialect is a Config fault.
func (t *Table) DDL(dialect string) (string, error) {
	layout := "2020"
	if len(t.Layouts) > 0 && !t.In(layout) {
		layout = t.Layouts[0]
	}
	return t.DDLOf(dialect, layout)
}

// DDLOf is DDL in the spelling of a layout, "2018" or "2020"; one the table is not
// known in is a Config fault.
func (t *Table) DDLOf(dialect, layout string) (string, error) {
	d, ok := ddlDialects[dialect]
	switch {
	case !ok:
		return "", fault.New(fault.Config, "write DDL", t.Name,
			text.F("不支持的数据库方言 %q", "unknown dialect %q", dialect),
			text.F("可用：%[1]s", "known: %[1]s", strings.Join(DDLDialects, ", ")))
	case len(t.Layouts) > 0 && !t.In(layout):
		return "", fault.New(fault.Config, "write DDL", t.Name,
			text.F("不知道这张表在 %s 版中的写法", "how the table is spelled in the layout of %s is not known", layout),
			text.F("可用：%[1]s", "known: %[1]s", strings.Join(t.Layouts, ", ")))
	}
	return d(t.laidOut(layout)), nil
}

var ddlDialects = map[string]func(*ddlTable) string{
	MySQL: (*ddlTable).mysql, Postgres: (*ddlTable).postgres, SQLite: (*ddlTable).sqlite, Oracle: (*ddlTable).oracle,
}

// ddlTable is a table in the spelling of one layout.
type ddlTable struct {
	name, title string
	columns     []Column // with the receiver's, ID apart; Name is the spelling
	surrogate   bool     // ID comes first: the receiver counts the rows
	indexes     []ddlIndex
}

type ddlIndex struct {
	name    string
	columns []string
	unique  bool
}

func (x ddlIndex) kind() string {
	if x.unique {
		return "UNIQUE "
	}
	return ""
}

func (t *Table) laidOut(layout string) *ddlTable {
	d := &ddlTable{name: t.Name, title: t.Title.ZH, surrogate: len(t.Receiver) > 0}
	if layout == "2018" {
		d.name = t.Name2018
	}
	for _, c := range t.Columns {
		if len(t.Layouts) > 0 {
			c.Name = c.spelled(layout)
		}
		d.columns = append(d.columns, c)
	}
	if d.surrogate {
		d.columns = append(d.columns, t.Receiver[1:]...)
		d.indexes = append(d.indexes, ddlIndex{name: "sync", columns: []string{"is_sync", "ID"}})
	}
	for _, x := range t.lookups() {
		for i, column := range x.columns {
			at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == column })
			x.columns[i] = d.columns[at].Name
		}
		d.indexes = append(d.indexes, x)
	}
	return d
}

// lookups is what a receiver's poller and a reconciliation look rows up by.
func (t *Table) lookups() []ddlIndex {
	var out []ddlIndex
	if t.Key != nil {
		name := "key"
		if t.Key[0] == "row_guid" {
			name = "guid"
		}
		out = append(out, ddlIndex{name, slices.Clone(t.Key), t.Use == UseInbox})
	}
	for _, x := range []ddlIndex{
		{name: "project", columns: []string{"project_no"}}, {name: "item", columns: []string{"task_guid"}}, {name: "refused", columns: []string{"table_row_guid"}}, {name: "batch", columns: []string{"cd_batch"}},
	} {
		if t.Column(x.columns[0]) != nil && !slices.Contains(t.Key, x.columns[0]) {
			out = append(out, x)
		}
	}
	return out
}

// indexName keeps to most characters; what is longer ends in a hash of the whole.
func (d *ddlTable) indexName(x ddlIndex, most int) string {
	name := "idx_" + d.name + "_" + x.name
	if len(name) <= most {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprintf("%s_%06x", strings.TrimRight(name[:most-7], "_"), h.Sum32()&0xffffff)
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func nullness(notNull bool) string {
	if notNull {
		return "NOT NULL"
	}
	return "NULL"
}

// isText says that Width counts characters.
func (c *Column) isText() bool { return c.SQLType == "varchar" || c.SQLType == "char" }
