package exchangetest

import (
	"fmt"
	"strings"

	"banjian/schemas"
)

// DDL is the CREATE TABLE statements, table and indexes, of t as a receiver has it,
// under a physical name. dialect is "mysql" or "sqlite"; layout is "2018" or "2020".
// On SQLite widths become CHECK constraints, since it knows none.
func DDL(t *schemas.Table, dialect, physical, layout string) []string {
	names := t.Names(layout)
	id := "`ID` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY"
	end := ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
	if dialect == "sqlite" {
		id, end = "`ID` integer PRIMARY KEY AUTOINCREMENT", ")"
	}
	lines := []string{id}
	for _, c := range t.Columns {
		lines = append(lines, column(c, names[c.Name], dialect))
	}
	lines = append(lines, "`update_time` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP", "`Cd_source` varchar(10) NULL", "`is_sync` char(1) NOT NULL DEFAULT '0'")
	statements := []string{"CREATE TABLE `" + physical + "` (\n  " + strings.Join(lines, ",\n  ") + "\n" + end}
	for i, keys := range [][]string{{"is_sync", "ID"}, {names["row_guid"]}, {names["project_no"]}, {names["cd_batch"]}} {
		if keys[0] != "" {
			statements = append(statements, fmt.Sprintf("CREATE INDEX `%s_%d` ON `%s` (`%s`)", physical, i, physical, strings.Join(keys, "`, `")))
		}
	}
	return statements
}

func column(c schemas.Column, name, dialect string) string {
	kind := c.SQLType
	switch {
	case c.Width > 0:
		kind = fmt.Sprintf("%s(%d)", c.SQLType, c.Width)
	case kind == "text" && dialect == "mysql":
		kind = "longtext"
	}
	line := "`" + name + "` " + kind
	if c.NotNull {
		line += " NOT NULL"
	}
	if dialect == "sqlite" && c.Width > 0 {
		line += fmt.Sprintf(" CHECK (length(`%s`) <= %d)", name, c.Width)
	}
	return line
}
