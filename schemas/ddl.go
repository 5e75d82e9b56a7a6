package schemas

import (
	"fmt"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Dialects that DDL writes.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// DDL is the CREATE TABLE statement of the receiver's table, in the 2020 spelling,
// with its indexes; statements end with a semicolon and a newline. Widths count
// characters. It is for test receivers and for a site that must lay out its own
// exchange database: a run itself never creates anything there. An unknown dialect is
// a Config fault.
func (t *Table) DDL(dialect string) (string, error) {
	switch dialect {
	case MySQL:
		return t.mysql(), nil
	case SQLite:
		return t.sqlite(), nil
	}
	return "", fault.New(fault.Config, "write DDL", t.Name,
		text.F("不支持的数据库方言 %q", "unknown dialect %q", dialect),
		text.T("可用：mysql、sqlite", "known: mysql, sqlite"))
}

// tableIndexes is what a receiver's poller and a reconciliation look rows up by.
var tableIndexes = []struct{ name, columns string }{
	{"sync", "is_sync, ID"},
	{"guid", "row_guid"},
	{"project", "project_no"},
	{"batch", "cd_batch"},
}

func (t *Table) mysql() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n  ID bigint NOT NULL AUTO_INCREMENT COMMENT '%s',\n", t.Name, t.Receiver[0].Title.ZH)
	for _, c := range t.Columns {
		fmt.Fprintf(&b, "  %s %s %s COMMENT '%s',\n", c.Name, c.mysqlType(), nullness(c.NotNull), c.Title.ZH)
	}
	for _, c := range t.Receiver[1:] {
		fmt.Fprintf(&b, "  %s %s %s%s COMMENT '%s',\n", c.Name, c.mysqlType(), nullness(c.NotNull), c.receiverDefault(MySQL), c.Title.ZH)
	}
	b.WriteString("  PRIMARY KEY (ID)")
	for _, x := range tableIndexes {
		fmt.Fprintf(&b, ",\n  KEY idx_%s_%s (%s)", t.Name, x.name, x.columns)
	}
	fmt.Fprintf(&b, "\n) DEFAULT CHARSET=utf8mb4 COMMENT='%s';\n", t.Title.ZH)
	return b.String()
}

func (c *Column) mysqlType() string {
	switch {
	case c.Width > 0:
		return fmt.Sprintf("%s(%d)", c.SQLType, c.Width)
	case c.SQLType == "text":
		return "longtext"
	}
	return c.SQLType
}

// sqlite spells widths as CHECKs, so that an embedded receiver refuses what a real one
// would refuse.
func (t *Table) sqlite() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n  ID INTEGER PRIMARY KEY AUTOINCREMENT", t.Name)
	for _, c := range t.Columns {
		b.WriteString(",\n  " + c.sqliteColumn() + c.sqliteCheck())
	}
	for _, c := range t.Receiver[1:] {
		b.WriteString(",\n  " + c.sqliteColumn() + c.receiverDefault(SQLite))
	}
	b.WriteString("\n);\n")
	for _, x := range tableIndexes {
		fmt.Fprintf(&b, "CREATE INDEX idx_%s_%s ON %s (%s);\n", t.Name, x.name, t.Name, x.columns)
	}
	return b.String()
}

func (c *Column) sqliteColumn() string {
	typ := c.SQLType
	if c.Width > 0 {
		typ = fmt.Sprintf("%s(%d)", typ, c.Width)
	}
	return fmt.Sprintf("%s %s %s", c.Name, typ, nullness(c.NotNull))
}

func (c *Column) sqliteCheck() string {
	if c.Width == 0 {
		return ""
	}
	return fmt.Sprintf(" CHECK (length(%s) <= %d)", c.Name, c.Width)
}

func nullness(notNull bool) string {
	if notNull {
		return "NOT NULL"
	}
	return "NULL"
}

// receiverDefault is what the receiver's own columns hold when a row arrives.
func (c *Column) receiverDefault(dialect string) string {
	switch {
	case c.Name == "is_sync":
		return " DEFAULT '0'"
	case c.Name == "update_time" && dialect == MySQL:
		return " DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
	case c.Name == "update_time":
		return " DEFAULT CURRENT_TIMESTAMP"
	}
	return ""
}
